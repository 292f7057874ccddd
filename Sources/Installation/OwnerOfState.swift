public import Configuration
internal import Files
internal import Glibc

extension Configuration {
  /// What root does to the state is done as the state's owner, so that the agent can still read and write it afterwards.
  ///
  /// - Throws: ``AgentError``.
  public func actAsOwnerOfState() throws {
    guard geteuid() == 0, let status = try? Files.Directory(state).stat(), status.owner != 0 else { return }
    guard let name = getpwuid(status.owner)?.pointee.pw_name else {
      throw AgentError.state(
        "\(state) belongs to user \(status.owner), who does not exist; chown it to the agent's user")
    }
    guard initgroups(name, status.group) == 0, setgid(status.group) == 0, setuid(status.owner) == 0 else {
      throw AgentError.state("can't act as the owner of \(state): \(String(cString: strerror(errno)))")
    }
  }
}
