import Glibc

/// Why a file that a stranger dropped can't be read as a request, in words for the one who dropped it.
public enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
  case symbolicLink, fifo, socket, device, directory, unknown
  /// The file has other names, by which it could be changed after it was read.
  case hardLink(links: UInt64)
  /// Bytes.
  case tooLarge(size: Int64, limit: Int)
  /// The agent may not open it.
  case notReadable(group: UInt32)
  /// A process has it open for writing: it may not be whole yet.
  case openForWriting
  /// Somebody wrote it while it was read.
  case changing

  /// Whether it may be a form once its writer has closed it.
  public var isUnfinished: Bool { self == .openForWriting || self == .changing }

  /// `nil` for a regular file with one name that is not too large.
  init?(_ stat: FileStat, limit: Int) {
    switch stat.kind {
    case .symbolicLink: self = .symbolicLink
    case .fifo: self = .fifo
    case .socket: self = .socket
    case .characterDevice, .blockDevice: self = .device
    case .directory: self = .directory
    case .unknown: self = .unknown
    case .regular where stat.links != 1: self = .hardLink(links: stat.links)
    case .regular where stat.size > limit: self = .tooLarge(size: stat.size, limit: limit)
    case .regular: return nil
    }
  }

  /// The reason's stable name, for logs.
  public var name: String {
    switch self {
    case .symbolicLink: "symbolic-link"
    case .fifo: "fifo"
    case .socket: "socket"
    case .device: "device"
    case .directory: "directory"
    case .unknown: "unknown-kind"
    case .hardLink: "hard-link"
    case .tooLarge: "too-large"
    case .notReadable: "not-readable"
    case .openForWriting: "open-for-writing"
    case .changing: "changing"
    }
  }

  /// What follows the file's name in a sentence.
  public var description: String {
    switch self {
    case .symbolicLink: "is a symbolic link, not a file"
    case .fifo: "is a FIFO, not a file"
    case .socket: "is a socket, not a file"
    case .device: "is a device, not a file"
    case .directory: "is a folder, not a file"
    case .unknown: "is not a regular file"
    case .hardLink(let links): "has \(links) names (hard links), so it could change after it was read"
    case .tooLarge(let size, let limit): "has \(size) bytes, more than the \(limit) allowed"
    case .notReadable: "can't be read by the agent"
    case .openForWriting: "is open for writing in another process"
    case .changing: "changed while it was read"
    }
  }

  /// What helps: one line, a command where there is one.
  ///
  /// - Parameter name: the file as the person knows it.
  public func remedy(_ name: FileName) -> String {
    let name = name.shellWord
    return switch self {
    case .symbolicLink, .hardLink: "drop a copy: cp -L \(name) COPY, then mv COPY into the spool"
    case .fifo, .socket, .device, .unknown: "drop a regular file"
    case .directory: "drop the files in it one by one"
    case .tooLarge: "split the form, or raise limits.form_size in buzon.yaml"
    case .notReadable(let group) where isOurs(group): "chmod g+r \(name)"
    case .notReadable: "chmod a+r \(name)"
    case .openForWriting, .changing: "write it elsewhere on the same file system, then mv it into the spool"
    }
  }
}

/// Whether the process is in the group.
private func isOurs(_ group: UInt32) -> Bool {
  if group == getegid() { return true }
  let count = getgroups(0, nil)
  guard count > 0 else { return false }
  var groups = [gid_t](repeating: 0, count: Int(count))
  let got = getgroups(count, &groups)
  return groups.prefix(Int(max(got, 0))).contains(group)
}
