internal import Configuration
internal import Files
internal import Glibc
internal import Installation

/// The user that the agent runs as: the owner of its state; before there is one, the user `buzon`.
struct AgentUser: Sendable, Hashable {
  var uid: UInt32
  var gid: UInt32
  /// Whether there is such a user at all.
  var exists: Bool

  static let usualName = "buzon"

  /// Whether he is in the group of those who drop forms, whose files he reads by it; also where there is no such group, and
  /// for root.
  var isSubmitter: Bool {
    guard uid != 0, exists, let group = getgrnam(SpoolFault.submitters)?.pointee, group.gr_gid != gid,
      let name = getpwuid(uid)?.pointee.pw_name.map({ String(cString: $0) })
    else { return true }
    var member = getgrnam(SpoolFault.submitters)?.pointee.gr_mem
    while let one = member?.pointee {
      if String(cString: one) == name { return true }
      member = member?.advanced(by: 1)
    }
    return false
  }

  /// Whether whoever asks is the agent's user.
  var isCaller: Bool { exists && geteuid() == uid }

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
