internal import Accounts
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// Applies an atomic request: all of its changes or none.
///
/// slapd has no usable transactions (RFC 5805 crashes it). So each account's changes are merged into one operation, the
/// directory says of each whether it would accept it (No-Op control), all are stored, then sent one after the other. If one
/// fails, the earlier ones are undone from their pre-images.
///
/// | phase | stored | what the next start does |
/// |---|---|---|
/// | planned and tried | nothing | starts again |
/// | applying | `atomic`, an intent for each account | sends the same operations again, in the same order |
/// | undoing | + the change that failed, and why | goes on undoing |
/// | settled | every outcome, in one commit | nothing |
///
/// Every operation and every undo asserts the stamp that it follows, so each may be sent again.
///
/// Errors: as ``Applier``. An operation that cannot be undone is recorded as `applied`, with the reason.
///
/// Limits: accounts that swap addresses in a ring are refused.
struct AtomicApplier: Sendable {
  /// A phase's way out: the next phase, or the end for now.
  private enum Outcome {
    case done
    /// Planned against what wasn't so any more: it may work at another try.
    case stale(PendingGroup.Step, ChangeError)
    case failed(index: Int, ChangeError)
    case ended(Ending)
  }

  var applier: Applier
  let stopping: Stopping

  func apply(_ given: PendingGroup, over connection: Connection) async throws -> (PendingGroup, Ending) {
    var work = given
    var images: [Int: (ChangeResult, SettledChange.Mirror)] = [:]
    var unchanged: [Int: Entry?] = [:]
    var mayTryAgain = false
    var retries = 0
    var before: Intent?
    while true {
      if work.steps == nil {
        switch try await plan(&work, &unchanged, over: connection) {
        case .done: break
        case .stale(let step, let error):
          let intent = step.stored.intent
          let isAgain = before.map(intent.isOf) ?? false
          before = intent
          if isWorthAnother(&work, step, error, &retries) { continue }
          if isAgain, error.code == .assertionFailed { return (work, .refused(Applier.unassertable(intent), .entry)) }
          return (work, nothing(of: work, failed: step.carrier, error))
        case .failed(let index, let error): return (work, nothing(of: work, failed: index, error))
        case .ended(let ending): return (work, ending)
        }
      }
      if work.failure == nil {
        switch await send(&work, &images, over: connection) {
        case .done: return (work, all(of: work, images, unchanged))
        case .ended(let ending): return (work, ending)
        case .stale(let step, let error):
          mayTryAgain = isWorthAnother(&work, step, error, &retries)
          work.failure = (step.carrier, error)
        case .failed(let index, let error): work.failure = (index, error)
        }
        if let failure = work.failure {
          try await applier.register.undo(work.request, because: failure.index, failure.error).value()
        }
      }
      let (undone, outcome) = await takeBack(work, over: connection)
      if case .ended(let ending) = outcome { return (work, ending) }
      guard mayTryAgain, undone.allSatisfy({ $0.value.error == nil }) else { return (work, none(of: work, undone)) }
      mayTryAgain = false
      try await applier.register.abandon(work.request).value()
      for turn in undone.keys { work.undone.formUnion(work.steps?[turn].indices ?? []) }
      work.steps = nil
      work.failure = nil
      images = [:]
    }
  }

  /// Whether to plan anew after something turned out to be otherwise than it was read.
  private func isWorthAnother(
    _ work: inout PendingGroup, _ step: PendingGroup.Step, _ error: ChangeError, _ retries: inout Int
  ) -> Bool {
    guard error.code == .entryAlreadyExists else {
      retries += 1
      return retries < Applier.rounds
    }
    work.namesTaken[step.first, default: 0] += 1
    return work.namesTaken[step.first, default: 0] < Applier.names
  }

  // MARK: Plan

  /// The group waits while an account outside it names an address that it gives. One inside it follows on the way.
  private func waits(_ work: PendingGroup, _ holders: AddressIndex) async throws -> Outcome? {
    let dangling = try await applier.dangling(
      work.changes.flatMap { $0.newAddresses.lazy.map(\.text) }, owners: work.changes.count)
    if dangling.isEmpty { return nil }
    let own = Set(work.changes.compactMap { (try? holders.account($0.address))?.text(Schema.entryUUID) })
    guard let one = dangling.first(where: { !own.contains($0.entryUUID) }) else { return nil }
    return .ended(.refused(one.trouble, .clock))
  }

  private func plan(
    _ work: inout PendingGroup, _ unchanged: inout [Int: Entry?], over connection: Connection
  ) async throws -> Outcome {
    let holders: AddressIndex
    do throws(LDAPError) {
      holders = try await applier.holders(of: work.changes, over: connection)
    } catch {
      return .ended(applier.unread(error))
    }
    let lag = try await applier.lag(work.changes, holders, over: connection)
    if let account = lag.account(of: work.changes.flatMap(\.allAddresses)) {
      return .ended(.refused(account.trouble, .lag))
    }
    let moved = try applier.moved(work.changes, holders)
    let references = work.references.map { own in
      var own = own
      own.moved = moved
      return own
    }
    if let outcome = try await waits(work, holders) { return outcome }
    let plan = AtomicPlan.make(
      number: work.number, changes: work.changes, department: work.department, holders: holders,
      namesTaken: work.namesTaken, retired: try applier.retired(work.changes),
      references: references, context: applier.context)
    let folded: [MergedIntent]
    switch plan {
    case .refuse(let index, let error):
      let hindrance = try await applier.hindrance(
        error, at: work.changes[index].address, seen: holders, over: connection)
      if let hindrance { return .ended(hindrance) }
      if let moved = notAsPlanned(work, refused: index, error, holders) { return moved }
      return .failed(index: index, try applier.naming(error))
    case .send(let intents, let others, let reused):
      if let moved = notAsPlanned(work, intents, unchanged: Set(others.keys), reused, holders) { return moved }
      var rings = ForwardRings(holders)
      for merged in intents {
        if let ring = rings.closed(by: merged.intent) { return .failed(index: merged.indices.last ?? 0, ring) }
      }
      let own = intents.compactMap(\.intent.entryUUID)
      for (address, index) in intents.flatMap(\.taken).sorted(by: { $0 < $1 }) {
        guard let account = try applier.register.referrer(of: address, besides: own) else { continue }
        return .failed(index: index, .inherited(address, namedBy: account))
      }
      work.reused = reused
      folded = intents
      unchanged = others
    }
    let steps = folded.map { fold in
      PendingGroup.Step(
        indices: fold.indices,
        stored: StoredIntent(
          intent: fold.intent, salt: fold.intent.grantsPassword ? applier.password.salt() : nil))
    }
    let tried = await preflight(work, zip(folded, steps).filter { !$0.0.dependsOnEarlier }.map(\.1), over: connection)
    guard case .done = tried else { return tried }
    try await store(work, steps)
    work.steps = steps
    return .done
  }

  /// Compares the request with the plan that it is bound to, as a whole; `nil`: all is as it was planned, or it is bound to
  /// none.
  private func notAsPlanned(
    _ work: PendingGroup, _ intents: [MergedIntent], unchanged: Set<Int>, _ reused: [Int: [String]],
    _ holders: AddressIndex
  ) -> Outcome? {
    guard let binding = work.binding else { return nil }
    let now = BoundPlan(atomic: work.changes, intents, unchanged: unchanged, reused: reused, holders: holders)
    return binding.plan.movement(to: now, of: work.changes, number: work.number).map {
      .failed(index: $0.index, $0.movement.error(about: $0.address, zone: applier.context.zone))
    }
  }

  /// A request that was planned as one that can be done, and can't be.
  private func notAsPlanned(
    _ work: PendingGroup, refused index: Int, _ error: ChangeError, _ holders: AddressIndex
  ) -> Outcome? {
    guard let binding = work.binding, binding.plan.changes.indices.contains(index) else { return nil }
    let change = work.changes[index]
    let now = BoundPlan.Change(change, .refused(error), holders: holders)
    return binding.plan.changes[index].movement(to: now, of: change, number: work.number).map { movement, address in
      .failed(index: index, movement.error(about: address, zone: applier.context.zone))
    }
  }

  /// Asks the directory whether it would take each operation.
  private func preflight(_ work: PendingGroup, _ steps: [PendingGroup.Step], over connection: Connection) async
    -> Outcome
  {
    if steps.isEmpty { return .done }
    let password: Value
    do throws(LDAPError) {
      password = try await applier.password.sent(salt: applier.password.salt())
    } catch {
      return .ended(applier.unread(error))
    }
    let prime = NoOpWarmup(container: applier.context.container, password: password)
    switch await prime.store(over: connection) {
    case .stored: break
    // Then it can't be asked; the undo is there.
    case .refused: return .done
    case .lost(let error): return .ended(applier.unread(error))
    }
    let byCarrier = Dictionary(uniqueKeysWithValues: steps.map { ($0.carrier, $0) })
    let answers = await applier.sent(steps.map { item(work, $0) }, dry: true, over: connection)
    // The first that fails is named, whichever was answered first.
    for (item, answer) in answers.sorted(by: { $0.0.id.index < $1.0.id.index }) {
      guard let step = byCarrier[item.id.index] else { continue }
      switch Verdict(answer, operation: step.stored.intent.operation, inDoubt: false) {
      case .applied: continue
      case .failed(let error): return .failed(index: step.carrier, error)
      case .guarded(let error): return .stale(step, error)
      case .lost(let trouble): return .ended(.lost(trouble))
      case .refused(let trouble, let fault):
        // So with one that doesn't know the control.
        if case .failure(let error) = answer, error.code == .unavailableCriticalExtension { continue }
        return .ended(.refused(trouble, fault))
      }
    }
    return .done
  }

  private func store(_ work: PendingGroup, _ steps: [PendingGroup.Step]) async throws {
    var rows: [AtomicChange] = []
    for (turn, step) in steps.enumerated() {
      for index in step.indices {
        rows.append(row(work, index, turn: turn, stored: index == step.carrier ? step.stored : nil))
      }
    }
    let begun = Set(rows.map(\.index))
    rows += work.changes.indices.filter { !begun.contains($0) }.map { row(work, $0, turn: nil, stored: nil) }
    try await applier.register.begin(work.request, rows, at: applier.now()).value()
  }

  private func row(_ work: PendingGroup, _ index: Int, turn: Int?, stored: StoredIntent?) -> AtomicChange {
    let change = work.changes[index]
    return AtomicChange(
      index: index, address: change.address.text, operation: change.name, turn: turn, stored: stored,
      reused: work.reused[index] ?? [], names: stored?.intent.namesWritten ?? [])
  }

  // MARK: Apply

  /// One after the other: a change may lean on an address that one before it frees.
  private func send(
    _ work: inout PendingGroup, _ images: inout [Int: (ChangeResult, SettledChange.Mirror)], over connection: Connection
  ) async -> Outcome {
    for turn in (work.steps ?? []).indices {
      guard let step = work.steps?[turn] else { continue }
      // All is stored: the next start goes on here.
      if stopping.isAsked { return .ended(.paused) }
      let item = item(work, step)
      work.steps?[turn].isInDoubt = true
      for (_, ending) in await applier.sentAndJudged([item], over: connection) {
        switch ending {
        case .stale(let error):
          // Only what was read otherwise may be so at another try; the rest is the directory's last word.
          guard Self.tellsOfRead.contains(error.code) else { return .failed(index: step.carrier, error) }
          return .stale(step, error)
        case .settled(let settled):
          if let error = settled.first?.0.error { return .failed(index: step.carrier, error) }
          images[turn] = settled.first
        default: return .ended(ending)
        }
      }
    }
    return .done
  }

  private static let tellsOfRead: Set<ResultCode> = [
    .assertionFailed, .entryAlreadyExists, .noSuchObject, .noSuchAttribute, .attributeOrValueExists,
  ]

  private func item(_ work: PendingGroup, _ step: PendingGroup.Step) -> PendingChange {
    var item = PendingChange(
      ticket: work.ticket, id: ChangeID(request: work.request, index: step.carrier), number: work.number,
      change: work.changes[step.carrier], department: work.department)
    item.stored = step.stored
    item.binding = work.binding
    item.isInDoubt = step.isInDoubt
    return item
  }

  // MARK: Undo

  /// What became of an operation that was taken back.
  private struct TakenBack {
    var mirror: SettledChange.Mirror = .keep
    /// Why it could not be.
    var error: ChangeError?
  }

  /// Takes back what was applied before the change that failed, the last first.
  ///
  /// - Returns: by the steps' order.
  private func takeBack(_ work: PendingGroup, over connection: Connection) async -> ([Int: TakenBack], Outcome) {
    var undone: [Int: TakenBack] = [:]
    let steps = work.steps ?? []
    let failed = steps.firstIndex { $0.indices.contains(work.failure?.index ?? -1) } ?? steps.endIndex
    for index in (0..<failed).reversed() {
      if stopping.isAsked { return (undone, .ended(.paused)) }
      let step = steps[index]
      switch await takeBack(step, Stamp(number: work.number, index: step.carrier), over: connection) {
      case .success(let takenBack): undone[index] = takenBack
      case .failure(let trouble): return (undone, .ended(trouble.ending))
      }
    }
    return (undone, .done)
  }

  private struct Hindrance: Error {
    var ending: Ending
  }

  private func takeBack(_ step: PendingGroup.Step, _ stamp: Stamp, over connection: Connection) async
    -> Result<TakenBack, Hindrance>
  {
    let applied = step.stored.intent
    var last = ChangeError(code: .other, diagnostic: "it could not be undone", remedy: "undo it by a form of its own")
    for _ in 0..<Applier.rounds {
      let entry: Entry?
      do throws(LDAPError) {
        entry = try await connection.entry(applied.operation.dn, attributes: Schema.read)
      } catch {
        return .failure(Hindrance(ending: applier.unread(error)))
      }
      let undo: Intent
      switch Undo.plan(applied, stamp: stamp, entry: entry) {
      case .nothing:
        return .success(TakenBack(mirror: entry.flatMap(EntrySnapshot.init).map { .put($0, claims: .stamp) } ?? .keep))
      case .impossible(let error): return .success(TakenBack(error: error))
      case .send(let intent): undo = intent
      }
      let answer: Result<Response, LDAPError>
      do throws(LDAPError) {
        answer = .success(
          try await connection.perform(undo.operation, controls: undo.controls(container: applier.context.container)))
      } catch {
        answer = .failure(error)
      }
      switch Verdict(answer, operation: undo.operation, inDoubt: true) {
      case .applied(let response):
        return .success(
          TakenBack(mirror: undo.image(response).flatMap(EntrySnapshot.init).map { .put($0, claims: .stamp) } ?? .keep))
      case .failed(let error), .guarded(let error): last = error
      case .refused(let trouble, let fault):
        return .failure(Hindrance(ending: .refused(trouble, fault)))
      case .lost(let trouble): return .failure(Hindrance(ending: .lost(trouble)))
      }
    }
    return .success(TakenBack(error: last))
  }

  // MARK: Outcomes

  /// - Parameter step: what carried the change out.
  private func result(
    _ work: PendingGroup, _ index: Int, _ outcome: ChangeOutcome, error: ChangeError? = nil,
    by step: PendingGroup.Step? = nil
  ) -> ChangeResult {
    var result = ChangeResult(work.changes[index], index: index, outcome: outcome, error: error, at: applier.now())
    guard let step else { return result }
    result.name = step.stored.intent.name ?? result.name
    if outcome != .applied { return result }
    result.reused = work.reused[index] ?? []
    if index == step.carrier { result.values = step.stored.intent.changedValues }
    return result
  }

  /// All were applied, or were so already; in the order in which they were sent, so that the mirror follows.
  private func all(
    of work: PendingGroup, _ images: [Int: (ChangeResult, SettledChange.Mirror)], _ unchanged: [Int: Entry?]
  ) -> Ending {
    var settled: [(ChangeResult, SettledChange.Mirror)] = []
    for (turn, step) in (work.steps ?? []).enumerated() {
      guard let (image, mirror) = images[turn] else { continue }
      // The mirror learns beside the create, if there is one, with its hand-over.
      let creator = step.indices.first { index in
        if case .create = work.changes[index] { true } else { false }
      }
      for index in step.indices {
        var result = result(work, index, .applied, by: step)
        result.dn = image.dn
        result.entryUUID = image.entryUUID
        if index == creator { result.handover = image.handover }
        settled.append(
          (result, index == creator ?? step.carrier ? mirror.of(step, of: work.changes) : .keep))
      }
    }
    return .settled(
      settled
        + rest(of: work, settled).map { index in
          var result = result(work, index, .unchanged)
          let entry = unchanged[index].flatMap(\.self)
          result.dn = entry?.dn.description
          result.entryUUID = entry?.text(Schema.entryUUID)
          result.name = entry?.accountName ?? result.name
          return (result, .keep)
        })
  }

  /// One could not be, and nothing was begun.
  private func nothing(of work: PendingGroup, failed: Int, _ error: ChangeError) -> Ending {
    .settled(
      work.changes.indices.map { index in
        let outcome = index == failed ? ChangeOutcome.failed : work.undone.contains(index) ? .undone : .skipped
        return (result(work, index, outcome, error: index == failed ? error : nil), .keep)
      })
  }

  /// One could not be, and those before it were taken back.
  private func none(of work: PendingGroup, _ undone: [Int: TakenBack]) -> Ending {
    var settled: [(ChangeResult, SettledChange.Mirror)] = []
    for (turn, step) in (work.steps ?? []).enumerated().reversed() {
      guard let takenBack = undone[turn] else { continue }
      for index in step.indices {
        // What could not be taken back is there, and is reported with the reason.
        let outcome = takenBack.error == nil ? ChangeOutcome.undone : .applied
        var result = result(work, index, outcome, error: takenBack.error, by: step)
        result.dn = step.stored.intent.operation.dn.description
        settled.append((result, index == step.carrier ? takenBack.mirror : .keep))
      }
    }
    return .settled(
      settled
        + rest(of: work, settled).map { index in
          let error = index == work.failure?.index ? work.failure?.error : nil
          let outcome = error != nil ? ChangeOutcome.failed : work.undone.contains(index) ? .undone : .skipped
          return (result(work, index, outcome, error: error), .keep)
        })
  }

  /// The indices that have no outcome yet.
  private func rest(of work: PendingGroup, _ settled: [(ChangeResult, SettledChange.Mirror)]) -> [Int] {
    let indices = Set(settled.map(\.0.index))
    return work.changes.indices.filter { !indices.contains($0) }
  }
}

extension SettledChange.Mirror {
  /// What an operation left that several changes were folded into.
  fileprivate func of(_ step: PendingGroup.Step, of changes: [Change]) -> Self {
    guard case .put(let sighting, _, let effect) = self else { return self }
    var claims = ManagedValues.stamp
    for index in step.indices { claims.formUnion(ManagedValues(changes[index])) }
    claims.claimReferences(step.stored.intent.operation)
    return .put(sighting, claims: claims, effect: effect)
  }
}
