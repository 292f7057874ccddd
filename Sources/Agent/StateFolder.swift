internal import Files

/// The agent's own folder: the register and the key of the temporary passwords. Closed to everybody else.
struct StateFolder: Sendable {
  private static let keyName: FileName = "slips.key"
  private static let keyLength = 32

  let path: String
  let folder: Directory
  /// Whether there was a register before this run.
  let hasRegister: Bool
  /// `slips.key`, 32 bytes: with an intent's salt it gives a temporary password.
  let key: [UInt8]

  var registerPath: String { path + "/register.sqlite" }

  /// Opens the folder, making it and the key where they are missing.
  ///
  /// - Throws: ``AgentError`` where others may write in it or the key is damaged; ``FileError``, ``SyncFailure``.
  init(_ path: String) throws {
    self.path = path
    folder = try Directory(path, creating: 0o700)
    if let intruder = try folder.intruders().first {
      throw AgentError.state(
        "\(path): \(intruder), so it can't be trusted; chmod 700 \(path), and chown it to the agent")
    }
    hasRegister = try folder.stat("register.sqlite") != nil
    if try folder.stat(Self.keyName) == nil {
      guard !hasRegister else {
        throw AgentError.state(
          "\(path)/\(Self.keyName) is missing, and with it the open temporary passwords; put it back from the backup")
      }
      var generator = SystemRandomNumberGenerator()
      let key = (0..<Self.keyLength / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
      try folder.writeDurably(key, as: Self.keyName, mode: 0o600, replacing: .nothing)
    }
    key = try folder.read(Self.keyName, limit: 4_096)
    guard key.count == Self.keyLength else {
      throw AgentError.state(
        "\(path)/\(Self.keyName) has \(key.count) bytes instead of \(Self.keyLength); put it back from the backup")
    }
  }
}

/// The locks that let one agent alone work on a spool and on a state, held while this lives.
final class AgentLock {
  private var spool: LockFile?
  private var state: LockFile?

  init(_ spool: SpoolFolders, _ state: StateFolder) throws {
    do {
      self.spool = try LockFile("agent.lock", in: spool.root)
      self.state = try LockFile("agent.lock", in: state.folder)
    } catch let held as LockFile.Held {
      throw AgentError.spoolTaken("another agent is at work: \(held)")
    }
  }

  func release() {
    spool = nil
    state = nil
  }
}
