public import Configuration
internal import Installation
internal import Register

/// `buzon status --acknowledge`.
public enum Acknowledgement {
  /// Stores that a person has taken note of what was rejected, failed or overridden until now. The agent's page shows it
  /// within a minute.
  ///
  /// - Throws: ``AgentError`` where the caller may not act as the owner of the state; `RegisterError`.
  public static func store(by actor: String, _ configuration: Configuration) async throws {
    try configuration.actAsOwnerOfState()
    let register = try Register(writing: configuration.state + "/register.sqlite", checkpointing: false)
    defer { try? register.close(checkpointing: false) }
    try await register.acknowledge(at: WallClock.now(), by: actor).value()
  }
}
