internal import Configuration
internal import Crypto
internal import Files
internal import Forms
internal import Installation
internal import Providers
internal import Register
internal import Synchronization
internal import Text

/// A dropped form that was judged good.
typealias JudgedForm = (name: FileName, request: Request, form: ReceivedForm)

/// Takes forms from the spool, checks them, and stores the accepted ones in the register.
///
/// Owns: the spool's folders. A file is moved to `taken/`, where nobody else can change it, and read once. The accepted
/// forms of a chunk are one commit; then their files are deleted. After a crash the next start reads `taken/` again and
/// recognizes accepted forms by number and digest. A form with mistakes goes to `rejected/` with its report, and its number
/// stays free.
///
/// Errors: a file that cannot be read or moved is a warning (`spool.waiting`); it is tried again and keeps its order. An
/// error of the register ends the run.
///
/// It blocks while it waits for the folder, so it has an executor of its own.
actor Intake {
  /// What a run met.
  struct Counts: Sendable {
    var accepted = 0
    var rejected = 0
  }

  /// Whatever was missed is found by a look now and then, at the spool and at the clock.
  private static let lookAgain = Duration.seconds(30)
  /// Where signatures can't be checked, whether they can again is found out soon.
  private var lookAgain: Duration { approvalTrouble == nil ? Self.lookAgain : .seconds(1) }
  /// Accounts in one request of the clock.
  private static let due = 1_000

  let folders: SpoolFolders
  let register: Register
  let dispatcher: Dispatcher
  let current: CurrentSettings
  let log: EventLog
  private let watch: SpoolWatch
  var resting = RestingFiles()
  /// Of signatures that come after their forms.
  var restingSignatures = RestingFiles()
  /// Asks ssh-keygen; `nil` where forms need no signature.
  var signatureCheck: SignatureCheck?
  /// The paths that it was made with.
  var checkedPaths: [String?] = []
  /// Why signatures can't be checked.
  var approvalTrouble: Trouble?
  /// Whether the register knows it: an earlier run may have had another.
  var isApprovalTroubleStored = false
  /// Whether what nobody signed in time is to be refused.
  var isExpiryDue = false
  let isStopping = Atomic<Bool>(false)
  private let isClockAsked = Atomic<Bool>(false)
  var counts = Counts()
  var submitters = Submitters()
  private var nextClock = ContinuousClock.now
  /// The newest time that was taken for right in this run, milliseconds since 1970 UTC.
  var seenTime: Int64?
  /// Whether the log says that the clock is held.
  var isHoldLogged = false
  private let isDirectoryHeard = Atomic<Bool>(false)
  /// What went wrong with a file since the last look.
  var problem: FileError?
  /// Whether it was one that can't be read or moved: what lies behind it may lean on it, so that waits too. At first what
  /// an earlier run took hasn't been listed.
  var isBlocked = true
  /// What could not be read at the last try.
  var unread: Set<FileName> = []
  /// How many files a process has had open for writing for long.
  private(set) var openCount = 0
  /// What a run that ends could not do with a file.
  private(set) var leftover: FileError?
  /// Whether nothing will be heard any more, because the folder isn't where it was.
  private var isGone = false
  nonisolated let pulse = Pulse()
  private let thread = ThreadExecutor(label: "intake")

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(folders: SpoolFolders, register: Register, dispatcher: Dispatcher, current: CurrentSettings, log: EventLog)
    throws
  {
    self.folders = folders
    self.register = register
    self.dispatcher = dispatcher
    self.current = current
    self.log = log
    // Armed before the first scan, so that nothing falls between the two.
    self.watch = try SpoolWatch(folders.incoming)
  }

  /// Takes what is dropped until stopped; with `once` until nothing is left to take, to come to rest or to become due.
  ///
  /// Where a file can't be read, moved or removed (no space, a disk that fails) it is tried again until it can. What lies
  /// behind one that can't be read or moved waits with it, for forms that wait together keep their order; one that lies on
  /// a bad place of the disk is rejected in the end.
  ///
  /// With `once` it ends at the first such trouble, which is ``leftover`` then.
  ///
  /// - Throws: ``RegisterError`` where going on would lose something; ``FileError`` where a folder isn't in its place any
  ///   more.
  func run(once: Bool) async throws {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    // The trouble of an earlier run may be over.
    _ = register.setTrouble(nil, of: .spool, at: current.now())
    // When what lies in `taken/` is read; `nil` where nothing does.
    var retryAt: ContinuousClock.Instant? = .now
    defer { pulse.end() }
    while !isStopping.load(ordering: .relaxed) {
      pulse.beat()
      // A form that was taken comes before what is due: it may put that off.
      if retryAt == nil || backoff.failures > 0 { try await askClock() }
      do {
        try requireInPlace()
        if let due = retryAt, .now >= due {
          try await recover()
          retryAt = nil
          try await askClock()
          if backoff.failures > 0 {
            log.info("spool.back", [])
            _ = register.setTrouble(nil, of: .spool, at: current.now())
          }
          backoff.reset()
        }
        let pause = try await takeWhatIsRipe()
        try logProblem()
        guard let pause else { continue }
        // What was settled may have made something due.
        if once, pause.isIdle, await dispatcher.isAtRest, !isClockAsked.load(ordering: .relaxed) { break }
        try hear(retryAt.map { min(pause.length, $0 - .now) } ?? pause.length)
      } catch let error as FileError {
        if isGone { throw error }
        let remedy = error.remedy ?? "check that the spool can be read and written"
        _ = register.setTrouble(Trouble(what: "\(error)", remedy: remedy), of: .spool, at: current.now())
        if once {
          leftover = error
          break
        }
        if backoff.failures == 0 {
          log.error("spool.waiting", [("why", "\(error)"), ("do", remedy)])
          await dispatcher.writeStatusSoon()
        }
        let due = ContinuousClock.now + backoff.next(jitter: 0)
        retryAt = due
        let pause = isBlocked ? due : ContinuousClock.now + .seconds(1)
        while .now < pause, !isStopping.load(ordering: .relaxed) {
          pulse.beat()
          try hear(pause - .now)
          try await askClock()
        }
      }
    }
  }

  /// One look at the spool.
  ///
  /// - Returns: how long until the next, and whether nothing waits to come to rest; `nil`: look again at once.
  private func takeWhatIsRipe() async throws -> (length: Duration, isIdle: Bool)? {
    resting.rest = current.settings.configuration.spoolRest
    let scan = try folders.incoming.scan()
    let verdict = resting.judge(scan, now: .now) { [folders] in folders.incoming.writers(of: $0.name) }
    openCount = verdict.openCount
    for entry in verdict.newlyOpen { warnOfOpen(entry.name, owner: entry.owner) }
    var first = 0
    var isNew = false
    while first < verdict.ripe.count, !isBlocked, !isStopping.load(ordering: .relaxed) {
      pulse.beat()
      let chunk = Self.chunk(of: verdict.ripe[first...])
      first += chunk.count
      if try await take(chunk) { isNew = true }
    }
    if isNew { return nil }
    let signatures = try await takeSignatures(scan)
    if signatures.tookSome { return nil }
    if signatures.waiting == 0, verdict.waiting == 0 { try await expireUnsigned() }
    let lone = [try rejectLoneSignatures(scan), try rejectLonePlans(scan)].compactMap(\.self).min()
    // What has the name of one that isn't settled waits for that.
    var longest = min(first > 0 ? Duration.seconds(1) : lookAgain, lone ?? Self.lookAgain)
    longest = min(longest, signatures.rescanAfter ?? longest)
    return (
      min(verdict.rescanAfter ?? longest, longest), first == 0 && verdict.waiting == 0 && signatures.waiting == 0
    )
  }

  /// A file that its writer keeps open isn't taken, however long that lasts.
  func warnOfOpen(_ name: FileName, owner: UInt32) {
    log.warning(
      "spool.open_for_writing",
      [
        ("file", "\(name)"), ("owner", (try? userName(owner)).flatMap(\.self) ?? "\(owner)"),
        ("why", "a process has it open for writing, or holds a lease on it"),
        ("do", "end that process (fuser \(folders.incoming.path)/\(name.shellWord)), or remove the file"),
      ])
  }

  private func requireInPlace() throws {
    do {
      try folders.requireInPlace()
    } catch let error as FileError {
      isGone = error.isOfName
      throw error
    }
  }

  /// Waits for something to be dropped.
  private func hear(_ timeout: Duration) throws {
    let events = try watch.wait(timeout: timeout)
    if events.isGone {
      isGone = true
      throw FileError(call: "inotify", path: folders.incoming.path, code: 2)
    }
    resting.movedIn(events.movedIn)
    resting.closed(events.closed)
    guard mustBeSigned else { return }
    restingSignatures.movedIn(events.movedIn.filter { $0.hasSuffix(".sig") })
    restingSignatures.closed(events.closed.filter { $0.hasSuffix(".sig") })
  }

  /// Does something with a file; where that fails it is tried again later, and the others go on.
  func collectErrors(_ body: () throws -> Void) throws {
    do { try body() } catch let error as FileError { problem = problem ?? error }
  }

  func logProblem() throws {
    defer { problem = nil }
    if let problem { throw problem }
  }

  /// Ends ``run(once:)`` after the chunk under way. May be called from anywhere.
  nonisolated func stop() {
    isStopping.store(true, ordering: .relaxed)
    watch.wake()
  }

  /// Hands accepted requests over. While the queue is full this waits, as long as the directory takes nothing.
  func admit(_ accepted: [OpenRequest]) async throws {
    try await pulse.waiting { try await dispatcher.admit(accepted) }
  }

  /// Has the loop go round once more. May be called from anywhere.
  nonisolated func wake() { watch.wake() }

  /// Something may be due at once. May be called from anywhere.
  nonisolated func checkClock() {
    isClockAsked.store(true, ordering: .relaxed)
    watch.wake()
  }

  // MARK: The clock

  /// All changes from before this run have come from the directory: their times are known. May be called from anywhere.
  nonisolated func directoryHeard() {
    isDirectoryHeard.store(true, ordering: .relaxed)
    checkClock()
  }

  var hasHeardDirectory: Bool { isDirectoryHeard.load(ordering: .relaxed) }

  /// Accepts what the clock asks for: here, for requests come in one after the other.
  private func askClock() async throws {
    guard .now >= nextClock || isClockAsked.exchange(false, ordering: .relaxed) else { return }
    nextClock = .now + lookAgain
    let mayRun = try await clockMayRun(now: current.now())
    try await tendUnsigned(mayExpire: mayRun)
    guard mayRun else { return }
    let settings = current.settings
    let retention = settings.configuration.policy.retention.components.seconds
    while !isStopping.load(ordering: .relaxed) {
      let now = current.now()
      let due = try register.due(now: now / 1_000, retention: retention, limit: Self.due)
      if due.isEmpty { return }
      let clock = ClockRequest(due, now: now, today: settings.rules(at: now).today)
      if !clock.stuck.isEmpty {
        log.error(
          "clock.stuck",
          [
            ("accounts", clock.stuck.map(\.entryUUID).joined(separator: " ")),
            ("why", "no form could name the entry's address"),
            ("do", "correct the mail address of the entries (entryUUID)"),
          ])
        try await register.passOver(clock.stuck).value()
      }
      if clock.request.changes.isEmpty { continue }
      guard case .accepted(let id) = try await register.accept([clock.form]).value().first else { return }
      log.info("clock.due", [("request", clock.form.number), ("accounts", "\(clock.form.changes)")])
      try await admit([
        OpenRequest(
          id: id, request: clock.request, bytes: clock.form.bytes, digest: clock.form.digest, received: now)
      ])
    }
  }
}
