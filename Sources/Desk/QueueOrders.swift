public import Configuration
internal import Files
internal import Glibc
internal import Installation
public import Register

/// The queue commands. A running agent alone changes requests, so it answers them; where none runs, the command does what
/// an agent would.
public struct QueueOrders: Sendable {
  /// How long an answer of the running agent is waited for.
  private static let patience = Duration.seconds(60)

  private let configuration: Configuration
  private let answer: @Sendable (Configuration) async throws -> Void

  /// - Parameter answer: answers the orders that wait, as an agent does; called where none runs.
  public init(_ configuration: Configuration, answer: @escaping @Sendable (Configuration) async throws -> Void) {
    self.configuration = configuration
    self.answer = answer
  }

  /// - Parameters:
  ///   - numbers: `nil`: all that the verb can apply to.
  ///   - actor: who says so, and `because`: why; both stand in the history.
  /// - Returns: an answer for each request.
  /// - Throws: ``AgentError``, `RegisterError`, `FileError`.
  public func carryOut(
    _ verb: QueueVerb, numbers: [String]?, by actor: String, because: String? = nil
  ) async throws -> [QueueAnswer] {
    try await carryOut(verb.rawValue, of: numbers, by: actor, because: because)
  }

  /// Accepts what was changed outside Buzón in the accounts of these addresses.
  ///
  /// - Returns: an answer for each address; its note says what was accepted.
  /// - Throws: as ``carryOut(_:numbers:by:)``.
  public func acceptDrift(of addresses: [String], by actor: String) async throws -> [QueueAnswer] {
    try await carryOut(QueueOrder.acceptDrift, of: addresses, by: actor)
  }

  /// Has the running agent read its configuration again, and waits for the end.
  ///
  /// - Parameter first: whether the first server of `directory.uris` is used again.
  /// - Returns: its refusal, or a note.
  /// - Throws: as ``carryOut(_:numbers:by:)``.
  public func reload(first: Bool, by actor: String) async throws -> QueueAnswer {
    try await carryOut(QueueOrder.reload, of: first ? [QueueOrder.first] : nil, by: actor).first
      ?? QueueAnswer(QueueOrder.reload, refusal: "the agent gave no answer")
  }

  private func carryOut(
    _ verb: String, of numbers: [String]?, by actor: String, because: String? = nil
  ) async throws -> [QueueAnswer] {
    try configuration.actAsOwnerOfState()
    let end = ContinuousClock.now + Self.patience
    var nextCall = ContinuousClock.now
    var posted: [Int64]?
    let register = try Register(writing: configuration.state + "/register.sqlite", checkpointing: false)
    defer { try? register.close(checkpointing: false) }
    func post() async throws -> [Int64] {
      if let posted { return posted }
      let orders = try await register.order(verb, numbers: numbers, actor: actor, because: because).value()
      posted = orders
      return orders
    }
    while true {
      let orders = try await post()
      let answers = try orders.map { try register.answers(to: $0) }
      let given = answers.compactMap(\.self)
      if given.count == answers.count { return given.flatMap(QueueAnswer.answers) }
      if let agent = try LockFile.holder("agent.lock", in: Files.Directory(configuration.spool)) {
        // An agent that just started has no handler yet; it reads the orders by itself then.
        if let pid = agent.pid, .now >= nextCall {
          kill(pid, SIGUSR1)
          nextCall = .now + .seconds(1)
        }
      } else {
        try await answer(configuration)
      }
      guard .now < end else {
        return (numbers ?? ["ALL"]).map {
          QueueAnswer($0, note: "noted; the agent has not answered yet (buzon queue)")
        }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
