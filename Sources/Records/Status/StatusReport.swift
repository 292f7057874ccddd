public import Text

/// How the agent, the directory and the queue are: what `status.html` and `buzon status` say. No passwords and no
/// personal data but addresses; lists of it are cut by whoever fills it (20 lines are meant).
public struct StatusReport: Sendable, Hashable {
  /// How long a page is valid that a running agent writes each minute, milliseconds.
  public static let validity: Int64 = 150_000

  /// When the report was made.
  public var generated: Timestamp
  /// Until when a page with it is valid; behind that nobody writes it any more. `nil`: until the next run.
  public var validUntil: Timestamp? {
    agent.pid == nil ? nil : Timestamp(milliseconds: generated.milliseconds + Self.validity)
  }
  /// The agent's process.
  public var agent: Agent
  /// The directory that is written to.
  public var directory: Directory
  /// The mirror of the accounts.
  public var mirror: Mirror
  /// How many requests wait, by state.
  public var waitingCounts: [StateCount]
  /// The requests that wait, as the queue takes them; the first of them.
  public var waiting: [Waiting]
  /// What failed, the latest first.
  public var failures: [Failure]
  /// How many hand-overs are open.
  public var openHandoverCount: Int
  /// The open hand-overs by department, the oldest first.
  public var handoversByDepartment: [DepartmentHandovers]
  /// The oldest open hand-overs.
  public var openHandovers: [OpenHandover]
  /// How many accounts drifted.
  public var driftCount: Int
  /// The first of them, the latest first.
  public var drift: [Drift]
  /// What is kept back.
  public var holds: [Hold]
  /// Why the clock is kept back, as ``Hold/clock`` of ``holds``; `nil`: it isn't.
  public var clockHold: Hold? { holds.first { $0.what == Hold.clock } }
  /// What lies in the spool.
  public var spool: Spool
  /// Parts that do not work.
  public var troubles: [Trouble]
  /// What went wrong and nobody has taken note of.
  public var unseen: Unseen
  /// The last days (14 are meant), today last, none left out.
  public var days: [Day]
  /// How many accounts there are.
  public var accounts: [AccountCount]

  /// A report by its parts.
  public init(
    generated: Timestamp, agent: Agent, directory: Directory, mirror: Mirror, waitingCounts: [StateCount] = [],
    waiting: [Waiting] = [], failures: [Failure] = [], openHandoverCount: Int = 0,
    handoversByDepartment: [DepartmentHandovers] = [], openHandovers: [OpenHandover] = [], driftCount: Int = 0,
    drift: [Drift] = [], holds: [Hold] = [], spool: Spool = Spool(), troubles: [Trouble] = [],
    unseen: Unseen = Unseen(), days: [Day] = [],
    accounts: [AccountCount] = []
  ) {
    self.generated = generated
    self.agent = agent
    self.directory = directory
    self.mirror = mirror
    self.waitingCounts = waitingCounts
    self.waiting = waiting
    self.failures = failures
    self.openHandoverCount = openHandoverCount
    self.handoversByDepartment = handoversByDepartment
    self.openHandovers = openHandovers
    self.driftCount = driftCount
    self.drift = drift
    self.holds = holds
    self.spool = spool
    self.troubles = troubles
    self.unseen = unseen
    self.days = days
    self.accounts = accounts
  }

  /// How many requests are held.
  var heldCount: Int { waitingCounts.reduce(0) { $0 + ($1.state == "held" ? $1.count : 0) } }
  /// How many requests wait.
  public var waitingCount: Int { waitingCounts.reduce(0) { $0 + $1.count } }
}
