import CSystem
import Failpoints
import Glibc
internal import Text

/// An open folder. Every call goes through its descriptor, so that a path that is renamed or replaced under way leads
/// nobody elsewhere. Closed when the last reference goes.
public final class Directory: Sendable {
  let descriptor: Int32
  /// The path it was opened by, for messages.
  public let path: String
  /// Whether the folder can be listed, watched and synced. A drop folder (mode `-wx`) lets submitters only pass.
  public let isReadable: Bool

  private init(adopting descriptor: Int32, path: String, isReadable: Bool) {
    self.descriptor = descriptor
    self.path = path
    self.isReadable = isReadable
  }

  deinit { _ = close(descriptor) }

  /// Opens a folder that is there. The last part of the path may be a symbolic link: the path is the owner's choice.
  public convenience init(_ path: String) throws(FileError) {
    try self.init(at: AT_FDCWD, path, shown: displayed(path.utf8), flags: 0)
  }

  /// Opens a folder, making it where it is missing (its parent must be there) with exactly this mode, whatever the
  /// umask, and makes the new name durable. The mode of a folder that is there already is its owner's choice and stays.
  ///
  /// A folder is made without its set-id bits where the system refuses them: a unit with `RestrictSUIDSGID=` answers
  /// EPERM to each call whose mode has one, also to mkdir(2) of a folder that is there. So nothing is made before
  /// opening has failed, and ``stat()`` shows the bits that a new folder has.
  public convenience init(_ path: String, creating mode: UInt32) throws {
    let shown = displayed(path.utf8)
    var made = false
    var opened = Self.open(at: AT_FDCWD, path, flags: 0)
    if opened == nil, errno == ENOENT {
      made = try failpoint("folder.create") { () throws(FileError) in
        try makeFolder(AT_FDCWD, path, mode: mode, shown: shown)
      }
      opened = Self.open(at: AT_FDCWD, path, flags: 0)
    }
    guard let opened else { throw FileError.latest("open", shown) }
    self.init(adopting: opened.descriptor, path: shown, isReadable: opened.isReadable)
    if made { try Directory(at: descriptor, "..", shown: "\(self.path)/..", flags: 0).sync() }
  }

  private convenience init(at parent: Int32, _ name: String, shown: String, flags: Int32) throws(FileError) {
    guard let opened = Self.open(at: parent, name, flags: flags) else { throw FileError.latest("open", shown) }
    self.init(adopting: opened.descriptor, path: shown, isReadable: opened.isReadable)
  }

  /// openat(2); `nil` where it fails, with the reason in `errno`.
  private static func open(at parent: Int32, _ name: String, flags: Int32) -> (descriptor: Int32, isReadable: Bool)? {
    let raw = retrying { openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags) }
    if raw >= 0 { return (raw, true) }
    guard errno == EACCES else { return nil }
    let passing = retrying { buzon_open_path(parent, name) }
    return passing >= 0 ? (passing, false) : nil
  }

  /// Opens a folder within this one; `nil` where the name isn't there. A symbolic link is refused (ELOOP or ENOTDIR).
  public func folder(_ name: FileName) throws(FileError) -> Directory? {
    let raw = retrying { name.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) } }
    if raw >= 0 { return Directory(adopting: raw, path: shown(name), isReadable: true) }
    if errno == ENOENT { return nil }
    throw error("open", name)
  }

  /// Opens a folder within this one, making it where it is missing. A new folder is made in `temporary` and renamed
  /// here, so that it appears with exactly this mode, whatever the umask and whenever the power goes; its name is
  /// durable when this returns.
  public func folder(_ name: FileName, creating mode: UInt32, temporary: TemporaryFolder) throws -> Directory {
    if let folder = try folder(name) { return folder }
    let passing = temporary.nextName()
    try failpoint("folder.create") { () throws(FileError) in
      let shown = temporary.directory.shown(passing)
      _ = try passing.withCString { text throws(FileError) in
        try makeFolder(temporary.directory.descriptor, text, mode: mode, shown: shown)
      }
    }
    let moved = try failpoint("folder.rename") { () throws(FileError) in
      try temporary.directory.move(passing, to: self, as: name)
    }
    // Somebody else made it meanwhile: theirs stands.
    if !moved { _ = passing.withCString { unlinkat(temporary.directory.descriptor, $0, AT_REMOVEDIR) } }
    try sync()
    guard let folder = try folder(name) else { throw FileError(call: "open", path: shown(name), code: ENOENT) }
    return folder
  }

  /// fsync(2): the names in the folder are on the disk when this returns.
  public func sync() throws(SyncFailure) {
    try failpoint("folder.sync") { () throws(SyncFailure) in
      if retrying({ fsync(descriptor) }) != 0 {
        throw SyncFailure(FileError.latest("fsync", path))
      }
    }
  }

  /// utimensat(2): sets when a file of ours was modified last. Neither the content nor the name changes, nothing is synced,
  /// and a failure changes nothing either.
  ///
  /// - Parameter time: milliseconds since 1970 UTC.
  public func setModified(_ name: FileName, _ time: Int64) {
    let time = timespec(tv_sec: Int(time / 1_000), tv_nsec: Int(time % 1_000) * 1_000_000)
    _ = name.withCString { utimensat(descriptor, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
  }

  /// Notices that its path leads elsewhere by now: the folder was moved, removed or replaced.
  ///
  /// - Throws: ``FileError`` (ENOENT).
  public func requireInPlace(at path: String) throws(FileError) { try requireSame(as: try Directory(path).stat()) }

  /// As ``requireInPlace(at:)``, for a folder within one that is in place.
  public func requireInPlace(as name: FileName, in parent: Directory) throws(FileError) {
    try requireSame(as: try parent.stat(name))
  }

  private func requireSame(as there: FileStat?) throws(FileError) {
    let own = try stat()
    guard let there, there.inode == own.inode, there.device == own.device else {
      throw FileError(call: "open", path: path, code: ENOENT)
    }
  }

  /// What the file system says of the folder itself.
  public func stat() throws(FileError) -> FileStat {
    var raw = Glibc.stat()
    guard fstat(descriptor, &raw) == 0 else { throw FileError.latest("fstat", path) }
    return FileStat(raw)
  }

  /// What the file system says of a name in the folder; a symbolic link itself, not what it points to. `nil` where
  /// the name isn't there.
  public func stat(_ name: FileName) throws(FileError) -> FileStat? {
    var raw = Glibc.stat()
    if name.withCString({ fstatat(descriptor, $0, &raw, AT_SYMLINK_NOFOLLOW) }) == 0 { return FileStat(raw) }
    if errno == ENOENT { return nil }
    throw error("fstatat", name)
  }

  /// The folder as a path for a library that takes paths (proc(5)): it leads to this folder, whatever is renamed.
  public var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

  /// A name in this folder as a path, safe to print.
  public func shown(_ name: FileName) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  func error(_ call: String, _ name: FileName) -> FileError { .latest(call, shown(name)) }
}

/// The bits of a mode that make a file run, or a folder's files belong, as its owner or group: S_ISUID and S_ISGID.
private let setIDBits: UInt32 = 0o6000

/// mkdirat(2) and fchmodat(2). `false` where the name is there already. Set-id bits come last and by themselves, because
/// they may be refused (EPERM); then the folder stays without.
private func makeFolder(
  _ parent: Int32, _ name: UnsafePointer<CChar>, mode: UInt32, shown: String
) throws(FileError) -> Bool {
  let plain = mode & ~setIDBits
  guard mkdirat(parent, name, plain) == 0 else {
    if errno == EEXIST { return false }
    throw FileError.latest("mkdir", shown)
  }
  guard fchmodat(parent, name, plain, 0) == 0 else { throw FileError.latest("chmod", shown) }
  if plain != mode, fchmodat(parent, name, mode, 0) != 0, errno != EPERM { throw FileError.latest("chmod", shown) }
  return true
}
