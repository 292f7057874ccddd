internal import Accounts
internal import GRDB

/// A difference that was made outside Buzón, and that an operator declared right.
public struct AcceptedDrift: Sendable, Hashable {
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// The account's address then.
  public var address: String
  /// The attribute; `entry`: the account was made or removed.
  public var attribute: String
  /// The operator.
  public var actor: String
  /// The DN that changed it; `nil`: the directory doesn't say.
  public var changedBy: String?
  /// For people; identity numbers masked. Of `entry`: the address where it was removed.
  public var expected: [String]
  /// For people; identity numbers masked. Of `entry`: the address where it was made.
  public var present: [String]

  /// One line: `title: Secretaria → Gerente`.
  public var line: String {
    if attribute.utf8.elementsEqual(ManagedImage.wholeEntry.utf8) {
      return present.isEmpty ? "removed outside Buzón" : "made outside Buzón"
    }
    func list(_ values: [String]) -> String { values.isEmpty ? "nothing" : values.joined(separator: ", ") }
    return "\(attribute): \(list(expected)) → \(list(present))"
  }
}

extension Register {
  /// From now on the accounts of an address are to be as the directory shows them.
  ///
  /// - Parameters:
  ///   - address: present, or as it was when the account went; lower case.
  ///   - actor: the operator who says so.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: what differed until now; empty: nothing.
  public func acceptDrift(of address: String, by actor: String, at: Int64) -> Commit<[AcceptedDrift]> {
    post { database in
      // By its address now, and by the one that it had when it went.
      let present = try String.fetchAll(
        database, sql: "SELECT account.entry_uuid FROM account WHERE address = ?", arguments: [address])
      let gone = try String.fetchAll(
        database, sql: "SELECT entry_uuid FROM drift WHERE address = ? AND gone IS NOT NULL", arguments: [address])
      let entries = present + gone
      return try entries.flatMap { entry in
        let accepted = try Self.accepted(Self.drifted(entry, in: database), by: actor, at: at)
        for one in accepted { try Self.insert(one, of: entry, in: database) }
        try database.execute(sql: "UPDATE image SET expected = NULL WHERE entry_uuid = ?", arguments: [entry])
        try database.execute(sql: "DELETE FROM drift WHERE entry_uuid = ?", arguments: [entry])
        return accepted
      }
    }
  }

  private static func accepted(_ account: DriftedAccount, by actor: String, at: Int64) -> [AcceptedDrift] {
    account.details.map { detail in
      let isEntry = detail.attribute.utf8.elementsEqual(ManagedImage.wholeEntry.utf8)
      let (isGone, isMade) = (isEntry && account.present == nil, isEntry && account.present != nil)
      return AcceptedDrift(
        at: at, address: account.address, attribute: detail.attribute, actor: actor, changedBy: detail.by,
        expected: isGone ? [account.address] : detail.expected, present: isMade ? [account.address] : detail.present)
    }
  }

  private static func insert(_ one: AcceptedDrift, of entryUUID: String, in database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO accepted_drift (entry_uuid, address, attribute, at, actor, changed_by, expected, present)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      entryUUID, one.address, one.attribute, one.at, one.actor, one.changedBy,
      one.expected.joined(separator: "\n"), one.present.joined(separator: "\n"),
    ])
  }

  /// What was accepted of an entry, in order of time.
  static func acceptedDrift(of entryUUID: String, in database: Database) throws -> [AcceptedDrift] {
    try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM accepted_drift WHERE entry_uuid = ? ORDER BY id"),
      arguments: [entryUUID]
    ).map { row in
      AcceptedDrift(
        at: row["at"], address: row["address"], attribute: row["attribute"], actor: row["actor"],
        changedBy: row["changed_by"], expected: lines(row["expected"]), present: lines(row["present"]))
    }
  }

  /// On bytes: a line's end before a combining mark is another Character.
  private static func lines(_ text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
  }
}
