internal import Configuration
internal import Crypto
internal import Files
internal import Forms
internal import Register
internal import Synchronization

/// Takes dropped files out of the spool, reads and judges them, and has the register accept them.
///
/// A file is first moved into `taken/`, so nobody can change it any more, then read once; accepted forms of a chunk are
/// one commit, after which their files are unlinked. A crash leaves files in `taken/`, which the next start reads again:
/// what was accepted is known by its number and digest. What can't be a request goes to `rejected/` with its report and
/// uses up no number.
///
/// Blocks on the folder, so it runs on an executor of its own.
actor Intake {
  /// What a run met.
  struct Counts: Sendable {
    var accepted = 0
    var rejected = 0
  }

  /// Forms that are accepted in one commit: so many at most, and so many bytes, but at least one.
  private static let chunk = 256
  private static let chunkSize: Int64 = 4 << 20
  /// Whatever was missed is found by a look now and then, at the spool and at the clock.
  private static let lookAgain = Duration.seconds(30)
  /// Accounts in one request of the clock.
  private static let due = 1_000

  private let folders: SpoolFolders
  private let register: Register
  private let dispatcher: Dispatcher
  private let live: Live
  private let log: EventLog
  private let watch: SpoolWatch
  private var resting = RestingFiles()
  private let isStopping = Atomic<Bool>(false)
  private let isClockAsked = Atomic<Bool>(false)
  private(set) var counts = Counts()
  private var nextClock = ContinuousClock.now
  /// What went wrong with a file since the last look.
  private var problem: FileError?
  /// Whether it was one that can't be read or moved: what lies behind it may lean on it, so that waits too.
  private var isBlocked = false
  /// Whether nothing will be heard any more, because the folder isn't where it was.
  private var isGone = false
  private let thread = ThreadExecutor(label: "intake")

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(folders: SpoolFolders, register: Register, dispatcher: Dispatcher, live: Live, log: EventLog) throws {
    self.folders = folders
    self.register = register
    self.dispatcher = dispatcher
    self.live = live
    self.log = log
    // Armed before the first scan, so that nothing falls between the two.
    self.watch = try SpoolWatch(folders.incoming)
  }

  /// Takes what is dropped until stopped; with `once` until nothing is left to take or to come to rest.
  ///
  /// Where a file can't be read, moved or removed (no space, a disk that fails) it is tried again until it can. What lies
  /// behind one that can't be read or moved waits with it, for forms that wait together keep their order; one that lies on
  /// a bad place of the disk is rejected in the end.
  ///
  /// - Throws: ``RegisterError`` where going on would lose something; ``FileError`` where a folder isn't in its place any
  ///   more, and with `once` any other.
  func run(once: Bool) async throws {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    // When what lies in `taken/` is read; `nil` where nothing does.
    var retryAt: ContinuousClock.Instant? = .now
    while !isStopping.load(ordering: .relaxed) {
      try folders.requireInPlace()
      try await askClock()
      do {
        if let due = retryAt, .now >= due {
          isBlocked = false
          try await recover()
          retryAt = nil
          if backoff.failures > 0 { log.info("spool.back", []) }
          backoff.reset()
        }
        let pause = try await takeWhatIsRipe()
        try tellProblem()
        guard let pause else { continue }
        if once, pause.isIdle { break }
        try hear(retryAt.map { min(pause.length, $0 - .now) } ?? pause.length)
      } catch let error as FileError {
        if once || isGone { throw error }
        if backoff.failures == 0 {
          log.error(
            "spool.waiting",
            [("why", "\(error)"), ("do", error.remedy ?? "see that the spool can be read and written")])
        }
        let due = ContinuousClock.now + backoff.next(jitter: 0)
        retryAt = due
        let pause = isBlocked ? due : ContinuousClock.now + .seconds(1)
        while .now < pause, !isStopping.load(ordering: .relaxed) { try hear(pause - .now) }
      }
    }
  }

  /// One look at the spool.
  ///
  /// - Returns: how long until the next, and whether nothing waits to come to rest; `nil`: look again at once.
  private func takeWhatIsRipe() async throws -> (length: Duration, isIdle: Bool)? {
    let scan = try folders.incoming.scan()
    let verdict = resting.look(scan, now: .now)
    var first = 0
    while first < verdict.ripe.count, !isBlocked, !isStopping.load(ordering: .relaxed) {
      let chunk = Self.chunk(of: verdict.ripe[first...])
      first += chunk.count
      try await take(chunk)
    }
    if first > 0 { return nil }
    return (min(verdict.lookAgain ?? Self.lookAgain, Self.lookAgain), verdict.waiting == 0)
  }

  /// Waits for something to be dropped.
  private func hear(_ timeout: Duration) throws {
    let events = try watch.wait(timeout: timeout)
    if events.isGone {
      isGone = true
      throw FileError(call: "inotify", path: folders.incoming.path, code: 2)
    }
    resting.movedIn(events.movedIn)
  }

  /// Does something with a file; where that fails it is tried again later, and the others go on.
  private func trying(_ body: () throws -> Void) throws {
    do { try body() } catch let error as FileError { problem = problem ?? error }
  }

  private func tellProblem() throws {
    defer { problem = nil }
    if let problem { throw problem }
  }

  /// Ends ``run(once:)`` after the chunk under way. May be called from anywhere.
  nonisolated func stop() {
    isStopping.store(true, ordering: .relaxed)
    watch.wake()
  }

  /// Something may be due at once. May be called from anywhere.
  nonisolated func lookAtClock() {
    isClockAsked.store(true, ordering: .relaxed)
    watch.wake()
  }

  // MARK: One chunk

  private static func chunk(of entries: ArraySlice<ScanEntry>) -> ArraySlice<ScanEntry> {
    var size: Int64 = 0
    return entries.prefix(chunk).prefix { entry in
      defer { size += entry.size }
      return size == 0 || size + entry.size <= chunkSize
    }
  }

  /// What an earlier run had taken and not settled, in the order of the spool. Where that was cut short before, one at a
  /// time: one of them may be what killed it.
  private func recover() async throws {
    var entries = try folders.taken.scan().entries[...]
    if entries.isEmpty { return }
    if try await register.countDeath(of: "taken").value() <= 2 {
      while !entries.isEmpty, !isBlocked {
        let chunk = Self.chunk(of: entries)
        entries = entries.dropFirst(chunk.count)
        try await accept(chunk.map(\.name))
      }
    } else {
      try await recoverOneByOne(entries.map(\.name))
    }
    _ = try await register.forgetDeaths(of: "taken").value()
    try tellProblem()
  }

  private func recoverOneByOne(_ names: [FileName]) async throws {
    for name in names where !isBlocked {
      let key = Self.key(name)
      if try await register.countDeath(of: key).value() > deathsAllowed {
        try trying {
          try reject(name, "the agent died \(deathsAllowed) times while it read this file", "report it; keep the file")
        }
      } else {
        try await accept([name])
      }
      if !isBlocked { _ = try await register.forgetDeaths(of: key).value() }
    }
  }

  /// As the register counts deaths and readings that failed by.
  private static func key(_ name: FileName) -> String { "file \(name)" }

  private func take(_ chunk: ArraySlice<ScanEntry>) async throws {
    var taken: [FileName] = []
    taken.reserveCapacity(chunk.count)
    for entry in chunk {
      do {
        switch try folders.incoming.take(entry.name, to: folders.taken, as: entry.name) {
        case .taken: taken.append(entry.name)
        // A file of the same name isn't settled yet; the next scan finds this one again.
        case .gone, .occupied: continue
        case .fixed(let error):
          resting.setAside(entry)
          log.error("spool.stuck", [("file", "\(entry.name)"), ("why", "\(error)"), ("do", "remove it by hand")])
        }
      } catch {
        block(error)
        break
      }
    }
    try await accept(taken)
  }

  private typealias Judged = (name: FileName, request: Request, form: ReceivedForm)

  private func accept(_ names: [FileName]) async throws {
    let forms = try await judged(names)
    if forms.isEmpty { return }
    let answers = try await register.accept(forms.map(\.form)).value()
    var accepted: [OpenRequest] = []
    accepted.reserveCapacity(forms.count)
    for (form, answer) in zip(forms, answers) {
      if let open = taken(form, answer) { accepted.append(open) }
      try trying { try putAway(form, answer) }
    }
    try await dispatcher.admit(accepted)
  }

  /// The good forms among these files; the others are rejected.
  private func judged(_ names: [FileName]) async throws -> [Judged] {
    let now = live.now()
    let settings = live.settings
    let rules = settings.rules(at: now)
    let limits = DemandLimits(settings.configuration.policy, day: rules.today) { [register] in
      try register.accountCount()
    }
    var forms: [Judged] = []
    forms.reserveCapacity(names.count)
    for name in names {
      do {
        if let form = try judged(name, rules, limits) { forms.append(form) }
      } catch let error as FileError {
        block(error)
        if try await isGivenUp(name, error) { continue }
        break
      }
    }
    return forms
  }

  private func block(_ error: FileError) {
    problem = problem ?? error
    isBlocked = true
  }

  /// Rejects what lies on a bad place of the disk and could not be read again and again.
  private func isGivenUp(_ name: FileName, _ error: FileError) async throws -> Bool {
    guard error.isOfDisk, try await register.countDeath(of: Self.key(name)).value() > deathsAllowed else {
      return false
    }
    isBlocked = false
    problem = nil
    try trying { try reject(name, "can't be read: \(error)", "look at the disk (dmesg), then submit the form again") }
    _ = try await register.forgetDeaths(of: Self.key(name)).value()
    return true
  }

  private func judged(_ name: FileName, _ rules: Rules, _ limits: DemandLimits) throws -> Judged? {
    guard let result = try folders.taken.readWhole(name, limit: rules.formSize) else { return nil }
    switch result {
    case .failure(let refusal): try trying { try reject(name, refusal.description, refusal.remedy(name)) }
    case .success(let file):
      switch FormReader.read(file.bytes, rules: rules) {
      case .request(let request):
        var form = ReceivedForm(
          number: request.number, bytes: file.bytes, digest: Array(SHA256.hash(data: file.bytes)), file: "\(name)",
          received: live.now(), changes: request.changes.count)
        try limits.judge(request, into: &form)
        return (name, request, form)
      case .invalid(let findings):
        // Accepted before a crash, it isn't judged again by the rules of another day.
        if try isKnown(file.bytes) {
          log.info("request.repeated", [("file", "\(name)")])
          try trying { try folders.taken.unlink(name) }
        } else {
          try trying { try reject(name, findings: findings) }
        }
      }
    }
    return nil
  }

  /// Notes what the register said of a form.
  ///
  /// - Returns: the request, where it is to be carried out.
  private func taken(_ judged: Judged, _ answer: Acceptance) -> OpenRequest? {
    let (_, request, form) = judged
    switch answer {
    case .accepted(let id):
      log.debug("request.accepted", [("request", form.number), ("file", form.file)])
      counts.accepted += 1
      return OpenRequest(id: id, request: request, bytes: form.bytes, digest: form.digest, received: form.received)
    case .held(_, let reason):
      log.warning("request.held", [("request", form.number), ("why", reason)])
      counts.accepted += 1
    case .repeated: log.info("request.repeated", [("request", form.number), ("file", form.file)])
    case .spent, .numberTaken: break
    }
    return nil
  }

  /// Removes the file of a form that the register has, and rejects one that it won't have.
  private func putAway(_ judged: Judged, _ answer: Acceptance) throws {
    let (name, number) = (judged.name, judged.form.number)
    switch answer {
    case .accepted, .held, .repeated: try folders.taken.unlink(name)
    case .spent:
      try reject(
        name, "number \(number) was used before the register was restored from a backup",
        "give this form a number of its own (deliveries/YEAR/\(number).json tells of the other)")
    case .numberTaken:
      try reject(
        name, "number \(number) belongs to another form, which was accepted before",
        "give this form a number of its own (buzon show \(number) shows the other)")
    }
  }

  // MARK: The clock

  /// Accepts what the clock asks for: here, for requests come in one after the other.
  private func askClock() async throws {
    guard .now >= nextClock || isClockAsked.exchange(false, ordering: .relaxed) else { return }
    nextClock = .now + Self.lookAgain
    let settings = live.settings
    let retention = settings.configuration.policy.retention.components.seconds
    while !isStopping.load(ordering: .relaxed) {
      let now = live.now()
      let due = try register.due(now: now / 1_000, retention: retention, limit: Self.due)
      if due.isEmpty { return }
      let clock = ClockRequest(due, now: now, today: settings.rules(at: now).today)
      if !clock.stuck.isEmpty {
        log.error(
          "clock.stuck",
          [
            ("accounts", clock.stuck.map(\.entryUUID).joined(separator: " ")),
            ("why", "no form could name the entry's address"),
            ("do", "mend the mail address of the entries (entryUUID)"),
          ])
        try await register.passOver(clock.stuck).value()
      }
      if clock.request.changes.isEmpty { continue }
      guard case .accepted(let id) = try await register.accept([clock.form]).value().first else { return }
      log.info("clock.due", [("request", clock.form.number), ("accounts", "\(clock.form.changes)")])
      try await dispatcher.admit([
        OpenRequest(
          id: id, request: clock.request, bytes: clock.form.bytes, digest: clock.form.digest, received: now)
      ])
    }
  }

  private func isKnown(_ bytes: [UInt8]) throws -> Bool {
    guard let request = try? FormReader.reread(bytes), let known = try register.request(number: request.number) else {
      return false
    }
    return known.digest == Array(SHA256.hash(data: bytes))
  }

  // MARK: Rejection

  private func reject(_ name: FileName, _ problem: String, _ remedy: String) throws {
    try reject(name, report: "\(name): \(problem); \(remedy)\n", problem: problem, remedy: remedy)
  }

  private func reject(_ name: FileName, findings: [Finding]) throws {
    let lines = findings.map { $0.line(file: "\(name)") }
    try reject(
      name, report: lines.joined(separator: "\n") + "\n", problem: lines.first ?? "",
      remedy: "mend the form (the report beside it tells \(findings.count) of its mistakes) and submit it again")
  }

  private func reject(_ name: FileName, report: String, problem: String, remedy: String) throws {
    let place = try folders.reject(name, report: report)
    counts.rejected += 1
    log.warning(
      "request.rejected",
      [("file", "\(name)"), ("why", problem), ("do", remedy), ("report", folders.rejected.shown(place) + ".report")])
  }
}
