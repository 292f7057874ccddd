public import Accounts
internal import Foundation
internal import GRDB
internal import LDAP

/// What the directory told of its accounts, in the order in which it did.
public struct MirrorUpdate: Sendable {
  public enum Item: Sendable {
    case seen(EntrySnapshot)
    /// The entry went, or is no account any more; `csn`: of that change, where it is known.
    case gone(entryUUID: String, csn: String? = nil)
  }

  public var items: [Item] = []
  /// Where to go on listening once this is stored (RFC 4533); it is stored in the same commit.
  public var cookie: [UInt8]?
  /// Whether these are things that happen now: then who wrote an entry last is who changed it.
  public var isLive: Bool
  /// Whether accounts that aren't known have no story yet: the directory is read for the first time.
  public var isFirst: Bool
  /// Whether the cookie is stored even where nothing changed.
  public var isWorthCommit = true

  public init(isLive: Bool, isFirst: Bool) {
    self.isLive = isLive
    self.isFirst = isFirst
  }
}

/// What is to be told of it.
public enum MirrorNews: Sendable, Hashable {
  /// Other hands changed what the procedure manages; `request`: the stamp of the change that the entry should show.
  case drifted(address: String, ManagedImage.Difference, by: String?, request: String?)
  /// It is again as the procedure left it.
  case mended(address: String, attribute: String)
  /// Other hands made an account.
  case appeared(address: String, by: String?)
  /// Other hands removed an account.
  case vanished(address: String)
  /// The user has a password of his own; `isCertain`: it was seen that he set it himself.
  case closed(address: String, number: String, isCertain: Bool)
  /// Somebody else set the password.
  case overridden(address: String, number: String, by: String?)
  /// Somebody took the duty away to change the temporary password, which serves on.
  case released(address: String, number: String, by: String?)
}

/// What came of a batch.
public struct MirrorChange: Sendable {
  public var news: [MirrorNews] = []
  /// Accounts whose row on the list changed.
  public var changed = 0
  /// Whether a hand-over went on, so that its record is to be written again.
  public var hasRecords = false
  /// Whether the cookie was stored.
  public var isStored = false

  public init() {}

  public mutating func add(_ other: MirrorChange) {
    news += other.news
    changed += other.changed
    hasRecords = hasRecords || other.hasRecords
  }
}

extension Register {
  /// Takes in what the directory told. What is no news is only read: a failed login's bookkeeping (entryCSN,
  /// modifiersName) writes nothing.
  ///
  /// - Parameters:
  ///   - what: what the cookie belongs to.
  ///   - at: milliseconds since 1970 UTC.
  public func observe(_ batch: MirrorUpdate, what: String, at: Int64) -> Commit<MirrorChange> {
    post { database in
      var observer = try MirrorWriter(database, batch, at: at)
      for item in batch.items {
        switch item {
        case .seen(let sighting): try observer.see(sighting)
        case .gone(let uuid, let csn): try observer.lose(uuid, csn: csn)
        }
      }
      if let cookie = batch.cookie, batch.isWorthCommit || observer.change.changed > 0 {
        try Self.store(cookie, of: what, in: database)
        observer.change.isStored = true
      }
      return observer.change
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

  // MARK: Where to go on

  /// Where to go on listening; `nil`: from the beginning.
  ///
  /// - Parameter what: base, filter and attributes: a cookie of others is of no use.
  public func cookie(of what: String) throws -> [UInt8]? {
    try read { database in
      try Data.fetchOne(database, sql: "SELECT cookie FROM listening WHERE id = 1 AND what = ?", arguments: [what])
        .map { Array($0) }
    }
  }

  /// Whether the directory was ever read to its end.
  public func hasListened() throws -> Bool {
    try read { try Int.fetchOne($0, sql: "SELECT 1 FROM listening WHERE id = 1 AND cookie IS NOT NULL") != nil }
  }

  /// All accounts were read, without a cookie to go on from.
  public func setListened(_ what: String) -> Commit<Void> {
    post { database in
      if try Int.fetchOne(database, sql: "SELECT 1 FROM listening WHERE id = 1 AND cookie IS NOT NULL") == nil {
        try Self.store([], of: what, in: database)
      }
    }
  }

  /// The server doesn't know the cookie any more: what it shows may be of a time before what was heard of it, after it was
  /// restored from a backup say, and counts all the same.
  public func forgetCookie() -> Commit<Void> {
    post { database in
      try database.execute(sql: "UPDATE listening SET what = '' WHERE id = 1")
      try database.execute(sql: "UPDATE account SET entry_csn = '' WHERE entry_csn <> ''")
      try database.execute(
        sql: """
          DELETE FROM tombstone WHERE NOT EXISTS (
            SELECT 1 FROM change WHERE change.entry_uuid = tombstone.entry_uuid AND change.outcome IS NULL)
          """)
    }
  }

  private static func store(_ cookie: [UInt8], of what: String, in database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO listening (id, what, cookie) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET what = excluded.what, cookie = excluded.cookie
        """
    ).execute(arguments: [what, Data(cookie)])
    // Images up to this one have all come: nothing can call back what went before. A cookie is the server's own matter;
    // of one that doesn't name its CSN the stones stay.
    if let csn = Self.csn(of: cookie) {
      try database.cachedStatement(
        sql: """
          DELETE FROM tombstone WHERE csn < ? AND NOT EXISTS (
            SELECT 1 FROM change WHERE change.entry_uuid = tombstone.entry_uuid AND change.outcome IS NULL)
          """
      ).execute(arguments: [csn])
    }
  }

  /// The greatest CSN that a cookie of OpenLDAP's names: of the change that it comes with.
  public static func lastCSN(of cookie: [UInt8]) -> String? { csns(of: cookie)?.max() }

  /// The least CSN that a cookie of OpenLDAP's names (`rid=000,csn=A;B`): one for each provider.
  private static func csn(of cookie: [UInt8]) -> String? { csns(of: cookie)?.min() }

  static func csns(of cookie: [UInt8]) -> [String]? {
    guard let place = cookie.firstRange(of: Array("csn=".utf8)) else { return nil }
    let list = cookie[place.upperBound...].prefix { $0 != UInt8(ascii: ",") }
    return list.split(separator: UInt8(ascii: ";")).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: How it is

  /// How the directory is listened to.
  public struct Listening: Sendable, Hashable {
    /// `none`, `persist`, `polling`, `comparing`, `down`.
    public var manner: String
    /// Milliseconds since 1970 UTC.
    public var since: Int64
    public var problem: String?

    public init(manner: String, since: Int64, problem: String? = nil) {
      self.manner = manner
      self.since = since
      self.problem = problem
    }
  }

  public func listening() throws -> Listening? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT manner, since, problem FROM listening WHERE id = 1")
        .map { Listening(manner: $0[0], since: $0[1], problem: $0[2]) }
    }
  }

  public func setListening(_ listening: Listening) -> Commit<Void> {
    post { database in
      try database.execute(
        sql: """
          INSERT INTO listening (id, what, manner, since, problem) VALUES (1, '', ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET manner = excluded.manner, since = excluded.since, problem = excluded.problem
          """, arguments: [listening.manner, listening.since, listening.problem])
    }
  }
}

/// Takes in what was seen of entries: from the directory's own telling, and from the answers to our operations.
struct MirrorWriter {
  private let batch: MirrorUpdate
  private let at: Int64
  let mirror: MirrorStatements
  let drift: DriftStatements
  var change = MirrorChange()
  /// Whether the user's own change of a password was seen before our answer that granted it.
  private var isQuick = false

  init(_ database: Database, _ batch: MirrorUpdate, at: Int64) throws {
    self.batch = batch
    self.at = at
    mirror = try MirrorStatements(database)
    drift = DriftStatements(database)
  }

  // MARK: What the directory tells

  mutating func see(_ sighting: EntrySnapshot) throws {
    let account = sighting.account
    guard let known = try mirror.known(account.entryUUID) else { return try meet(sighting) }
    let image = sighting.image.encoded
    // Before the user's own password there may have been somebody who took the duty to change it away.
    let mayClose = !sighting.mustChange && (known.handover == .open || known.handover == .delivered)
    if known.image != nil {
      guard account.entryCSN > known.csn else { return }
      if known.image == image, known.dn == account.dn, known.mustChange == sighting.mustChange {
        if mayClose { try changedPassword(sighting, known, isFirst: false) }
        try grantedByOthers(sighting, known)
        return
      }
    }
    try mirror.write(sighting, expected: known.expected, handover: .none, isNew: false)
    try mirror.handovers.retry(account.entryUUID)
    change.changed += 1
    if mayClose { try changedPassword(sighting, known, isFirst: known.mustChange || known.image == nil) }
    if sighting.mustChange, sighting.image.stamp == known.image.flatMap(ManagedImage.init(encoded:))?.stamp {
      try grantedByOthers(sighting, known)
    }
    if account.status == "retained" { try expire(account.entryUUID, by: "delete", keepsDue: true) }
    guard let expected = known.expected.flatMap(ManagedImage.init(encoded:)) else { return }
    if known.expected == image {
      if known.hasDrifted { try judge(sighting, expected) }
      return
    }
    if sighting.image.stamp != expected.stamp {
      switch try drift.origin(of: sighting.image.stamp, on: account.entryUUID) {
      // Its outcome will tell what it made of the entry.
      case .open: return
      // The register knows the change, and not what it left: restored from a backup, say.
      case .settled: return try mirror.expect(image, of: account.entryUUID, image: image)
      case .overtaken, .unknown: break
      }
    }
    try judge(sighting, expected)
  }

  /// An entry that the mirror doesn't have.
  private mutating func meet(_ sighting: EntrySnapshot) throws {
    let account = sighting.account
    if try mirror.isBuried(account.entryUUID, csn: account.entryCSN) { return }
    let gone = try drift.comeBack(account.entryUUID)
    try mirror.write(sighting, expected: gone?.encoded, handover: .none, isNew: false)
    change.changed += 1
    if batch.isFirst { return }
    if let gone {
      change.news.append(.mended(address: account.address, attribute: DriftStatements.entry))
      return try judge(sighting, gone)
    }
    switch try drift.origin(of: sighting.image.stamp, on: account.entryUUID) {
    case .open, .settled: return
    case .overtaken, .unknown: break
    }
    try drift.insert(
      account.entryUUID, DriftStatements.entry, account.address, by: sighting.creator, request: sighting.image.stamp,
      at: at)
    change.news.append(.appeared(address: account.address, by: sighting.creator))
  }

  private mutating func judge(_ sighting: EntrySnapshot, _ expected: ManagedImage) throws {
    change.news += try drift.judge(
      sighting.account.entryUUID, address: sighting.account.address, image: sighting.image, expected: expected,
      by: batch.isLive ? sighting.modifier : nil, at: at)
  }

  /// An entry that went, whoever removed it.
  ///
  /// - Parameter csn: of its going; `nil`: it is only known not to be there.
  mutating func lose(_ entryUUID: String, csn: String?) throws {
    guard let known = try mirror.known(entryUUID) else { return }
    // It went before what is known of it: an adopt that was taken back, say, and made again by a later request whose answer
    // came before this message.
    if let csn, csn < known.csn { return }
    let stamp = known.image.flatMap(ManagedImage.init(encoded:))?.stamp
    let hadAppeared = try drift.hasAppeared(entryUUID)
    let isOurs = try drift.isInWork(entryUUID) || drift.isTakenBack(stamp)
    try mirror.remove(entryUUID: entryUUID, csn: csn)
    change.changed += 1
    try expire(entryUUID, by: "delete")
    try drift.forget(entryUUID)
    if isOurs { return }
    if hadAppeared {
      // It was made and deleted outside Buzón: the procedure misses nothing.
      return change.news.append(.mended(address: known.address, attribute: DriftStatements.entry))
    }
    try vanished(
      entryUUID, known.address, known.expected ?? [],
      request: known.expected.flatMap(ManagedImage.init(encoded:))?.stamp)
  }

  private mutating func vanished(_ entryUUID: String, _ address: String, _ gone: [UInt8], request: String?) throws {
    try drift.insert(entryUUID, DriftStatements.entry, address, by: nil, request: request, at: at, gone: gone)
    change.news.append(.vanished(address: address))
  }

  // MARK: Hand-overs

  /// `pwdReset` has gone from an entry whose hand-over is open.
  ///
  /// - Parameter isFirst: whether this is seen for the first time.
  private mutating func changedPassword(_ sighting: EntrySnapshot, _ known: MirrorStatements.Known, isFirst: Bool)
    throws
  {
    let (uuid, address) = (sighting.account.entryUUID, sighting.account.address)
    guard let open = try mirror.handovers.open(of: uuid) else { return }
    let number = try String.fetchOne(
      mirror.database.cachedStatement(sql: "SELECT number FROM request WHERE id = ?"), arguments: [open.id.request])
    // Against what the entry showed before, for the clocks of two machines differ. He himself can't take pwdReset away
    // otherwise, and may do it within the second.
    let isChanged = sighting.isOwnWork || sighting.passwordChanged.map { $0 != known.passwordChanged } ?? false
    if isChanged, sighting.isOwnWork || !batch.isLive || sighting.modifier == nil {
      try mirror.handovers.end(
        uuid, .closed, by: sighting.isOwnWork ? sighting.account.dn : nil, at: at, due: at / 1_000)
      change.news.append(.closed(address: address, number: number ?? "", isCertain: sighting.isOwnWork))
    } else if isChanged {
      try mirror.handovers.end(uuid, .expired, by: sighting.modifier, at: at, due: at / 1_000)
      change.news.append(.overridden(address: address, number: number ?? "", by: sighting.modifier))
    } else {
      if !isFirst { return }
      change.news.append(.released(address: address, number: number ?? "", by: batch.isLive ? sighting.modifier : nil))
      return
    }
    change.hasRecords = true
  }

  /// Whoever may manage passwords can set another temporary one: `pwdReset` stays, and what is on the slip opens nothing
  /// any more. The password's own time tells.
  private mutating func grantedByOthers(_ sighting: EntrySnapshot, _ known: MirrorStatements.Known) throws {
    let uuid = sighting.account.entryUUID
    guard sighting.mustChange, known.handover == .open || known.handover == .delivered,
      let changed = sighting.passwordChanged, changed != known.passwordChanged,
      let open = try mirror.handovers.open(of: uuid)
    else { return }
    let number = try String.fetchOne(
      mirror.database.cachedStatement(sql: "SELECT number FROM request WHERE id = ?"), arguments: [open.id.request])
    let actor = batch.isLive ? sighting.modifier : nil
    // The clock ends theirs as it would have ended ours.
    try mirror.handovers.end(uuid, .expired, by: actor, at: at, keepsDue: true)
    change.news.append(.overridden(address: sighting.account.address, number: number ?? "", by: actor))
    change.changed += 1
    change.hasRecords = true
  }

  private mutating func expire(_ entryUUID: String, by actor: String, keepsDue: Bool = false) throws {
    let ended = try mirror.handovers.end(entryUUID, .expired, by: actor, at: at, keepsDue: keepsDue)
    if !ended.isEmpty { change.hasRecords = true }
  }

  // MARK: What our operations answer

  /// The entry as one of our operations left it, or as it was read where there was nothing to do.
  ///
  /// - Parameters:
  ///   - claims: what the procedure says of it.
  ///   - effect: what became of its password.
  ///   - isClock: whether the clock asked: what it couldn't do it doesn't try again for its own writing.
  mutating func put(
    _ sighting: EntrySnapshot, claims: ManagedValues, of id: ChangeID, effect: HandoverEffect, handover: HandoverState,
    isNew: Bool,
    isClock: Bool
  ) throws {
    let account = sighting.account
    let uuid = account.entryUUID
    if isNew {
      // Whoever had the address in the mirror was deleted outside Buzón.
      for other in try mirror.others(account.address, besides: uuid) { try forget(other) }
      try drift.forgetGone(account.address)
    }
    let known = try mirror.known(uuid)
    if known == nil, try mirror.isBuried(uuid, csn: account.entryCSN) {
      // It went between our operation and its outcome, and not by us.
      return try vanished(uuid, account.address, sighting.image.encoded, request: sighting.image.stamp)
    }
    let before = known?.expected.flatMap(ManagedImage.init(encoded:))
    let expected = before.map { sighting.image.merged(over: $0, claims: claims) }
    let isLater = known.map { $0.csn > account.entryCSN && $0.image != nil } ?? false
    // The user's own change of the password, which our operation overtook on its way to us.
    if let known, case .none = effect, !sighting.mustChange, known.handover == .open || known.handover == .delivered {
      try changedPassword(sighting, known, isFirst: known.mustChange)
    }
    if isLater {
      try mirror.expect((expected ?? sighting.image).encoded, of: uuid, image: known?.image)
    } else {
      try mirror.write(sighting, expected: expected?.encoded, handover: handover, isNew: isNew && known == nil)
      if !isClock { try mirror.handovers.retry(uuid) }
    }
    if let known, known.hasDrifted || isLater || (expected.map { $0.encoded != sighting.image.encoded } ?? false) {
      let image = isLater ? known.image.flatMap(ManagedImage.init(encoded:)) : sighting.image
      change.news += try drift.judge(
        uuid, address: account.address, image: image ?? sighting.image, expected: expected ?? sighting.image, by: nil,
        at: at)
    }
    if claims.isWholeEntry { try drift.forget(uuid, DriftStatements.entry) }
    if case .granted(let ends) = effect {
      try mirror.handovers.grant(id, to: uuid, department: account.department, ends: ends, at: at)
      isQuick = isLater ? known?.mustChange == false : !sighting.mustChange
    }
    if account.status == "retained" { try expire(uuid, by: "delete", keepsDue: true) }
  }

  /// What a change did to a hand-over, whatever it did to the entry; once its outcome is written.
  mutating func conclude(_ effect: HandoverEffect, _ id: ChangeID, of entryUUID: String) throws {
    switch effect {
    case .none: break
    case .granted:
      if isQuick { try mirror.handovers.end(entryUUID, .closed, by: nil, at: at, due: at / 1_000) }
      // It may have ended with the very operation (atomic: created and retained), or before its outcome was known.
      let state = try mirror.handovers.state(of: id)
      if state != .open { try mirror.handovers.setState(id, of: entryUUID, state ?? .expired) }
      isQuick = false
    case .postponed(let ends): try mirror.handovers.postpone(entryUUID, until: ends)
    case .scrambled:
      try mirror.handovers.end(entryUUID, .expired, by: "clock", at: at)
      try mirror.handovers.settle(entryUUID)
    case .settled: try mirror.handovers.settle(entryUUID)
    }
  }

  /// Our operation removed the entry: whatever is still told of it is older, whichever of the two clocks is ahead.
  mutating func remove(_ entryUUID: String) throws {
    let later = String(decoding: GeneralizedTime.value(at / 1_000 + 600).bytes, as: UTF8.self)
    try mirror.remove(entryUUID: entryUUID, csn: later)
    try mirror.handovers.settle(entryUUID)
    try expire(entryUUID, by: "delete")
    try drift.forget(entryUUID)
  }

  /// No entry has this address any more.
  mutating func forget(address: String) throws {
    for uuid in try mirror.holders(of: address) { try forget(uuid) }
    try drift.forgetGone(address)
  }

  /// It turned out to have gone without us.
  private mutating func forget(_ entryUUID: String) throws {
    try mirror.remove(entryUUID: entryUUID, csn: mirror.known(entryUUID)?.csn)
    try expire(entryUUID, by: "delete")
    try drift.forget(entryUUID)
  }
}
