internal import Accounts
internal import GRDB

/// The statements that keep the mirror, prepared once for a batch.
struct MirrorStatements {
  private let account: Statement
  private let claim: Statement
  private let supersede: Statement
  private let close: Statement
  private let release: Statement
  private let before: Statement
  private let owned: Statement
  private let retire: Statement
  private let lapse: Statement
  private let vacate: Statement

  init(_ database: Database) throws {
    account = try database.cachedStatement(
      sql: """
        INSERT INTO account (entry_uuid, address, dn, kind, name, department, position, status, aliases, quota, owner,
          lists, created, changed, entry_csn, handover, expires, retained)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET address = excluded.address, dn = excluded.dn, kind = excluded.kind,
          name = excluded.name, department = excluded.department, position = excluded.position, status = excluded.status,
          aliases = excluded.aliases, quota = excluded.quota, owner = excluded.owner, lists = excluded.lists,
          created = excluded.created, changed = excluded.changed, entry_csn = excluded.entry_csn,
          handover = iif(excluded.handover = 'none', handover, excluded.handover), expires = excluded.expires,
          retained = excluded.retained, clock = NULL
        """)
    claim = try database.cachedStatement(
      sql: """
        INSERT INTO address (address, entry_uuid) VALUES (?, ?)
        ON CONFLICT (address) DO UPDATE SET entry_uuid = excluded.entry_uuid
        """)
    supersede = try database.cachedStatement(sql: "DELETE FROM account WHERE address = ? AND entry_uuid <> ?")
    close = try database.cachedStatement(sql: "DELETE FROM account WHERE entry_uuid = ?")
    release = try database.cachedStatement(sql: "DELETE FROM address WHERE entry_uuid = ?")
    before = try database.cachedStatement(sql: "SELECT status, address, aliases FROM account WHERE entry_uuid = ?")
    owned = try database.cachedStatement(
      sql: "SELECT address FROM account WHERE owner = ? AND status <> 'retained' AND entry_uuid <> ? ORDER BY address")
    retire = try database.cachedStatement(
      sql:
        "INSERT INTO retired (address, until) VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET until = excluded.until"
    )
    lapse = try database.cachedStatement(sql: "DELETE FROM retired WHERE until <= ?")
    vacate = try database.cachedStatement(sql: "DELETE FROM account WHERE address = ? RETURNING entry_uuid")
  }

  /// The accounts and lists that lose their owner when this account, active until now, is no longer.
  func orphans(of entryUUID: String) throws -> [String] {
    guard let row = try Row.fetchOne(before, arguments: [entryUUID]), row[0] == "active" else { return [] }
    return try ([row[1]] + words(row[2])).flatMap { try String.fetchAll(owned, arguments: [$0, entryUUID]) }
  }

  /// Notes addresses that nobody else gets until then, seconds since 1970 UTC; what is over is forgotten.
  func retire(_ addresses: [String], until: Int64, now: Int64) throws {
    try lapse.execute(arguments: [now])
    for address in addresses where until > now { try retire.execute(arguments: [address, until]) }
  }

  /// - Parameter isNew: the account was just created, so no address can be left of an earlier image.
  func put(_ image: Account, handover: HandoverState, isNew: Bool) throws {
    try account.execute(arguments: [
      image.entryUUID, image.address, image.dn, image.kind, image.name, image.department, image.position, image.status,
      image.aliases.joined(separator: " "), image.quota, image.owner, image.lists.joined(separator: " "), image.created,
      image.changed, image.entryCSN, handover.rawValue, image.expires, image.retainedSince,
    ])
    // Whoever had the address in the mirror has gone by other hands.
    if isNew { try supersede.execute(arguments: [image.address, image.entryUUID]) }
    if !isNew { try release.execute(arguments: [image.entryUUID]) }
    try claim.execute(arguments: [image.address, image.entryUUID])
    for alias in image.aliases { try claim.execute(arguments: [alias, image.entryUUID]) }
  }

  /// No entry has this address any more.
  func forget(_ address: String) throws {
    for entryUUID in try String.fetchAll(vacate, arguments: [address]) { try release.execute(arguments: [entryUUID]) }
  }

  func remove(entryUUID: String) throws {
    try close.execute(arguments: [entryUUID])
    try release.execute(arguments: [entryUUID])
  }
}
