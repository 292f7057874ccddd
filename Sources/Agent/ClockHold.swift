public import Configuration
public import Records
public import Register

/// What an operator is told of a clock that is held.
public struct ClockHold: Sendable, Hashable {
  /// What commands call it where a request's number could stand. No request can have this number.
  public static let name = "CLOCK"

  /// Why, in one line.
  public var reason: String
  public var remedy: String
  /// The host's time when it was found to be ahead; milliseconds since 1970 UTC.
  public var since: Int64

  /// What the register says; `nil` where the clock isn't held.
  ///
  /// - Throws: `RegisterError`.
  public init?(_ register: Register, _ configuration: Configuration, zone: Zone) throws {
    guard let state = try register.clockState() else { return nil }
    self.init(state, jump: configuration.policy.clockJump, zone: zone)
  }

  init?(_ state: ClockState, jump: Duration, zone: Zone) {
    guard let held = state.held, !state.isReleased else { return nil }
    let known = state.known.map { zone.timeAndZone(at: Timestamp(milliseconds: $0)) } ?? "no time"
    let hours = jump.components.seconds / 3_600
    since = held
    reason =
      "the host's time was \(zone.timeAndZone(at: Timestamp(milliseconds: held))), more than policy.clock_jump (\(hours) h) "
      + "ahead of \(known), the newest time known; the clock suspends, purges, scrambles and settles nothing"
    remedy = "check the host's time (date); when it is right: buzon release \(Self.name)"
  }
}
