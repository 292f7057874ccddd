public import Accounts
internal import GRDB
public import LDAP

/// What the directory reported of its accounts, in the order in which it did.
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
  /// Whose change of a password is the user's own (`handover.trusted`).
  public var trusted: [DN] = []
  /// Whether the cookie is stored even where nothing changed.
  public var isWorthCommit = true

  public init(isLive: Bool, isFirst: Bool) {
    self.isLive = isLive
    self.isFirst = isFirst
  }
}

/// What came of a batch.
public struct MirrorChange: Sendable {
  public var news: [MirrorNews] = []
  /// Accounts whose row on the list changed.
  public var changed = 0
  /// Whether a hand-over went on, so that its record is to be written again.
  public var hasRecords = false
  /// Whether accounts name as their owner or list what left its account.
  public var hasReferences = false
  /// Whether the cookie was stored.
  public var isStored = false

  public init() {}

  public mutating func add(_ other: MirrorChange) {
    news += other.news
    changed += other.changed
    hasRecords = hasRecords || other.hasRecords
    hasReferences = hasReferences || other.hasReferences
  }
}

extension Register {
  /// Takes in what the directory reported. What is no news is only read: a failed login's bookkeeping (entryCSN,
  /// modifiersName) writes nothing.
  ///
  /// - Parameters:
  ///   - what: what the cookie belongs to.
  ///   - at: milliseconds since 1970 UTC.
  ///   - addressMemory: how long addresses that left an account are remembered, seconds.
  public func observe(_ batch: MirrorUpdate, what: String, at: Int64, addressMemory: Int64) -> Commit<MirrorChange> {
    post { database in
      var writer = try MirrorWriter(database, at: at)
      let judgement = MirrorJudgement(
        try MirrorReader(database), at: at, addressMemory: addressMemory, isLive: batch.isLive, isFirst: batch.isFirst,
        trusted: batch.trusted)
      for item in batch.items {
        switch item {
        case .seen(let snapshot): try writer.apply(judgement.seen(snapshot), to: snapshot.account.entryUUID)
        case .gone(let uuid, let csn): try writer.apply(judgement.gone(uuid, csn: csn), to: uuid)
        }
      }
      if let cookie = batch.cookie, batch.isWorthCommit || writer.change.changed > 0 {
        try Self.store(cookie, of: what, in: database)
        writer.change.isStored = true
      }
      return writer.change
    }
  }
}
