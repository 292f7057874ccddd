internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Gives the directory its work: admits accepted requests, orders their changes by the addresses they share, sends
/// batches over one connection, and settles what comes of them.
///
/// Several batches are under way at once, so that one is planned and stored while another is in flight. A change that is
/// begun is in exactly one place: a batch, or one of three queues.
///
/// | queue | who waits there | sent |
/// |---|---|---|
/// | `inherited` | may have been sent by a run that died | first, alone, in order |
/// | `again` | got no answer, or was refused together with all others | next |
/// | `suspects` | was refused while others were applied | beside others; held at the third refusal |
///
/// Memory: about `admitted` changes are held. The intake waits while there are as many; while the directory is away it
/// does not, and what is beyond stays in the register and is read from there in its turn.
actor Dispatcher {
  private static let admitted = 4_096
  private static let batches = 4
  /// Changes that share a search and two commits. More than are in flight at once, for those are dear.
  private static let batch = 256
  /// So often an entry is refused, while others pass, before its request is set aside.
  private static let refusals = 3
  /// So often a directory that may know what is in doubt is tried before another is.
  private static let loyalty = 3

  private let register: Register
  private let recorder: Recorder
  private let log: EventLog
  private let live: Live
  /// Whether this is a run that ends when all is done (`run --once`).
  private let once: Bool

  private var order = AddressOrder()
  private var items: [AddressOrder.Ticket: Item] = [:]
  private var requests: [Int64: OpenRequest] = [:]
  private var nextTicket = 0
  /// The last request that was admitted; the backlog lies behind it in the register.
  private var lastAdmitted: Int64 = 0
  private var hasBacklog = true

  private var inherited = Queue<Item>()
  private var again = Queue<Item>()
  private var suspects = Queue<Item>()
  private var batchesInFlight = 0

  private var link: Link
  private var connection: Connection?
  /// Which of `directory.uris` is written to.
  private var provider = 0
  private var mustReconnect = false

  private var isStopping = false
  private var isFed = true
  private var failure: (any Error)?
  private var roomWaiters: [CheckedContinuation<Void, Never>] = []
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation

  init(register: Register, recorder: Recorder, live: Live, log: EventLog, once: Bool) {
    self.register = register
    self.recorder = recorder
    self.live = live
    self.log = log
    self.once = once
    self.link = Link(Backoff(first: live.settings.firstRetry, longest: live.settings.longestRetry))
    (self.wakeups, self.wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Admission

  /// Admits requests just accepted, in the order of acceptance. Where too much waits already they stay in the register.
  ///
  /// Waits for room, so that a spool is emptied no faster than the directory takes it.
  func admit(_ accepted: [OpenRequest]) async throws {
    try admitNow(accepted)
    while order.count >= Self.admitted, link.trouble == nil, !isStopping, failure == nil {
      await withCheckedContinuation { roomWaiters.append($0) }
    }
  }

  /// Whoever waits for room looks again.
  private func letIn() {
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  private func admitNow(_ accepted: [OpenRequest]) throws {
    // What was committed a moment ago may have been read with the backlog already.
    let accepted = accepted.filter { $0.id > lastAdmitted }
    guard let last = accepted.last else { return }
    if hasBacklog || order.count >= Self.admitted {
      hasBacklog = true
    } else {
      try enter(accepted)
      lastAdmitted = last.id
    }
    wakeup.yield()
  }

  private func admitBacklog() throws {
    while hasBacklog, order.count < Self.admitted / 2 {
      let stored = try register.ready(after: lastAdmitted, changes: Self.admitted / 2)
      guard let last = stored.last else {
        hasBacklog = false
        return
      }
      try enter(stored.compactMap(open))
      lastAdmitted = last.id
    }
  }

  /// A request of the register; one whose form can't be read any more is set aside, and harms nobody else.
  private func open(_ stored: StoredRequest) -> OpenRequest? {
    do {
      return try OpenRequest(stored)
    } catch {
      let trouble = Trouble(what: "the stored form can't be read", remedy: "restore the register from a backup")
      log.error("request.held", [("request", stored.number), ("why", trouble.what), ("do", trouble.remedy)])
      _ = register.hold(stored.id, reason: "\(trouble.what); \(trouble.remedy)")
      return nil
    }
  }

  private func enter(_ accepted: [OpenRequest]) throws {
    let named = accepted.flatMap { open in
      // A create names all its addresses; the others may have more than they name.
      open.request.changes.compactMap { change -> String? in
        if case .create = change { nil } else { change.address.text }
      }
    }
    let known = named.isEmpty ? [:] : try register.companions(of: named)
    for open in accepted {
      requests[open.id] = open
      for (place, change) in open.request.changes.enumerated() where open.results[place] == nil {
        // Of a request that was set aside only what is in doubt takes part: it holds its addresses.
        if open.isHeld, open.intents[place] == nil { continue }
        nextTicket += 1
        var item = Item(
          ticket: nextTicket, id: ChangeID(request: open.id, place: place), number: open.request.number, change: change,
          department: open.request.department)
        item.stored = open.intents[place]
        item.isInDoubt = item.stored != nil
        items[nextTicket] = item
        var addresses = Set(change.ownAddresses.map(\.text))
        if let companions = known[change.address.text] { addresses.formUnion(companions) }
        order.admit(
          nextTicket, primary: change.address.text, renamedTo: change.newAddress?.text, addresses: addresses,
          references: Set(change.references.map(\.text)))
      }
    }
  }

  /// Takes up what an earlier run left: what it may have sent is resumed first, alone and in order.
  private func inherit() throws {
    // Whatever an earlier run waited for is found out anew.
    _ = register.note(nil, at: live.now())
    let held = try register.heldInDoubt().compactMap(open)
    try enter(
      held.map { request in
        var request = request
        request.isHeld = true
        return request
      })
    try admitBacklog()
    while let ticket = order.take() {
      guard let item = items[ticket], !isParked(item) else { continue }
      if item.isInDoubt { inherited.append(item) } else { again.append(item) }
    }
  }

  // MARK: The loop

  /// Nothing more will be admitted; the run ends when all is settled.
  func endOfInput() {
    isFed = false
    wakeup.yield()
  }

  /// Begins nothing more; the run ends when what is in flight is settled.
  func stop() {
    isStopping = true
    letIn()
    wakeup.yield()
  }

  /// Connects again with the configuration as it is now.
  func reconnect() {
    connection = nil
    mustReconnect = true
    provider = 0
    link.tryNow()
    wakeup.yield()
  }

  /// Runs until stopped, or in a run that ends until all is settled.
  ///
  /// - Returns: whether something had to be left for later.
  /// - Throws: ``RegisterError``.
  func run() async throws -> Bool {
    defer {
      isStopping = true
      letIn()
    }
    try inherit()
    var woken = wakeups.makeAsyncIterator()
    try await withThrowingDiscardingTaskGroup { group in
      var timer: ContinuousClock.Instant?
      while !isFinished {
        if link.isWaiting(.now) {
          if let retryAt = link.retryAt, timer != retryAt {
            timer = retryAt
            group.addTask {
              guard (try? await Task.sleep(until: retryAt, clock: .continuous)) != nil else { return }
              self.wakeup.yield()
            }
          }
        } else if !isStopping, hasWork {
          guard let connection = await connected() else { continue }
          try admitBacklog()
          if let batch = try await nextBatch() {
            batchesInFlight += 1
            group.addTask { await self.carryOut(batch, over: connection) }
            continue
          }
          if isFinished { break }
        }
        // `nil`: cancelled, because another part of the agent failed.
        if await woken.next(isolation: self) == nil { break }
      }
      group.cancelAll()
    }
    if let failure { throw failure }
    await connection?.close()
    return order.count > 0 || hasBacklog
  }

  /// Whether something could be sent now.
  private var hasWork: Bool {
    !inherited.isEmpty || !again.isEmpty || !suspects.isEmpty || order.readyCount > 0 || hasBacklog
  }

  private var isFinished: Bool {
    if failure != nil { return true }
    guard batchesInFlight == 0 else { return false }
    // A run that ends gives a directory that is away a few tries, not for ever.
    return isStopping || (!isFed && (!hasWork || (once && link.failures >= 3)))
  }

  // MARK: Batches

  /// What may be sent now; `nil` where nothing may before a batch comes back.
  private func nextBatch() async throws -> [Item]? {
    if batchesInFlight >= Self.batches { return nil }
    if !inherited.isEmpty {
      if batchesInFlight > 0 { return nil }
      while let item = inherited.popFirst() {
        if try await survives(item) { return [item] }
      }
    }
    let isProbing = link.trouble != nil
    if isProbing, batchesInFlight > 0 { return nil }
    // In trouble two are tried, so that one bad change can't pass for a bad directory for ever.
    let limit = isProbing ? 2 : Self.batch
    var batch: [Item] = []
    while batch.count < limit, let item = again.popFirst() {
      if isHeld(item) && !item.isInDoubt { finish(item) } else { batch.append(item) }
    }
    let room = batch.count + max(1, (limit - batch.count) / 4)
    while batch.count < min(limit, room), let item = suspects.popFirst() {
      if isHeld(item) { finish(item) } else { batch.append(item) }
    }
    while batch.count < limit, let ticket = order.take() {
      guard let item = items[ticket], !isParked(item) else { continue }
      if isHeld(item) { finish(item) } else { batch.append(item) }
    }
    return batch.isEmpty ? nil : batch
  }

  private func isHeld(_ item: Item) -> Bool { requests[item.id.request]?.isHeld == true }

  /// In doubt, and an operator must decide: it holds its addresses and is not sent.
  private func isParked(_ item: Item) -> Bool { item.isInDoubt && isHeld(item) }

  /// A change that was alone in work when the agent died, again and again, is set aside: it may be what kills it.
  private func survives(_ item: Item) async throws -> Bool {
    guard try await register.countDeath(of: item.name).value() > deathsAllowed else { return true }
    // It stays in the order: whether it was applied isn't known, so nobody may pass it.
    try await hold(
      item,
      Trouble(
        what: "the agent died \(deathsAllowed) times while it carried out change \(item.id.place)",
        remedy: "look into the log of those runs, and report it"))
    return false
  }

  private func carryOut(_ batch: [Item], over connection: Connection) async {
    do {
      let applier = live.settings.applier(register: register, now: live.now)
      let endings = try await withTaskExecutorPreference(connection.executor) {
        try await applier.apply(batch, over: connection)
      }
      if let item = batch.first, batch.count == 1, item.isInDoubt { _ = register.forgetDeaths(of: item.name) }
      try await settle(endings, over: connection)
    } catch {
      failure = failure ?? error
    }
    batchesInFlight -= 1
    if order.count < Self.admitted || failure != nil { letIn() }
    wakeup.yield()
  }

  // MARK: Settling

  private func settle(_ endings: [(Item, Applier.Ending)], over connection: Connection) async throws {
    var settled: [SettledChange] = []
    var finished: [Item] = []
    var completed: [CompletedRequest] = []
    var refused: [(Item, Trouble)] = []
    var lost: Trouble?
    // What is wrong for all of them, whatever got through.
    var ours: Trouble?
    for (item, ending) in endings {
      switch ending {
      case .settled(let result, let mirror):
        finished.append(item)
        guard let index = requests.index(forKey: item.id.request) else { continue }
        requests.values[index].results[result.place] = result
        requests.values[index].remaining -= 1
        let open = requests.values[index]
        settled.append(
          SettledChange(request: open.id, number: item.number, digest: open.digest, result: result, mirror: mirror))
        if open.remaining == 0 {
          completed.append(
            CompletedRequest(id: open.id, outcome: RequestOutcome(of: open.results.compactMap { $0?.outcome })))
        }
      case .refused(let trouble, let ofEntry):
        refused.append((item, trouble))
        if !ofEntry { ours = ours ?? trouble }
      case .lost(let trouble):
        again.append(item)
        lost = lost ?? trouble
      }
    }
    // Posted before anything is awaited: a request's completion must not overtake the outcomes it stands on.
    let now = live.now()
    let commit = settled.isEmpty ? nil : register.settle(settled, completed: completed, at: now)
    let gotThrough = settled.contains { $0.result.outcome == .applied }
    if !gotThrough { ours = ours ?? refused.first?.1 }
    try await tell(lost: lost, ours: ours, refused: refused, over: connection)
    guard let hashes = try await commit?.value() else { return }
    for item in finished { finish(item) }
    await record(completed, settled: settled, hashes: hashes, now: now)
  }

  /// What a batch says of the directory as a whole, and of those it refused.
  private func tell(lost: Trouble?, ours: Trouble?, refused: [(Item, Trouble)], over connection: Connection)
    async throws
  {
    if let lost {
      for (item, _) in refused { again.append(item) }
      // Batches that were in flight together are lost together: that is one failure.
      if self.connection === connection { fail(lost, isAway: true) }
    } else if let ours {
      for (item, _) in refused { again.append(item) }
      // On a new connection, for this one keeps the identity that was refused.
      fail(ours, isAway: false)
    } else {
      if link.succeeded() {
        log.info("directory.back", [])
        _ = register.note(nil, at: live.now())
      }
      for (var item, trouble) in refused {
        item.refusals += 1
        if item.refusals < Self.refusals {
          suspects.append(item)
        } else {
          // Known not to be applied, so others may pass.
          _ = register.withdraw(item.id)
          try await hold(item, trouble)
          finish(item)
        }
      }
    }
  }

  private func finish(_ item: Item) {
    items[item.ticket] = nil
    order.finish(item.ticket)
  }

  private func record(_ completed: [CompletedRequest], settled: [SettledChange], hashes: [[UInt8]], now: Int64) async {
    var last: [Int64: [UInt8]] = [:]
    for (change, hash) in zip(settled, hashes) { last[change.request] = hash }
    log.settled(settled)
    var finished: [FinishedRequest] = []
    for done in completed {
      guard let open = requests.removeValue(forKey: done.id) else { continue }
      finished.append(
        FinishedRequest(
          id: open.id, request: open.request, bytes: open.bytes, digest: open.digest, received: open.received,
          completed: now, outcome: done.outcome, results: open.results.compactMap(\.self), ledger: last[done.id] ?? []))
    }
    await recorder.add(finished)
  }

  private func hold(_ item: Item, _ trouble: Trouble) async throws {
    if isHeld(item) { return }
    log.error(
      "request.held",
      [
        ("request", item.number), ("address", item.change.address.text), ("why", trouble.what), ("do", trouble.remedy),
      ])
    requests[item.id.request]?.isHeld = true
    try await register.hold(item.id.request, reason: "\(trouble.what); \(trouble.remedy)").value()
  }

  // MARK: The directory

  private func connected() async -> Connection? {
    if let connection, connection.isUsable { return connection }
    connection = nil
    mustReconnect = false
    let settings = live.settings
    // A server that may know what is in doubt is given time: another may not have heard of it yet.
    let isBound = !inherited.isEmpty || again.contains { $0.isInDoubt }
    let tries = isBound && link.failures < Self.loyalty ? 1 : settings.providers
    var last: LDAPError?
    for offset in 0..<tries {
      let candidate = (provider + offset) % settings.providers
      do throws(LDAPError) {
        let opened = try await settings.connect(to: candidate)
        if mustReconnect { return nil }
        provider = candidate
        connection = opened
        return opened
      } catch {
        last = last ?? error
      }
    }
    if !mustReconnect, let last {
      fail(
        Trouble(
          what: "\(last)", remedy: "see that the directory runs and that directory.uris and directory.bind fit it"),
        isAway: last.code == nil)
    }
    return nil
  }

  /// - Parameter isAway: there was no answer, rather than a refusal.
  private func fail(_ trouble: Trouble, isAway: Bool) {
    connection = nil
    letIn()
    // To ask whether a server listens costs nothing; a refused password that is sent again may lock the agent out.
    let longest: Duration = isAway ? .seconds(2) : .seconds(3_600)
    guard let wait = link.failed(trouble, now: .now, atMost: longest, jitter: .random(in: 0...1)) else { return }
    log.warning(
      "directory.waiting", [("why", trouble.what), ("do", trouble.remedy), ("retry_ms", "\(wait.milliseconds)")])
    _ = register.note(trouble, at: live.now())
  }
}
