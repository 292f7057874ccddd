internal import Configuration
internal import Files
internal import Installation
internal import Register

/// Reads the configuration again while the agent runs (SIGHUP, `buzon reload`). A bad one is refused and the old stays. The
/// folders stay as they are until a restart, which is logged.
struct Reload: Sendable {
  /// What came of it.
  enum Result: Sendable, Hashable {
    /// It is in use; `except`: the keys that take a restart, between spaces.
    case applied(except: String?)
    /// The old one stays in use.
    case refused(String)
  }

  let file: String
  /// What names the folders in use.
  let folders: Configuration
  let key: [UInt8]
  let register: Register
  let current: CurrentSettings
  let recorder: Recorder
  let dispatcher: Dispatcher
  let mirror: Mirror
  let servers: ServerChoice
  let manager: ServiceManager
  let log: EventLog

  func carryOut() async -> Result {
    manager.reloading()
    defer { manager.ready() }
    do {
      let moved = try await use(try Configuration.load(file))
      await mirror.reconnect()
      log.info("configuration.reread", [("file", file)])
      if moved.isEmpty { return .applied(except: nil) }
      log.warning(
        "configuration.restart",
        [
          ("keys", moved), ("why", "a running agent keeps its folders"),
          ("do", "restart the agent (systemctl restart buzon), or set them back"),
        ])
      return .applied(except: moved)
    } catch {
      log.error(
        "configuration.refused",
        [
          ("file", file), ("why", "\(error)"),
          ("do", "correct the file, then reload (systemctl reload buzon, or SIGHUP); until then the old one applies"),
        ])
      return .refused("\(error)")
    }
  }

  /// - Returns: the keys that it names otherwise and that stay as they are, between spaces.
  private func use(_ read: Configuration) async throws -> String {
    var new = read
    let keys = [\Configuration.spool, \.state, \.records]
    let moved = zip(["spool", "state", "records"], keys).filter { new[keyPath: $1] != folders[keyPath: $1] }.map(\.0)
    for key in keys { new[keyPath: key] = folders[keyPath: key] }
    try new.requireTrust(file: file)
    let style = try RecordStyle(new)
    current.replace(try Settings(new, key: key))
    servers.use(new.directory)
    log.use(new.log)
    register.noteConfiguration(file)
    await recorder.use(style, StatusReading(register, new, zone: style.zone))
    await dispatcher.reconnect()
    return moved.joined(separator: " ")
  }
}

extension Register {
  /// The ledger says when another configuration came into use. One that can't be read any more stays unsaid until the next
  /// start.
  func noteConfiguration(_ path: String) {
    guard let bytes = try? readFile(path, limit: 1 << 20) else { return }
    _ = useConfiguration(bytes, at: WallClock.now())
  }
}
