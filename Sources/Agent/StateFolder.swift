internal import Files

/// The agent's own folder: the register and the key of the temporary passwords. Closed to everybody else.
struct StateFolder: Sendable {
  private static let keyName: FileName = "slips.key"
  private static let keyLength = 32

  let path: String
  /// `slips.key`, 32 bytes: with an intent's salt it gives a temporary password.
  let key: [UInt8]

  var registerPath: String { path + "/register.sqlite" }

  /// Opens the folder, making it and the key where they are missing.
  ///
  /// - Throws: ``AgentError`` where others may write in it or the key is damaged; ``FileError``, ``SyncFailure``.
  init(_ path: String) throws {
    self.path = path
    let folder = try Directory(path, creating: 0o700)
    if let intruder = try folder.intruders().first {
      throw AgentError.state(
        "\(path): \(intruder), so it can't be trusted; chmod 700 \(path), and chown it to the agent")
    }
    if try folder.stat(Self.keyName) == nil {
      var generator = SystemRandomNumberGenerator()
      let key = (0..<Self.keyLength / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
      try folder.writeDurably(key, as: Self.keyName, mode: 0o600, replacing: .nothing)
    }
    key = try folder.read(Self.keyName, limit: 4_096)
    guard key.count == Self.keyLength else {
      throw AgentError.state(
        "\(path)/\(Self.keyName) has \(key.count) bytes instead of \(Self.keyLength); put it back from the backup, or "
          + "remove it: then the open temporary passwords can't be shown again")
    }
  }
}

/// The lock that lets one agent alone work on a spool, held while this lives.
final class SpoolLock {
  private var lock: LockFile?

  init(_ folders: SpoolFolders) throws {
    do {
      lock = try LockFile("agent.lock", in: folders.root)
    } catch let held as LockFile.Held {
      throw AgentError.spoolTaken("another agent has this spool: \(held)")
    }
  }

  func release() { lock = nil }
}
