internal import Accounts
internal import LDAP
internal import Providers
internal import Register

/// Keeps the register's mirror of the accounts equal to the directory, whoever changes an account (RFC 4533).
///
/// | mode | when | cost |
/// |---|---|---|
/// | `persist` | the server sends each change at once | none while nothing changes |
/// | `polling` | the server has the control, but ends each search | one search every few seconds |
/// | `comparing` | the server has no `syncprov` | all accounts are read every few minutes |
///
/// Accounts stand directly below the container. One that was moved elsewhere is one that was removed outside Buzón.
///
/// Owns: a connection of its own, the cookie, and the mode. A cookie is stored in one commit with the changes it stands
/// for, so a crash cannot separate them. `run --once` asks the directory once at its start and once at its end.
///
/// While it listens it asks the server every 20 s whether it still answers: the status leans on that, since a server that
/// is frozen looks like one that has nothing to report. The register notes the server (``Contact``), the time of the lock
/// the last answer: nothing is committed while nothing happens.
///
/// Errors: an error of the directory is a warning (`mirror.down`); it tries again with a backoff of 5 s at most, of
/// `longest_retry` where its bind is refused or the server's certificate is none to trust. An error of the register ends the run.
actor Mirror {
  /// Items that are stored in one commit.
  private static let batch = 500
  /// What is no news is heard once more after a crash: so much at most.
  private static let repeated = 1_000
  /// What happens in this time is stored together.
  private static let pause = Duration.milliseconds(20)
  private static let poll = Duration.seconds(5)
  /// So many questions later it is tried again whether a search stays open.
  private static let polls = 12
  private static let compare = Duration.seconds(300)
  /// A search that reports nothing is checked to be alive, and its container to be there, at this interval.
  private static let ask = Duration.seconds(15)
  /// The mirror checks at this interval for accounts that it no longer sees although no delete was reported: an access rule
  /// hides them, or they were moved to where the agent may read nothing. The check takes 0.3 s for 100,000 accounts.
  private static let look = Duration.seconds(900)
  /// A search that is cut off within this time, this many times, is not kept open any more.
  private static let shortest = Duration.seconds(10)
  private static let patience = 3
  /// The longest pause before the directory is tried again.
  private static let retry = Duration.seconds(5)

  enum MonitoringMode: String {
    case persist, polling, comparing, down
  }

  private let register: Register
  private let recorder: Recorder
  private let current: CurrentSettings
  private let servers: ServerChoice
  private let log: EventLog
  /// Something may be due.
  private let wakeClock: @Sendable () -> Void
  /// All changes from before have come.
  private let heard: @Sendable () -> Void
  /// The server answered at this time, milliseconds since 1970 UTC.
  private let answered: @Sendable (Int64) -> Void
  /// The server that the register names as the one that answered last.
  private var contact: String?
  private var backoff: Backoff
  private var connection: Connection?
  /// The place in `directory.uris` of its server.
  private var place = 0
  private var manner: MonitoringMode?
  /// Why the directory can't be read; `nil`: it can.
  private var trouble: Trouble?
  private var cutShort = 0
  /// What ended the search that was cut short last.
  private var cutBy: LDAPError?
  private var polled = 0
  /// Since when the search that stays open has sent all that was before.
  private var liveSince: ContinuousClock.Instant?
  /// When it was looked last for accounts that went without a word.
  private var lastLook: ContinuousClock.Instant?
  /// Where the directory was heard last, where nothing was worth a commit since.
  private var unstored: (what: String, cookie: [UInt8], items: Int)?
  private var isEnding = false
  /// The configuration changed, perhaps while a connection is made.
  private var mustReconnect = false
  private let sleeper = Sleeper()

  init(
    register: Register, recorder: Recorder, current: CurrentSettings, servers: ServerChoice, log: EventLog,
    wakeClock: @escaping @Sendable () -> Void,
    answered: @escaping @Sendable (Int64) -> Void, heard: @escaping @Sendable () -> Void
  ) {
    self.register = register
    self.recorder = recorder
    self.current = current
    self.servers = servers
    self.log = log
    self.wakeClock = wakeClock
    self.heard = heard
    self.answered = answered
    self.backoff = Backoff(first: current.settings.firstRetry, longest: current.settings.longestRetry)
  }

  /// What the cookie belongs to: of another question's it would be wrong.
  private var what: String {
    "\(current.settings.container) one \(Self.filter) \(Schema.synced.joined(separator: ","))"
  }

  private static let filter = Filter.equal("objectClass", "buzonAccount")

  // MARK: The run

  /// Listens until ``end()``.
  ///
  /// - Throws: `RegisterError`.
  func run() async throws {
    while !isEnding, !Task.isCancelled {
      do {
        try await listen()
        backoff.reset()
      } catch let caught as LDAPError {
        let error = await connection?.identifying(caught) ?? caught
        await close()
        // What ended the search may have been a server that died.
        lastLook = nil
        if isEnding { continue }
        try await dropUnusableCookie(after: error)
        let wait = backoff.next(jitter: .random(in: 0...1))
        if backoff.failures > 1 { try await setDown(error) }
        // Each bind that is refused counts as a failed login: those are as rare as the queue's own.
        await sleeper.sleep(error.isLasting ? wait : min(wait, Self.retry))
      }
    }
    await close()
    if let unstored {
      var batch = MirrorUpdate(isLive: false, isFirst: false)
      batch.cookie = unstored.cookie
      _ = try await register.observe(
        batch, what: unstored.what, at: current.now(), addressMemory: current.settings.addressMemory
      ).value()
    }
  }

  /// Whether ``catchUp()`` could read the directory the last time.
  private(set) var isRead = false

  /// Brings the mirror up to now, once.
  ///
  /// - Returns: whether the directory could be asked.
  /// - Throws: `RegisterError`.
  func catchUp() async throws -> Bool {
    do {
      let settings = current.settings
      let (connection, place) = try await connectAround(settings)
      let provider = settings.uri(place)
      setContact(provider)
      do {
        try await noteLockout(connection)
        if try await isSupported(connection) {
          try await follow(connection, .refreshOnly)
          try await findGone(connection)
        } else {
          try await compare(connection)
        }
      } catch let error as LDAPError {
        let identified = await connection.identifying(error)
        await connection.close()
        throw identified
      }
      await connection.close()
      contact = nil
      setContact(provider)
      isRead = true
      _ = register.setTrouble(nil, of: .mirror, at: current.now())
    } catch let error as LDAPError {
      isRead = false
      // Another part of the agent failed and logs why.
      if Task.isCancelled { return false }
      try await dropUnusableCookie(after: error)
      let trouble = Trouble(what: "\(error)", remedy: current.settings.remedy(for: error))
      log.warning("mirror.away", [("why", trouble.what), ("do", trouble.remedy)])
      try await register.setTrouble(trouble, of: .mirror, at: current.now()).value()
    }
    return isRead
  }

  /// A cookie that the server can't go on from (it was restored from a backup, say) is of no use any more.
  private func dropUnusableCookie(after error: LDAPError) async throws {
    guard case .refused(let refusal) = error, refusal.operation == "search" else { return }
    switch error.code {
    case .syncRefreshRequired, .unwillingToPerform:
      try await register.forgetCookie(keepsStates: servers.areSeveral).value()
    default: break
    }
  }

  /// Lets ``run()`` come to its end.
  func end() async {
    isEnding = true
    sleeper.wake()
    await close()
  }

  /// Another server is in use.
  func leaveServer() async {
    if let connection, connection.isUsable, place == servers.current.place { return }
    await reconnect()
  }

  /// Connects again with the configuration as it is now.
  func reconnect() async {
    cutShort = 0
    mustReconnect = true
    (backoff.first, backoff.longest) = (current.settings.firstRetry, current.settings.longestRetry)
    sleeper.wake()
    await close()
  }

  private func close() async {
    let open = connection
    connection = nil
    await open?.close()
  }

  /// Connects to a server that answers, where there are several: `run --once` asks once.
  private func connectAround(_ settings: Settings) async throws(LDAPError) -> (connection: Connection, place: Int) {
    var tries = servers.areSeveral ? Providers.patience + settings.serverCount : 1
    while true {
      do throws(LDAPError) {
        return try await connect(settings)
      } catch {
        tries -= 1
        guard tries > 0, error.triesNextServer else { throw error }
        await sleeper.sleep(min(settings.firstRetry, .milliseconds(100)))
      }
    }
  }

  /// Connects to the server that the writer uses.
  private func connect(_ settings: Settings) async throws(LDAPError) -> (connection: Connection, place: Int) {
    let (place, _) = servers.current
    do throws(LDAPError) {
      let connection = try await settings.connect(to: place)
      servers.answered(place)
      return (connection, place)
    } catch {
      servers.failed(place, error)
      throw error
    }
  }

  private func listen() async throws {
    mustReconnect = false
    let settings = current.settings
    let (connection, place): (Connection, Int)
    do throws(LDAPError) {
      (connection, place) = try await connect(settings)
    } catch {
      // It was no habit of the server's to end searches: it went away.
      cutShort = 0
      throw error
    }
    guard !isEnding, !mustReconnect else { return await connection.close() }
    (self.connection, self.place) = (connection, place)
    let provider = settings.uri(place)
    setContact(provider)
    let watch = Task { await self.watch(connection, to: provider, settings.container) }
    defer { watch.cancel() }
    try await noteLockout(connection)
    guard try await isSupported(connection) else {
      try await turn(to: .comparing, because: "the directory has no syncprov (buzon init)")
      try await compare(connection)
      heard()
      backoff.reset()
      // It is asked meanwhile whether it answers.
      await sleeper.sleep(Self.compare)
      return await close()
    }
    if cutShort >= Self.patience {
      try await turn(
        to: .polling, because: "the directory ends every search that stays open\(cutBy.map { ": \($0)" } ?? "")")
      try await follow(connection, .refreshOnly)
      try await findGone(connection)
      heard()
      backoff.reset()
      await close()
      polled += 1
      // Or it was restarted again and again.
      if polled.isMultiple(of: Self.polls) { cutShort = Self.patience - 1 }
      return await sleeper.sleep(Self.poll)
    }
    liveSince = nil
    do {
      try await follow(connection, .refreshAndPersist)
    } catch {
      // A search that was refused was not ended.
      cutBy = error as? LDAPError
      if let liveSince { cutShort = liveSince.duration(to: .now) < Self.shortest ? cutShort + 1 : 0 }
      throw error
    }
  }

  /// Asks now and then, for a peer that accepts what it is sent and never answers looks like one that has nothing to report,
  /// and so does a search below a container that was renamed or hidden (32). Now and then the search is ended: with the next
  /// one it is looked for what went without a word (``findGone(_:)``).
  private func watch(_ connection: Connection, to provider: String, _ container: DN) async {
    let end = ContinuousClock.now + Self.look
    while (try? await Task.sleep(for: Self.ask)) != nil {
      guard .now < end else { return await connection.close() }
      do {
        _ = try await connection.searchAll(base: container, scope: .base, attributes: ["1.1"], limit: 1)
        setContact(provider)
      } catch {
        await connection.close()
        return sleeper.wake()
      }
    }
  }

  /// A server answered.
  private func setContact(_ provider: String) {
    let now = current.now()
    answered(now)
    if contact == provider { return }
    contact = provider
    _ = register.setContact(Contact(provider: provider, answered: now, why: servers.current.why))
  }

  /// Locks by failed logins end by themselves after the policy's time.
  private func noteLockout(_ connection: Connection) async throws {
    let seconds = try await Lockout.seconds(over: connection, base: current.settings.base)
    try await register.setLockout(seconds).value()
  }

  /// Whether the server knows RFC 4533 for the accounts: a module that is loaded is announced for databases too that
  /// don't have it.
  private func isSupported(_ connection: Connection) async throws -> Bool {
    guard try await connection.supportsSync() else { return false }
    do throws(LDAPError) {
      let messages = try await connection.sync(
        base: current.settings.container, scope: .base, filter: .equal("objectClass", "buzonAccount"),
        attributes: ["1.1"],
        mode: .refreshOnly)
      while try await !messages.nextBatch().isEmpty {}
      return true
    } catch {
      if error.code == .unavailableCriticalExtension { return false }
      throw await connection.identifying(error)
    }
  }

  /// The directory can't be read. What is wrong may become another thing meanwhile: a server that runs again may refuse the
  /// bind. The log names it where something else helps.
  private func setDown(_ error: LDAPError) async throws {
    let trouble = Trouble(what: "\(error)", remedy: current.settings.remedy(for: error))
    if trouble == self.trouble { return }
    if trouble.remedy != self.trouble?.remedy {
      log.warning("mirror.waiting", [("why", trouble.what), ("do", trouble.remedy)])
    }
    self.trouble = trouble
    _ = register.setTrouble(trouble, of: .mirror, at: current.now())
    try await turn(to: .down, because: trouble.what)
  }

  private func turn(to manner: MonitoringMode, because problem: String? = nil) async throws {
    if manner == self.manner { return }
    self.manner = manner
    switch manner {
    case .persist: log.info("mirror.listening", [])
    case .polling, .comparing:
      log.warning(
        "mirror.slow",
        [
          ("manner", manner.rawValue), ("why", problem ?? ""),
          ("do", "changes outside Buzón are noticed later than they could be"),
        ])
    case .down: break
    }
    if manner != .down {
      trouble = nil
      _ = register.setTrouble(nil, of: .mirror, at: current.now())
    }
    try await register.setListening(.init(manner: manner.rawValue, since: current.now(), problem: problem)).value()
    await recorder.writeStatusSoon()
  }

  // MARK: RFC 4533

  /// Takes in what the server reports, until it has sent all (`refreshOnly`) or the connection ends.
  private func follow(_ connection: Connection, _ mode: SyncMode) async throws {
    let what = what
    let cookie = try register.cookie(of: what)
    let isFirst = try !register.hasListened()
    let messages = try await connection.sync(
      base: current.settings.container, scope: .oneLevel, filter: Self.filter, attributes: Schema.synced, mode: mode,
      cookie: cookie)
    var refresh = Refresh(
      batch: MirrorUpdate(isLive: false, isFirst: isFirst), passing: NoOpWarmup.passing(current.settings.container),
      container: current.settings.container)
    while true {
      let some = try await messages.nextBatch()
      if some.isEmpty {
        if mode == .refreshAndPersist { throw LDAPError.unavailable("the directory ended the search") }
        return
      }
      for message in some {
        refresh.take(message)
        // A cookie in the middle of a refresh stands for what was sent so far; what has gone may still be to come.
        if refresh.batch.items.count >= Self.batch { try await store(&refresh, what, withCookie: refresh.isLive) }
        guard let end = refresh.ended else { continue }
        try await store(&refresh, what, withCookie: false)
        // Asked without a cookie the server names all there are, whatever it calls that.
        if end == .present || cookie == nil { try await keepOnly(refresh.seen, what, over: connection) }
        refresh.seen = []
        refresh.ended = nil
        guard refresh.isDone else { continue }
        try await store(&refresh, what, withCookie: true)
        refresh.batch.isLive = mode == .refreshAndPersist
        refresh.batch.isFirst = false
        backoff.reset()
        if refresh.isLive {
          liveSince = .now
          try await turn(to: .persist)
          heard()
          try await findGone(connection)
        }
      }
      guard refresh.isLive else { continue }
      try await store(&refresh, what, withCookie: true)
      // Changes come in swarms: they are stored together.
      await sleeper.sleep(Self.pause)
    }
  }

  private func store(_ refresh: inout Refresh, _ what: String, withCookie: Bool) async throws {
    var batch = refresh.batch
    batch.cookie = withCookie ? refresh.cookie : nil
    batch.trusted = current.settings.trusted
    logUnreadable(&refresh)
    guard !batch.items.isEmpty || batch.cookie != nil else { return }
    refresh.batch.items = []
    let heard = (unstored?.items ?? 0) + batch.items.count
    batch.isWorthCommit = !batch.isLive || heard >= Self.repeated
    let change = try await register.observe(
      batch, what: what, at: current.now(), addressMemory: current.settings.addressMemory
    ).value()
    if let cookie = batch.cookie { unstored = change.isStored ? nil : (what, cookie, heard) }
    await report(change)
  }

  /// Accounts that are there, for the directory names them, and can't be read as what they are; and what it names that
  /// nobody asked for.
  private func logUnreadable(_ refresh: inout Refresh) {
    if refresh.strange > 0 {
      log.error(
        "mirror.strange",
        [
          (
            "why",
            "the directory sent \(refresh.strange) entries that were not asked for, or that have another entryUUID"
          ),
          ("do", "check the proxy between the agent and the directory"),
        ])
      refresh.strange = 0
    }
    guard refresh.unreadable > 0 else { return }
    log.error(
      "mirror.unreadable",
      [
        ("why", "\(refresh.unreadable) accounts are shown without objectClass, mail or entryUUID"),
        ("do", "check the agent's access rights (config/slapd/access.ldif)"),
      ])
    refresh.unreadable = 0
  }

  /// The directory named all accounts that there are, or were when it was asked.
  private func keepOnly(_ seen: Set<SyncUUID>, _ what: String, over connection: Connection) async throws {
    let others = try register.accounts { SyncUUID($0).map(seen.contains) ?? false }
    // What follows from our own deletes is reported when they settle.
    let ours = try register.accountsBeingDeleted()
    let candidates = try await heard(others.filter { !ours.contains($0) }, over: connection)
    let gone = try await Absence(container: current.settings.container).gone(candidates, over: connection)
    if gone.isEmpty { return }
    // That many don't go at once; and what their passwords are derived from doesn't come back.
    guard !seen.isEmpty, gone.count <= 64 || gone.count <= seen.count else {
      return log.error(
        "mirror.empty",
        [
          ("why", "the directory doesn't show \(gone.count) accounts that the register knows, and shows \(seen.count)"),
          ("do", "check the agent's access rights, and directory.accounts; if it is right, run buzon rebuild"),
        ])
    }
    for first in stride(from: 0, to: gone.count, by: Self.batch) {
      var batch = MirrorUpdate(isLive: false, isFirst: false)
      batch.items = gone[first..<min(first + Self.batch, gone.count)].map { .gone(entryUUID: $0) }
      await report(
        try await register.observe(batch, what: what, at: current.now(), addressMemory: current.settings.addressMemory)
          .value())
    }
  }
  /// Of accounts that a server doesn't show those that it has heard of: what another server knows may still be to come.
  private func heard(_ accounts: [String], over connection: Connection) async throws -> [String] {
    guard servers.areSeveral, !accounts.isEmpty else { return accounts }
    let csns = try register.csns(of: accounts)
    let context = try await connection.contextCSN(of: current.settings.base)
    let now = current.now()
    return accounts.filter { csns[$0].map { context.knows($0, now: now) } ?? true }
  }

  /// Asks which accounts are there, by name alone (0.3 s for 100,000), where it is time: a slapd that was killed forgets
  /// what it deleted just before, and never tells.
  private func findGone(_ connection: Connection) async throws {
    let now = ContinuousClock.now
    guard lastLook.map({ $0.duration(to: now) > Self.look }) ?? true else { return }
    var seen: Set<SyncUUID> = []
    var some: [String: String] = [:]
    var older: [String: String] = [:]
    let entries = try await connection.search(
      base: current.settings.container, scope: .oneLevel, filter: Self.filter,
      attributes: [Schema.entryUUID, Schema.entryCSN])
    let passing = NoOpWarmup.passing(current.settings.container)
    for try await entry in entries where !passing.contains(entry.dn) {
      guard let text = entry.text(Schema.entryUUID), let uuid = SyncUUID(text) else { continue }
      seen.insert(uuid)
      some[text] = entry.text(Schema.entryCSN)
      guard some.count >= Self.batch else { continue }
      if older.isEmpty { older = try register.csns(laterThan: some) }
      some = [:]
    }
    if older.isEmpty { older = try register.csns(laterThan: some) }
    try await detectRestoredDirectory(older, over: connection)
    lastLook = now
    try await keepOnly(seen, what, over: connection)
    try await meetHidden(seen, what, over: connection)
  }

  /// A directory that shows an older entry than it did was restored from a backup. Where somebody has written to it since,
  /// it takes our cookie all the same, and reports nothing of what is older.
  ///
  /// - Parameter older: CSNs that the register had by entryUUID, later than what was read before: what we wrote in
  ///   between is read once more.
  private func detectRestoredDirectory(_ older: [String: String], over connection: Connection) async throws {
    // Of several servers one may be behind the others: nothing is taken back.
    if older.isEmpty || servers.areSeveral { return }
    let entries = try await connection.searchAll(
      base: current.settings.container, scope: .oneLevel,
      filter: .or(older.keys.map { .equal(Schema.entryUUID, Value($0)) }),
      attributes: [Schema.entryUUID, Schema.entryCSN], limit: older.count + 1)
    let isBack = entries.contains { entry in
      guard let uuid = entry.text(Schema.entryUUID), let csn = entry.text(Schema.entryCSN) else { return false }
      return older[uuid].map { csn < $0 } ?? false
    }
    guard isBack else { return }
    log.warning(
      "mirror.back",
      [
        ("why", "the directory shows accounts as they were earlier: it was restored from a backup, or lags behind"),
        ("do", "nothing; all accounts are read again, and differences are reported"),
      ])
    try await register.forgetCookie().value()
    throw LDAPError.unavailable("the directory went back to an earlier state")
  }

  /// Accounts that are there and that were not reported: they were hidden from us for a while.
  private func meetHidden(_ seen: Set<SyncUUID>, _ what: String, over connection: Connection) async throws {
    var unknown = seen
    try register.forEachEntryUUID { uuid in if let uuid = SyncUUID(uuid) { unknown.remove(uuid) } }
    let all = unknown.map { Value($0.description) }
    for first in stride(from: 0, to: all.count, by: Absence.chunk) {
      let some = all[first..<min(first + Absence.chunk, all.count)]
      let entries = try await connection.searchAll(
        base: current.settings.container, scope: .oneLevel,
        filter: .and([Self.filter, .or(some.map { .equal(Schema.entryUUID, $0) })]),
        attributes: Schema.synced, limit: some.count + 1)
      var batch = MirrorUpdate(isLive: false, isFirst: false)
      batch.items = entries.compactMap(EntrySnapshot.init).map { .seen($0) }
      await report(
        try await register.observe(batch, what: what, at: current.now(), addressMemory: current.settings.addressMemory)
          .value())
    }
  }

  // MARK: Without syncprov

  private func compare(_ connection: Connection) async throws {
    await report(try await DirectoryReading(current: current).fill(register, over: connection) { _ in }.change)
  }

  // MARK: What came of it

  private func report(_ change: MirrorChange) async {
    log.report(change.news)
    if change.changed > 0 || change.hasRecords { await recorder.rescan(again: change.hasRecords) }
    if change.hasRecords || change.hasReferences { wakeClock() }
  }
}
