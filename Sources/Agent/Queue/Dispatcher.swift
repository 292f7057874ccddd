internal import Accounts
internal import Forms
internal import LDAP
internal import Providers
internal import Register

/// Carries out what the ``RequestQueue`` decides, over one connection to the directory, and reports the results to it.
///
/// Owns: the queue, the connection, and the order of writes to the register.
///
/// Errors: an error of the directory makes the queue wait, and never ends the run. An error of the register ends it.
///
/// Limits: those of the queue. One rehearsal at a time, because all use one entry.
actor Dispatcher {
  /// So many orphans of an account are named in the log.
  private static let orphans = 20

  let register: Register
  let recorder: Recorder
  let log: EventLog
  let current: CurrentSettings
  let servers: ServerChoice

  var queue: RequestQueue

  private var connection: Connection?
  /// The place in `directory.uris` of the server of `connection`.
  private(set) var place = 0
  /// What that server is known to lag behind with: these accounts are left out.
  var lag = Lag()
  var lagging = LagWait()
  private var following: Task<Void, Never>?
  private var mustReconnect = false
  /// Whether the server of `connection` hashes passwords; a new connection may reach another configuration.
  private var proof = PasswordProof()
  private var hasWarnedOfUnreadable = false
  /// The rehearsal in progress.
  private var rehearsing: (task: Task<Rehearsal.Outcome, Never>, scope: Rehearsal.Scope)?

  var isStopping: Bool { queue.isStopping }
  /// Tells an atomic request in progress to stop.
  private let stopping = Stopping()
  private var failure: (any Error)?
  private var roomWaiters: [CheckedContinuation<Void, Never>] = []
  var isCarryingOutOrders = false
  /// Whether there are orders without an answer; they may wait for a batch.
  var hasOpenOrders = false
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation
  private var wakeClock: @Sendable () -> Void = {}
  nonisolated let pulse = Pulse()
  /// Reads the configuration again.
  var reread: (@Sendable () async -> Reload.Result)?

  /// - Parameter once: whether this is a run that ends when all is done (`run --once`).
  init(
    register: Register, recorder: Recorder, current: CurrentSettings, servers: ServerChoice, log: EventLog, once: Bool
  ) {
    self.servers = servers
    self.register = register
    self.recorder = recorder
    self.current = current
    self.log = log
    queue = RequestQueue(
      backoff: Backoff(first: current.settings.firstRetry, longest: current.settings.longestRetry), once: once)
    (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Called by the other parts

  /// Sets what is called when something may be due. With `once` it is also called when all is settled.
  func onDue(_ wakeClock: @escaping @Sendable () -> Void) { self.wakeClock = wakeClock }

  /// Sets what an order to read the configuration again is carried out by.
  func onReload(_ reread: @escaping @Sendable () async -> Reload.Result) { self.reread = reread }

  /// Has the loop go round once more. May be called from anywhere.
  nonisolated func wake() { wakeup.yield() }

  /// Whether all that was admitted is settled, or given up for this run.
  var isAtRest: Bool { failure != nil || queue.isAtRest(.now) }

  /// Admits accepted requests, in the order of acceptance. Returns when there is room for more: the intake takes forms no
  /// faster than the directory applies them.
  func admit(_ accepted: [OpenRequest]) async throws {
    try queue.accepted(accepted, companions)
    wakeup.yield()
    while queue.isFull, failure == nil {
      await withCheckedContinuation { roomWaiters.append($0) }
    }
  }

  /// No more requests will be accepted; the run ends when all are settled.
  func endOfInput() {
    queue.endOfInput()
    wakeup.yield()
  }

  /// Starts nothing more; the run ends when the batches in flight are settled.
  func stop() {
    queue.stop()
    stopping.ask()
    advance()
  }

  /// Connects again, with the new configuration.
  func reconnect() {
    connection = nil
    queue.disconnected()
    mustReconnect = true
    lagging = LagWait()
    queue.use(Backoff(first: current.settings.firstRetry, longest: current.settings.longestRetry))
    queue.tryNow()
    wakeup.yield()
  }

  /// Has the status page written soon. Does not wait: the recorder may be syncing files.
  func writeStatusSoon() { Task { [recorder] in await recorder.writeStatusSoon() } }

  /// Something is to be done by the intake.
  func wakeIntake() { wakeClock() }

  // MARK: The loop

  /// Runs until stopped; with `once`, until all is settled.
  ///
  /// - Returns: whether requests are left for a later run.
  /// - Throws: ``RegisterError``.
  func run() async throws -> Bool {
    defer {
      stop()
      pulse.end()
    }
    // Orders that were given while no agent ran.
    try await carryOutOrders()
    try inherit()
    var woken = wakeups.makeAsyncIterator()
    try await withThrowingDiscardingTaskGroup { group in
      var timer: ContinuousClock.Instant?
      // Cancelled: another part of the agent failed.
      loop: while failure == nil, !Task.isCancelled {
        pulse.beat()
        let (effects, step) = queue.next(at: .now, isUsable: connection?.isUsable == true)
        carryOut(effects)
        switch step {
        case .connect:
          try await connect()
          continue loop
        case .read(let after):
          try read(after: after)
          continue loop
        case .count(let entry):
          queue.counted(entry.ticket, deaths: try await register.countDeath(of: entry.attempt).value())
          advance()
          continue loop
        case .send(let batch):
          guard let connection else { continue loop }
          group.addTask { [proof] in await self.carryOut(batch, over: connection, proof) }
          continue loop
        case .wait(let until):
          if queue.once, queue.isAtRest(.now) { wakeClock() }
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
    following?.cancel()
    await connection?.close()
    return queue.hasLeft
  }

  /// Carries out the effects and wakes the loop.
  func advance() {
    carryOut(queue.takeEffects())
    wakeup.yield()
  }

  private func carryOut(_ effects: [RequestQueue.Effect]) {
    for effect in effects { carryOut(effect) }
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
      _ = register.hold(request, reason: "\(trouble.what); \(trouble.remedy)", at: current.now())
    case .withdraw(let change): _ = register.withdraw(change)
    case .note(let request, let trouble):
      _ = register.setReason(trouble.map { "\($0.what); \($0.remedy)" }, of: request)
    case .waits(let name, let address, let trouble):
      log.warning(
        "change.waiting",
        [("request", name), ("address", address ?? "-"), ("why", trouble.what), ("do", trouble.remedy)])
      writeStatusSoon()
    case .disconnect: connection = nil
    case .leave(let trouble): servers.refused(place, trouble)
    case .directoryFailed(let trouble, let retry):
      // Another part of the agent failed and logs why.
      if Task.isCancelled { return }
      log.warning(
        lagging.isWaiting ? "directory.lags" : "directory.waiting",
        [("why", trouble.what), ("do", trouble.remedy), ("retry_ms", "\(retry.milliseconds)")])
      _ = register.setTrouble(trouble, at: current.now())
      writeStatusSoon()
    case .directoryBack(let why):
      var fields: [EventLog.Field] = []
      if let why { fields.append(("why", why)) }
      log.info("directory.back", fields)
      _ = register.setTrouble(nil, at: current.now())
      writeStatusSoon()
    }
  }

  // MARK: The register

  private func companions(of addresses: [String]) throws -> [String: [String]] {
    try register.companions(of: addresses)
  }

  /// Admits what an earlier run left.
  private func inherit() throws {
    // The troubles of an earlier run may be over.
    for part in [Trouble.Part.queue, .provider] { _ = register.setTrouble(nil, of: part, at: current.now()) }
    _ = register.forgetReasons()
    try queue.inherit(
      register.inDoubt().compactMap { stored in
        var open = open(stored)
        open?.isHeld = stored.state == .held
        return open
      }, companions)
    _ = register.forgetDeaths(besides: Set(queue.entries.values.map(\.attempt)))
    while let after = queue.nextReading() { try read(after: after) }
  }

  private func read(after: Int64) throws {
    let stored = try register.ready(after: after, changes: queue.limits.admitted / 2)
    try queue.read(
      stored.filter { queue.isWanted($0.id) }.compactMap(open), last: stored.last?.id, companions)
    advance()
  }

  /// Reads the form of a stored request. If it is damaged, the request is held.
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

  /// Another server is in use: what is in flight comes to its end over the old connection.
  func leaveServer() {
    if connection == nil || place != servers.current.place {
      connection = nil
      queue.disconnected()
      queue.tryNow()
    }
    wakeup.yield()
  }

  private func connect() async throws {
    connection = nil
    following?.cancel()
    mustReconnect = false
    let settings = current.settings
    let (place, why) = servers.current
    do throws(LDAPError) {
      let opened = try await settings.connect(to: place)
      if mustReconnect || servers.current.place != place { return await opened.close() }
      servers.answered(place)
      guard try await isInStep(opened, settings, place) else { return }
      if mustReconnect || servers.current.place != place { return await opened.close() }
      (connection, self.place) = (opened, place)
      _ = register.setContact(Contact(provider: settings.uri(place), answered: current.now(), why: why))
      proof = PasswordProof()
      queue.connected()
      if !lag.isEmpty { following = Task { [weak self] in await self?.followLag(opened) } }
    } catch {
      if mustReconnect { return }
      queue.connectFailed(
        Trouble(what: "\(error)", remedy: settings.remedy(for: error)), isAway: error.code == nil && !error.isLasting,
        at: .now)
      advance()
      servers.failed(place, error)
    }
    if let failure { throw failure }
  }

  /// The register failed: the run ends.
  func fail(_ error: any Error) {
    failure = failure ?? error
    wakeup.yield()
  }

  // MARK: A batch

  private func carryOut(_ batch: RequestQueue.Batch, over connection: Connection, _ proof: PasswordProof) async {
    do {
      let endings = try await endings(of: batch.entries, over: connection, proof)
      if await proof.isUnreadable { warnOfUnreadablePasswords() }
      if let entry = batch.entries.first, batch.entries.count == 1, entry.isInDoubt {
        _ = register.forgetDeaths(of: entry.attempt)
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
    advance()
  }

  private func endings(of batch: [QueueEntry], over connection: Connection, _ proof: PasswordProof) async throws -> [(
    QueueEntry, Ending
  )] {
    let (held, free) = lag.isEmpty ? ([], batch) : lagging(batch)
    if free.isEmpty { return held }
    return try await held + applied(free, over: connection, proof)
  }

  private func applied(_ batch: [QueueEntry], over connection: Connection, _ proof: PasswordProof) async throws -> [(
    QueueEntry, Ending
  )] {
    let applier = current.settings.applier(register: register, proof: proof, now: current.now, wakeClock: wakeClock)
    if case .atomic(let atomic) = batch.first {
      let (entry, ending) = try await withTaskExecutorPreference(connection.executor) {
        try await AtomicApplier(applier: applier, stopping: stopping).apply(atomic, over: connection)
      }
      return [(.atomic(entry), ending)]
    }
    let items = batch.compactMap { entry -> PendingChange? in if case .change(let item) = entry { item } else { nil } }
    let endings = try await withTaskExecutorPreference(connection.executor) {
      try await applier.apply(items, over: connection)
    }
    return endings.map { (.change($0), $1) }
  }

  private func settle(_ batch: RequestQueue.Batch, _ endings: [(QueueEntry, Ending)], over connection: Connection)
    async throws
  {
    let returned = queue.returned(batch.id, endings)
    let now = current.now()
    // Before the first suspension: a later write must not come first.
    let commit =
      returned.settled.isEmpty
      ? nil
      : register.settle(
        returned.settled, completed: returned.completed, at: now, addressMemory: current.settings.addressMemory)
    var rehearsal: Rehearsal.Outcome?
    if let scope = returned.rehearsal { rehearsal = await rehearse(scope, over: connection) }
    queue.judged(batch.id, rehearsal: rehearsal, at: .now)
    advance()
    let settlements = try await commit?.value() ?? []
    queue.stored(batch.id)
    advance()
    if commit != nil { await record(returned, settlements, now: now) }
  }

  private func rehearse(_ scope: Rehearsal.Scope, over connection: Connection) async -> Rehearsal.Outcome {
    let earlier = rehearsing
    if let earlier, earlier.scope >= scope { return await earlier.task.value }
    let rehearsal = Rehearsal(
      applier: current.settings.applier(register: register, proof: proof, now: current.now, wakeClock: wakeClock),
      scope: scope)
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

  /// Logs what was settled, and gives completed requests to the recorder.
  func record(_ returned: RequestQueue.Returned, _ settlements: [Settlement], now: Int64) async {
    var last: [Int64: [UInt8]] = [:]
    for (change, settlement) in zip(returned.settled, settlements) {
      last[change.request] = settlement.hash
      log.report(settlement.news)
      if settlement.hasReferences { wakeClock() }
      queue.note(settlement, of: change)
      if settlement.orphans.isEmpty { continue }
      let more = settlement.orphans.count - Self.orphans
      log.each(
        .warning, "owner.gone",
        [
          ("request", "\(change.number)#\(change.result.index)"), ("address", change.result.address),
          (
            "orphans",
            settlement.orphans.prefix(Self.orphans).joined(separator: " ") + (more > 0 ? " and \(more) others" : "")
          ),
          ("do", "give them another owner (modify, set: {owner: …})"),
        ], kind: [("do", "give what they owned another owner (buzon accounts, column owner)")])
    }
    log.settled(returned.settled)
    let finished = returned.completed.compactMap { done in
      queue.leave(done.id).map {
        FinishedRequest($0, outcome: done.outcome, completed: now, ledger: last[done.id] ?? [])
      }
    }
    await recorder.add(finished)
  }

  /// Warns once a run, and goes on: no account is harmed.
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
