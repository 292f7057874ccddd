/// Why the agent can't run.
public enum AgentError: Error, Sendable, CustomStringConvertible {
  /// The configuration is no good.
  case configuration(String)
  /// Another agent has the spool.
  case spoolTaken(String)
  /// The state can't be trusted.
  case state(String)
  /// Files could not be written; the log says why.
  case unwritten(String)
  /// The directory can't be asked.
  case directory(String)
  /// The directory refuses.
  case refused(String)

  public var description: String {
    switch self {
    case .configuration(let what), .spoolTaken(let what), .state(let what), .unwritten(let what),
      .directory(let what), .refused(let what):
      what
    }
  }

  /// The exit code of sysexits(3) for it.
  public var exitCode: Int32 {
    switch self {
    case .configuration: 78
    case .spoolTaken: 75
    case .state, .refused: 77
    case .unwritten: 74
    case .directory: 69
    }
  }
}
