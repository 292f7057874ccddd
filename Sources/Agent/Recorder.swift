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
  /// So many are written together.
  private static let batch = 512

  private let register: Register
  private var writer: RecordWriter
  private let log: EventLog
  private var waiting: [FinishedRequest] = []
  private var isListDue = true
  private var nextList = ContinuousClock.now
  private var hasRecovered = false
  private var recovered: Set<Int64> = []
  private var isEnding = false
  private var hasEnded = false
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
    // In trouble nothing is kept: the register knows what isn't recorded.
    if hasRecovered { waiting += finished.filter { recovered.remove($0.id) == nil } }
    wakeup.yield()
    if waiting.count > Self.bound, !hasEnded { await withCheckedContinuation { roomWaiters.append($0) } }
  }

  /// Lets ``run()`` end when all is written.
  func end() {
    isEnding = true
    wakeup.yield()
  }

  /// Writes until told to end; then the last records and the list.
  ///
  /// A file that can't be written (no space, a folder that went) is tried again until it can; the directory's work goes on
  /// meanwhile, up to the bound. Told to end, it leaves what it can't write to the next start.
  ///
  /// - Returns: whether all was written.
  /// - Throws: ``SyncFailure`` or ``RegisterError``: the process must end and start again.
  func run() async throws -> Bool {
    defer {
      hasEnded = true
      letIn()
    }
    var woken = wakeups.makeAsyncIterator()
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    while true {
      var retry: ContinuousClock.Instant?
      do {
        if try await writeWhatIsDue() { continue }
        backoff.reset()
        if isEnding { return true }
      } catch let error as FileError {
        if backoff.failures == 0 {
          log.error(
            "records.waiting",
            [("why", "\(error)"), ("do", error.remedy ?? "see that the records folder can be written")])
        }
        if isEnding { return false }
        retry = .now + backoff.next(jitter: 0)
        hasRecovered = false
        waiting = []
        letIn()
      }
      // After a failure not before its time, though more has come to be written.
      repeat {
        let timer = (retry ?? (isListDue ? nextList : nil)).map(timer)
        let isCancelled = await woken.next(isolation: self) == nil
        timer?.cancel()
        if isCancelled { return false }
      } while retry.map { .now < $0 && !isEnding } ?? false
      if retry != nil { try? writer.reopen() }
    }
  }

  /// - Returns: whether something was written, so that more may be due.
  private func writeWhatIsDue() async throws -> Bool {
    if !hasRecovered {
      try await recover()
      hasRecovered = true
      return true
    }
    if !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batch))
      try await write(batch)
      waiting.removeFirst(batch.count)
      letIn()
      return true
    }
    guard isListDue, isEnding || .now >= nextList else { return false }
    try writeLists()
    return true
  }

  private func timer(_ deadline: ContinuousClock.Instant) -> Task<Void, Never> {
    Task { [wakeup] in
      guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
      wakeup.yield()
    }
  }

  // MARK: Records

  private func recover() async throws {
    var last: Int64 = 0
    while true {
      let stored = try register.unrecorded(after: last, limit: 256)
      guard let next = stored.last?.id else { return }
      last = next
      // Those that are done now and come here later have been written then.
      recovered.formUnion(stored.map(\.id))
      try await write(stored.compactMap(finished))
    }
  }

  private func finished(_ stored: StoredRequest) -> FinishedRequest? {
    do {
      let open = try OpenRequest(stored)
      return FinishedRequest(
        id: open.id, request: open.request, bytes: open.bytes, digest: open.digest, received: open.received,
        completed: stored.completed ?? 0, outcome: stored.outcome ?? .failed, results: open.results.compactMap(\.self),
        ledger: stored.ledger ?? [])
    } catch {
      log.error(
        "record.missing",
        [("request", stored.number), ("why", "the stored form can't be read"), ("do", "restore the register")])
      return nil
    }
  }

  /// Whoever waited for room goes on.
  private func letIn() {
    guard waiting.count <= Self.bound || hasEnded else { return }
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  private func write(_ batch: [FinishedRequest]) async throws {
    try writer.write(batch)
    try await register.markRecorded(batch.map(\.id)).value()
    failures += batch.count { $0.outcome != .applied }
    log.done(batch)
  }

  // MARK: Lists

  private func writeLists() throws {
    let began = ContinuousClock.now
    let count = try writer.writeLists { body in try register.forEachAccount(body) }
    isListDue = false
    let took = began.duration(to: .now)
    nextList = .now + max(took * (Self.listShare - 1), .milliseconds(200))
    log.debug("list.written", [("accounts", "\(count)"), ("ms", "\(took.milliseconds)")])
  }
}
