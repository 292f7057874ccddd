import CSystem
import Glibc
internal import Text

/// What lets others than the agent and root change what a path leads to, or read what is secret there. One line: what is
/// wrong, and the command that helps.
public struct Distrust: Error, Sendable, Hashable, CustomStringConvertible {
  /// The folder or file to be mended, safe to print.
  public let path: String
  /// Whole, safe to print.
  public let description: String

  fileprivate init(_ path: String, _ why: String, do remedy: String) {
    self.path = displayed(path.utf8)
    description = "\(self.path): \(why); \(remedy) \(self.path)"
  }
}

/// Whose folders and files the agent builds on. Whoever may write in a folder can put another one in the place of what
/// is in it, so every folder on the way counts, up from the root, as for sshd(8)'s StrictModes:
///
/// | on the way, or at its end | is trusted |
/// |---|---|
/// | belongs to another user than root and the agent's | never |
/// | everybody may write in it | on the way, with the sticky bit, where what is next belongs to root or the agent's user |
/// | its group may write in it | so too; and where the group is its owner's own: of the same name, with nobody else in it |
///
/// Symbolic links are followed; what they stand in counts as well. What isn't there is nobody's: it will be made.
public enum PathTrust {
  /// Who besides the agent's user may read a file.
  public enum Readers: Sendable, Hashable {
    case everybody
    /// The file's group, besides its owner.
    case group
    /// Its owner alone.
    case nobody
  }

  /// A folder that the agent alone may write in.
  ///
  /// - Parameter isClosed: whether not even the owner's own group may.
  /// - Throws: ``Distrust``; ``FileError``.
  public static func requireFolder(_ path: String, isClosed: Bool = false) throws {
    guard let (end, status) = try walk(path) else { return }
    if let (why, mode) = opening(end, status) { throw Distrust(end, why, do: "chmod \(mode)") }
    if isClosed, status.mode & 0o020 != 0 {
      throw Distrust(end, "group \(status.group) may write in it", do: "chmod 700")
    }
  }

  /// A regular file that the agent alone may write, and no others than `readers` read.
  ///
  /// - Parameter followsLink: whether the file may stand elsewhere, behind a symbolic link.
  /// - Throws: ``Distrust``; ``FileError``.
  public static func requireFile(_ path: String, readers: Readers, followsLink: Bool = true) throws {
    guard let (end, status) = try walk(path, followsLast: followsLink) else { return }
    guard status.kind == .regular else { throw Distrust(path, "it is not a regular file", do: "move away") }
    if let (why, mode) = opening(end, status, isFile: true) {
      throw Distrust(end, why, do: "chmod \(readers == .nobody ? "600" : mode)")
    }
    if readers != .everybody, status.mode & 0o007 != 0 {
      throw Distrust(end, "everybody may read it", do: readers == .group ? "chmod o=" : "chmod 600")
    }
    if readers == .nobody, status.mode & 0o070 != 0 { throw Distrust(end, "its group may read it", do: "chmod 600") }
  }

  /// Follows a path as the kernel does, and judges each folder on the way.
  ///
  /// - Returns: where it leads, without links, and what is there; `nil` where nothing is.
  private static func walk(_ path: String, followsLast: Bool = true) throws -> (String, FileStat)? {
    var left = names(path)
    var done = path.utf8.first == UInt8(ascii: "/") ? [] : names(try workingFolder())
    var links = 0
    while true {
      let here = "/" + done.joined(separator: "/")
      guard let found = try status(here) else { return nil }
      if left.isEmpty {
        guard isTrusted(found.owner) else {
          throw Distrust(here, "it belongs to user \(found.owner)", do: "chown \(geteuid())")
        }
        return (here, found)
      }
      let name = left.removeFirst()
      if name == "." { continue }
      if name == ".." {
        _ = done.popLast()
        continue
      }
      let next = (done.isEmpty ? "" : here) + "/" + name
      let followed = try status(next)
      try judge(here, found, leadingTo: next, followed)
      guard followed?.kind == .symbolicLink, !left.isEmpty || followsLast else {
        done.append(name)
        continue
      }
      links += 1
      guard links <= 40 else { throw FileError(call: "open", path: displayed(path.utf8), code: ELOOP) }
      let target = try destination(next)
      left = names(target) + left
      if target.utf8.first == UInt8(ascii: "/") { done = [] }
    }
  }

  private static func names(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A folder on the way.
  private static func judge(_ folder: String, _ status: FileStat, leadingTo next: String, _ found: FileStat?) throws {
    let consequence = ", who could put something else in the place of \(displayed(next.utf8))"
    guard isTrusted(status.owner) else {
      throw Distrust(folder, "it belongs to user \(status.owner)" + consequence, do: "chown root")
    }
    guard let (why, mode) = opening(folder, status) else { return }
    if status.mode & 0o1000 == 0 { throw Distrust(folder, why + consequence, do: "chmod \(mode)") }
    // Sticky: there only who owns a name can move it.
    if let found, !isTrusted(found.owner) {
      throw Distrust(next, "it belongs to user \(found.owner)", do: "chown \(geteuid())")
    }
  }

  private static func isTrusted(_ owner: UInt32) -> Bool { owner == 0 || owner == geteuid() }

  /// Who else may write, and what to take from the mode.
  private static func opening(_ path: String, _ status: FileStat, isFile: Bool = false) -> (why: String, mode: String)?
  {
    let what = isFile ? "write it" : "write in it"
    if status.mode & 0o002 != 0 { return ("everybody may \(what)", "go-w") }
    if status.mode & 0o020 != 0, !isPrivate(status.group, of: status.owner, at: path) {
      return ("group \(status.group) may \(what)", "g-w")
    }
    return nil
  }

  /// Whether a group is its owner's own, as where each user has a group of the same name. With an access control list the
  /// group's bits aren't the group's.
  private static func isPrivate(_ group: UInt32, of owner: UInt32, at path: String) -> Bool {
    guard buzon_getxattr(path, "system.posix_acl_access", nil, 0) < 0, let user = getpwuid(owner)?.pointee,
      user.pw_gid == group, let name = user.pw_name.map({ String(cString: $0) }), let entry = getgrgid(group)?.pointee,
      entry.gr_name.map({ String(cString: $0) }) == name
    else { return false }
    var member = entry.gr_mem
    while let one = member?.pointee {
      if String(cString: one) != name { return false }
      member = member?.advanced(by: 1)
    }
    return true
  }

  // MARK: Calls

  private static func workingFolder() throws -> String {
    guard let path = getcwd(nil, 0) else { throw FileError.latest("getcwd", ".") }
    defer { free(path) }
    return String(cString: path)
  }

  /// lstat(2).
  private static func status(_ path: String) throws(FileError) -> FileStat? {
    var raw = Glibc.stat()
    if lstat(path, &raw) == 0 { return FileStat(raw) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileError.latest("lstat", displayed(path.utf8))
  }

  private static func destination(_ path: String) throws(FileError) -> String {
    var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = room.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), buffer.count) } ?? -1
    }
    guard count >= 0 else { throw FileError.latest("readlink", displayed(path.utf8)) }
    return String(decoding: room.prefix(count), as: UTF8.self)
  }
}
