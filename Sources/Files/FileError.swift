import CSystem
import Glibc

/// A call of the operating system that failed: which, on what, and why.
///
/// Its description is one line in plain words, e.g. `cannot open /x/y: permission denied`; control characters in the path
/// are written out.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The system call's name, as its manual page has it.
  public let call: String
  /// What it was called on, safe to print.
  public let path: String
  /// `errno`, as errno(3) lists it.
  public let code: Int32

  /// An error by its parts.
  ///
  /// - Parameter path: safe to print; see ``displayed(_:)``.
  public init(call: String, path: String, code: Int32) {
    self.call = call
    self.path = path
    self.code = code
  }

  /// The call that failed just now. `errno` is taken before the path is put together, which may change it.
  static func latest(_ call: String, _ path: @autoclosure () -> String) -> FileError {
    let code = errno
    return FileError(call: call, path: path(), code: code)
  }

  /// Whether what was named isn't there (ENOENT, ENOTDIR).
  public var isOfName: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the caller may not do it (EACCES, EPERM).
  public var isOfPermission: Bool { code == EACCES || code == EPERM }

  /// Whether the disk failed (EIO).
  public var isOfDisk: Bool { code == EIO }

  /// One line: what could not be done with what, and errno(3)'s text.
  public var description: String { "cannot \(Self.verbs[call] ?? call) \(path): \(words)" }

  /// The text of the code, e.g. `permission denied`.
  public var words: String {
    guard let text = buzon_errno_text(code).map({ String(cString: $0) }) else { return "error \(code)" }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// What a call does, for who doesn't know the system's calls.
  private static let verbs = [
    "fstat": "examine", "fstatat": "examine", "lstat": "examine", "readdir": "list", "fdopendir": "list",
    "renameat2": "move", "rename": "move", "unlink": "remove", "fsync": "sync", "fdatasync": "sync", "syncfs": "sync",
    "flock": "lock", "ftruncate": "write", "mkdir": "make", "fchmod": "change the mode of",
    "fchmodat": "change the mode of", "inotify": "watch", "inotify_init1": "watch", "inotify_add_watch": "watch",
    "chmod": "change the mode of", "rmdir": "remove", "readlink": "read", "getcwd": "find", "poll": "watch",
    "getpwuid_r": "look up", "posix_spawn": "start", "fcntl": "start",
  ]

  /// The folder that the path lies in; the file itself may be a passing one.
  private var folder: Substring {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[..<$0] } ?? path[...]
  }

  /// What a person can do about it, where that is known.
  public var remedy: String? {
    switch code {
    case EACCES, EPERM: "give the agent's user access to \(path)"
    case ENOSPC where call == "inotify_add_watch": "raise fs.inotify.max_user_watches (sysctl)"
    case EMFILE where call == "inotify_init1": "raise fs.inotify.max_user_instances (sysctl)"
    case ENOSPC, EDQUOT: "free space on the file system of \(folder)"
    case EROFS: "mount the file system of \(folder) writable"
    case EXDEV: "put both folders on one file system"
    case EINVAL where call == "open": "put a regular file at \(path)"
    case EINVAL where call == "renameat2": "use a local file system that has RENAME_NOREPLACE (ext4, xfs, btrfs)"
    case EIO: "look for errors of the disk in the kernel's log (dmesg)"
    case ENOMEM: "free memory"
    case ENFILE: "raise the system's limit of open files (fs.file-max)"
    case ENOLCK: "check that the file system of \(path) can lock files"
    case EMFILE: "raise the limit of open files (LimitNOFILE)"
    case ENOENT: "create \(path)"
    case ENOTDIR: "a part of the path \(path) is not a folder; move it away"
    default: nil
    }
  }
}

/// A sync that failed. What was written before it may be lost although it can still be read, and a second sync would
/// answer success without having written it (fsync(2), NOTES). So nobody may try again: the process ends, and
/// start-up does the work again from what is durable.
public struct SyncFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The call that failed.
  public let cause: FileError

  /// A sync that failed so.
  public init(_ cause: FileError) { self.cause = cause }

  /// One line.
  public var description: String { "\(cause): what was written last may not be on the disk" }

  /// What a person can do about it.
  public var remedy: String { "check the disk (dmesg), then start the agent again: it resumes there" }
}
