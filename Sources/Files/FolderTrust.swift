import Glibc

/// Who besides the agent could put or replace files in a folder.
public enum FolderIntruder: Sendable, Hashable, CustomStringConvertible {
  /// The folder belongs to another user than the agent and root.
  case owner(UInt32)
  /// The folder's group may write in it.
  case group(UInt32)
  /// Everybody may write in it.
  case everybody

  /// A part of a sentence.
  public var description: String {
    switch self {
    case .owner(let id): "it belongs to user \(id)"
    case .group(let id): "group \(id) may write in it"
    case .everybody: "everybody may write in it"
    }
  }
}

extension Directory {
  /// Everybody besides the agent's own user and root who may write in the folder, by its owner and mode (access
  /// control lists show there as the group's bits). Empty: the folder is the agent's alone.
  public func intruders() throws(FileError) -> [FolderIntruder] {
    let stat = try stat()
    var found: [FolderIntruder] = []
    if stat.owner != geteuid(), stat.owner != 0 { found.append(.owner(stat.owner)) }
    if stat.mode & 0o020 != 0 { found.append(.group(stat.group)) }
    if stat.mode & 0o002 != 0 { found.append(.everybody) }
    return found
  }
}
