internal import Accounts
internal import Foundation
internal import GRDB

/// Writes what follows from what was seen of entries (``MirrorJudgement``), by statements that are prepared once for a
/// batch. It decides nothing.
struct MirrorWriter {
  /// What was written since it was last taken.
  var change = MirrorChange()
  private let database: Database
  private let handovers: HandoverStatements
  private let references: ReferenceStatements
  private let at: Int64
  private let account: Statement
  private let image: Statement
  private let expect: Statement
  private let claim: Statement
  private let release: Statement
  private let removals: [Statement]
  private let bury: Statement

  /// - Parameter at: milliseconds since 1970 UTC.
  init(_ database: Database, at: Int64) throws {
    self.database = database
    self.at = at
    handovers = HandoverStatements(database)
    references = try ReferenceStatements(database)
    account = try database.cachedStatement(
      sql: """
        INSERT INTO account (entry_uuid, address, dn, kind, name, department, position, status, aliases, quota, owner,
          lists, created, changed, entry_csn, handover, expires, retained, locked)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET address = excluded.address, dn = excluded.dn, kind = excluded.kind,
          name = excluded.name, department = excluded.department, position = excluded.position, status = excluded.status,
          aliases = excluded.aliases, quota = excluded.quota, owner = excluded.owner, lists = excluded.lists,
          created = excluded.created, changed = excluded.changed, entry_csn = excluded.entry_csn,
          handover = iif(excluded.handover = 'none', handover, excluded.handover), expires = excluded.expires,
          retained = excluded.retained, locked = excluded.locked, clock = NULL
        """)
    image = try database.cachedStatement(
      sql: """
        INSERT INTO image (entry_uuid, image, expected, must_change, password_changed)
        VALUES (?1, ?2, nullif(?3, ?2), ?4, ?5)
        ON CONFLICT (entry_uuid) DO UPDATE SET image = excluded.image, expected = excluded.expected,
          must_change = excluded.must_change, password_changed = excluded.password_changed
        """)
    expect = try database.cachedStatement(sql: "UPDATE image SET expected = nullif(?, image) WHERE entry_uuid = ?")
    claim = try database.cachedStatement(
      sql: """
        INSERT INTO address (address, entry_uuid) VALUES (?, ?)
        ON CONFLICT (address) DO UPDATE SET entry_uuid = excluded.entry_uuid
        """)
    release = try database.cachedStatement(sql: "DELETE FROM address WHERE entry_uuid = ?")
    removals = [
      try database.cachedStatement(sql: "DELETE FROM account WHERE entry_uuid = ?"),
      try database.cachedStatement(sql: "DELETE FROM image WHERE entry_uuid = ?"),
      try database.cachedStatement(sql: "DELETE FROM drift WHERE entry_uuid = ?"), release,
    ]
    bury = try database.cachedStatement(
      sql: """
        INSERT INTO tombstone (entry_uuid, csn) VALUES (?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET csn = max(csn, excluded.csn)
        """)
  }

  /// - Parameter id: the change whose outcome it follows from.
  mutating func apply(_ effects: [MirrorEffect], to entryUUID: String, of id: ChangeID? = nil) throws {
    for effect in effects { try apply(effect, to: entryUUID, of: id) }
  }

  private mutating func apply(_ effect: MirrorEffect, to entryUUID: String, of id: ChangeID?) throws {
    switch effect {
    case .write(let snapshot, let expected, let handover, let isNew):
      try write(snapshot, expected: expected, handover: handover, isNew: isNew, isOurs: id != nil)
      change.changed += 1
    case .expect(let expected): try expect.execute(arguments: [Data(expected), entryUUID])
    case .remove(let entryUUID, let csn):
      if let csn { try bury.execute(arguments: [entryUUID, csn]) }
      try end(entryUUID, .expired, by: "delete", next: .never)
      for removal in removals { try removal.execute(arguments: [entryUUID]) }
      try references.remove(entryUUID)
      change.changed += 1
    case .retire(let addresses, let holder, let until): try retire(addresses, holder: holder, until: until)
    case .detach(let address, let holder, let due):
      let isAny = try references.detach(address, from: holder, due: due)
      change.hasReferences = change.hasReferences || isAny
    case .attach(let address, let isList): try references.attach(address, isList: isList)
    case .noteDrift(let attribute, let address, let actor, let request, let gone):
      try database.cachedStatement(
        sql: """
          INSERT INTO drift (entry_uuid, attribute, address, at, actor, request, gone) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (entry_uuid, attribute) DO UPDATE SET at = excluded.at, actor = excluded.actor
          """
      ).execute(arguments: [entryUUID, attribute, address, at, actor, request, gone.map { Data($0) }])
    case .endDrift(let attribute):
      try database.cachedStatement(sql: "DELETE FROM drift WHERE entry_uuid = ? AND attribute = ?")
        .execute(arguments: [entryUUID, attribute])
    case .forgetVanished(let address):
      try database.cachedStatement(sql: "DELETE FROM drift WHERE address = ? AND gone IS NOT NULL")
        .execute(arguments: [address])
    case .openHandover(let department, let ends):
      guard let id else { return }
      try handovers.grant(id, to: entryUUID, department: department, ends: ends, at: at)
    case .endHandover(let state, let actor, let next): try end(entryUUID, state, by: actor, next: next)
    case .showHandover:
      guard let id else { return }
      let state = try handovers.state(of: id)
      if state != .open { try handovers.setState(id, of: entryUUID, state ?? .expired) }
    case .releaseHandover(let actor):
      guard let id = try handovers.open(of: entryUUID)?.id else { return }
      try handovers.note(.released, of: id, by: actor, at: at)
      change.hasRecords = true
    case .postpone(let ends): try handovers.postpone(entryUUID, until: ends)
    case .endClock: try handovers.settle(entryUUID)
    case .retryClock:
      try handovers.retry(entryUUID)
      if try references.retry(entryUUID) { change.hasReferences = true }
    case .report(let news):
      change.news.append(news)
      try Register.note(news, of: entryUUID, at: at, in: database)
    }
  }

  private mutating func write(
    _ snapshot: EntrySnapshot, expected: [UInt8]?, handover: HandoverState, isNew: Bool, isOurs: Bool
  ) throws {
    let account = snapshot.account
    try self.account.execute(arguments: [
      account.entryUUID, account.address, account.dn, account.kind, account.name, account.department, account.position,
      account.status, account.aliases.joined(separator: " "), account.quota, account.owner,
      account.lists.joined(separator: " "), account.created, account.changed, account.entryCSN, handover.rawValue,
      account.expires, account.retainedSince, account.lockedSince,
    ])
    try image.execute(arguments: [
      account.entryUUID, Data(snapshot.image.encoded), expected.map { Data($0) }, snapshot.mustChange ? 1 : 0,
      snapshot.passwordChanged,
    ])
    if try references.set(account, isNew: isNew, isOurs: isOurs, at: at) { change.hasReferences = true }
    if !isNew {
      try release.execute(arguments: [account.entryUUID])
      try handovers.setDepartment(account.entryUUID, account.department)
    }
    try claim.execute(arguments: [account.address, account.entryUUID])
    for alias in account.aliases { try claim.execute(arguments: [alias, account.entryUUID]) }
  }

  private mutating func end(
    _ entryUUID: String, _ state: HandoverState, by actor: String?, next: MirrorEffect.ClockTime
  ) throws {
    let ended = try handovers.end(entryUUID, state, by: actor, at: at, next: next)
    if ended.isEmpty { return }
    change.changed += 1
    change.hasRecords = true
  }

  /// What is over is forgotten on the way.
  private func retire(_ addresses: [String], holder: String, until: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM retired WHERE until <= ?").execute(arguments: [at / 1_000])
    let retire = try database.cachedStatement(
      sql: """
        INSERT INTO retired (address, until, holder) VALUES (?, ?, ?)
        ON CONFLICT (address) DO UPDATE SET until = excluded.until, holder = excluded.holder
        """)
    for address in addresses { try retire.execute(arguments: [address, until, holder]) }
  }
}
