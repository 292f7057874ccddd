internal import Records
public import Register
public import Text

/// What an operator sees of a clock that is held.
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
  public init?(_ register: Register, zone: Zone) throws {
    guard let state = try register.clockState() else { return nil }
    self.init(state, zone: zone)
  }

  package init?(_ state: ClockState, zone: Zone) {
    guard let held = state.held, let known = state.known, !state.isReleased else { return nil }
    since = held
    let hours = (held - known) / 3_600_000
    reason =
      "the host's time was \(zone.timeAndOffset(at: Timestamp(milliseconds: held))), "
      + "\(hours < 72 ? "\(hours) h" : "\(hours / 24) days") ahead of "
      + "\(zone.timeAndOffset(at: Timestamp(milliseconds: known))), the newest time known (policy.clock_jump); the clock "
      + "suspends, purges, scrambles and settles nothing"
    remedy = "check the host's time (date); when it is right: buzon release \(Self.name)"
  }
}
