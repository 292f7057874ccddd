internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Gives the directory its work: admits accepted requests, orders their changes by the addresses they share, sends
/// batches, and settles what comes of them.
///
/// States of the directory link: connected; waiting for the next try after a failure (the queue waits with it). Several
/// batches are under way at once, so that one is planned and stored while another is in flight.
///
/// Memory: at most `admitted` changes (and one more form) are held; what is beyond stays in the register and is read
/// from there in its turn.
actor Dispatcher {
  private static let admitted = 8_192
  private static let batches = 4

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
  /// The last request that was admitted or passed over; the backlog lies behind it in the register.
  private var lastAdmitted: Int64 = 0
  private var hasBacklog = true

  /// What may have been sent by a run that died: resumed alone, one after the other.
  private var inherited: [Item] = []
  /// What is to be sent again.
  private var again: [Item] = []
  private var batchesInFlight = 0
  private var successes = 0

  private var connection: Connection?
  private var backoff: Backoff
  private var retryAt: ContinuousClock.Instant?
  private var trouble: Trouble?
  private var troublesInARow = 0

  private var isStopping = false
  private var isFed = true
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation

  init(register: Register, recorder: Recorder, live: Live, log: EventLog, once: Bool) {
    self.register = register
    self.recorder = recorder
    self.live = live
    self.log = log
    self.once = once
    self.backoff = Backoff(first: live.settings.firstRetry, longest: live.settings.longestRetry)
    (self.wakeups, self.wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Admission

  /// Admits requests just accepted, in the order of acceptance. Where too much waits already they stay in the register.
  func admit(_ accepted: [OpenRequest]) throws {
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
      let stored = try register.ready(after: lastAdmitted, limit: 256)
      guard let last = stored.last else {
        hasBacklog = false
        return
      }
      try enter(stored.map { try OpenRequest($0) })
      lastAdmitted = last.id
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
      if open.remaining == 0 { continue }
      requests[open.id] = open
      for (place, change) in open.request.changes.enumerated() where open.results[place] == nil {
        nextTicket += 1
        var item = Item(
          ticket: nextTicket, id: ChangeID(request: open.id, place: place), number: open.request.number, change: change,
          department: open.request.department)
        item.stored = open.intents[place]
        item.wasSent = item.stored != nil
        items[nextTicket] = item
        var addresses = Set(change.ownAddresses.map(\.text))
        if let companions = known[change.address.text] { addresses.formUnion(companions) }
        order.admit(
          nextTicket, primary: change.address.text, renamedTo: change.newAddress?.text, addresses: addresses,
          references: Set(change.references.map(\.text)))
      }
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
    wakeup.yield()
  }

  /// Connects again with the configuration as it is now.
  func reconnect() {
    connection = nil
    retryAt = nil
    wakeup.yield()
  }

  /// Runs until stopped, or in a run that ends until all is settled.
  ///
  /// - Returns: whether something had to be left for later.
  /// - Throws: ``RegisterError``.
  func run() async throws -> Bool {
    try inherit()
    var woken = wakeups.makeAsyncIterator()
    try await withThrowingDiscardingTaskGroup { group in
      var timer: ContinuousClock.Instant?
      while !isFinished {
        if let retryAt, retryAt > .now {
          if timer != retryAt {
            timer = retryAt
            group.addTask {
              try? await Task.sleep(until: retryAt, clock: .continuous)
              self.wakeup.yield()
            }
          }
        } else if !isStopping, hasWork {
          guard let connection = await connected() else { continue }
          try admitBacklog()
          if let batch = try await nextBatch() {
            batchesInFlight += 1
            group.addTask { try await self.carryOut(batch, over: connection) }
            continue
          }
        }
        _ = await woken.next(isolation: self)
      }
      group.cancelAll()
    }
    await connection?.close()
    return hasWork
  }

  /// Takes up what an earlier run left: what it may have sent is resumed first, alone and in order.
  private func inherit() throws {
    // Whatever an earlier run waited for is found out anew.
    _ = register.note(nil, at: live.now())
    try admitBacklog()
    for ticket in order.take(.max) {
      guard let item = items[ticket] else { continue }
      if item.stored == nil { again.append(item) } else { inherited.append(item) }
    }
  }

  private var hasWork: Bool { order.count > 0 || hasBacklog }

  private var isFinished: Bool {
    guard batchesInFlight == 0 else { return false }
    // A run that ends gives a directory that is away a few tries, not for ever.
    return isStopping || (!isFed && (!hasWork || (once && troublesInARow >= 3)))
  }

  /// What may be sent now; `nil` where nothing may.
  private func nextBatch() async throws -> [Item]? {
    if batchesInFlight >= Self.batches { return nil }
    if !inherited.isEmpty { return batchesInFlight == 0 ? try await nextInherited() : nil }
    if batchesInFlight > 0, trouble != nil { return nil }
    // In trouble one is tried, and one other beside it: so one bad change can't pass for a bad directory for ever.
    let probing = trouble != nil
    let limit = probing ? 1 : live.settings.window
    var batch = Array(again.prefix(limit))
    again.removeFirst(batch.count)
    for ticket in order.take(probing ? 1 : limit - batch.count) {
      guard let item = items[ticket] else { continue }
      if requests[item.id.request]?.isHeld == true {
        finish(item)
      } else {
        batch.append(item)
      }
    }
    return batch.isEmpty ? nil : batch
  }

  /// A change that was alone in work when the agent died, three times in a row, is set aside: it may be what kills it.
  private func nextInherited() async throws -> [Item]? {
    let item = inherited.removeFirst()
    if requests[item.id.request]?.isHeld == true {
      finish(item)
      return nil
    }
    guard try await register.countDeath(of: item.name).value() > 3 else { return [item] }
    try await hold(
      item,
      Trouble(
        what: "the agent died three times while it carried out change \(item.id.place)",
        remedy: "look into the log of those runs, and report it"))
    wakeup.yield()
    return nil
  }

  private func connected() async -> Connection? {
    if let connection, connection.isUsable { return connection }
    connection = nil
    do throws(LDAPError) {
      let opened = try await live.settings.connect()
      connection = opened
      return opened
    } catch {
      pause(
        Trouble(
          what: "\(error)", remedy: "see that the directory runs and that directory.uris and directory.bind fit it"))
      return nil
    }
  }

  // MARK: Settling

  private func carryOut(_ batch: [Item], over connection: Connection) async throws {
    let applier = live.settings.applier(register: register, now: live.now)
    let endings = try await withTaskExecutorPreference(connection.executor) {
      try await applier.apply(batch, over: connection)
    }
    if let item = batch.first, batch.count == 1, item.wasSent {
      _ = register.forgetDeaths(of: item.name)
    }
    try await settle(endings)
    batchesInFlight -= 1
    wakeup.yield()
  }

  private func settle(_ endings: [(Item, Applier.Ending)]) async throws {
    var settled: [SettledChange] = []
    var finished: [Item] = []
    var completed: [CompletedRequest] = []
    var firstTrouble: Trouble?
    var heldBack: [(Item, Trouble)] = []
    let now = live.now()
    for (item, ending) in endings {
      switch ending {
      case .settled(let result, let mirror):
        if result.outcome == .applied || result.outcome == .unchanged { successes += 1 }
        finished.append(item)
        guard let index = requests.index(forKey: item.id.request) else { continue }
        requests.values[index].results[result.place] = result
        requests.values[index].remaining -= 1
        let open = requests.values[index]
        settled.append(
          SettledChange(
            request: open.id, number: item.number, digest: open.digest, result: result, mirror: mirror))
        if open.remaining == 0 {
          completed.append(
            CompletedRequest(id: open.id, outcome: RequestOutcome(of: open.results.compactMap { $0?.outcome })))
        }
      case .again(let trouble):
        var item = item
        item.wasSent = item.stored != nil
        if item.refusals == 0 { item.successesAtFirstRefusal = successes }
        item.refusals += 1
        heldBack.append((item, trouble))
        firstTrouble = firstTrouble ?? trouble
      }
    }
    if let firstTrouble { pause(firstTrouble) } else { recovered() }
    for (item, trouble) in heldBack {
      if item.refusals >= 3, successes > item.successesAtFirstRefusal {
        try await hold(item, trouble)
      } else {
        again.append(item)
      }
    }
    if settled.isEmpty { return }
    let hashes = try await register.settle(settled, completed: completed, at: now).value()
    for item in finished { finish(item) }
    try await record(completed, settled: settled, hashes: hashes, now: now)
  }

  private func finish(_ item: Item) {
    items[item.ticket] = nil
    order.finish(item.ticket)
  }

  private func record(_ completed: [CompletedRequest], settled: [SettledChange], hashes: [[UInt8]], now: Int64)
    async throws
  {
    var last: [Int64: [UInt8]] = [:]
    for (change, hash) in zip(settled, hashes) {
      last[change.request] = hash
      log.settled(change)
    }
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
    log.error(
      "request.held",
      [
        ("request", item.number), ("address", item.change.address.text), ("why", trouble.what), ("do", trouble.remedy),
      ])
    try await register.hold(item.id.request, reason: "\(trouble.what); \(trouble.remedy)").value()
    requests[item.id.request]?.isHeld = true
    finish(item)
    let stranded = again.filter { $0.id.request == item.id.request }
    again.removeAll { $0.id.request == item.id.request }
    for other in stranded { finish(other) }
  }

  // MARK: Trouble

  private func pause(_ trouble: Trouble) {
    troublesInARow += 1
    let wait = backoff.next(jitter: .random(in: 0...1))
    retryAt = .now + wait
    if trouble != self.trouble {
      self.trouble = trouble
      log.warning(
        "directory.waiting", [("why", trouble.what), ("do", trouble.remedy), ("retry_ms", "\(wait.milliseconds)")])
      _ = register.note(trouble, at: live.now())
    }
  }

  private func recovered() {
    troublesInARow = 0
    retryAt = nil
    backoff.reset()
    guard trouble != nil else { return }
    trouble = nil
    log.info("directory.back", [])
    _ = register.note(nil, at: live.now())
  }
}
