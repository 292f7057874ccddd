internal import Accounts
internal import Forms
internal import LDAP
internal import Providers
internal import Register

/// What an answer means for its change: its outcome, and what the mirror learns.
extension Applier {
  func judged(_ item: PendingChange, _ answer: Result<Response, LDAPError>, over connection: Connection) async -> (
    PendingChange, Ending
  ) {
    var item = item
    guard let intent = item.stored?.intent else { return (item, .stale(Self.noIntent)) }
    switch Verdict(answer, operation: intent.operation, inDoubt: item.isInDoubt) {
    case .applied(let response):
      return (item, applied(item, intent, entry: intent.image(response)))
    case .failed(let error):
      return (item, .settled(result(item, .failed, error: error), .keep))
    case .lost(let trouble):
      item.isInDoubt = true
      return (item, .lost(trouble))
    case .refused(let trouble, let fault):
      // What was in doubt may have been applied when it was sent first; a server that takes no writes may not know of it.
      if item.isInDoubt, fault != .server {
        if let ending = await known(item, intent, over: connection) { return (item, ending) }
        item.isInDoubt = false
      }
      return (item, .refused(trouble, fault))
    case .guarded(let error):
      return (item, await known(item, intent, over: connection) ?? .stale(error))
    }
  }

  private static let noIntent = ChangeError(code: .other, diagnostic: "nothing was intended", remedy: "report this")

  /// What the entry as it stands tells of an operation that was refused; `nil`: that it was not applied before.
  private func known(_ item: PendingChange, _ intent: Intent, over connection: Connection) async -> Ending? {
    let entry: Entry?
    do throws(LDAPError) {
      entry = try await connection.entry(intent.operation.dn, attributes: Schema.synced)
    } catch {
      let trouble = Trouble(what: "reading a stamp: \(error)", remedy: error.remedy(for: directory))
      return error.code.map { .refused(trouble, $0 == .insufficientAccessRights ? .entry : .unclear) } ?? .lost(trouble)
    }
    if case .delete = intent.operation {
      // The entry that was meant has gone, whoever deleted it; another that took its name has another entryUUID.
      let isGone = entry.map { $0.text(Schema.entryUUID) != intent.entryUUID } ?? true
      return isGone ? applied(item, intent, entry: nil) : nil
    }
    guard let entry, Intent.wasApplied(Stamp(number: item.number, index: item.id.index), to: entry) else { return nil }
    return applied(item, intent, entry: entry)
  }

  func applied(_ item: PendingChange, _ intent: Intent, entry: Entry?) -> Ending {
    let sighting = entry.flatMap(EntrySnapshot.init)
    let mirror: SettledChange.Mirror
    if case .delete = intent.operation {
      mirror = intent.entryUUID.map { .remove(entryUUID: $0) } ?? .keep
    } else {
      mirror = sighting.map { .put($0, claims: claims(item, intent.operation), effect: effect(item, intent)) } ?? .keep
    }
    var result = result(
      item, .applied, dn: entry?.dn ?? intent.operation.dn, uuid: sighting?.account.entryUUID ?? intent.entryUUID,
      handover: intent.handsOver ? .open : .none, reused: intent.reused)
    result.name = intent.name
    result.values = intent.changedValues
    return .settled(result, mirror)
  }

  /// What an operation of ours says of its entry: what the change does, the names that follow with it, and the stamp.
  func claims(_ item: PendingChange, _ operation: Operation? = nil) -> ManagedValues {
    var claims = ManagedValues.stamp
    claims.formUnion(ManagedValues(item.change))
    if let operation { claims.claimReferences(operation) }
    return claims
  }

  private func effect(_ item: PendingChange, _ intent: Intent) -> HandoverEffect {
    if let ends = intent.temporaryPasswordEnds { return .granted(ends: ends) }
    guard case .modify(let modify) = item.change else { return .none }
    switch modify.reset {
    case .expired: return .scrambled
    case .settled: return .settled
    case .password, nil: return .none
    }
  }

  /// The fresh read is as good for the mirror as an answer is.
  func unchanged(_ item: PendingChange, _ entry: Entry?) -> Ending {
    // The clock asks for accounts that the mirror has: one that isn't there any more was deleted outside Buzón.
    let otherwise: SettledChange.Mirror =
      item.isClocked && entry == nil ? .forget(address: item.change.address.text) : .keep
    var result = result(item, .unchanged, dn: entry?.dn, uuid: entry?.text(Schema.entryUUID))
    result.name = entry?.accountName ?? result.name
    return .settled(
      result,
      entry.flatMap { entry in
        // A form that states a change made outside Buzón makes it the procedure's.
        EntrySnapshot(entry).map {
          .put(
            $0, claims: item.isClocked ? ManagedValues() : ManagedValues(item.change),
            effect: effectOfNothing(item, entry))
        }
      } ?? otherwise)
  }

  private func effectOfNothing(_ item: PendingChange, _ entry: Entry) -> HandoverEffect {
    guard case .modify(let modify) = item.change else { return .none }
    switch (modify.reset, entry.isReset) {
    case (.settled, false): return .settled
    case (.expired, true): return entry.temporaryPasswordEnds.map { .postponed(ends: $0) } ?? .none
    default: return .none
    }
  }

  func result(
    _ item: PendingChange, _ outcome: ChangeOutcome, dn: DN? = nil, uuid: String? = nil,
    handover: HandoverState = .none, error: ChangeError? = nil, reused: [String] = []
  ) -> ChangeResult {
    var result = ChangeResult(item.change, index: item.id.index, outcome: outcome, error: error, at: now())
    result.dn = dn?.description
    result.entryUUID = uuid
    result.handover = handover
    result.reused = reused
    return result
  }
}
