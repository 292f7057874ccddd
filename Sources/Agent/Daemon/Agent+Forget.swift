public import Configuration
internal import Files
internal import Installation
public import Register

extension Agent {
  /// What came of forgetting.
  public struct ForgetResult: Sendable {
    public var data: ForgottenData
    /// Dated copies of the account list that lost rows.
    public var copies: Int
    /// Whether nothing of it is left in the register's files; `false`: a reader kept its log, and the next start empties it.
    public var isScrubbed: Bool
  }

  /// Forgets accounts that have gone: the register first, in one commit, then records, copies of the list, and the
  /// register's free pages. Who is killed on the way leaves the rest written down, and the next start does it.
  ///
  /// - Parameter order: `nil`: only what an earlier call left.
  /// - Throws: as ``run(once:)``.
  public static func forget(_ configuration: Configuration, _ order: ForgettingOrder?, log: EventLog) async throws
    -> ForgetResult
  {
    try configuration.actAsOwnerOfState()
    let parts = try AgentParts(configuration, log: log, once: true)
    defer { parts.close() }
    try await parts.continueLedger(configuration)
    let data = if let order { try await parts.register.forget(order).value() } else { ForgottenData() }
    await parts.recorder.end()
    guard try await parts.recorder.run() else {
      throw AgentError.unwritten("not everything could be written; see the log, then start the agent")
    }
    let (copies, isScrubbed) = try await finishForgetting(parts)
    _ = try await parts.recorder.writeLastStatus()
    try parts.register.close()
    return ForgetResult(data: data, copies: copies, isScrubbed: isScrubbed)
  }

  /// Brings to its end what was forgotten and still lies in copies of the list or in free pages. The records are written by
  /// the recorder, as any that are out of date.
  @discardableResult
  static func finishForgetting(_ parts: AgentParts) async throws -> (copies: Int, isScrubbed: Bool) {
    guard try parts.register.isForgetting() else { return (0, true) }
    let copies = try await parts.recorder.forgetInCopies()
    guard try parts.register.compact() else { return (copies, false) }
    try await parts.register.endForgetting().value()
    return (copies, true)
  }
}
