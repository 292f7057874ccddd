public import Configuration
internal import Files
internal import Glibc
internal import Installation
public import Register

/// Puts a backup in place of the state.
///
/// What makes it safe at any instant: the backup is one file that holds register *and* key, and one rename(2) puts it in
/// place. Before the rename the old state stands untouched; after it the new register stands with the key in it, and
/// whoever opens the state next takes the key from there (``RestoredState/finish(records:)``) before using it.
///
/// | what exists | the state is | what the next start does |
/// |---|---|---|
/// | `register.sqlite.new` (perhaps half), `….before-restore-TIME` | the old one | nothing; the next restore removes the copy |
/// | `register.sqlite` with the table `backup`, the old `slips.key` | the new one | writes the key to `slips.key`, durably |
/// | the same, the new `slips.key` | the new one | notes the numbers used since, takes the table out |
/// | `register.sqlite` without it | the new one | nothing |
public enum StateRestore {
  /// What a restore came to.
  public struct Result: Sendable {
    public var contents: BackupContents
    /// Where the register that was there stands now.
    public var aside: String?
    /// Numbers of delivery records on the disk that the restored register doesn't know, sorted: nobody gets
    /// them again.
    public var unknown: [String]
    /// How many requests weren't done when the backup was made, and are held now.
    public var held: Int
  }

  /// Restores the state from a backup.
  ///
  /// - Parameter progress: gets bytes done and bytes in all; what it throws ends the copy, and nothing was changed.
  /// - Throws: ``BackupFault``; ``AgentError`` where an agent is at work or the folder isn't ours alone; `FileError`,
  ///   `SyncFailure`, `RegisterError`. The old state stands then.
  public static func restore(
    _ configuration: Configuration, from file: String, progress: @escaping (Int64, Int64) throws -> Void
  ) async throws -> Result {
    umask(0o077)
    // Opened as whoever calls; the rest is the agent's user's work, where root calls.
    let source = try SourceFile(file)
    try configuration.actAsOwnerOfState()
    let state = try RestoredState(configuration.state, folder: Files.Directory(configuration.state, creating: 0o700))
    let locks = try Locks(configuration, state)
    defer { locks.release() }
    try state.clean()
    try source.copy(to: StateFiles.staged, in: state.folder, progress: progress)
    let contents: BackupContents
    let aside: FileName?
    do {
      contents = try Register.verify(backup: state.path(StateFiles.staged))
      aside = try state.setAside(newKey: try Register.key(inBackup: state.path(StateFiles.staged)))
      // An old log beside the new register would be taken for its own.
      for name in [StateFiles.log, StateFiles.index] { try state.folder.unlink(name) }
      try state.folder.replace(StateFiles.staged, to: state.folder, as: StateFiles.register)
    } catch {
      _ = try? state.clean()
      throw error
    }
    try state.folder.sync()
    let unknown = try StateFiles.unknown(state.path(StateFiles.register), records: configuration.records)
    let held = try state.finish(records: configuration.records)
    let register = try Register(writing: state.path(StateFiles.register))
    try await RestoredLedger(configuration).settle(register, at: WallClock.now())
    try register.close()
    return Result(contents: contents, aside: aside.map { state.path($0) }, unknown: unknown, held: held)
  }
}
