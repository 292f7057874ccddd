internal import Accounts
internal import GRDB

/// What happened to a temporary password on its way to its owner.
public struct HandoverEvent: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case granted
    /// Its slip was shown.
    case shown
    /// Its slip was received: nobody can show it again.
    case received
    /// The user set the final password in front of an operator.
    case changed
    /// The user has a password of his own.
    case closed
    /// Somebody else set another password.
    case overridden
    /// Somebody took the duty away to change it.
    case released
    case expired

    /// How a hand-over ended.
    ///
    /// - Parameter actor: `clock`, `delete`, `reset`; or the DN that set another password, `nil` where that isn't known.
    init(end state: HandoverState, by actor: String?) {
      let isOurs = actor.map { ["clock", "delete", "reset"].contains($0) } ?? false
      self = state == .closed ? .closed : isOurs ? .expired : .overridden
    }
  }

  public var kind: Kind
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// Who did it: a user of this host, who received the slip, a DN, or `clock`, `delete`, `reset`; `nil`: not known.
  public var by: String?
  /// Who reported it, where another did it.
  public var recordedBy: String?

  public init(_ kind: Kind, at: Int64, by: String? = nil, recordedBy: String? = nil) {
    self.kind = kind
    self.at = at
    self.by = by
    self.recordedBy = recordedBy
  }
}

extension Register {
  /// What happened to the hand-over that a change began, in order of time. A bulk form has thousands.
  static func handoverEvents(of change: ChangeID, in database: Database) throws -> [HandoverEvent] {
    try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM event WHERE request = ? AND change_index = ? ORDER BY id"),
      arguments: [change.request, change.index]
    ).compactMap(handoverEvent)
  }

  private static func handoverEvent(_ row: Row) -> HandoverEvent? {
    HandoverEvent.Kind(rawValue: row["event"]).map {
      HandoverEvent($0, at: row["at"], by: row["actor"], recordedBy: row["recorded_by"])
    }
  }

  /// What happened to the hand-overs that a request began, by the index of the change, in order of time.
  static func handoverEvents(of request: Int64, in database: Database) throws -> [Int: [HandoverEvent]] {
    var events: [Int: [HandoverEvent]] = [:]
    for row in try Row.fetchAll(
      database.cachedStatement(
        sql: "SELECT * FROM event WHERE request = ? AND change_index IS NOT NULL ORDER BY id"), arguments: [request])
    {
      if let event = handoverEvent(row) { events[row["change_index"], default: []].append(event) }
    }
    return events
  }
}
