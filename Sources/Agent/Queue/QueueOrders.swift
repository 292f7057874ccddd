public import Configuration
internal import Files
internal import Glibc
internal import Register

/// What an operator can do with requests, after postsuper(1).
public enum QueueVerb: String, Sendable, CaseIterable {
  /// Try what waits for the directory now.
  case retry
  /// Set aside until released.
  case hold
  case release
  /// Never carry out what wasn't begun.
  case cancel

  /// What was done, as the log and the history say it.
  public var done: String {
    switch self {
    case .retry: "retried"
    case .hold: "held"
    case .release: "released"
    case .cancel: "cancelled"
    }
  }
}

/// What came of it for one request.
public struct QueueAnswer: Sendable, Hashable {
  public var number: String
  /// `nil`: done; else why not, and what to do.
  public var refusal: String?
  /// What else is to be known.
  public var note: String?
  /// Whether no request has this number.
  public var isUnknown = false

  init(_ number: String, refusal: String? = nil, note: String? = nil) {
    self.number = number
    self.refusal = refusal
    self.note = note
  }

  init(unknown number: String) {
    self.init(number, refusal: "there is no such request")
    isUnknown = true
  }

  /// Answers as the register keeps them: a line each, its parts between tabs.
  static func text(_ answers: [QueueAnswer]) -> String {
    func part(_ text: String?) -> String {
      // On bytes: a tab before a combining mark is another Character.
      String(decoding: (text ?? "").utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
    return answers.map { [part($0.number), part($0.refusal), part($0.note), $0.isUnknown ? "unknown" : ""] }
      .map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }

  static func answers(_ text: String) -> [QueueAnswer] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { String($0) ?? "" }
      func part(_ index: Int) -> String? { index < parts.count && !parts[index].isEmpty ? parts[index] : nil }
      var answer = QueueAnswer(part(0) ?? "", refusal: part(1), note: part(2))
      answer.isUnknown = part(3) != nil
      return answer
    }
  }
}

/// The queue commands: carried out by the running agent, which alone changes requests, or here where none runs.
public struct QueueOrders: Sendable {
  /// How long an answer of the running agent is waited for.
  private static let patience = Duration.seconds(60)

  private let configuration: Configuration

  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// - Parameters:
  ///   - numbers: `nil`: all that the verb can apply to.
  ///   - actor: who says so; it stands in the history.
  /// - Returns: an answer for each request.
  /// - Throws: ``AgentError``, `RegisterError`, `FileError`.
  public func carryOut(_ verb: QueueVerb, numbers: [String]?, by actor: String) async throws -> [QueueAnswer] {
    try configuration.actAsOwnerOfState()
    let end = ContinuousClock.now + Self.patience
    var nextCall = ContinuousClock.now
    var posted: [Int64]?
    let register = try Register(writing: configuration.state + "/register.sqlite", checkpointing: false)
    defer { try? register.close(checkpointing: false) }
    func post() async throws -> [Int64] {
      if let posted { return posted }
      let orders = try await register.order(verb.rawValue, numbers: numbers, actor: actor).value()
      posted = orders
      return orders
    }
    while true {
      let orders = try await post()
      let answers = try orders.map { try register.answers(to: $0) }
      let given = answers.compactMap(\.self)
      if given.count == answers.count { return given.flatMap(QueueAnswer.answers) }
      if let agent = try LockFile.holder("agent.lock", in: Files.Directory(configuration.spool)) {
        // The agent heard of nothing before it began to listen; it looks by itself then.
        if let pid = agent.pid, .now >= nextCall {
          kill(pid, SIGUSR1)
          nextCall = .now + .seconds(1)
        }
      } else {
        try await Agent.carryOutOrders(configuration)
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
