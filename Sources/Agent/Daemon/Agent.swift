internal import CSystem
public import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import LDAP
internal import Records
internal import Register

/// The agent: one run, from the spool to the records.
///
///     spool/incoming ─▶ Intake ─▶ Register ─▶ Dispatcher ─▶ Applier ─▶ directory
///                                    ▲                         │
///                                    └──── outcomes ◀──────────┘──▶ Recorder ─▶ records
///
/// Start-up takes up whatever an earlier run left, wherever it died; there is no other way of stopping than one that is
/// safe at any instant.
public struct Agent: Sendable {
  /// The program's version.
  public static let version = "0.1.0"

  /// What a run came to.
  public struct Ending: Sendable {
    /// Requests that were accepted.
    public var accepted = 0
    /// Files that could not be requests.
    public var rejected = 0
    /// Requests recorded with another outcome than `applied`.
    public var failed = 0
    /// Whether something waits: for the directory, or held.
    public var deferred = false

    /// The exit code of `run --once`.
    public var exitCode: Int32 { rejected + failed > 0 ? 1 : deferred ? 75 : 0 }
  }

  private let configurationFile: String
  private let configuration: Configuration
  private let log: EventLog

  /// - Parameter configurationFile: where SIGHUP reads the configuration again.
  public init(_ configuration: Configuration, from configurationFile: String, log: EventLog) {
    self.configuration = configuration
    self.configurationFile = configurationFile
    self.log = log
  }

  /// Runs until SIGTERM or SIGINT, which let what is in flight come to its end; with `once` until all is done.
  ///
  /// - Throws: ``AgentError``, `FileError`, `SyncFailure`, `RegisterError`: the next start takes up where this one ended.
  public func run(once: Bool) async throws -> Ending {
    do {
      return try await runUnguarded(once: once)
    } catch {
      let (why, remedy) = Self.explanation(of: error)
      log.error("agent.failed", [("why", why), ("do", "\(remedy); the next start takes up where this one was")])
      throw error
    }
  }

  /// What happened, and what a person can do about it.
  private static func explanation(of error: any Error) -> (why: String, remedy: String) {
    switch error {
    case let error as FileError: ("\(error)", error.remedy ?? "mend it")
    case let error as SyncFailure: ("\(error)", "look at the disk (dmesg)")
    case let error as RegisterError: (error.what, error.remedy)
    default: ("\(error)", "mend it")
    }
  }

  /// The agent's parts, put together on folders that it alone works on.
  private struct Parts {
    let folders: SpoolFolders
    let state: StateFolder
    let lock: AgentLock
    let register: Register
    let current: CurrentSettings
    let recorder: Recorder
    let dispatcher: Dispatcher

    /// - Parameter file: the configuration's own.
    init(_ configuration: Configuration, from file: String? = nil, log: EventLog, once: Bool) throws {
      // What others write for us, SQLite among them, is for nobody else; files of ours get their modes exactly.
      umask(0o077)
      // Passwords pass through.
      _ = buzon_forbid_dumps()
      // Nobody who finds the lock held may end us with a word that isn't listened to yet.
      signal(SIGUSR1, SIG_IGN)
      try configuration.requireTrust(file: file)
      folders = try SpoolFolders(configuration.spool)
      state = try StateFolder(configuration.state)
      lock = try AgentLock(folders, state)
      // What wasn't there may have been made by others meanwhile.
      try configuration.requireTrust(file: file)
      try StateRestore.finish(configuration)
      try folders.clean()
      try folders.incoming.cleanPassing()
      try Agent.requireRegister(state, configuration)
      register = try Register(writing: state.registerPath)
      current = CurrentSettings(try Settings(configuration, key: state.key))
      let style = try RecordStyle(configuration)
      recorder = Recorder(
        register: register, writer: try RecordWriter(configuration.records, style: style),
        status: StatusReading(register, configuration, zone: style.zone), log: log)
      dispatcher = Dispatcher(register: register, recorder: recorder, current: current, log: log, once: once)
    }

    func close() {
      try? register.close()
      lock.release()
    }
  }

  private func runUnguarded(once: Bool) async throws -> Ending {
    let parts = try Parts(configuration, from: configurationFile, log: log, once: once)
    defer { parts.close() }
    let (state, register, current) = (parts.state, parts.register, parts.current)
    let (recorder, dispatcher) = (parts.recorder, parts.dispatcher)
    let intake = try Intake(
      folders: parts.folders, register: register, dispatcher: dispatcher, current: current, log: log)
    let mirror = Mirror(
      register: register, recorder: recorder, current: current, log: log, wakeClock: { intake.checkClock() }
    ) {
      intake.directoryHeard()
    }
    for (what, remedy) in try parts.folders.openings() { log.warning("spool.open", [("why", what), ("do", remedy)]) }
    for (what, remedy) in try parts.folders.shortcomings() {
      log.warning("spool.incomplete", [("why", what), ("do", remedy)])
    }
    // Before it says that it started: who reads that may send a signal.
    let signals = await Signals()
    log.info("agent.started", [("version", Self.version), ("spool", configuration.spool)])

    var ending = Ending()
    ending.deferred = try await withThrowingTaskGroup(of: Part.self) { group in
      group.addTask {
        if once {
          // What happened since the last run may be due for the clock.
          if try await mirror.catchUp() { intake.directoryHeard() }
          intake.checkClock()
        }
        try await intake.run(once: once)
        return .intake
      }
      if !once {
        group.addTask {
          try await mirror.run()
          return .mirror
        }
      }
      group.addTask { .dispatcher(deferred: try await dispatcher.run()) }
      group.addTask { .recorder(wroteAll: try await recorder.run()) }
      group.addTask {
        for await signal in signals.stream {
          switch signal {
          case .stop:
            log.info("agent.stopping", [])
            intake.stop()
            await dispatcher.stop()
          case .reread:
            await reread(current: current, state: state, recorder: recorder, dispatcher: dispatcher)
            await mirror.reconnect()
          }
        }
        return .signals
      }
      group.addTask {
        for await _ in signals.orders {
          try await dispatcher.carryOutOrders()
          // The clock may have been released.
          intake.checkClock()
          // A slip may have been received.
          await recorder.rescan(again: true)
        }
        return .signals
      }
      // One part that fails ends the others: what is in flight comes to its end, and the next start takes it up.
      defer { intake.stop() }
      var deferred = false
      while let part = try await group.next() {
        switch part {
        case .intake: await dispatcher.endOfInput()
        case .dispatcher(let left):
          if left { deferred = true }
          // Up to our own last operation, and whatever others did meanwhile.
          if once, !left { _ = try await mirror.catchUp() }
          await mirror.end()
          if once { await recorder.end() }
        case .mirror: await recorder.end()
        case .recorder(let wroteAll):
          if !wroteAll { deferred = true }
          signals.finish()
        case .signals: break
        }
      }
      return deferred
    }
    ending.accepted = await intake.counts.accepted
    ending.rejected = await intake.counts.rejected
    ending.failed = await recorder.failures
    if try register.openRequests().values.reduce(0, +) > 0 { ending.deferred = true }
    if await intake.openCount > 0 { ending.deferred = true }
    if try register.clockState().map({ $0.held != nil && !$0.isReleased }) ?? false { ending.deferred = true }
    try register.close()
    if let leftover = await intake.leftover { throw leftover }
    log.info(
      "agent.ended",
      [
        ("accepted", "\(ending.accepted)"), ("rejected", "\(ending.rejected)"), ("failed", "\(ending.failed)"),
        ("deferred", ending.deferred ? "yes" : "no"),
      ])
    return ending
  }

  /// A state that is new beside records that aren't has been lost, or isn't mounted: going on would use numbers a second
  /// time and write the account list empty.
  private static func requireRegister(_ state: StateFolder, _ configuration: Configuration) throws {
    if state.hasRegister { return }
    guard let deliveries = try? Directory(configuration.records + "/deliveries"), try !deliveries.names().isEmpty else {
      return
    }
    throw AgentError.state(
      "\(configuration.state) has no register, but \(configuration.records) has delivery records; mount or restore the "
        + "state, or move the records away to begin anew")
  }

  /// Carries out what operators ordered, where no agent runs to do it.
  ///
  /// - Throws: as ``run(once:)``.
  static func carryOutOrders(_ configuration: Configuration) async throws {
    let parts: Parts
    do {
      parts = try Parts(configuration, log: EventLog(format: .text, threshold: .warning), once: true)
    } catch AgentError.spoolTaken {
      // One has begun meanwhile: it is its work.
      return
    }
    defer { parts.close() }
    try await parts.dispatcher.carryOutOrders()
    guard try !parts.register.unrecorded(after: 0, limit: 1).isEmpty else { return }
    await parts.recorder.end()
    _ = try await parts.recorder.run()
    try parts.register.close()
  }

  /// What ``rebuild(_:log:progress:)`` wrote anew.
  public struct RebuildResult: Sendable {
    public var requests: Int
    public var accounts: Int
  }

  /// Writes records and lists again, from the register and the directory: the mirror of the accounts is read anew, and
  /// every record, archived form and list is written from what is known.
  ///
  /// - Parameter progress: what is done, how many of it, of how many where that is known.
  /// - Throws: as ``run(once:)``.
  public static func rebuild(
    _ configuration: Configuration, log: EventLog,
    progress: @escaping @Sendable (_ what: String, _ done: Int, _ of: Int?) -> Void
  ) async throws -> RebuildResult {
    try configuration.actAsOwnerOfState()
    let parts = try Parts(configuration, log: log, once: true)
    defer { parts.close() }
    let accounts = try await DirectoryReading(current: parts.current).fill(parts.register) {
      progress("accounts", $0, nil)
    }
    log.report(accounts.change.news)
    let requests = try await parts.register.forgetRecords().value()
    await parts.recorder.onProgress { progress("requests", $0, requests) }
    await parts.recorder.end()
    guard try await parts.recorder.run() else {
      throw AgentError.unwritten("not everything could be written; see the log, then run it again")
    }
    try parts.register.close()
    return RebuildResult(requests: requests, accounts: accounts.count)
  }

  private enum Part: Sendable {
    case intake
    case dispatcher(deferred: Bool)
    case mirror
    case recorder(wroteAll: Bool)
    case signals
  }

  /// Reads the configuration again. A bad one is refused and the old stays; what can't change under a running agent
  /// (folders) is named.
  private func reread(current: CurrentSettings, state: StateFolder, recorder: Recorder, dispatcher: Dispatcher) async {
    do {
      let new = try Configuration.load(configurationFile)
      guard new.spool == configuration.spool, new.state == configuration.state, new.records == configuration.records
      else {
        throw AgentError.configuration("spool, state and records can't change while the agent runs; restart it")
      }
      try new.requireTrust(file: configurationFile)
      let style = try RecordStyle(new)
      current.replace(try Settings(new, key: state.key))
      await recorder.use(style)
      await dispatcher.reconnect()
      log.info("configuration.reread", [("file", configurationFile)])
    } catch {
      log.error(
        "configuration.refused",
        [("file", configurationFile), ("why", "\(error)"), ("do", "mend it and send SIGHUP again; the old one stays")])
    }
  }
}
