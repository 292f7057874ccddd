package import Files
internal import Glibc

/// The agent's own folder: the register and the key of the temporary passwords. Closed to everybody else.
package struct StateFolder: Sendable {
  package let path: String
  package let folder: Directory
  /// Whether there was a register before this run.
  package let hasRegister: Bool
  /// `slips.key`, 32 bytes: with an intent's salt it gives a temporary password.
  package let key: [UInt8]

  package var registerPath: String { path + "/register.sqlite" }

  /// Opens the folder, making it and the key where they are missing.
  ///
  /// - Throws: ``AgentError`` where others may write in it or the key is damaged; ``FileError``, ``SyncFailure``.
  package init(_ path: String) throws {
    self.path = path
    folder = try Directory(path, creating: 0o700)
    try trusting { try PathTrust.requireFolder(path, isClosed: true) }
    hasRegister = try folder.stat("register.sqlite") != nil
    if try !hasRegister && folder.stat(StateFiles.keyName) == nil {
      var generator = SystemRandomNumberGenerator()
      let key = (0..<4).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
      try folder.writeDurably(key, as: StateFiles.keyName, mode: 0o600, replacing: .nothing)
    }
    // A register that was restored may have its key with it still.
    key = try StateFiles.key(path)
  }
}

/// The locks that let one agent alone work on a spool and on a state, held while this lives.
package final class AgentLock {
  /// Whoever may read such a file can lock it, and keep every agent from starting.
  package static let mode: UInt32 = 0o600

  private var spool: LockFile?
  private var state: LockFile?

  package init(_ spool: SpoolFolders, _ state: StateFolder) throws {
    // Whoever asks who holds a lock holds it for a moment, and a queue command while it does an agent's work: 3 s.
    for attempt in 1...150 {
      do {
        self.spool = try LockFile("agent.lock", in: spool.root, mode: Self.mode)
        self.state = try LockFile("agent.lock", in: state.folder, mode: Self.mode)
        return
      } catch let held as LockFile.Held {
        release()
        if attempt == 150 { throw AgentError.spoolTaken("an agent runs here; stop it first: \(held)") }
        usleep(20_000)
      }
    }
  }

  package func release() {
    spool = nil
    state = nil
  }
}
