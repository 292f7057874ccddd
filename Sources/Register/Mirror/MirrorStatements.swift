internal import Accounts
internal import Foundation
internal import GRDB

/// The statements that keep the mirror, prepared once for a batch.
///
/// An account's row is written from two sides: by the outcomes of our own operations, and by what the directory tells
/// (RFC 4533), in whatever order the two come. The greater entryCSN wins, and of an entry that has gone nothing older
/// comes back. What the procedure made of the entry (`expected`) is written by outcomes alone: each puts its own values
/// there, of the attributes that its operation named, so that a change outside Buzón in between stays a difference.
struct MirrorStatements {
  let database: Database
  let handovers: HandoverStatements
  private let known: Statement
  private let account: Statement
  private let image: Statement
  private let expect: Statement
  private let claim: Statement
  private let supersede: Statement
  private let close: Statement
  private let blank: Statement
  private let release: Statement
  private let before: Statement
  private let owned: Statement
  private let retire: Statement
  private let lapse: Statement
  private let vacate: Statement
  private let stone: Statement
  private let bury: Statement

  init(_ database: Database) throws {
    self.database = database
    handovers = HandoverStatements(database)
    known = try database.cachedStatement(
      sql: """
        SELECT entry_csn, dn, handover, image, expected, must_change, address, password_changed FROM account
          LEFT JOIN image ON image.entry_uuid = account.entry_uuid
        WHERE account.entry_uuid = ?
        """)
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
    image = try database.cachedStatement(
      sql: """
        INSERT INTO image (entry_uuid, image, expected, must_change, password_changed) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET image = excluded.image, expected = excluded.expected,
          must_change = excluded.must_change, password_changed = excluded.password_changed
        """)
    expect = try database.cachedStatement(sql: "UPDATE image SET expected = ? WHERE entry_uuid = ?")
    claim = try database.cachedStatement(
      sql: """
        INSERT INTO address (address, entry_uuid) VALUES (?, ?)
        ON CONFLICT (address) DO UPDATE SET entry_uuid = excluded.entry_uuid
        """)
    supersede = try database.cachedStatement(
      sql: "SELECT account.entry_uuid FROM account WHERE address = ? AND entry_uuid <> ?")
    close = try database.cachedStatement(sql: "DELETE FROM account WHERE entry_uuid = ?")
    blank = try database.cachedStatement(sql: "DELETE FROM image WHERE entry_uuid = ?")
    release = try database.cachedStatement(sql: "DELETE FROM address WHERE entry_uuid = ?")
    before = try database.cachedStatement(sql: "SELECT status, address, aliases FROM account WHERE entry_uuid = ?")
    owned = try database.cachedStatement(
      sql: "SELECT address FROM account WHERE owner = ? AND status <> 'retained' AND entry_uuid <> ? ORDER BY address")
    retire = try database.cachedStatement(
      sql:
        "INSERT INTO retired (address, until) VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET until = excluded.until"
    )
    lapse = try database.cachedStatement(sql: "DELETE FROM retired WHERE until <= ?")
    vacate = try database.cachedStatement(sql: "SELECT account.entry_uuid FROM account WHERE address = ?")
    stone = try database.cachedStatement(sql: "SELECT csn FROM tombstone WHERE entry_uuid = ?")
    bury = try database.cachedStatement(
      sql: """
        INSERT INTO tombstone (entry_uuid, csn) VALUES (?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET csn = max(csn, excluded.csn)
        """)
  }

  // MARK: Owners and addresses

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

  // MARK: Rows

  /// What the mirror has of an entry.
  struct Known {
    var csn: String
    var dn: String
    var address: String
    var handover: HandoverState
    /// `nil`: noted by a version that kept none.
    var image: [UInt8]?
    /// What the procedure left; as `image` where nothing was changed outside Buzón.
    var expected: [UInt8]?
    var mustChange: Bool
    /// Seconds since 1970 UTC, as the directory keeps it.
    var passwordChanged: Int64?
    /// Whether it was changed outside Buzón.
    var hasDrifted: Bool
  }

  func known(_ entryUUID: String) throws -> Known? {
    try Row.fetchOne(known, arguments: [entryUUID]).map { row in
      let image = (row[3] as Data?).map { Array($0) }
      let expected = (row[4] as Data?).map { Array($0) }
      return Known(
        csn: row[0], dn: row[1], address: row[6], handover: HandoverState(rawValue: row[2]) ?? .none, image: image,
        expected: expected ?? image, mustChange: row[5] as Int? == 1, passwordChanged: row[7],
        hasDrifted: expected != nil)
    }
  }

  /// Whether an image is of a time before the entry went.
  func isBuried(_ entryUUID: String, csn: String) throws -> Bool {
    try String.fetchOne(stone, arguments: [entryUUID]).map { csn <= $0 } ?? false
  }

  /// Writes the row as an entry was seen.
  func write(_ sighting: EntrySnapshot, expected: [UInt8]?, handover: HandoverState, isNew: Bool) throws {
    let account = sighting.account
    try self.account.execute(arguments: [
      account.entryUUID, account.address, account.dn, account.kind, account.name, account.department, account.position,
      account.status, account.aliases.joined(separator: " "), account.quota, account.owner,
      account.lists.joined(separator: " "), account.created, account.changed, account.entryCSN, handover.rawValue,
      account.expires, account.retainedSince,
    ])
    let image = sighting.image.encoded
    try self.image.execute(arguments: [
      account.entryUUID, Data(image), expected == image ? nil : expected.map { Data($0) }, sighting.mustChange ? 1 : 0,
      sighting.passwordChanged,
    ])
    if !isNew { try release.execute(arguments: [account.entryUUID]) }
    try claim.execute(arguments: [account.address, account.entryUUID])
    for alias in account.aliases { try claim.execute(arguments: [alias, account.entryUUID]) }
  }

  /// Writes what the procedure left, beside an image that is later.
  func expect(_ expected: [UInt8], of entryUUID: String, image: [UInt8]?) throws {
    try expect.execute(arguments: [expected == image ? nil : Data(expected), entryUUID])
  }

  /// Other accounts that the mirror has under this address: they were deleted or renamed outside Buzón.
  func others(_ address: String, besides entryUUID: String) throws -> [String] {
    try String.fetchAll(supersede, arguments: [address, entryUUID])
  }

  /// The accounts that the mirror has under this address.
  func holders(of address: String) throws -> [String] { try String.fetchAll(vacate, arguments: [address]) }

  /// The entry has gone.
  ///
  /// - Parameter csn: nothing of it up to this one counts any more; `nil`: it is only known not to be there now.
  func remove(entryUUID: String, csn: String?) throws {
    if let csn { try bury.execute(arguments: [entryUUID, csn]) }
    try close.execute(arguments: [entryUUID])
    try blank.execute(arguments: [entryUUID])
    try release.execute(arguments: [entryUUID])
  }
}
