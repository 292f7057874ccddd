public import Accounts
internal import GRDB

/// An account of the mirror, where its hand-over stands, and what was changed outside Buzón.
public struct MirroredAccount: Sendable {
  public var account: Account
  public var handover: HandoverState
  /// Attributes that are otherwise than the procedure left them; `entry`: it was made outside Buzón.
  public var drift: [String]

  public init(account: Account, handover: HandoverState, drift: [String] = []) {
    self.account = account
    self.handover = handover
    self.drift = drift
  }
}

extension Register {
  /// Lends each account of the mirror, by address or by department and address, in one snapshot. Memory doesn't grow
  /// with their number.
  public func forEachAccount(byDepartment: Bool = false, _ body: (MirroredAccount) throws -> Void) throws {
    // What `body` throws is its own: a file that can't be written, a reader that went away.
    var thrown: (any Error)?
    try read { database in
      // Few accounts are changed outside Buzón, or the directory isn't ours.
      let drift = try Self.driftByEntry(database)
      let columns = """
        entry_uuid, dn, address, aliases, kind, name, department, position, shown, quota, owner, lists, created,
          changed, entry_csn, handover, expires
        """
      let order = byDepartment ? "coalesce(department, ''), address" : "address"
      let rows = try Row.fetchCursor(database, sql: "SELECT \(columns) FROM shown_account ORDER BY \(order)")
      // By position: finding a column by its name costs more than reading it.
      while thrown == nil, let row = try rows.next() {
        let account = MirroredAccount(
          account: Account(
            entryUUID: row[0], dn: row[1], address: row[2], aliases: words(row[3]), kind: row[4], name: row[5],
            department: row[6], position: row[7], status: row[8], quota: row[9], owner: row[10],
            lists: words(row[11]),
            created: row[12], changed: row[13], entryCSN: row[14], expires: row[16]),
          handover: HandoverState(rawValue: row[15]) ?? .none, drift: drift.isEmpty ? [] : drift[row[0]] ?? [])
        do { try body(account) } catch { thrown = error }
      }
    }
    if let thrown { throw thrown }
  }

  /// Which accounts the mirror has seen later than this, by entryUUID, each with its CSN: at most 100.
  public func csns(laterThan csns: [String: String]) throws -> [String: String] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT entry_csn FROM account WHERE entry_uuid = ? AND entry_csn > ?")
      var later: [String: String] = [:]
      for (uuid, csn) in csns where later.count < 100 {
        later[uuid] = try String.fetchOne(statement, arguments: [uuid, csn])
      }
      return later
    }
  }

  /// The accounts that a change is deleting, by entryUUID: that they have gone, or go, is our own work.
  public func accountsBeingDeleted() throws -> Set<String> {
    try read { database in
      try Set(
        String.fetchAll(
          database,
          sql: """
            SELECT entry_uuid FROM change INDEXED BY change_open
            WHERE outcome IS NULL AND operation = 'delete' AND entry_uuid IS NOT NULL
            """))
    }
  }

  /// Lends the entryUUID of each account that the mirror has.
  public func forEachEntryUUID(_ body: (String) -> Void) throws {
    _ = try accounts {
      body($0); return true
    }
  }

  /// The accounts that the mirror has and that aren't among these, by their entryUUIDs.
  public func accounts(besides isPresent: (String) -> Bool) throws -> [String] {
    try read { database in
      var others: [String] = []
      let all = try String.fetchCursor(database, sql: "SELECT entry_uuid FROM account")
      while let uuid = try all.next() { if !isPresent(uuid) { others.append(uuid) } }
      return others
    }
  }

  /// How many accounts the mirror holds.
  public func accountCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM account") ?? 0 }
  }
}

/// What stands between spaces. On bytes: a space before a combining mark is another Character.
func words(_ text: String) -> [String] {
  text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
}
