public import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import LDAP
internal import Text

/// Looks at everything that a new place gets wrong: the directory, this host, and what both must have in common. Nothing is
/// written.
///
/// Root reads `cn=config` first, as itself; then it becomes the agent's user, so that everything else is as the agent finds
/// it. Whoever else asks sees less, and what he can't see is reported as not checked.
public struct Doctor: Sendable {
  private let configuration: Configuration
  private let file: String

  /// - Parameter file: the configuration's own.
  public init(_ configuration: Configuration, file: String) {
    self.configuration = configuration
    self.file = file
  }

  /// Looks, once. The process is the agent's user afterwards, where it was root.
  public func examine() async -> DoctorReport {
    let agent = AgentUser(configuration)
    let reading = await ConfigurationReader(configuration: configuration, agent: agent).read()
    let identity = becomeAgent()
    let reader = DirectoryReader(configuration: configuration, isAgent: agent.isCaller, policy: reading.policy)
    let facts = await reader.facts()
    var directory = DirectoryFindings(
      facts: facts, configuration: configuration, agent: agent, now: Timestamp.now().seconds
    ).all()
    if reading.isCompared {
      // The rules themselves, and what defines the classes, were compared.
      directory.removeAll { $0.severity == .unchecked && ["rights", "limits", "schema"].contains($0.name) }
    }
    let host = HostFindings(
      facts: HostReader(configuration: configuration, file: file, agent: agent).facts(), configuration: configuration)
    return DoctorReport(reading.findings + identity + directory + host.all())
  }

  private func becomeAgent() -> [DoctorFinding] {
    do {
      try configuration.actAsOwnerOfState()
      return []
    } catch {
      return [
        .error(
          "agent-user", at: configuration.state, "\(error)",
          do: "systemd-sysusers && chown -R buzon:buzon \(configuration.state.shellWord)")
      ]
    }
  }
}
