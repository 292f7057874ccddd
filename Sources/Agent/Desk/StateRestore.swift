public import Configuration
internal import Files
internal import Glibc
public import Register

/// Puts a backup in place of the state.
///
/// What makes it safe at any instant: the backup is one file that holds register *and* key, and one rename(2) puts it in
/// place. Before the rename the old state stands untouched; after it the new register stands with the key in it, and
/// whoever opens the state next takes the key from there (``finish(_:_:)``) before using it.
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

  static let staged: FileName = "register.sqlite.new"
  static let register: FileName = "register.sqlite"
  static let log: FileName = "register.sqlite-wal"
  static let index: FileName = "register.sqlite-shm"

  /// Restores the state from a backup.
  ///
  /// - Parameter progress: gets bytes done and bytes in all; what it throws ends the copy, and nothing was changed.
  /// - Throws: ``BackupFault``; ``AgentError`` where an agent is at work or the folder isn't ours alone; `FileError`,
  ///   `SyncFailure`, `RegisterError`. The old state stands then.
  public static func restore(
    _ configuration: Configuration, from file: String, progress: @escaping (Int64, Int64) throws -> Void
  ) throws -> Result {
    umask(0o077)
    // Opened as whoever calls; the rest is the agent's user's work, where root calls.
    let source = try Source(file)
    try configuration.actAsOwnerOfState()
    let state = try State(configuration.state, folder: Files.Directory(configuration.state, creating: 0o700))
    let locks = try Locks(configuration, state)
    defer { locks.release() }
    try state.clean()
    try source.copy(to: staged, in: state.folder, progress: progress)
    let contents: BackupContents
    let aside: FileName?
    do {
      contents = try Register.verify(backup: state.path(staged))
      aside = try state.setAside(newKey: try Register.key(inBackup: state.path(staged)))
      // An old log beside the new register would be taken for its own.
      for name in [log, index] { try state.folder.unlink(name) }
      try state.folder.replace(staged, to: state.folder, as: register)
    } catch {
      _ = try? state.clean()
      throw error
    }
    try state.folder.sync()
    let unknown = try unknown(state.path(register), records: configuration.records)
    let held = try state.finish(records: configuration.records)
    return Result(contents: contents, aside: aside.map { state.path($0) }, unknown: unknown, held: held)
  }

  /// Brings a restore to its end that put the register in place: the key goes from it to `slips.key`. Does nothing where
  /// there is none. For the one who holds the lock.
  static func finish(_ configuration: Configuration) throws {
    let state = try State(configuration.state, folder: Files.Directory(configuration.state))
    try state.clean()
    try state.finish(records: configuration.records)
  }

  /// The key of the temporary passwords: the one in the register, where a restore was cut off; else `slips.key`.
  ///
  /// - Throws: ``AgentError`` where it is missing or damaged.
  static func key(_ path: String) throws -> [UInt8] {
    let folder = try Files.Directory(path)
    if try folder.stat(register) != nil, let key = try Register.key(inBackup: path + "/\(register)") { return key }
    guard try folder.stat(keyName) != nil else {
      throw AgentError.state(
        "\(path)/\(keyName) is missing, and with it the open temporary passwords; put it back from the backup")
    }
    let key = try folder.read(keyName, limit: 4_096)
    guard key.count == 32 else {
      throw AgentError.state(
        "\(path)/\(keyName) has \(key.count) bytes instead of 32; put it back from the backup")
    }
    return key
  }

  static let keyName: FileName = "slips.key"

  static func unknown(_ path: String, records: String) throws -> [String] {
    guard let deliveries = try? Files.Directory(records + "/deliveries") else { return [] }
    return try Register.asking(path) { knows in
      var unknown: [String] = []
      for year in try deliveries.names() {
        guard let folder = try? deliveries.folder(year) else { continue }
        try folder.forEachName { name throws in
          guard name.hasSuffix(".json"), let number = FileName(name.bytes.dropLast(5))?.text else { return }
          if try !knows(number) { unknown.append(number) }
        }
      }
      return unknown.sorted()
    }
  }
}
