internal import CSystem
public import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Installation
internal import LDAP
internal import Records
internal import Register

/// The agent: one run, from the spool to the records.
///
///     spool/incoming ─▶ Intake ─▶ Register ─▶ Dispatcher ─▶ Applier ─▶ directory
///                                    ▲                         │
///                                    └──── outcomes ◀──────────┘──▶ Recorder ─▶ records
///
/// Start-up resumes whatever an earlier run left, wherever it died; there is no other way of stopping than one that is
/// safe at any instant.
public struct Agent: Sendable {
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
    /// Whether the directory could not be read (`--once`): nothing is known of what happened there.
    public var isUnread = false

    /// The exit code of `run --once`.
    public var exitCode: Int32 { rejected + failed > 0 ? 1 : isUnread ? 69 : deferred ? 75 : 0 }
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
  /// Where another agent works, it waits for the end of that one; with `once` it is refused.
  ///
  /// - Throws: ``AgentError``, `FileError`, `SyncFailure`, `RegisterError`: the next start resumes there.
  public func run(once: Bool) async throws -> Ending {
    defer { log.flush() }
    do {
      return try await runAlone(once: once)
    } catch {
      let (why, remedy) = Self.explanation(of: error)
      log.error("agent.failed", [("why", why), ("do", "\(remedy); the next start resumes there")])
      await noteEnd(by: error, Trouble(what: why, remedy: remedy), once: once)
      throw error
    }
  }

  /// Stores what ended the run, so that `buzon status` tells it. Nothing is written where another agent works, where others may
  /// write in the state, or where a sync failed: what the next start finds must be what is on the disk.
  private func noteEnd(by error: any Error, _ trouble: Trouble, once: Bool) async {
    if case AgentError.spoolTaken = error { return }
    guard error is AgentError || error is FileError else { return }
    guard (try? configuration.requireTrustOfState()) != nil, let state = try? StateFolder(configuration.state),
      state.hasRegister, let register = try? Register(writing: state.registerPath)
    else { return }
    defer { try? register.close() }
    let code = (error as? AgentError)?.exitCode ?? Self.inputOutput
    let run = LastRun(ended: WallClock.now(), isOnce: once, exitCode: code, trouble: trouble)
    try? await register.endRun(run).value()
  }

  /// What happened, and what a person can do about it.
  private static func explanation(of error: any Error) -> (why: String, remedy: String) {
    switch error {
    case let error as FileError: ("\(error)", error.remedy ?? "check that file or folder, then start the agent again")
    case AgentError.configuration: ("\(error)", "correct the configuration, then start the agent again")
    case AgentError.spoolTaken: ("\(error)", "let it work, or stop it before you start this one")
    case let error as SyncFailure: ("\(error)", "check the disk (dmesg)")
    case let error as RegisterError: (error.what, error.remedy)
    default: ("\(error)", "do what it says, then start the agent again")
    }
  }

  private func runAlone(once: Bool) async throws -> Ending {
    if once { return try await run(configuration, once: true) }
    let standby = Standby(configuration: configuration, manager: ServiceManager(), log: log)
    while true {
      let hasWaited = try await standby.wait()
      do {
        return try await run(hasWaited ? try Configuration.load(configurationFile) : configuration, once: false)
      } catch AgentError.spoolTaken {
        // A third one was faster, or a command has it for a moment.
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func run(_ configuration: Configuration, once: Bool) async throws -> Ending {
    let parts = try AgentParts(configuration, from: configurationFile, log: log, once: once)
    defer { parts.close() }
    try await parts.continueLedger(configuration)
    try await Self.finishForgetting(parts)
    let (register, current, recorder, dispatcher) = (parts.register, parts.current, parts.recorder, parts.dispatcher)
    let intake = try Intake(
      folders: parts.folders, register: register, dispatcher: dispatcher, current: current, log: log)
    await dispatcher.onDue { intake.checkClock() }
    let mirror = Mirror(
      register: register, recorder: recorder, current: current, servers: parts.servers, log: log,
      wakeClock: { intake.checkClock() },
      answered: { [root = parts.folders.root] in root.setModified("agent.lock", $0) }
    ) {
      intake.directoryHeard()
    }
    parts.servers.onSwitch { await dispatcher.leaveServer() }
    parts.servers.onSwitch { await mirror.leaveServer() }
    for fault in try parts.folders.openings() {
      log.warning("spool.open", [("why", fault.what), ("do", fault.remedy)])
    }
    for fault in try parts.folders.shortcomings() {
      log.warning("spool.incomplete", [("why", fault.what), ("do", fault.remedy)])
    }
    try await register.beginRun().value()
    // That commit made SQLite's log, whose name SQLite syncs without asking whether that worked.
    try parts.state.folder.sync()
    register.noteConfiguration(configurationFile)
    // Before it says that it started: who reads that may send a signal.
    let signals = await Signals()
    log.info("agent.started", [("version", buzonVersion), ("spool", configuration.spool)])
    parts.manager.ready()
    let reload = Reload(
      file: configurationFile, folders: configuration, key: parts.state.key, register: register, current: current,
      recorder: recorder, dispatcher: dispatcher, mirror: mirror, servers: parts.servers, manager: parts.manager,
      log: log)
    await dispatcher.onReload { await reload.carryOut() }
    let run = AgentRun(
      intake: intake, dispatcher: dispatcher, mirror: mirror, recorder: recorder, signals: signals,
      manager: parts.manager, log: log, once: once
    ) {
      await reload.carryOut()
    }
    let isDeferred = try await run.run()
    let isUnread = if once { await !mirror.isRead } else { false }
    let ending = try await conclude(parts, intake, isDeferred: isDeferred, isUnread: isUnread, once: once)
    log.flush()
    log.info(
      "agent.ended",
      [
        ("accepted", "\(ending.accepted)"), ("rejected", "\(ending.rejected)"), ("failed", "\(ending.failed)"),
        ("deferred", ending.deferred ? "yes" : "no"),
      ])
    return ending
  }

  /// Counts what came of the run, and stores it with the last status page.
  private func conclude(_ parts: AgentParts, _ intake: Intake, isDeferred: Bool, isUnread: Bool, once: Bool)
    async throws
    -> Ending
  {
    var ending = Ending(isUnread: isUnread)
    ending.accepted = await intake.counts.accepted
    ending.rejected = await intake.counts.rejected
    ending.failed = await parts.recorder.failures
    let isClockHeld = try parts.register.clockState().map { $0.held != nil && !$0.isReleased } ?? false
    let waiting = try parts.register.openRequests().values.reduce(0, +) + parts.register.unsignedCount()
    let unread = await intake.openCount
    ending.deferred = isDeferred || isClockHeld || waiting > 0 || unread > 0
    let leftover = await intake.leftover
    let code = leftover == nil ? ending.exitCode : Self.inputOutput
    try await parts.register.endRun(LastRun(ended: parts.current.now(), isOnce: once, exitCode: code)).value()
    if try await !parts.recorder.writeLastStatus() { ending.deferred = true }
    try parts.register.close()
    if let leftover { throw leftover }
    return ending
  }

  /// What a file that can't be read or moved ends the program with (EX_IOERR).
  private static let inputOutput: Int32 = 74

  /// Carries out what operators ordered, where no agent runs to do it.
  ///
  /// - Throws: as ``run(once:)``.
  public static func carryOutOrders(_ configuration: Configuration) async throws {
    let parts: AgentParts
    do {
      parts = try AgentParts(configuration, log: EventLog(format: .text, threshold: .warning), once: true)
    } catch AgentError.spoolTaken {
      // One has begun meanwhile: it is its work.
      return
    }
    defer { parts.close() }
    try await parts.continueLedger(configuration)
    try await parts.dispatcher.carryOutOrders()
    guard try !parts.register.unrecorded(after: 0, limit: 1).isEmpty else { return }
    await parts.recorder.end()
    _ = try await parts.recorder.run()
    _ = try await parts.recorder.writeLastStatus()
    try parts.register.close()
  }

  /// What ``rebuild(_:log:progress:)`` wrote anew.
  public struct RebuildResult: Sendable {
    public var requests: Int
    public var accounts: Int
    /// Files of the ledger that said something else than the register, as they are called now.
    public var kept: [String]
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
    let parts = try AgentParts(configuration, log: log, once: true)
    defer { parts.close() }
    try await parts.continueLedger(configuration)
    let accounts = try await DirectoryReading(current: parts.current).fill(
      parts.register, from: parts.servers.current.place
    ) {
      progress("accounts", $0, nil)
    }
    log.report(accounts.change.news)
    log.flush()
    let requests = try await parts.register.forgetRecords().value()
    let kept = try await parts.recorder.renewLedger()
    await parts.recorder.onProgress { progress("requests", $0, requests) }
    await parts.recorder.end()
    guard try await parts.recorder.run() else {
      throw AgentError.unwritten("not everything could be written; see the log, then run it again")
    }
    _ = try await parts.recorder.writeLastStatus()
    try parts.register.close()
    return RebuildResult(requests: requests, accounts: accounts.count, kept: kept)
  }
}
