internal import LDAP
internal import Register

/// What is sent together.
extension Dispatcher {
  /// Whether something could be sent now.
  var hasWork: Bool {
    !inherited.isEmpty || !again.isEmpty || areSuspectsDue || isSolitaryDue || !atomics.isEmpty || order.readyCount > 0
      || hasBacklog || areBarriersDue
  }

  /// What may be sent now; `nil` where nothing may before a batch comes back.
  func nextBatch() async throws -> [Work]? {
    if batchesInFlight >= Self.batches { return nil }
    if !inherited.isEmpty {
      if batchesInFlight > 0 { return nil }
      while let ticket = inherited.popFirst() {
        guard let work = works[ticket] else { continue }
        if try await survives(work) { return [work] }
      }
    }
    if isSolitaryDue {
      if batchesInFlight > 0 { return nil }
      while let ticket = solitary.popFirst() {
        var taken: [Work] = []
        take(ticket, into: &taken)
        if !taken.isEmpty { return taken }
      }
    }
    let isProbing = link.trouble != nil
    if isProbing, batchesInFlight > 0 { return nil }
    // An atomic request that the directory refuses must not be all that it is tried with.
    if !isProbing, let atomic = nextAtomic() { return [atomic] }
    // In trouble they take turns, so that no bad one can pass for a bad directory for ever; and two are tried, one of them
    // new where there is one.
    if isProbing, link.failures.isMultiple(of: 2), let atomic = nextAtomic() { return [atomic] }
    // What takes the connection away must not take another change with it each time.
    let limit = isProbing ? (isAway ? 1 : 2) : Self.batch
    let known = isProbing && order.readyCount > 0 ? (isAway ? link.failures % 2 : 1) : limit
    var batch: [Work] = []
    while batch.count < known, let ticket = again.popFirst() { take(ticket, into: &batch) }
    let room = isProbing ? known : min(limit, batch.count + max(1, (limit - batch.count) / 4))
    if areSuspectsDue {
      while batch.count < room, let ticket = suspects.popFirst() {
        if case .atomic = works[ticket] { atomics.append(ticket) } else { take(ticket, into: &batch) }
      }
      if suspects.isEmpty, solitary.isEmpty { suspectsAt = nil }
    }
    while batch.count < limit, let ticket = order.take() {
      guard let work = works[ticket] else { continue }
      if isParked(work) {
        park(ticket)
      } else if case .atomic = work {
        atomics.append(ticket)
      } else {
        take(ticket, into: &batch)
      }
    }
    if batch.isEmpty, let atomic = nextAtomic() { return [atomic] }
    return batch.isEmpty ? nil : batch
  }

  private var areSuspectsDue: Bool { !suspects.isEmpty && suspectsAt.map { $0 <= .now } ?? true }
  private var isSolitaryDue: Bool { !solitary.isEmpty && suspectsAt.map { $0 <= .now } ?? true }

  private func nextAtomic() -> Work? {
    while let ticket = atomics.popFirst() {
      var taken: [Work] = []
      take(ticket, into: &taken)
      if let work = taken.first { return work }
    }
    return nil
  }

  private func take(_ ticket: AddressOrder.Ticket, into batch: inout [Work]) {
    guard let work = works[ticket] else { return }
    if isPassedOver(work) { finish(work) } else { batch.append(work) }
  }

  private func isHeld(_ work: Work) -> Bool { requests[work.request]?.isHeld == true }

  /// Its request was set aside or cancelled, and nothing of it can have been applied: others may pass.
  private func isPassedOver(_ work: Work) -> Bool {
    !work.isInDoubt && (requests[work.request]?.isHeld ?? true)
  }

  func park(_ ticket: AddressOrder.Ticket) {
    parked.insert(ticket)
    stick(ticket)
  }

  /// In doubt, and an operator must decide: it holds its addresses and is not sent.
  func isParked(_ work: Work) -> Bool { work.isInDoubt && isHeld(work) }

  /// What was alone in work when the agent died, again and again, is set aside: it may be what kills it.
  private func survives(_ work: Work) async throws -> Bool {
    guard try await register.countDeath(of: work.attempt).value() > deathsAllowed else { return true }
    // It stays in the order: whether it was applied isn't known, so nobody may pass it.
    park(work.ticket)
    try await hold(
      work,
      Trouble(
        what: "the agent died \(deathsAllowed) times while it carried out \(work.name)",
        remedy: "look into the log of those runs, and report it"))
    return false
  }

  /// - Parameter batch: counted as in flight already.
  func carryOut(_ batch: [Work], over connection: Connection, _ proof: PasswordProof) async {
    do {
      let endings = try await endings(of: batch, over: connection, proof)
      if await proof.isUnreadable { warnOfUnreadablePasswords() }
      if let work = batch.first, batch.count == 1, work.isInDoubt { _ = register.forgetDeaths(of: work.attempt) }
      try await settle(endings, over: connection)
    } catch {
      failure = failure ?? error
    }
    for work in batch { requests[work.request]?.inFlight -= 1 }
    batchesInFlight -= 1
    if room > 0 || failure != nil { letIn() }
    do {
      if failure == nil, hasOpenOrders { try await carryOutOrders() }
    } catch {
      failure = failure ?? error
    }
    wakeup.yield()
  }

  /// Once a run: it goes on, for nobody's account is worse for it.
  private func warnOfUnreadablePasswords() {
    if hasWarnedOfUnreadable { return }
    hasWarnedOfUnreadable = true
    log.warning(
      "password.unreadable",
      [
        ("why", "the agent may not read userPassword, so whether the directory hashes passwords isn't known"),
        ("do", "give the agent the access rights of config/slapd/access.ldif"),
      ])
  }

  private func endings(of batch: [Work], over connection: Connection, _ proof: PasswordProof) async throws -> [(
    Work, Ending
  )] {
    let applier = live.settings.applier(register: register, proof: proof, now: live.now)
    if case .atomic(let atomic) = batch.first {
      let (work, ending) = try await withTaskExecutorPreference(connection.executor) {
        try await AtomicApplier(applier: applier, stopping: stopping).apply(atomic, over: connection)
      }
      return [(.atomic(work), ending)]
    }
    let items = batch.compactMap { work -> Item? in if case .change(let item) = work { item } else { nil } }
    let endings = try await withTaskExecutorPreference(connection.executor) {
      try await applier.apply(items, over: connection)
    }
    return endings.map { (.change($0), Ending($1)) }
  }
}

/// How a piece of work left its batch.
enum Ending: Sendable {
  /// Each of its changes has its outcome; in the order in which they happened.
  case settled([(ChangeResult, SettledChange.Mirror)])
  /// As ``Applier/Ending``.
  case refused(Trouble, Fault)
  case lost(Trouble)
  case unhashed(Trouble)
  /// The agent stops between two operations.
  case paused

  init(_ ending: Applier.Ending) {
    self =
      switch ending {
      case .settled(let result, let mirror): .settled([(result, mirror)])
      case .refused(let trouble, let fault): .refused(trouble, fault)
      case .lost(let trouble): .lost(trouble)
      case .unhashed(let trouble): .unhashed(trouble)
      }
  }
}
