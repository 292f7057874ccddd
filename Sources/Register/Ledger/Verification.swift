public import Accounts
internal import Foundation
internal import GRDB

/// What `buzon verify` and `buzon evidence` read: all of history, by their nature.
extension Register {
  /// The requests after one, in the order of acceptance, with all their changes.
  public func requests(after id: Int64, limit: Int) throws -> [StoredRequest] {
    try read { database in
      try Self.requests(
        database, sql: "SELECT * FROM request WHERE id > ? ORDER BY id LIMIT ?", arguments: [id, limit])
    }
  }

  /// Lines of the ledger about requests that the register doesn't have.
  public func ledgerOfNoRequest() throws -> StoredLedgerLine? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT * FROM ledger WHERE request IS NOT NULL AND NOT EXISTS (SELECT 1 FROM request WHERE id = ledger.request)
          ORDER BY sequence LIMIT 1
          """
      ).map(StoredLedgerLine.init)
    }
  }

  /// What was stored to be sent for the changes of a request, by index: SHA-256 of the operation and of the entry as read.
  public func intentDigests(of request: Int64) throws -> [Int: (intent: [UInt8], before: [UInt8]?)] {
    try read { database in
      var digests: [Int: (intent: [UInt8], before: [UInt8]?)] = [:]
      for row in try Row.fetchAll(
        database, sql: "SELECT change_index, intent, pre_image FROM change WHERE request = ? AND intent IS NOT NULL",
        arguments: [request])
      {
        digests[row[0]] = (
          Self.digest(of: Array(row[1] as Data)), (row[2] as Data?).map { Self.digest(of: Array($0)) }
        )
      }
      return digests
    }
  }

  /// What the mirror has of an entry: its account, and its image; `nil`: it has no such entry.
  public func mirrored(_ entryUUID: String) throws -> (account: Account, image: [UInt8])? {
    try read { database in
      try Row.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT account.*, image.image FROM account JOIN image ON image.entry_uuid = account.entry_uuid
            WHERE account.entry_uuid = ?
            """), arguments: [entryUUID]
      ).map { row in
        (
          Account(
            entryUUID: row["entry_uuid"], dn: row["dn"], address: row["address"], aliases: words(row["aliases"]),
            kind: row["kind"], name: row["name"], department: row["department"], position: row["position"],
            status: row["status"], quota: row["quota"], owner: row["owner"], lists: words(row["lists"]),
            created: row["created"], changed: row["changed"], entryCSN: row["entry_csn"], expires: row["expires"]),
          Array(row["image"] as Data)
        )
      }
    }
  }

  /// The line with this hash; `nil`: the ledger has none.
  public func ledgerLine(hash: [UInt8]) throws -> StoredLedgerLine? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM ledger WHERE hash = ?", arguments: [Data(hash)])
        .map(StoredLedgerLine.init)
    }
  }
}
