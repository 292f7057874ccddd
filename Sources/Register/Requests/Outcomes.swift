public import Accounts
internal import Forms
internal import GRDB
internal import LDAP

/// The outcome of a change, and what it did to the mirror.
public struct SettledChange: Sendable {
  /// What an outcome does to the mirror of the directory.
  public enum Mirror: Sendable {
    case keep
    /// The entry as it stands now, what of it the change speaks about, and what became of its password.
    case put(EntrySnapshot, claims: ManagedValues, effect: HandoverEffect = .none)
    case remove(entryUUID: String)
    /// No entry has this address any more: it was deleted outside Buzón.
    case forget(address: String)

    var entryUUID: String? {
      switch self {
      case .put(let snapshot, _, _): snapshot.account.entryUUID
      case .remove(let uuid): uuid
      case .keep, .forget: nil
      }
    }
  }

  public var request: Int64
  public var number: String
  public var digest: [UInt8]
  public var result: ChangeResult
  public var mirror: Mirror

  public init(request: Int64, number: String, digest: [UInt8], result: ChangeResult, mirror: Mirror) {
    self.request = request
    self.number = number
    self.digest = digest
    self.result = result
    self.mirror = mirror
  }
}

/// What the register knows of a change once it is settled.
public struct Settlement: Sendable, Hashable {
  /// The hash of its line in the ledger.
  public var hash: [UInt8]
  /// The addresses of functional accounts and lists whose owner it took away.
  public var orphans: [String]
  /// What its entry shows of changes outside Buzón.
  public var news: [MirrorNews] = []
  /// Whether accounts name as their owner or list what left its account.
  public var hasReferences = false
  /// What has happened to the temporary password that it granted.
  public var handoverEvents: [HandoverEvent] = []
}

/// A request whose last change is settled.
public struct CompletedRequest: Sendable {
  public var id: Int64
  public var outcome: RequestOutcome

  public init(id: Int64, outcome: RequestOutcome) {
    self.id = id
    self.outcome = outcome
  }
}

extension Register {
  /// Settles changes: their outcomes, their lines in the ledger and their rows of the mirror are one commit.
  ///
  /// - Parameters:
  ///   - changes: in the order in which they were settled.
  ///   - completed: the requests that are done with these changes.
  ///   - at: milliseconds since 1970 UTC.
  ///   - addressMemory: how long addresses that left an account are remembered, seconds.
  /// - Returns: for each change, in their order, what the register knows of it.
  public func settle(_ changes: [SettledChange], completed: [CompletedRequest], at: Int64, addressMemory: Int64 = 0)
    -> Commit<[Settlement]>
  {
    post { database in
      let outcome = try database.cachedStatement(
        sql: """
          INSERT INTO change (request, change_index, address, operation, outcome, at, dn, entry_uuid, code, code_name, diagnostic,
            remedy, handover, orphans, name, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (request, change_index) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, dn = excluded.dn,
            entry_uuid = excluded.entry_uuid, code = excluded.code, code_name = excluded.code_name,
            diagnostic = excluded.diagnostic, remedy = excluded.remedy, handover = excluded.handover,
            orphans = excluded.orphans, name = excluded.name, reason = excluded.reason, salt = NULL
          """)
      var writer = try MirrorWriter(database, at: at)
      let reader = try MirrorReader(database)
      let judgement = MirrorJudgement(reader, at: at, addressMemory: addressMemory)
      var last: [Int64: Int64] = [:]
      let settlements = try changes.map { change in
        let result = change.result
        let id = ChangeID(request: change.request, index: result.index)
        let uuid = change.mirror.entryUUID ?? ""
        let orphans = try Self.orphans(change, reader)
        let effects = try Self.effects(change, judgement)
        writer.change = MirrorChange()
        let expected = try ReferenceStatements.ended(id, in: database)
        try writer.apply(effects.before, to: uuid, of: id)
        // The last that is needed of a salt was copied for its slip.
        try outcome.execute(arguments: [
          change.request, result.index, result.address, result.operation, result.outcome?.rawValue, result.at,
          result.dn,
          result.entryUUID, result.error.map { $0.code.rawValue }, result.error?.code.name, result.error?.diagnostic,
          result.error?.remedy, result.handover.rawValue, orphans.isEmpty ? nil : orphans.joined(separator: " "),
          result.name, result.reason,
        ])
        try writer.apply(effects.after, to: uuid, of: id)
        let head = try Ledger.append(LedgerEntry(change), in: database)
        last[change.request] = head.sequence
        var settlement = Settlement(hash: head.hash, orphans: orphans, news: writer.change.news)
        settlement.hasReferences = expected || writer.change.hasReferences
        if result.handover != .none {
          settlement.handoverEvents = try Self.handoverEvents(of: id, in: database)
        }
        return settlement
      }
      let done = try database.cachedStatement(
        sql:
          "UPDATE request SET state = 'done', outcome = ?, completed = ?, reason = NULL, ledger = ? WHERE id = ? AND state <> 'done'"
      )
      let forget = [
        try database.cachedStatement(sql: "DELETE FROM hold WHERE request = ?"),
        try database.cachedStatement(sql: "DELETE FROM atomic WHERE request = ?"),
      ]
      for request in completed {
        try done.execute(arguments: [request.outcome.rawValue, at, last[request.id], request.id])
        try forget.forEach { try $0.execute(arguments: [request.id]) }
      }
      return settlements
    }
  }

  /// Asked before the mirror learns of the change.
  private static func orphans(_ change: SettledChange, _ reader: MirrorReader) throws -> [String] {
    switch change.mirror {
    case .put(let snapshot, _, _):
      change.result.operation == "create" || snapshot.account.status == "active"
        ? [] : try reader.orphans(of: snapshot.account.entryUUID)
    case .remove(let uuid): try reader.orphans(of: uuid)
    case .keep, .forget: []
    }
  }

  /// What goes before the outcome is written, and what after.
  private static func effects(_ change: SettledChange, _ judgement: MirrorJudgement<MirrorReader>) throws -> (
    before: [MirrorEffect], after: [MirrorEffect]
  ) {
    switch change.mirror {
    case .keep: ([], [])
    case .put(let snapshot, let claims, let effect):
      try judgement.settled(
        snapshot, claims: claims, handover: effect, state: change.result.handover,
        isNew: change.result.operation == "create", isClock: Request.isOfClock(change.number))
    case .remove(let uuid): (try judgement.removed(uuid), [])
    case .forget(let address): (try judgement.vacated(address), [])
    }
  }
}

extension LedgerEntry {
  fileprivate init(_ change: SettledChange) {
    let result = change.result
    self.init("settled", at: result.at, request: change.request, number: change.number, index: result.index)
    state("operation", result.operation)
    state("outcome", result.outcome?.rawValue)
    state("code", result.error?.code.rawValue)
    commit("address", result.address)
  }
}
