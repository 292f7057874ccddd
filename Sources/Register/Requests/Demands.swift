internal import GRDB

/// What a form asks for that is bounded by the day (`policy.limits`).
public struct Demand: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case deletes, suspensions, resets

    /// `1 delete`, `3 deletes`
    public func counted(_ count: Int) -> String { count == 1 ? "1 \(rawValue.dropLast())" : "\(count) \(rawValue)" }
  }

  public var kind: Kind
  /// How many of the form's changes ask for it.
  public var count: Int
  /// How many all forms of the day may ask for together; `nil`: any number.
  public var atMost: Int?
  /// Days since 1970 in the organisation's zone.
  public var day: Int

  public init(_ kind: Kind, count: Int, atMost: Int?, day: Int) {
    self.kind = kind
    self.count = count
    self.atMost = atMost
    self.day = day
  }

  /// Why these are more than the day has left; `nil` where they aren't.
  static func excess(_ demands: [Demand], in database: Database) throws -> String? {
    for demand in demands {
      guard let atMost = demand.atMost else { continue }
      let used = try Int.fetchOne(
        database.cachedStatement(sql: "SELECT count FROM demand WHERE day = ? AND kind = ?"),
        arguments: [demand.day, demand.kind.rawValue])
      let sum = (used ?? 0) + demand.count
      if sum > atMost {
        return
          "\(demand.kind.counted(demand.count)) \(demand.count == 1 ? "makes" : "make") \(sum) today, where policy.limits allows \(atMost) a day; "
          + "check the form (buzon show), then release or cancel it"
      }
    }
    return nil
  }

  static func count(_ demands: [Demand], in database: Database) throws {
    for demand in demands {
      try database.cachedStatement(
        sql: """
          INSERT INTO demand (day, kind, count) VALUES (?, ?, ?)
          ON CONFLICT (day, kind) DO UPDATE SET count = count + excluded.count
          """
      ).execute(arguments: [demand.day, demand.kind.rawValue, demand.count])
    }
  }
}
