internal import CSystem
internal import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import Register

/// The agent's parts, put together on folders that it alone works on.
struct AgentParts {
  let folders: SpoolFolders
  let state: StateFolder
  let lock: AgentLock
  let register: Register
  let current: CurrentSettings
  let servers: ServerChoice
  let recorder: Recorder
  let dispatcher: Dispatcher
  let manager = ServiceManager()

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
    try RestoredState.finish(configuration)
    try folders.clean()
    try folders.incoming.cleanPassing()
    try Self.requireRegister(state, configuration)
    register = try Register(writing: state.registerPath)
    current = CurrentSettings(try Settings(configuration, key: state.key))
    servers = try ServerChoice(configuration.directory, register, log: log)
    let style = try RecordStyle(configuration)
    recorder = Recorder(
      register: register, writer: try RecordWriter(configuration.records, style: style),
      status: StatusReading(register, configuration, zone: style.zone), manager: manager, log: log)
    dispatcher = Dispatcher(
      register: register, recorder: recorder, current: current, servers: servers, log: log, once: once)
  }

  /// Has the ledger of a restored register go on where its files end.
  ///
  /// - Throws: ``AgentError`` where the files hold more than a register that wasn't restored.
  func continueLedger(_ configuration: Configuration) async throws {
    try await RestoredLedger(configuration).settle(register, at: current.now())
  }

  func close() {
    try? register.close()
    lock.release()
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
        + "state, or move the records away to start with an empty state")
  }
}
