internal import Files
internal import Forms
internal import Records
internal import Register

/// Writes the records of finished requests and the corporate account list, behind the directory's back: a batch of
/// records is written while the next is in flight.
///
/// The register is the truth; files are written from it, all of a batch durably, then one commit marks them written. A
/// crash in between leaves requests unmarked, and the next start writes their files again, the same bytes.
actor Recorder {
  /// The list is written for at most a twentieth of the time.
  private static let listShare = 20
  /// So many finished requests may wait before the dispatcher does.
  private static let bound = 2_048

  private let register: Register
  private var writer: RecordWriter
  private let log: EventLog
  private var waiting: [FinishedRequest] = []
  private var isListDue = true
  private var nextList = ContinuousClock.now
  private var isEnding = false
  private var roomWaiters: [CheckedContinuation<Void, Never>] = []
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation
  private let thread = ThreadExecutor(label: "recorder")
  private(set) var failures = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(register: Register, writer: RecordWriter, log: EventLog) {
    self.register = register
    self.writer = writer
    self.log = log
    (self.wakeups, self.wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Hands over finished requests; waits while too many wait already.
  func add(_ finished: [FinishedRequest]) async {
    isListDue = true
    waiting += finished
    wakeup.yield()
    if waiting.count > Self.bound { await withCheckedContinuation { roomWaiters.append($0) } }
  }

  /// Lets ``run()`` end when all is written.
  func end() {
    isEnding = true
    wakeup.yield()
  }

  /// Writes until told to end; then the last records and the list.
  ///
  /// - Throws: ``SyncFailure`` or ``RegisterError``: the process must end and start again.
  func run() async throws {
    var woken = wakeups.makeAsyncIterator()
    try await recover()
    while true {
      if !waiting.isEmpty {
        try await writeWaiting()
        continue
      }
      if isListDue, isEnding || .now >= nextList {
        try writeLists()
        continue
      }
      if isEnding { return }
      let timer = isListDue ? timer(nextList) : nil
      _ = await woken.next(isolation: self)
      timer?.cancel()
    }
  }

  private func timer(_ deadline: ContinuousClock.Instant) -> Task<Void, Never> {
    Task { [wakeup] in
      try? await Task.sleep(until: deadline, clock: .continuous)
      wakeup.yield()
    }
  }

  // MARK: Records

  private func recover() async throws {
    while true {
      let stored = try register.unrecorded(limit: 256)
      if stored.isEmpty { return }
      try await write(
        try stored.map { stored in
          let open = try OpenRequest(stored)
          return FinishedRequest(
            id: open.id, request: open.request, bytes: open.bytes, digest: open.digest, received: open.received,
            completed: stored.completed ?? 0, outcome: stored.outcome ?? .failed,
            results: open.results.compactMap(\.self), ledger: stored.ledger ?? [])
        })
    }
  }

  private func writeWaiting() async throws {
    let batch = waiting
    waiting = []
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
    try await write(batch)
  }

  private func write(_ batch: [FinishedRequest]) async throws {
    try writer.write(batch)
    try await register.markRecorded(batch.map(\.id)).value()
    for request in batch {
      if request.outcome != .applied { failures += 1 }
      log.info(
        "request.done",
        [
          ("request", request.request.number), ("outcome", request.outcome.rawValue),
          ("changes", "\(request.results.count)"),
        ])
    }
  }

  // MARK: Lists

  private func writeLists() throws {
    isListDue = false
    let began = ContinuousClock.now
    let count = try writer.writeLists { body in try register.forEachAccount(body) }
    let took = began.duration(to: .now)
    nextList = .now + max(took * (Self.listShare - 1), .milliseconds(200))
    log.debug("list.written", [("accounts", "\(count)"), ("ms", "\(took.milliseconds)")])
  }
}
