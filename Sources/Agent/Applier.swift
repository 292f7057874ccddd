internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Carries a batch of changes to the directory: read, plan, store the intents, send, judge the answers.
///
/// All entries that the batch's addresses touch are read with one search; all its intents share one commit; its
/// operations are in flight together, for no two changes of a batch share an address. Runs on the connection's own
/// executor, so that an operation costs no change of thread.
struct Applier: Sendable {
  /// How a change left the batch.
  enum Ending: Sendable {
    case settled(ChangeResult, SettledChange.Mirror)
    /// The same operation is to be sent again (or planned, where there is none yet) when the directory answers again.
    case again(Trouble)
  }

  /// How often a change is planned again because its entry changed between reading and writing.
  private static let rounds = 6

  var register: Register
  var context: PlanContext
  var password: TemporaryPassword
  /// Milliseconds since 1970 UTC.
  var now: @Sendable () -> Int64

  /// - Returns: for each item, as it is now, its ending.
  /// - Throws: ``RegisterError`` when intents can't be stored.
  func apply(_ items: [Item], over connection: Connection) async throws -> [(Item, Ending)] {
    var endings: [(Item, Ending)] = []
    endings.reserveCapacity(items.count)
    var open = items
    var lastErrors: [ChangeID: ChangeError] = [:]
    for _ in 0..<Self.rounds {
      open = try await planned(open, over: connection, endings: &endings)
      if open.isEmpty { return endings }
      var next: [Item] = []
      for (item, result) in await sent(open, over: connection) {
        switch await judged(item, result, over: connection) {
        case .end(let ending): endings.append((item, ending))
        case .planAgain(let error):
          lastErrors[item.id] = error
          var item = item
          if error.code == .entryAlreadyExists { item.namesTaken += 1 }
          item.stored = nil
          item.wasSent = false
          next.append(item)
        }
      }
      open = next
      if open.isEmpty { return endings }
    }
    for item in open {
      endings.append((item, .settled(result(item, .failed, error: lastErrors[item.id]), .keep)))
    }
    return endings
  }

  // MARK: Plan

  /// Plans what isn't planned, stores the intents, and returns what is to be sent.
  private func planned(_ items: [Item], over connection: Connection, endings: inout [(Item, Ending)]) async throws
    -> [Item]
  {
    let fresh = items.filter { $0.stored == nil }
    if fresh.isEmpty { return items }
    var toSend = items.filter { $0.stored != nil }
    let holders: Holders
    do throws(LDAPError) {
      holders = try await self.holders(of: fresh, over: connection)
    } catch {
      let trouble = Trouble(
        what: "reading entries: \(error)", remedy: "see that the directory runs and that the agent may read it")
      endings += fresh.map { ($0, .again(trouble)) }
      return toSend
    }
    var intended: [IntendedChange] = []
    intended.reserveCapacity(fresh.count)
    for var item in fresh {
      let plan = Plan.make(
        item.change, department: item.department, stamp: Stamp(number: item.number, index: item.id.place),
        holders: holders, namesTaken: item.namesTaken, context: context)
      switch plan {
      case .unchanged(let entry):
        endings.append(
          (item, .settled(result(item, .unchanged, dn: entry?.dn, uuid: entry.flatMap(Account.init)?.entryUUID), .keep))
        )
      case .refuse(let error):
        endings.append((item, .settled(result(item, .failed, error: error), .keep)))
      case .send(let intent):
        let stored = StoredIntent(intent: intent, salt: intent.grantsPassword ? TemporaryPassword.salt() : nil)
        item.stored = stored
        intended.append(
          IntendedChange(
            id: item.id, address: item.change.address.text, operation: item.change.name, stored: stored))
        toSend.append(item)
      }
    }
    if !intended.isEmpty { try await register.intend(intended, at: now()).value() }
    return toSend
  }

  private func holders(of items: [Item], over connection: Connection) async throws(LDAPError) -> Holders {
    var filters: [Filter] = []
    filters.reserveCapacity(items.count * 2)
    for item in items {
      for address in item.change.ownAddresses {
        filters.append(.equal("mail", Value(address.text)))
        filters.append(.equal("mailLocalAddress", Value(address.text)))
      }
    }
    // The bound is generous: one entry an address is the rule, and a directory that answers with more is told so.
    return Holders(
      try await connection.searchAll(
        base: context.container, scope: .subtree, filter: .or(filters), attributes: Schema.read,
        limit: filters.count * 4 + 100))
  }

  // MARK: Send

  private func sent(_ items: [Item], over connection: Connection) async -> [(Item, Result<Response, LDAPError>)] {
    await withTaskGroup(of: (Item, Result<Response, LDAPError>).self) { group in
      for item in items {
        guard let stored = item.stored else { continue }
        group.addTask {
          let intent = stored.intent
          let operation = intent.operation(temporaryPassword: stored.salt.map(password.password(salt:)))
          do throws(LDAPError) {
            return (
              item,
              .success(try await connection.perform(operation, controls: intent.controls(container: context.container)))
            )
          } catch {
            return (item, .failure(error))
          }
        }
      }
      var results: [(Item, Result<Response, LDAPError>)] = []
      results.reserveCapacity(items.count)
      for await result in group { results.append(result) }
      return results
    }
  }

  // MARK: Judge

  private enum Judgement {
    case end(Ending)
    case planAgain(ChangeError)
  }

  private func judged(_ item: Item, _ answer: Result<Response, LDAPError>, over connection: Connection) async
    -> Judgement
  {
    guard let intent = item.stored?.intent else { return .end(.again(Trouble(what: "no intent", remedy: ""))) }
    switch Verdict(answer, operation: intent.operation, resent: item.wasSent) {
    case .applied(let response):
      return .end(applied(item, intent, entry: response.postRead))
    case .failed(let error):
      return .end(.settled(result(item, .failed, error: error), .keep))
    case .trouble(let trouble):
      return .end(.again(trouble))
    case .unknown(let what):
      return .end(.again(Trouble(what: what, remedy: "see that the directory runs; the same operation is sent again")))
    case .guarded(let error):
      do throws(LDAPError) {
        let entry = try await connection.entry(intent.operation.dn, attributes: Schema.mirrored)
        return judged(item, intent, error, entry: entry)
      } catch {
        return .end(.again(Trouble(what: "reading a stamp: \(error)", remedy: "see that the directory runs")))
      }
    }
  }

  /// The guard held: the entry as it stands tells whether that was because the operation had been applied before.
  private func judged(_ item: Item, _ intent: Intent, _ error: ChangeError, entry: Entry?) -> Judgement {
    if case .delete = intent.operation {
      // Gone is gone, whoever did it; another entry in its place has another entryUUID and is planned for anew.
      guard let entry, entry.text("entryUUID") == intent.entryUUID else {
        return .end(applied(item, intent, entry: nil))
      }
      return .planAgain(error)
    }
    if let entry, Intent.wasApplied(Stamp(number: item.number, index: item.id.place), to: entry) {
      return .end(applied(item, intent, entry: entry))
    }
    return .planAgain(error)
  }

  private func applied(_ item: Item, _ intent: Intent, entry: Entry?) -> Ending {
    let account = entry.flatMap(Account.init)
    let mirror: SettledChange.Mirror =
      if case .delete = intent.operation {
        intent.entryUUID.map { .remove(entryUUID: $0) } ?? .keep
      } else {
        account.map { .put($0) } ?? .keep
      }
    return .settled(
      result(
        item, .applied, dn: intent.operation.dn, uuid: account?.entryUUID ?? intent.entryUUID,
        handover: intent.grantsPassword ? .open : .none), mirror)
  }

  private func result(
    _ item: Item, _ outcome: ChangeOutcome, dn: DN? = nil, uuid: String? = nil, handover: Handover = .none,
    error: ChangeError? = nil
  ) -> ChangeResult {
    ChangeResult(
      place: item.id.place, operation: item.change.name, address: item.change.address.text, outcome: outcome,
      dn: dn?.description, entryUUID: uuid, error: error, handover: handover, at: now())
  }
}
