public import Accounts
internal import GRDB

/// An account of the mirror and where its hand-over stands.
public struct MirroredAccount: Sendable {
  public var account: Account
  public var handover: Handover

  public init(account: Account, handover: Handover) {
    self.account = account
    self.handover = handover
  }
}

extension Register {
  /// Lends each account of the mirror, by address, in one snapshot. Memory doesn't grow with their number.
  public func forEachAccount(_ body: (MirroredAccount) throws -> Void) throws {
    try read { database in
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM account ORDER BY address")
      while let row = try rows.next() {
        func words(_ column: String) -> [String] { (row[column] as String).split(separator: " ").map(String.init) }
        try body(
          MirroredAccount(
            account: Account(
              entryUUID: row["entry_uuid"], dn: row["dn"], address: row["address"], aliases: words("aliases"),
              kind: row["kind"], name: row["name"], department: row["department"], position: row["position"],
              status: row["status"], quota: row["quota"], owner: row["owner"], lists: words("lists"),
              created: row["created"], changed: row["changed"], entryCSN: row["entry_csn"]),
            handover: Handover(rawValue: row["handover"]) ?? .none))
      }
    }
  }

  /// How many accounts the mirror holds.
  public func accountCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM account") ?? 0 }
  }
}
