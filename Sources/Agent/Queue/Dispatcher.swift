internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Gives the directory its work: does what the ``RequestQueue`` decides, over one connection, and tells it what came of
/// that.
///
/// - Owns: the queue, the connection, the order of what is posted to the register.
/// - Errors: the directory's never end a run, they make the queue wait; the register's do.
/// - Limits: those of the queue.
actor Dispatcher {
  let register: Register
  let recorder: Recorder
  let log: EventLog
  let live: Live

  var queue: RequestQueue

  private var connection: Connection?
  /// Which of `directory.uris` is written to.
  private var provider = 0
  private var mustReconnect = false
  /// Of `connection`: another one may lead to a server that was configured anew.
  private var proof = PasswordProof()
  private var hasWarnedOfUnreadable = false
  /// The one under way: they use one entry, so there is one at a time.
  private var rehearsing: (task: Task<Rehearsal.Outcome, Never>, scope: Rehearsal.Scope)?

  var isStopping: Bool { queue.isStopping }
  /// The same for who works elsewhere.
  private let stopping = Stopping()
  private var failure: (any Error)?
  private var roomWaiters: [CheckedContinuation<Void, Never>] = []
  var isCarryingOutOrders = false
  /// Orders wait, perhaps for a batch to come back.
  var hasOpenOrders = false
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation

  /// - Parameter once: whether this is a run that ends when all is done (`run --once`).
  init(register: Register, recorder: Recorder, live: Live, log: EventLog, once: Bool) {
    self.register = register
    self.recorder = recorder
    self.live = live
    self.log = log
    queue = RequestQueue(
      backoff: Backoff(first: live.settings.firstRetry, longest: live.settings.longestRetry), once: once)
    (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: What others want

  /// Admits requests just accepted, in the order of acceptance. Where too much waits already they stay in the register.
  ///
  /// Waits for room, so that a spool is emptied no faster than the directory takes it.
  func admit(_ accepted: [OpenRequest]) async throws {
    try queue.accepted(accepted, companions)
    wakeup.yield()
    while queue.isFull, failure == nil {
      await withCheckedContinuation { roomWaiters.append($0) }
    }
  }

  /// Nothing more will be admitted; the run ends when all is settled.
  func endOfInput() {
    queue.endOfInput()
    wakeup.yield()
  }

  /// Begins nothing more; the run ends when what is in flight is settled.
  func stop() {
    queue.stop()
    stopping.ask()
    look()
  }

  /// Connects again with the configuration as it is now.
  func reconnect() {
    connection = nil
    queue.disconnected()
    mustReconnect = true
    provider = 0
    queue.tryNow()
    wakeup.yield()
  }

  /// The operator's page says soon how it stands. Not waited for: the recorder may be syncing.
  func hurryStatus() { Task { [recorder] in await recorder.hurryStatus() } }

  // MARK: The loop

  /// Runs until stopped, or in a run that ends until all is settled.
  ///
  /// - Returns: whether something had to be left for later.
  /// - Throws: ``RegisterError``.
  func run() async throws -> Bool {
    defer { stop() }
    // What was ordered while nobody listened.
    try await carryOutOrders()
    try inherit()
    var woken = wakeups.makeAsyncIterator()
    try await withThrowingDiscardingTaskGroup { group in
      var timer: ContinuousClock.Instant?
      // Cancelled: another part of the agent failed.
      loop: while failure == nil, !Task.isCancelled {
        let step = queue.next(at: .now, isUsable: connection?.isUsable == true)
        // Before anything is stored that stands on it.
        carryOutEffects()
        switch step {
        case .connect(let isBound):
          await connect(isBound: isBound)
          continue loop
        case .read(let after):
          try read(after: after)
          continue loop
        case .count(let work):
          queue.counted(work.ticket, deaths: try await register.countDeath(of: work.attempt).value())
          look()
          continue loop
        case .send(let batch):
          guard let connection else { continue loop }
          group.addTask { [proof] in await self.carryOut(batch, over: connection, proof) }
          continue loop
        case .wait(let until):
          if let until, until != timer {
            timer = until
            group.addTask {
              guard (try? await Task.sleep(until: until, clock: .continuous)) != nil else { return }
              self.wakeup.yield()
            }
          }
        case .end:
          if !isCarryingOutOrders { break loop }
        }
        // `nil`: cancelled.
        if await woken.next(isolation: self) == nil { break }
      }
      group.cancelAll()
    }
    if let failure { throw failure }
    await connection?.close()
    return queue.hasLeft
  }

  /// Does what the queue wants done, and wakes whoever may go on.
  func look() {
    carryOutEffects()
    wakeup.yield()
  }

  private func carryOutEffects() {
    for effect in queue.takeEffects() { carryOut(effect) }
    if roomWaiters.isEmpty || queue.isFull && failure == nil { return }
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  private func carryOut(_ effect: RequestQueue.Effect) {
    switch effect {
    case .hold(let request, let number, let address, let trouble):
      log.error(
        "request.held",
        [("request", number), ("address", address ?? "-"), ("why", trouble.what), ("do", trouble.remedy)])
      _ = register.hold(request, reason: "\(trouble.what); \(trouble.remedy)")
    case .withdraw(let change): _ = register.withdraw(change)
    case .note(let request, let trouble):
      _ = register.note(reason: trouble.map { "\($0.what); \($0.remedy)" }, of: request)
    case .waits(let name, let address, let trouble):
      log.warning(
        "change.waiting",
        [("request", name), ("address", address ?? "-"), ("why", trouble.what), ("do", trouble.remedy)])
      hurryStatus()
    case .disconnect: connection = nil
    case .directoryFailed(let trouble, let retry):
      // Another part of the agent has failed, which tells why by itself.
      if Task.isCancelled { return }
      log.warning(
        "directory.waiting", [("why", trouble.what), ("do", trouble.remedy), ("retry_ms", "\(retry.milliseconds)")])
      _ = register.note(trouble, at: live.now())
      hurryStatus()
    case .directoryBack:
      log.info("directory.back", [])
      _ = register.note(nil, at: live.now())
      hurryStatus()
    }
  }

  // MARK: The register

  private func companions(of addresses: [String]) throws -> [String: [String]] {
    try register.companions(of: addresses)
  }

  /// Takes up what an earlier run left.
  private func inherit() throws {
    // Whatever an earlier run waited for is found out anew.
    _ = register.note(nil, at: live.now())
    _ = register.forgetReasons()
    try queue.inherit(
      register.inDoubt().compactMap { stored in
        var open = open(stored)
        open?.isHeld = stored.state == .held
        return open
      }, companions)
    _ = register.forgetDeaths(besides: Set(queue.works.values.map(\.attempt)))
    while let after = queue.nextReading() { try read(after: after) }
  }

  private func read(after: Int64) throws {
    let stored = try register.ready(after: after, changes: queue.limits.admitted / 2)
    try queue.read(
      stored.filter { queue.isWanted($0.id) }.compactMap(open), last: stored.last?.id, companions)
    look()
  }

  /// A request of the register; one whose form can't be read any more is set aside, and harms nobody else.
  func open(_ stored: StoredRequest) -> OpenRequest? {
    do {
      return try OpenRequest(stored)
    } catch {
      carryOut(
        .hold(
          request: stored.id, number: stored.number, address: nil,
          Trouble(what: "the stored form can't be read", remedy: "restore the register from a backup")))
      return nil
    }
  }

  // MARK: The directory

  /// - Parameter isBound: to the server that was written to last.
  private func connect(isBound: Bool) async {
    connection = nil
    mustReconnect = false
    do throws(LDAPError) {
      let opened = try await live.settings.connect(from: provider, tries: isBound ? 1 : .max)
      if mustReconnect { return }
      (connection, provider) = opened
      proof = PasswordProof()
      queue.connected()
    } catch {
      if mustReconnect { return }
      let remedy = "see that the directory runs and that directory.uris and directory.bind fit it"
      queue.connectFailed(Trouble(what: "\(error)", remedy: remedy), isAway: error.code == nil, at: .now)
      look()
    }
  }

  // MARK: A batch

  private func carryOut(_ batch: RequestQueue.Batch, over connection: Connection, _ proof: PasswordProof) async {
    do {
      let endings = try await endings(of: batch.works, over: connection, proof)
      if await proof.isUnreadable { warnOfUnreadablePasswords() }
      if let work = batch.works.first, batch.works.count == 1, work.isInDoubt {
        _ = register.forgetDeaths(of: work.attempt)
      }
      try await settle(batch, endings, over: connection)
    } catch {
      failure = failure ?? error
    }
    queue.left(batch.id)
    do {
      if failure == nil, hasOpenOrders { try await carryOutOrders() }
    } catch {
      failure = failure ?? error
    }
    look()
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
    return endings.map { (.change($0), $1) }
  }

  private func settle(_ batch: RequestQueue.Batch, _ endings: [(Work, Ending)], over connection: Connection)
    async throws
  {
    let returned = queue.returned(batch.id, endings)
    let now = live.now()
    // Posted before anything is awaited.
    let commit =
      returned.settled.isEmpty ? nil : register.settle(returned.settled, completed: returned.completed, at: now)
    var rehearsal: Rehearsal.Outcome?
    if let scope = returned.rehearsal { rehearsal = await rehearse(scope, over: connection) }
    queue.judged(batch.id, rehearsal: rehearsal, at: .now)
    look()
    guard let settlements = try await commit?.value() else { return }
    queue.stored(batch.id)
    look()
    await record(returned, settlements, now: now)
  }

  private func rehearse(_ scope: Rehearsal.Scope, over connection: Connection) async -> Rehearsal.Outcome {
    let earlier = rehearsing
    if let earlier, earlier.scope >= scope { return await earlier.task.value }
    let rehearsal = Rehearsal(
      applier: live.settings.applier(register: register, proof: proof, now: live.now), scope: scope)
    let task = Task {
      _ = await earlier?.task.value
      return await rehearsal.run(over: connection)
    }
    rehearsing = (task, scope)
    let outcome = await task.value
    if rehearsing?.task == task { rehearsing = nil }
    switch outcome {
    case .passed:
      if scope == .entryAndPassword { await proof.end(.hashed) }
      log.debug("directory.rehearsed", [("result", "passed")])
    case .refused(let step, let trouble):
      log.debug("directory.rehearsed", [("result", "refused"), ("step", step), ("why", trouble.what)])
    case .lost(let error): log.debug("directory.rehearsed", [("result", "lost"), ("why", "\(error)")])
    }
    return outcome
  }

  /// Tells what was settled, and hands requests that are done to the recorder.
  func record(_ returned: RequestQueue.Returned, _ settlements: [Settlement], now: Int64) async {
    var last: [Int64: [UInt8]] = [:]
    for (change, settlement) in zip(returned.settled, settlements) {
      last[change.request] = settlement.hash
      log.told(settlement.news)
      if settlement.orphans.isEmpty { continue }
      queue.note(orphans: settlement.orphans, of: change)
      log.warning(
        "owner.gone",
        [
          ("request", "\(change.number)#\(change.result.index)"), ("address", change.result.address),
          ("orphans", settlement.orphans.joined(separator: " ")),
          ("do", "give them another owner (modify, set: {owner: …})"),
        ])
    }
    log.settled(returned.settled)
    let finished = returned.completed.compactMap { done in
      queue.leave(done.id).map {
        FinishedRequest($0, outcome: done.outcome, completed: now, ledger: last[done.id] ?? [])
      }
    }
    await recorder.add(finished)
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
}
