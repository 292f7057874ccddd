internal import Files
internal import Forms
internal import Installation
internal import Providers
internal import Records
internal import Register

/// Writes the records of completed requests, their pages, the corporate account list and the operator's page. A batch of
/// records is written while the next batch of changes is in flight.
///
/// Owns: the folder of records. The register is the source of all files. A batch of files is made durable, then one commit
/// marks its requests as recorded. After a crash in between the next start writes the same files again.
///
/// Errors: a file that cannot be written is a warning (`records.waiting`) and is tried again; the requests stay unmarked.
/// A sync that failed ends the run: it is never repeated (fsync(2) may then succeed without the data).
actor Recorder {
  /// Pages wait until no request was done for so long: their syncs would be felt by the directory.
  private static let quiet = Duration.seconds(1)
  /// So many pages are written together.
  private static let pages = 64
  /// So many finished requests may wait before the dispatcher does.
  private static let bound = 2_048
  /// So many are written together.
  private static let batch = 512
  /// The ledger's files get the register's new lines this long after a change, and at this interval: commands write lines
  /// too.
  private static let ledger = (soonest: Duration.seconds(1), latest: Duration.seconds(5))
  /// The operator's page is written this long after a change, and at this interval while nothing changes.
  private static let status = (soonest: Duration.seconds(15), latest: Duration.seconds(60))

  nonisolated let pulse = Pulse()
  private let register: Register
  private let manager: ServiceManager
  private var writer: RecordWriter
  private let log: EventLog
  private var waiting: [FinishedRequest] = []
  private var lists = Share()
  private var listSheet = Share()
  private var listPages = Share()
  private var listCopy = Share(isDue: false)
  /// When the next lock by failed logins ends by itself: no message of the directory says so.
  private var unlock: ContinuousClock.Instant?
  private var pages = Share()
  private var status = Share()
  private var ledger = Share()
  /// How the ledger's files stand; `nil`: that is to be found out.
  private var ledgerStanding: LedgerFiles.Standing?
  private var statusReading: StatusReading
  private var statusWritten = ContinuousClock.now - Recorder.status.soonest
  private let began = ContinuousClock.now
  private var hasRecovered = false
  /// Whether records that were written may be out of date.
  private var hasStale = true
  /// Whether requests were finished while those of an earlier run are looked for.
  private var hasMissed = false
  private var recovered: Set<Int64> = []
  private var isEnding = false
  /// Whether the log says that something can't be written.
  private var isTroubled = false
  private var hasEnded = false
  private var roomWaiters: [CheckedContinuation<Void, Never>] = []
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation
  private let thread = ThreadExecutor(label: "recorder")
  private(set) var failures = 0
  private var written = 0
  private var progress: (@Sendable (Int) -> Void)?

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(
    register: Register, writer: RecordWriter, status: StatusReading, manager: ServiceManager, log: EventLog
  ) {
    self.register = register
    self.manager = manager
    self.writer = writer
    statusReading = status
    self.log = log
    (self.wakeups, self.wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Hands over finished requests; waits while too many wait already.
  func add(_ finished: [FinishedRequest]) async {
    setListsDue()
    pages.isDue = true
    // One of them may have ended the hand-over of an earlier one.
    hasStale = hasStale || !finished.isEmpty
    pages.wait(until: .now + Self.quiet)
    status.advance(to: statusWritten + Self.status.soonest)
    // In trouble nothing is kept: the register knows what isn't recorded.
    if hasRecovered {
      waiting += finished.filter { recovered.remove($0.id) == nil }
    } else {
      hasMissed = hasMissed || !finished.isEmpty
    }
    wakeup.yield()
    if waiting.count > Self.bound, !hasEnded { await withCheckedContinuation { roomWaiters.append($0) } }
  }

  /// The mirror changed without a request of ours.
  ///
  /// - Parameter again: whether records are to be written again, for a hand-over went on.
  func rescan(again: Bool) {
    setListsDue()
    status.advance(to: statusWritten + Self.status.soonest)
    if again { hasStale = true }
    wakeup.yield()
  }

  private func setListsDue() {
    lists.isDue = true
    listSheet.isDue = true
    listPages.isDue = true
  }

  /// The queue began to wait for the directory, or goes on: the operator's page and the metrics say so soon.
  func writeStatusSoon() {
    status.advance(to: statusWritten + Self.status.soonest)
    wakeup.yield()
  }

  /// From now on everything is written like this.
  func use(_ style: RecordStyle, _ reading: StatusReading) {
    logProblems(style.problems)
    writer.style = style
    statusReading = reading
    status.advance(to: .now)
    setListsDue()
    wakeup.yield()
  }

  private func logProblems(_ problems: [PageTemplates.Problem]) {
    for problem in problems { log.error("template.unused", [("why", "\(problem)"), ("do", problem.remedy)]) }
  }

  /// Has the loop go round once more. May be called from anywhere.
  nonisolated func wake() { wakeup.yield() }

  /// From now on `progress` hears how many records were written.
  func onProgress(_ progress: @escaping @Sendable (Int) -> Void) { self.progress = progress }

  /// Lets ``run()`` end when all is written.
  func end() {
    isEnding = true
    wakeup.yield()
  }

  /// Writes until asked to end; then the last records and the list.
  ///
  /// A file that can't be written (no space, a folder that went) is tried again until it can; the directory's work goes on
  /// meanwhile, up to the bound. Told to end, it leaves what it can't write to the next start.
  ///
  /// - Returns: whether all was written.
  /// - Throws: ``SyncFailure`` or ``RegisterError``: the process must end and start again.
  func run() async throws -> Bool {
    defer {
      hasEnded = true
      resumeWaiters()
      pulse.end()
    }
    logProblems(writer.style.problems)
    // The troubles of an earlier run may be over.
    for part in [Trouble.Part.records, .ledger] { _ = register.setTrouble(nil, of: part, at: WallClock.now()) }
    var woken = wakeups.makeAsyncIterator()
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    while true {
      pulse.beat()
      var retry: ContinuousClock.Instant?
      do {
        if try await writeWhatIsDue() { continue }
        if backoff.failures > 0 {
          log.info("records.back", [])
          isTroubled = false
          _ = register.setTrouble(nil, of: .records, at: WallClock.now())
          backoff.reset()
          // The page that was written just now still speaks of the trouble.
          status.advance(to: .now)
          continue
        }
        if isEnding { return true }
      } catch let error as FileError {
        setTrouble(error)
        if isEnding { return false }
        retry = .now + backoff.next(jitter: 0)
        hasRecovered = false
        ledgerStanding = nil
        waiting = []
        resumeWaiters()
      }
      // After a failure not before its time, though more has come to be written.
      repeat {
        pulse.beat()
        let timer =
          (retry
          ?? [lists.at, listSheet.at, listPages.at, listCopy.at, pages.at, status.at, ledger.at, unlock].compactMap(
            \.self
          ).min())
          .map(
            timer)
        let isCancelled = await woken.next(isolation: self) == nil
        timer?.cancel()
        if isCancelled { return false }
      } while retry.map { .now < $0 && !isEnding } ?? false
      if retry != nil {
        // What still can't be opened was reported; a sync that fails ends the agent.
        do { try writer.reopen() } catch is FileError {}
      }
    }
  }

  /// - Returns: whether something was written, so that more may be due.
  private func writeWhatIsDue() async throws -> Bool {
    try writer.requireInPlace()
    if !hasRecovered {
      try await recover()
      hasRecovered = true
      return true
    }
    if !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batch))
      try await write(batch)
      waiting.removeFirst(batch.count)
      resumeWaiters()
      return true
    }
    if try await writeStale() { return true }
    if let unlock, .now >= unlock {
      self.unlock = nil
      setListsDue()
    }
    if ledger.isReady, !isEnding {
      try await writeLedger()
      return true
    }
    if lists.isReady || (isEnding && lists.isDue) {
      if try !isUnread(&lists) { try writeLists() }
      return true
    }
    if listSheet.isReady || (isEnding && listSheet.isDue) {
      if try !isUnread(&listSheet) { try writeListSheet() }
      return true
    }
    if listPages.isReady || (isEnding && listPages.isDue) {
      if try !isUnread(&listPages) { try writeListPages() }
      return true
    }
    if listCopy.isReady || (isEnding && listCopy.isDue) {
      try copyList()
      return true
    }
    // Behind what writes lines into the register.
    if isEnding, ledger.isDue {
      try await register.posted().value()
      try await writeLedger()
      ledger.isDue = false
      return true
    }
    if status.isReady, !isEnding {
      try writeStatus()
      return true
    }
    return try await writePages()
  }

  /// Something can't be written: the log says so once, the register why.
  private func setTrouble(_ error: FileError) {
    let remedy = error.remedy ?? "see that the records folder can be written"
    if !isTroubled { log.error("records.waiting", [("why", "\(error)"), ("do", remedy)]) }
    isTroubled = true
    _ = register.setTrouble(Trouble(what: "\(error)", remedy: remedy), of: .records, at: WallClock.now())
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
      guard let next = stored.last?.id else {
        // One that was done meanwhile may lie behind.
        if !hasMissed { return }
        hasMissed = false
        last = 0
        continue
      }
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
        id: open.id, request: open.request, bytes: open.bytes, digest: open.digest, signature: open.signature,
        signedKey: open.signedKey, plan: open.binding?.digest, submitted: open.submitted, received: open.received,
        completed: stored.completed ?? 0,
        outcome: stored.outcome ?? .failed, results: open.results.compactMap(\.self),
        ledger: stored.ledger ?? [])
    } catch {
      log.error(
        "record.missing",
        [("request", stored.number), ("why", "the stored form can't be read"), ("do", "restore the register")])
      return nil
    }
  }

  /// Whoever waited for room goes on.
  private func resumeWaiters() {
    guard waiting.count <= Self.bound || hasEnded else { return }
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  private func write(_ batch: [FinishedRequest]) async throws {
    try writer.write(batch)
    if try await !register.markRecorded(batch.map { ($0.id, 0) }).value() { hasStale = true }
    failures += batch.count { $0.outcome == .failed || $0.outcome == .partly }
    logWritten(batch.count)
    log.done(batch)
  }

  /// Records that are out of date. They aren't done again.
  private func writeStale() async throws -> Bool {
    guard hasStale else { return false }
    // Before they are read: what goes on meanwhile is seen at the next look.
    hasStale = false
    let stored = try register.stale(limit: Self.pages)
    guard !stored.isEmpty else { return false }
    hasStale = true
    try writer.write(stored.compactMap(finished))
    _ = try await register.markRecorded(stored.map { ($0.id, $0.recorded) }).value()
    logWritten(stored.count)
    pages.isDue = true
    return true
  }

  /// As ``RecordWriter/forgetInCopies(_:)``.
  func forgetInCopies() throws -> Int { try writer.forgetInCopies(register) }

  private func logWritten(_ count: Int) {
    written += count
    progress?(written)
  }

  // MARK: The ledger

  /// Appends to the ledger's files what the register has more. Where they say something else they are left as they are.
  private func writeLedger() async throws {
    try ledger.spend {
      // What somebody put right is seen by looking again.
      if ledgerStanding.map({ $0.fault != nil }) ?? true { noteLedger(try writer.resumeLedger(register)) }
      guard ledgerStanding?.fault == nil else { return }
      do {
        guard let position = try writer.appendLedger(register) else { return }
        _ = register.setLedgerFile(position)
      } catch let fault as LedgerFileFault {
        noteLedger(.faulty(fault))
      }
    }
    ledger.isDue = true
    ledger.wait(until: max(ledger.next, .now + Self.ledger.latest))
  }

  private func noteLedger(_ standing: LedgerFiles.Standing) {
    let before = ledgerStanding
    ledgerStanding = standing
    let fault = standing.fault
    if let before, before.fault == fault { return }
    if let fault {
      log.error("ledger.differs", [("why", fault.what), ("do", fault.remedy)])
    } else if before != nil {
      log.info("ledger.back", [])
    }
    _ = register.setTrouble(
      fault.map { Trouble(what: $0.what, remedy: $0.remedy) }, of: .ledger, at: WallClock.now())
    status.advance(to: statusWritten + Self.status.soonest)
  }

  /// Has the ledger's files written anew where they say anything else than the register; they are kept aside.
  ///
  /// - Returns: the names of what was kept.
  func renewLedger() async throws -> [String] {
    let kept = try writer.setLedgerAside(register)
    try await register.setLedgerFile(nil).value()
    return kept.map { "\($0)" }
  }

  // MARK: Pages

  /// The pages of delivery records, when nothing else is to be done. A run that ends gives them a fifth of a second, or a
  /// twentieth of its time; what is left over comes at the next.
  private func writePages() async throws -> Bool {
    guard pages.isReady || (isEnding && pages.isDue) else { return false }
    // Where all is written anew, all is.
    if isEnding, progress == nil {
      let lasted = began.duration(to: .now)
      guard pages.spent < max(.milliseconds(200), lasted / 20) else { return false }
    }
    let stored = try register.unpaged(limit: Self.pages)
    guard !stored.isEmpty else {
      pages.isDue = false
      return false
    }
    try pages.spend { try writer.writePages(stored.compactMap(finished), orders: register.orders) }
    pages.isDue = true
    pages.wait(until: .now)
    try await register.markPaged(stored.map(\.id)).value()
    return true
  }

  // MARK: The operator's page

  /// The page and the metrics as they stay behind the run, once it is known how it ended.
  ///
  /// - Returns: whether they could be written.
  /// - Throws: ``SyncFailure``, `RegisterError`.
  func writeLastStatus() throws -> Bool {
    do {
      let now = WallClock.now()
      try writer.writeStatus(
        try statusReading.report(now: now, isEnding: true), try statusReading.totals(now: now))
      return true
    } catch let error as FileError {
      setTrouble(error)
      return false
    }
  }

  private func writeStatus() throws {
    try status.spend {
      let now = WallClock.now()
      let report = try statusReading.report(now: now, isEnding: false)
      manager.say(report.headline + (report.waitingCount == 0 ? "" : "; requests waiting \(report.waitingCount)"))
      try writer.writeStatus(report, try statusReading.totals(now: now))
    }
    statusWritten = .now
    status.isDue = true
    status.wait(until: max(status.next, .now + Self.status.latest))
  }

  // MARK: Lists

  /// Whether the directory was never read: then there is no list, for an empty one would say that there is no account.
  private func isUnread(_ list: inout Share) throws -> Bool {
    if try register.hasListened() { return false }
    list.isDue = !isEnding
    list.wait(until: .now + .seconds(1))
    return true
  }

  private func writeLists() throws {
    listCopy.isDue = true
    unlock = try register.secondsToUnlock().map { .now + .seconds($0) }
    try write(.list, &lists) { writer, register in
      let count = try writer.writeLists { body in try register.forEachAccount(body) }
      return ("list.written", count)
    }
  }

  private func copyList() throws {
    try write(.copy, &listCopy) { writer, _ in
      do {
        try writer.backUpList()
      } catch let error as AccountBackups.Damaged {
        log.error("list.unsaved", [("why", "\(error)"), ("do", error.remedy)])
      }
      return nil
    }
  }

  private func writeListSheet() throws {
    try write(.sheet, &listSheet) { writer, register in
      ("list.sheet", try writer.writeSheet { body in try register.forEachAccount(body) })
    }
  }

  private func writeListPages() throws {
    try write(.pages, &listPages) { writer, register in
      ("list.printed", try writer.writeListPages(of: register))
    }
  }

  /// Writes a part of the list where it would come out otherwise than it stands.
  ///
  /// - Parameter body: writes it, and returns the event with the number of accounts.
  private func write(
    _ part: ListPart, _ share: inout Share,
    _ body: (inout RecordWriter, Register) throws -> (event: StaticString, count: Int)?
  ) throws {
    // Before the accounts are read: what changes meanwhile is written next time.
    let state = try register.listState()
    if let stored = try register.writtenList(part.rawValue), try writer.made(part, state) == stored {
      share.isDue = false
      return
    }
    let written = try share.spend { try body(&writer, register) }
    if let made = try writer.made(part, state) {
      _ = register.setWrittenList(
        part.rawValue, made, digests: try writer.digests(of: part), at: WallClock.now())
    }
    if let written {
      log.debug(written.event, [("accounts", "\(written.count)"), ("ms", "\(share.last.milliseconds)")])
    }
  }
}

/// Work that is done again and again, for at most a sixtieth of the time: the four of the account list together take a
/// fifteenth.
private struct Share {
  private static let share = 60
  private static let least = Duration.milliseconds(200)

  var isDue: Bool
  private(set) var spent = Duration.zero
  /// What the last time took.
  private(set) var last = Duration.zero
  private(set) var next = ContinuousClock.now
  /// Not before, whatever happens.
  private var free = ContinuousClock.now

  init(isDue: Bool = true) { self.isDue = isDue }

  /// When it is to be done; `nil` where it isn't.
  var at: ContinuousClock.Instant? { isDue ? next : nil }
  var isReady: Bool { isDue && .now >= next }

  /// Not before.
  mutating func wait(until instant: ContinuousClock.Instant) { next = instant }

  /// At this moment, if it were later, as far as the share of time lets it.
  mutating func advance(to instant: ContinuousClock.Instant) { next = max(free, min(next, instant)) }

  mutating func spend<Result>(_ work: () throws -> Result) rethrows -> Result {
    let began = ContinuousClock.now
    let result = try work()
    isDue = false
    last = began.duration(to: .now)
    spent += last
    free = .now + max(last * (Self.share - 1), Self.least)
    next = free
    return result
  }
}
