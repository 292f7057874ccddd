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
      log.error(
        "agent.failed", [("why", "\(error)"), ("do", "mend it, then start the agent again: it takes up where it was")])
      throw error
    }
  }

  private func runUnguarded(once: Bool) async throws -> Ending {
    // What others write for us, SQLite among them, is for nobody else; files of ours get their modes exactly.
    umask(0o077)
    let folders = try SpoolFolders(configuration.spool)
    let state = try StateFolder(configuration.state)
    let lock = try AgentLock(folders, state)
    defer { lock.release() }
    try folders.clean()
    try folders.incoming.cleanPassing()
    try requireRegister(state)
    let register = try Register(writing: state.registerPath)
    defer { try? register.close() }
    let live = Live(try Settings(configuration, key: state.key))
    let recorder = Recorder(
      register: register,
      writer: try RecordWriter(
        configuration.records, zone: live.settings.zone, formCode: configuration.organization.form.code), log: log)
    let dispatcher = Dispatcher(register: register, recorder: recorder, live: live, log: log, once: once)
    let intake = try Intake(folders: folders, register: register, dispatcher: dispatcher, live: live, log: log)
    log.info("agent.started", [("version", Self.version), ("spool", configuration.spool)])

    let signals = Signals()
    var ending = Ending()
    ending.deferred = try await withThrowingTaskGroup(of: Part.self) { group in
      group.addTask {
        try await intake.run(once: once)
        return .intake
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
          case .reread: await reread(live: live, state: state, dispatcher: dispatcher)
          }
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
          await recorder.end()
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
  private func requireRegister(_ state: StateFolder) throws {
    if state.hasRegister { return }
    guard let deliveries = try? Directory(configuration.records + "/deliveries"), try !deliveries.names().isEmpty else {
      return
    }
    throw AgentError.state(
      "\(configuration.state) has no register, but \(configuration.records) has delivery records; mount or restore the "
        + "state, or move the records away to begin anew")
  }

  private enum Part: Sendable {
    case intake
    case dispatcher(deferred: Bool)
    case recorder(wroteAll: Bool)
    case signals
  }

  /// Reads the configuration again. A bad one is refused and the old stays; what can't change under a running agent
  /// (folders) is named.
  private func reread(live: Live, state: StateFolder, dispatcher: Dispatcher) async {
    do {
      let new = try Configuration.load(configurationFile)
      guard new.spool == configuration.spool, new.state == configuration.state, new.records == configuration.records
      else {
        throw AgentError.configuration("spool, state and records can't change while the agent runs; restart it")
      }
      live.replace(try Settings(new, key: state.key))
      await dispatcher.reconnect()
      log.info("configuration.reread", [("file", configurationFile)])
    } catch {
      log.error(
        "configuration.refused",
        [("file", configurationFile), ("why", "\(error)"), ("do", "mend it and send SIGHUP again; the old one stays")])
    }
  }
}
