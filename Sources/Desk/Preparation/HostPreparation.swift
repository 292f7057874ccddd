internal import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import SlapdFiles
internal import Text

/// What this host lacks: the agent's user, its folders, the configuration.
struct HostPreparation: Sendable {
  /// One thing that is made.
  enum Step: Sendable, Hashable {
    case user
    case folder(path: String, mode: UInt32, group: String?)
    case configuration

    var what: String {
      switch self {
      case .user: "make the user \(AgentUser.usualName) and the group \(SpoolFault.submitters) (systemd-sysusers)"
      case .folder(let path, let mode, _): "make the folder \(displayed(path.utf8)), mode \(String(mode, radix: 8))"
      case .configuration: "write the configuration"
      }
    }
  }

  /// Where the configuration goes.
  let file: String
  /// What it says; `nil`: there is one already.
  let newConfiguration: [UInt8]?
  let spool: String
  let state: String
  let records: String
  let agent: AgentUser

  func steps() -> [Step] {
    var steps: [Step] = []
    if !agent.exists { steps.append(.user) }
    if let newConfiguration, (try? readFile(file, limit: Configuration.largestFile)) != newConfiguration {
      steps.append(.configuration)
    }
    // tmpfiles.d has the same ones.
    let folders: [(String, UInt32, String?)] = [
      (spool, 0o755, nil), (spool + "/incoming", 0o3730, SpoolFault.submitters), (spool + "/taken", 0o700, nil),
      (spool + "/rejected", 0o750, nil), (state, 0o700, nil), (records, 0o750, nil),
    ]
    for (path, mode, group) in folders where access(path, F_OK) != 0 && errno == ENOENT {
      steps.append(.folder(path: path, mode: mode, group: group))
    }
    return steps
  }

  /// - Throws: ``AgentError``, `FileError`, `SyncFailure`.
  func apply(_ step: Step) throws {
    switch step {
    case .user: try makeUser()
    case .configuration: try writeConfiguration()
    case .folder(let path, let mode, let group): try makeFolder(path, mode, group: group)
    }
  }

  private func makeUser() throws {
    guard let program = OtherProgram("systemd-sysusers") else {
      throw AgentError.configuration(
        "there is no systemd-sysusers; make the system user \(AgentUser.usualName) and the group "
          + "\(SpoolFault.submitters), then run it again")
    }
    let result = program.run([OtherProgram.Call(["buzon.conf"])])[0]
    guard case .exited(0) = result.end else {
      throw AgentError.configuration("systemd-sysusers buzon.conf: \(displayed(result.errors.utf8.prefix(500)))")
    }
  }

  private func writeConfiguration() throws {
    guard let newConfiguration else { return }
    guard let parts = PathParts(file) else {
      throw AgentError.configuration("\(file) does not name a file")
    }
    // It names no secret, and everybody who submits reads it.
    let folder = try Files.Directory(parts.folder, creating: 0o755)
    try folder.writeDurably(newConfiguration, as: parts.name, mode: 0o644)
  }

  private func makeFolder(_ path: String, _ mode: UInt32, group: String?) throws {
    _ = try Files.Directory(path, creating: mode)
    guard geteuid() == 0 else { return }
    let gid = group.flatMap { getgrnam($0)?.pointee.gr_gid } ?? agent.gid
    // chown(2) takes the set-id bits away.
    guard chown(path, agent.uid, gid) == 0, chmod(path, mode) == 0 else {
      throw FileError(call: "chmod", path: displayed(path.utf8), code: errno)
    }
  }
}
