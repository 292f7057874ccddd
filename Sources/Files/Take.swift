import Failpoints
import Glibc

/// What came of taking a file out of the spool.
public enum Taking: Sendable, Hashable {
  /// It is ours: it lies in our own folder under the new name.
  case taken
  /// Its owner withdrew it before.
  case gone
  /// The new name is in use; nothing was moved.
  case occupied
  /// This one can't be moved, e.g. a folder that isn't ours to write, or an immutable file. Others can.
  case fixed(FileError)
}

extension Directory {
  /// Takes a dropped file into a folder of our own on the same file system, before it is opened: from then on nobody
  /// else can rename it or put another in its place. Nothing is ever overwritten (renameat2(2), RENAME_NOREPLACE).
  ///
  /// The move is durable as soon as what was read is; nobody needs to sync it before: after a power cut the file lies
  /// in one of the two folders, and both are read at start-up.
  ///
  /// - Throws: what isn't this file's fault: EXDEV, ENOSPC, EIO, and EINVAL where the file system can't do it.
  public func take(_ name: FileName, to other: Directory, as newName: FileName) throws(FileError) -> Taking {
    do throws(FileError) {
      let moved = try failpoint("file.take") { () throws(FileError) in try move(name, to: other, as: newName) }
      return moved ? .taken : .occupied
    } catch {
      switch error.code {
      case ENOENT: return .gone
      case EACCES, EPERM, EBUSY: return .fixed(error)
      default: throw error
      }
    }
  }
}
