public import Accounts
internal import Foundation
internal import GRDB

/// An account that was changed, made or removed outside Buzón.
public struct DriftedAccount: Sendable {
  /// One difference.
  public struct Detail: Sendable {
    /// The attribute; `entry`: the account was made or removed.
    public var attribute: String
    /// When it was noticed, milliseconds since 1970 UTC.
    public var at: Int64
    /// The DN that did it; `nil`: the directory doesn't say.
    public var by: String?
    /// The stamp of the change that the entry should show.
    public var request: String?
    /// For people; identity numbers masked.
    public var expected: [String]
    /// For people; identity numbers masked.
    public var present: [String]
  }

  public var entryUUID: String
  public var address: String
  /// As the procedure left it; `nil`: it was made outside Buzón.
  public var expected: ManagedImage?
  /// As the directory shows it; `nil`: it has gone.
  public var present: ManagedImage?
  public var details: [Detail]
}

extension Register {
  /// What is otherwise than the procedure left it, the oldest first.
  public func drift(limit: Int = .max) throws -> [DriftedAccount] {
    try read { database in
      var entries: [String] = []
      var seen: Set<String> = []
      let all = try String.fetchCursor(database, sql: "SELECT entry_uuid FROM drift ORDER BY at")
      while entries.count < limit, let entry = try all.next() {
        if seen.insert(entry).inserted { entries.append(entry) }
      }
      return try entries.map { try Self.drifted($0, in: database) }
    }
  }

  static func drifted(_ entryUUID: String, in database: Database) throws -> DriftedAccount {
    let images = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT image, expected FROM image WHERE entry_uuid = ?"), arguments: [entryUUID])
    let image: ManagedImage? = Self.image(images, 0)
    var account = DriftedAccount(
      entryUUID: entryUUID, address: "", expected: Self.image(images, 1) ?? image, present: image, details: [])
    let differences = account.expected.flatMap { image?.differences(from: $0) } ?? []
    // As it is called now: it may have been renamed since the first of it was noted.
    let address = try String.fetchOne(
      database.cachedStatement(sql: "SELECT address FROM account WHERE entry_uuid = ?"), arguments: [entryUUID])
    for row in try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM drift WHERE entry_uuid = ? ORDER BY attribute"),
      arguments: [entryUUID])
    {
      account.address = address ?? row["address"]
      let attribute: String = row["attribute"]
      if attribute == ManagedImage.wholeEntry {
        account.expected = (row["gone"] as Data?).flatMap { ManagedImage(encoded: Array($0)) }
      }
      let difference = differences.first { $0.attribute == attribute }
      account.details.append(
        DriftedAccount.Detail(
          attribute: attribute, at: row["at"], by: row["actor"], request: row["request"],
          expected: difference?.expected ?? [], present: difference?.present ?? []))
    }
    return account
  }

  private static func image(_ row: Row?, _ column: Int) -> ManagedImage? {
    (row?[column] as Data?).flatMap { ManagedImage(encoded: Array($0)) }
  }

  /// How many accounts are otherwise than the procedure left them.
  public func driftCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT entry_uuid) FROM drift") ?? 0 }
  }

  static func driftByEntry(_ database: Database) throws -> [String: [String]] {
    var drift: [String: [String]] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT entry_uuid, attribute FROM drift WHERE gone IS NULL") {
      drift[row[0], default: []].append(row[1])
    }
    return drift
  }
}
