import Failpoints
import Glibc

extension Directory {
  /// What becomes of a file of the same name.
  public enum Replacing: Sendable, Hashable {
    /// It is replaced by the new one.
    case present
    /// It stays, and the call answers `false`.
    case nothing
  }

  /// Writes one file so that it appears whole under its name and survives a power cut when this returns.
  ///
  /// It is written in this very folder under a hidden passing name that nobody can guess, and that the spool leaves
  /// alone, so the folder needs no other beside it. A folder that may not be read (a drop folder, mode `-wx`) can't be synced; there the whole
  /// file system is.
  ///
  /// - Parameter mode: permission bits, exact whatever the umask.
  /// - Returns: `false` where the name is taken and `replacing` is ``Replacing/nothing``; nothing was changed then.
  /// - Throws: ``FileError``, ``SyncFailure``.
  @discardableResult
  public func writeDurably(
    _ bytes: [UInt8], as name: FileName, mode: UInt32, replacing: Replacing = .present
  ) throws -> Bool {
    let new = try createFile(mode: mode, named: hiddenPassingName)
    let passing = new.name
    do {
      try failpoint("file.write") { () throws(FileError) in
        try bytes.withRawBytes { bytes throws(FileError) in
          try new.descriptor.write(bytes, path: shown(passing))
        }
      }
      try failpoint("file.sync") { () throws(SyncFailure) in
        try synced("fsync", shown(passing)) { fsync(new.descriptor.raw) }
      }
      switch replacing {
      case .present: try replace(passing, to: self, as: name)
      case .nothing:
        let moved = try failpoint("file.rename") { () throws(FileError) in try move(passing, to: self, as: name) }
        if !moved {
          discard(passing)
          return false
        }
      }
    } catch {
      discard(passing)
      throw error
    }
    if isReadable {
      try sync()
    } else {
      try failpoint("file.syncfs") { () throws(SyncFailure) in
        try synced("syncfs", path) { syncfs(new.descriptor.raw) }
      }
    }
    return true
  }
}
