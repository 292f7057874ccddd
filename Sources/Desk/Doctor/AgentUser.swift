internal import Configuration
internal import Files
internal import Glibc

/// The user that the agent runs as: the owner of its state; before there is one, the user `buzon`.
struct AgentUser: Sendable, Hashable {
  var uid: UInt32
  var gid: UInt32
  /// Whether there is such a user at all.
  var exists: Bool

  static let usualName = "buzon"

  /// Whether whoever asks is the agent's user.
  var isCaller: Bool { geteuid() == uid }

  init(uid: UInt32, gid: UInt32, exists: Bool = true) { (self.uid, self.gid, self.exists) = (uid, gid, exists) }

  init(_ configuration: Configuration) {
    // Whoever asks made this place for himself, where there is neither.
    self =
      AgentUser(ownerOf: configuration.state) ?? AgentUser(named: Self.usualName)
      ?? AgentUser(uid: geteuid(), gid: getegid(), exists: geteuid() != 0)
  }

  /// - Returns: `nil`: the folder isn't there, or can't be examined.
  init?(ownerOf folder: String) {
    guard let status = try? Files.Directory(folder).stat() else { return nil }
    let group = getpwuid(status.owner)?.pointee.pw_gid
    self.init(uid: status.owner, gid: group ?? status.group, exists: group != nil)
  }

  /// - Returns: `nil`: there is no such user.
  init?(named name: String) {
    guard let entry = getpwnam(name)?.pointee else { return nil }
    self.init(uid: entry.pw_uid, gid: entry.pw_gid)
  }
}
