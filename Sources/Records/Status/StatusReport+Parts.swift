public import Accounts
public import Text

extension StatusReport {
  /// The agent's process.
  public struct Agent: Sendable, Hashable {
    /// Why none runs.
    public enum Absence: String, Sendable, Hashable, CaseIterable {
      /// No agent has ever run here.
      case never
      /// The latest run was `run --once`, and ended with all done.
      case once
      /// The latest run was `run --once`, and left something.
      case unfinished
      /// It was stopped.
      case stopped
      /// It ended without a word: it was killed, or an error ended it.
      case lost
    }

    /// The agent's version, e.g. `1.0`.
    public var version: String
    /// Its process; `nil`: it isn't running.
    public var pid: Int32?
    /// Since when it runs, or since when it doesn't.
    public var since: Timestamp?
    /// Why it isn't running; of no meaning while it runs.
    public var absence: Absence
    /// What that means, for people.
    public var reason: String?
    /// What helps.
    public var remedy: String?
    /// The process of a second agent, which takes over when this one ends; `nil`: none waits.
    public var standby: Int32?

    /// `running`, or why it doesn't run.
    public var state: String { pid == nil ? absence.rawValue : "running" }

    /// An agent by its parts.
    public init(
      version: String, pid: Int32?, since: Timestamp?, absence: Absence = .stopped, reason: String? = nil,
      remedy: String? = nil, standby: Int32? = nil
    ) {
      self.standby = standby
      self.version = version
      self.pid = pid
      self.since = since
      self.absence = absence
      self.reason = reason
      self.remedy = remedy
    }
  }

  /// The directory that is written to.
  public struct Directory: Sendable, Hashable {
    /// `up`: it answered within the last minute; `waiting`; or `unknown`: nobody asks it.
    public var state: String
    /// Since when it is so.
    public var since: Timestamp?
    /// The URI in use, or the one that was tried last.
    public var provider: String?
    /// When it answered last.
    public var answered: Timestamp?
    /// Why the agent waits, or why nothing is known.
    public var reason: String?
    /// What helps.
    public var remedy: String?
    /// That another server is in use than before; `nil`: it was always this one, or a person chose it.
    public var switched: Switch?

    /// A change of the server in use.
    public struct Switch: Sendable, Hashable {
      /// When.
      public var at: Timestamp
      /// The server before.
      public var from: String
      /// Why that one was left.
      public var reason: String
      /// Whether a person has taken note of it.
      public var isSeen: Bool

      /// A change by its parts.
      public init(at: Timestamp, from: String, reason: String, isSeen: Bool = false) {
        (self.at, self.from, self.reason, self.isSeen) = (at, from, reason, isSeen)
      }
    }

    /// A directory by its parts.
    public init(
      state: String, since: Timestamp? = nil, provider: String? = nil, answered: Timestamp? = nil,
      reason: String? = nil, remedy: String? = nil, switched: Switch? = nil
    ) {
      self.switched = switched
      self.state = state
      self.since = since
      self.provider = provider
      self.answered = answered
      self.reason = reason
      self.remedy = remedy
    }
  }

  /// What lies in the spool's folders.
  public struct Spool: Sendable, Hashable {
    /// Something wrong there, and what helps.
    public struct Fault: Sendable, Hashable {
      /// What is wrong.
      public var reason: String
      /// What helps.
      public var remedy: String

      /// A fault by its parts.
      public init(reason: String, remedy: String) {
        self.reason = reason
        self.remedy = remedy
      }
    }

    /// A file in `incoming/`.
    public struct File: Sendable, Hashable {
      /// Its path as a word of a command.
      public var path: String
      /// Since when it lies there as it is.
      public var since: Timestamp
      /// Whether a program has it open for writing; where the kernel doesn't say, it counts as not open.
      public var isOpen: Bool

      /// A file by its parts.
      public init(path: String, since: Timestamp, isOpen: Bool) {
        self.path = path
        self.since = since
        self.isOpen = isOpen
      }
    }

    /// Files in `incoming/`, which no agent has taken yet; `nil`: it could not be read.
    public var incoming: Int?
    /// Since when the oldest of them lies there.
    public var oldest: Timestamp?
    /// The oldest of them, the oldest first.
    public var oldestFiles: [File]
    /// Files in `taken/`, which are no requests yet; `nil`: it could not be read.
    public var taken: Int?
    /// Files in `rejected/`, each with its report; `nil`: it could not be read.
    public var rejected: Int?
    /// Why a folder could not be read.
    public var problems: [Fault]
    /// What is wrong with the mode or the owner of `incoming/`.
    public var modes: [Fault]

    /// How many files are no requests yet; `nil`: a folder could not be read.
    public var files: Int? { incoming.flatMap { incoming in taken.map { incoming + $0 } } }

    /// A spool by its parts.
    public init(
      incoming: Int? = 0, oldest: Timestamp? = nil, oldestFiles: [File] = [], taken: Int? = 0, rejected: Int? = 0,
      problems: [Fault] = [], modes: [Fault] = []
    ) {
      self.incoming = incoming
      self.oldest = oldest
      self.oldestFiles = oldestFiles
      self.taken = taken
      self.rejected = rejected
      self.problems = problems
      self.modes = modes
    }
  }

  /// A part of the service that does not work.
  public struct Trouble: Sendable, Hashable {
    /// `spool`, `approval`, `records`, `ledger` or `provider`.
    public var part: String
    /// What is wrong.
    public var reason: String
    /// What helps.
    public var remedy: String
    /// Since when.
    public var since: Timestamp

    /// A trouble by its parts.
    public init(part: String, reason: String, remedy: String, since: Timestamp) {
      self.part = part
      self.reason = reason
      self.remedy = remedy
      self.since = since
    }
  }

  /// What went wrong since a person last took note (`buzon status --acknowledge`).
  public struct Unseen: Sendable, Hashable {
    /// Files that came to `rejected/`; `nil`: it could not be read.
    public var rejected: Int?
    /// The reports of a few of them, as words of a command.
    public var reports: [String]
    /// Changes that failed today.
    public var failed: Int
    /// When the first of them failed.
    public var failedSince: Timestamp?
    /// Temporary passwords that somebody else overrode.
    public var overridden: Int
    /// When that was; `nil`: never.
    public var since: Timestamp?

    /// Counts by their parts.
    public init(
      rejected: Int? = 0, reports: [String] = [], failed: Int = 0, failedSince: Timestamp? = nil, overridden: Int = 0,
      since: Timestamp? = nil
    ) {
      self.rejected = rejected
      self.reports = reports
      self.failed = failed
      self.failedSince = failedSince
      self.overridden = overridden
      self.since = since
    }
  }

  /// The mirror of the accounts.
  public struct Mirror: Sendable, Hashable {
    /// `persist`, `polling`, `comparing`, `once` (`run --once` read the directory), or `down`.
    public var state: String
    /// Since when it is so.
    public var since: Timestamp?
    /// How far it is behind the directory, in milliseconds; `nil`: not known.
    public var lag: Int64?
    /// Why it doesn't listen, or why not in the best way.
    public var reason: String?

    /// A mirror by its parts.
    public init(state: String, since: Timestamp? = nil, lag: Int64? = nil, reason: String? = nil) {
      self.state = state
      self.since = since
      self.lag = lag
      self.reason = reason
    }
  }

  /// How many requests are in a state.
  public struct StateCount: Sendable, Hashable {
    /// `awaiting-signature`, `ready`, `held` or `working`.
    public var state: String
    /// Requests.
    public var count: Int

    /// A count by its parts.
    public init(state: String, count: Int) {
      self.state = state
      self.count = count
    }
  }

  /// A request that waits.
  public struct Waiting: Sendable, Hashable {
    /// The request's number.
    public var number: String
    /// As in ``StateCount``.
    public var state: String
    /// When its form was accepted.
    public var since: Timestamp
    /// The department that asks.
    public var department: String?
    /// Why it waits.
    public var reason: String?
    /// When it is refused, if nobody signs it before.
    public var until: Timestamp?

    /// A request by its parts.
    public init(
      number: String, state: String, since: Timestamp, department: String? = nil, reason: String? = nil,
      until: Timestamp? = nil
    ) {
      self.number = number
      self.state = state
      self.since = since
      self.department = department
      self.reason = reason
      self.until = until
    }
  }

  /// A change that failed.
  public struct Failure: Sendable, Hashable {
    /// When it failed.
    public var at: Timestamp
    /// The request's number.
    public var number: String
    /// The account's address as the form names it.
    public var address: String
    /// The result code and its name, what the directory said, and what helps.
    public var error: ChangeError

    /// A failure by its parts.
    public init(at: Timestamp, number: String, address: String, error: ChangeError) {
      self.at = at
      self.number = number
      self.address = address
      self.error = error
    }
  }
}
