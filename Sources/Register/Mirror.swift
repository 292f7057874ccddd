public import Accounts
internal import GRDB

/// An account of the mirror and where its hand-over stands.
public struct MirroredAccount: Sendable {
  public var account: Account
  public var handover: HandoverState

  public init(account: Account, handover: HandoverState) {
    self.account = account
    self.handover = handover
  }
}

extension Register {
  /// Lends each account of the mirror, by address, in one snapshot. Memory doesn't grow with their number.
  public func forEachAccount(_ body: (MirroredAccount) throws -> Void) throws {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT entry_uuid, dn, address, aliases, kind, name, department, position, status, quota, owner, lists, created,
            changed, entry_csn, handover FROM account ORDER BY address
          """)
      // By position: finding a column by its name costs more than reading it.
      while let row = try rows.next() {
        try body(
          MirroredAccount(
            account: Account(
              entryUUID: row[0], dn: row[1], address: row[2], aliases: words(row[3]), kind: row[4], name: row[5],
              department: row[6], position: row[7], status: row[8], quota: row[9], owner: row[10],
              lists: words(row[11]),
              created: row[12], changed: row[13], entryCSN: row[14]),
            handover: HandoverState(rawValue: row[15]) ?? .none))
      }
    }
  }

  /// How many accounts the mirror holds.
  public func accountCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM account") ?? 0 }
  }
}

/// What stands between spaces. On bytes: a space before a combining mark is another Character.
private func words(_ text: String) -> [String] {
  text.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) }
}
