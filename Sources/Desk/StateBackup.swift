public import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import Records
public import Register
internal import Text

/// Copies of the state: the register and the key of the temporary passwords in one file.
public enum StateBackup {
  /// A backup that was made.
  public struct Result: Sendable, Hashable {
    public var contents: BackupContents
    /// Of the file.
    public var bytes: Int64
  }

  /// Writes a backup of the state, while an agent may work. It is written under a passing name in the file's folder,
  /// read back, and gets its name only then, whole and durably, mode 0600.
  ///
  /// - Parameters:
  ///   - register: the state's, open for reading.
  ///   - replacing: whether a file of that name is replaced.
  ///   - progress: gets bytes done and bytes in all; what it throws ends the copy and removes it.
  /// - Throws: `FileError` (EEXIST where the name is taken), `SyncFailure`, `RegisterError`; ``BackupFault`` where what
  ///   was read back isn't what was written; ``AgentError`` where the state has no good key.
  public static func write(
    _ configuration: Configuration, _ register: Register, to file: String, replacing: Bool,
    progress: @escaping (Int64, Int64) throws -> Void
  ) throws -> Result {
    let (folder, root, name) = try place(file)
    let state = try Files.Directory(configuration.state)
    let (there, own) = (try folder.stat(), try state.stat())
    guard there.inode != own.inode || there.device != own.device else {
      throw AgentError.state("\(folder.path) is the state itself; keep backups elsewhere, best on another machine")
    }
    if !replacing, try folder.stat(name) != nil { throw taken(folder, name) }
    let key = try StateFiles.key(configuration.state)
    // What a backup that was killed left; touched by nobody for an hour.
    _ = try? folder.cleanPassing()

    // SQLite makes its files with the umask's modes; the copy itself is made here.
    umask(0o077)
    guard let passing = FileName(".\(getpid())-\(UInt64.random(in: .min ... .max)).tmp") else {
      preconditionFailure("two numbers make a name")
    }
    let path = root + "/\(passing)"
    let descriptor = retrying { open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
    guard descriptor >= 0 else { throw FileError(call: "open", path: folder.shown(passing), code: errno) }
    defer {
      _ = close(descriptor)
      for suffix in ["-wal", "-shm", "-journal"] {
        if let beside = passing.appending(suffix) { _ = try? folder.unlink(beside) }
      }
    }
    do {
      let made = try register.copy(
        to: path, key: key, version: buzonVersion, made: Timestamp.now().milliseconds, progress: progress)
      guard retrying({ fsync(descriptor) }) == 0 else {
        throw SyncFailure(FileError(call: "fsync", path: folder.shown(passing), code: errno))
      }
      let read = try Register.verify(backup: path)
      guard read == made else { throw BackupFault("isn't what was written") }
      guard let stat = try folder.stat(passing), stat.mode == 0o600 else {
        throw FileError(call: "open", path: folder.shown(passing), code: ENOENT)
      }
      if replacing {
        try folder.replace(passing, to: folder, as: name)
      } else if try !folder.move(passing, to: folder, as: name) {
        throw taken(folder, name)
      }
      try folder.sync()
      return Result(contents: made, bytes: stat.size)
    } catch {
      _ = try? folder.unlink(passing)
      throw error
    }
  }

  private static func taken(_ folder: Files.Directory, _ name: FileName) -> FileError {
    FileError(call: "open", path: folder.shown(name), code: EEXIST)
  }

  /// A path's folder, what that is called, and the name in it.
  private static func place(_ file: String) throws -> (Files.Directory, String, FileName) {
    let bytes = Array(file.utf8)
    let cut = bytes.lastIndex(of: UInt8(ascii: "/"))
    guard let name = FileName(bytes[(cut.map { $0 + 1 } ?? 0)...]) else {
      throw FileError(call: "open", path: displayed(bytes), code: EISDIR)
    }
    let folder = cut.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
    return (try Files.Directory(folder), folder, name)
  }
}
