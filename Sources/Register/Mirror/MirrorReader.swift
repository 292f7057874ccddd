internal import Accounts
internal import Foundation
internal import GRDB

/// What the register remembers of entries, by statements that are prepared once for a batch.
struct MirrorReader: MirrorMemory {
  private let database: Database
  private let known: Statement
  private let holders: Statement
  private let tombstone: Statement
  private let standing: Statement
  private let owned: Statement

  init(_ database: Database) throws {
    self.database = database
    known = try database.cachedStatement(
      sql: """
        SELECT entry_csn, dn, address, aliases, image, expected, must_change, password_changed,
          CASE WHEN handover IN ('open', 'delivered') THEN (
            SELECT number FROM handover CROSS JOIN request ON request.id = handover.request
            WHERE handover.entry_uuid = account.entry_uuid AND handover.state IN ('open', 'delivered')) END,
          locked
        FROM account LEFT JOIN image ON image.entry_uuid = account.entry_uuid
        WHERE account.entry_uuid = ?
        """)
    holders = try database.cachedStatement(sql: "SELECT account.entry_uuid FROM account WHERE address = ?")
    tombstone = try database.cachedStatement(sql: "SELECT csn FROM tombstone WHERE entry_uuid = ?")
    standing = try database.cachedStatement(sql: "SELECT status, address, aliases FROM account WHERE entry_uuid = ?")
    owned = try database.cachedStatement(
      sql: "SELECT address FROM account WHERE owner = ? AND status <> 'retained' AND entry_uuid <> ? ORDER BY address")
  }

  func account(_ entryUUID: String) throws -> KnownAccount? {
    try Row.fetchOne(known, arguments: [entryUUID]).map { row in
      KnownAccount(
        entryUUID: entryUUID, csn: row[0], dn: row[1], addresses: [row[2]] + words(row[3]),
        image: (row[4] as Data?).map { Array($0) }, expected: (row[5] as Data?).map { Array($0) },
        mustChange: row[6] as Int? == 1, passwordChanged: row[7], openHandover: row[8], lockedSince: row[9])
    }
  }

  func holders(of address: String) throws -> [String] { try String.fetchAll(holders, arguments: [address]) }

  func tombstone(_ entryUUID: String) throws -> String? { try String.fetchOne(tombstone, arguments: [entryUUID]) }

  func vanished(_ entryUUID: String) throws -> ManagedImage? {
    try Data.fetchOne(
      database.cachedStatement(
        sql: "SELECT gone FROM drift WHERE entry_uuid = ? AND attribute = ? AND gone IS NOT NULL"),
      arguments: [entryUUID, ManagedImage.wholeEntry]
    ).flatMap { ManagedImage(encoded: Array($0)) }
  }

  func drift(_ entryUUID: String) throws -> [String] {
    try String.fetchAll(
      database.cachedStatement(sql: "SELECT attribute FROM drift WHERE entry_uuid = ?"), arguments: [entryUUID])
  }

  func origin(of stamp: String?, on entryUUID: String) throws -> StampOrigin {
    guard let stamp = stamp.flatMap(Stamp.init) else { return .unknown }
    let row = try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT change.outcome IS NULL, EXISTS (
            SELECT 1 FROM change AS later WHERE later.entry_uuid = ? AND later.outcome = 'applied'
              AND later.at > change.at AND later.request <> change.request)
          FROM request JOIN change ON change.request = request.id AND change.change_index = ?
          WHERE request.number = ? AND (change.entry_uuid IS NULL OR change.entry_uuid = ?)
          """), arguments: [entryUUID, stamp.index, stamp.number, entryUUID])
    if let row { return row[0] ? .open : row[1] ? .overtaken : .settled }
    // Done since the backup that the register was restored from.
    let isSpent = try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM spent WHERE number = ?"), arguments: [stamp.number])
    return isSpent == nil ? .unknown : .settled
  }

  /// A hand-over that ended because somebody else set the password reached somebody too, also where nobody knows who
  /// (``Register/overriddenCount(since:)``).
  func wasHandedOver(_ entryUUID: String) throws -> Bool {
    let row = try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT count(*), total(received_by IS NOT NULL OR state IN ('delivered', 'closed')
            OR state = 'expired' AND coalesce(ended_by, '') NOT IN ('clock', 'delete', 'reset')) FROM handover WHERE entry_uuid = ?
          """), arguments: [entryUUID])
    return row.map { $0[0] == 0 || $0[1] as Double > 0 } ?? true
  }

  func isBeingDeleted(_ entryUUID: String) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(
        sql: "SELECT 1 FROM change WHERE entry_uuid = ? AND outcome IS NULL AND operation = 'delete' LIMIT 1"),
      arguments: [entryUUID]) != nil
  }

  /// An atomic request that is planned anew has forgotten the changes that it took back (``Register/abandon(_:)``).
  func isTakenBack(_ stamp: String?) throws -> Bool {
    // Where the taking back left a stamp of its own, the entry is nobody's to remove.
    guard let stamp = stamp.flatMap(Stamp.init), !stamp.isUndone else { return false }
    return try Int.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT 1 FROM request LEFT JOIN change ON change.request = request.id AND change.change_index = ?
          WHERE request.number = ? AND CASE WHEN change.request IS NULL THEN request.state <> 'done'
            ELSE change.outcome IS NULL OR change.outcome IN ('undone', 'failed', 'skipped') END
          """), arguments: [stamp.index, stamp.number]) != nil
  }

  /// The accounts and lists that lose their owner when this account, active until now, is no longer.
  func orphans(of entryUUID: String) throws -> [String] {
    guard let row = try Row.fetchOne(standing, arguments: [entryUUID]) else {
      // The directory reported that it went before our own operation was answered.
      return try String.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT account.address FROM reference CROSS JOIN account ON account.entry_uuid = reference.entry_uuid
            WHERE holder = ? AND account.owner = reference.address AND account.status <> 'retained'
            """), arguments: [entryUUID]
      ).sorted()
    }
    guard row[0] == "active" else { return [] }
    return try ([row[1]] + words(row[2])).flatMap { try String.fetchAll(owned, arguments: [$0, entryUUID]) }
  }
}
