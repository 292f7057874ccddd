internal import Accounts
public import Configuration
internal import Files
internal import Forms
internal import LDAP
public import Records
public import Register
public import Text

/// How the agent, the directory and the queue are, read from the register and the spool: what `buzon status` prints, and
/// the agent writes as `status.html`. Of each kind it has the first ``most``, so that it costs little however much there
/// is. Days that are over are counted once.
public struct StatusReading: Sendable {
  /// Lines of each list, at most.
  package static let most = 20
  /// Days in the report, today among them.
  package static let days = 14

  private let register: Register
  private let spool: String
  private let state: String
  private let directory: Configuration.Directory
  /// That days follow.
  public let zone: Zone
  /// Days that are over, by their number.
  private var past: [Int: Figures] = [:]
  /// What happened before a moment, milliseconds since 1970 UTC: counted once.
  private var counted = (until: Int64.min, totals: StatusTotals())

  /// - Throws: ``AgentError``: the time zone isn't known here.
  public init(_ register: Register, _ configuration: Configuration) throws {
    self.init(register, configuration, zone: try RecordStyle(configuration).zone)
  }

  package init(_ register: Register, _ configuration: Configuration, zone: Zone) {
    self.register = register
    self.zone = zone
    spool = configuration.spool
    state = configuration.state
    directory = configuration.directory
  }

  /// Reads it, as of now.
  ///
  /// - Throws: `RegisterError`, `FileError`.
  public mutating func report() throws -> StatusReport { try report(now: WallClock.now(), isEnding: false) }

  /// - Parameters:
  ///   - now: milliseconds since 1970 UTC.
  ///   - isEnding: whether this is the agent's own last word: what is true behind the run.
  package mutating func report(now: Int64, isEnding: Bool) throws -> StatusReport {
    let holder = isEnding ? nil : try holder()
    let days = try figures(now: now)
    let counts = try register.waitingCounts()
    var standing = try ServiceStanding(register, directory, counts, holder: holder, answered: answered, now: now)
    standing.standby = standby()
    let files = SpoolReading.read(spool, state: state, hasRun: true)
    return StatusReport(
      generated: Timestamp(milliseconds: now), agent: standing.agent(), directory: standing.directory(),
      mirror: standing.mirror(),
      waitingCounts: [RequestState.awaitingSignature, .ready, .working, .held].map {
        StatusReport.StateCount(state: $0.rawValue, count: counts[$0] ?? 0)
      },
      waiting: try waiting(),
      failures: try register.failures(since: beginning(ofDay: days.first?.day ?? 0), limit: Self.most)
        .map(StatusReport.Failure.init),
      openHandoverCount: try register.openHandoverCount(),
      handoversByDepartment: try register.openHandoversByDepartment().prefix(Self.most)
        .map(StatusReport.DepartmentHandovers.init),
      openHandovers: try register.handovers(.open, limit: Self.most).map(StatusReport.OpenHandover.init),
      driftCount: try register.driftCount(),
      drift: try register.driftHead(Self.most).map(StatusReport.Drift.init),
      holds: try clockHold() + register.heldRequests(Self.most).map(StatusReport.Hold.init),
      spool: files, troubles: try troubles(), unseen: try unseen(files, now: now),
      days: days.map { StatusReport.Day($0.figures, day: $0.day) },
      accounts: try register.accountFigures().map {
        StatusReport.AccountCount(kind: $0.kind, status: $0.status, count: $0.count)
      })
  }

  /// When the directory answered a running agent last, milliseconds since 1970 UTC.
  private var answered: Int64? {
    (try? Directory(spool).stat("agent.lock")).flatMap(\.self).map { $0.modified / 1_000_000 }
  }

  /// Who holds the spool's lock. That it can't be read for another reason than that the caller may not, or that it isn't
  /// there, doesn't mean that no agent runs.
  /// The agent that waits for this one to end.
  private func standby() -> Int32? {
    (try? Directory(state)).flatMap { try? LockFile.holder(StateFiles.standby, in: $0) }?.pid
  }

  private func holder() throws -> LockFile.Held? {
    do {
      return try LockFile.holder("agent.lock", in: Directory(spool))
    } catch {
      if error.isOfName || error.isOfPermission { return nil }
      throw error
    }
  }

  /// What happened since the register was begun. The first time it looks at all of it, then at the last two days.
  package mutating func totals(now: Int64) throws -> StatusTotals {
    let yesterday = beginning(ofDay: zone.day(at: Timestamp(milliseconds: now)).daysSince1970 - 1)
    if yesterday > counted.until {
      counted = (yesterday, counted.totals + (try totals(from: counted.until, to: yesterday)))
    }
    return counted.totals + (try totals(from: counted.until, to: .max))
  }

  private func totals(from: Int64, to: Int64) throws -> StatusTotals {
    let figures = try register.figures(from: from, to: to)
    return StatusTotals(accepted: figures.accepted, applied: figures.applied, failed: figures.failed)
  }

  /// What does not work, beside the directory.
  private func troubles() throws -> [StatusReport.Trouble] {
    try [Trouble.Part.spool, .approval, .records, .ledger, .provider].compactMap { part in
      try register.trouble(of: part).map {
        StatusReport.Trouble(
          part: part.rawValue, reason: $0.trouble.what, remedy: $0.trouble.remedy,
          since: Timestamp(milliseconds: $0.since))
      }
    }
  }

  /// What went wrong since a person last took note of it.
  private func unseen(_ files: StatusReport.Spool, now: Int64) throws -> StatusReport.Unseen {
    let seen = try register.acknowledgement()?.at
    let today = beginning(ofDay: zone.day(at: Timestamp(milliseconds: now)).daysSince1970)
    let rejected = SpoolReading.rejected(spool, since: seen ?? .min)
    let begin = max(today, seen.map { $0 + 1 } ?? .min)
    return StatusReport.Unseen(
      rejected: rejected?.count, reports: rejected?.reports ?? [],
      failed: try register.figures(from: begin, to: .max).failed,
      failedSince: try register.firstFailure(since: begin).map(Timestamp.init(milliseconds:)),
      overridden: try register.overriddenCount(since: seen ?? .min), since: seen.map(Timestamp.init(milliseconds:)))
  }

  /// Whether the directory's changes are heard now.
  ///
  /// - Throws: `RegisterError`, `FileError`.
  public func mirror() throws -> StatusReport.Mirror {
    try ServiceStanding(register, directory, [:], holder: holder(), answered: answered, now: WallClock.now()).mirror()
  }

  private func clockHold() throws -> [StatusReport.Hold] {
    guard let state = try register.clockState(), let hold = ClockHold(state, zone: zone) else {
      return []
    }
    return [
      StatusReport.Hold(
        what: StatusReport.Hold.clock, reason: hold.reason, remedy: hold.remedy,
        since: Timestamp(milliseconds: hold.since))
    ]
  }

  private func waiting() throws -> [StatusReport.Waiting] {
    try register.queueHead(Self.most).map { head in
      StatusReport.Waiting(
        number: head.number, state: head.state.rawValue, since: Timestamp(milliseconds: head.received),
        department: head.department, reason: head.reason ?? head.awaits?.reason(zone),
        until: (head.awaits?.until).map(Timestamp.init(milliseconds:)))
    }
  }

  /// The last days, today last.
  private mutating func figures(now: Int64) throws -> [(day: Int, figures: Figures)] {
    let today = zone.day(at: Timestamp(milliseconds: now)).daysSince1970
    let days = (today - Self.days + 1)...today
    past = past.filter { days.contains($0.key) }
    return try days.map { day in
      if let known = past[day] { return (day, known) }
      let figures = try register.figures(from: beginning(ofDay: day), to: beginning(ofDay: day + 1))
      // What ended before midnight may be written after it.
      if day < today - 1 { past[day] = figures }
      return (day, figures)
    }
  }

  /// Milliseconds since 1970 UTC.
  ///
  /// - Parameter day: days since 1970.
  private func beginning(ofDay day: Int) -> Int64 { zone.beginning(of: Day(nearest: day)).milliseconds }
}
