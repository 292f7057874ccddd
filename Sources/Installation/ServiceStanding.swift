internal import Configuration
internal import Files
internal import LDAP
internal import Records
internal import Register
internal import Text

/// How agent, directory and mirror are, judged from what the register says of them. Pure.
///
/// | agent | directory |
/// |---|---|
/// | runs | `waiting` where the mirror or the queue says so; `up` where it answered within the last minute, and this agent |
/// | the latest run was `run --once` | as that run found it; `up` for a minute, then `unknown` |
/// | doesn't run | `unknown`: nobody asks it |
struct ServiceStanding {
  /// What answered within this time is up, in milliseconds. An agent asks three times in it.
  static let silence: Int64 = 60_000

  /// The agent's process, and since when it runs, milliseconds since 1970 UTC; `nil`: none runs.
  var process: (pid: Int32?, since: Int64?)?
  var lastRun: LastRun?
  var contact: Contact?
  /// Until when a person has taken note of what happened, milliseconds since 1970 UTC.
  var acknowledged: Int64?
  var listening: Register.Listening?
  /// What the queue waits for, and since when; `nil`: nothing, or nobody tries.
  var trouble: (trouble: Trouble, since: Int64)?
  /// Why the mirror could not read the directory the last time it tried; of no meaning while it does.
  var unread: Trouble?
  /// The process of an agent that waits for this one to end.
  var standby: Int32?
  /// A command that asks whether the directory answers.
  var search: String
  /// `directory.uris`.
  var providers: [String]
  /// Milliseconds since 1970 UTC.
  var now: Int64
  /// When the directory answered an agent last, be it one that has died since, milliseconds since 1970 UTC.
  var answered: Int64?

  /// - Parameter answered: the time of the lock, which a running agent sets at each answer of the directory.
  /// - Throws: `RegisterError`.
  init(
    _ register: Register, _ directory: Configuration.Directory, _ counts: [RequestState: Int], holder: LockFile.Held?,
    answered: Int64?, now: Int64
  ) throws {
    process = holder.map { ($0.pid, $0.since.map { $0 * 1_000 }) }
    lastRun = try register.lastRun()
    contact = try register.contact()
    acknowledged = try register.acknowledgement()?.at
    if let since = process?.since, let answered, let own = contact, own.answered >= since {
      contact?.answered = max(own.answered, answered)
    }
    listening = try register.listening()
    // Where nothing could be sent, nobody asks the directory, and an old trouble is nobody's.
    let isTried = counts[.ready, default: 0] + counts[.working, default: 0] > 0
    trouble = isTried ? try register.trouble() : nil
    unread = try register.trouble(of: .mirror)?.trouble
    providers = directory.uris.map(\.description)
    (search, self.now, self.answered) = (directory.searchCommand(), now, answered)
  }

  init(providers: [String], now: Int64) {
    (self.providers, search, self.now) = (providers, "ldapsearch -x", now)
  }

  // MARK: The agent

  func agent() -> StatusReport.Agent {
    if let process {
      return StatusReport.Agent(
        version: buzonVersion, pid: process.pid, since: process.since.map(Timestamp.init(milliseconds:)),
        standby: standby)
    }
    guard let lastRun else {
      return StatusReport.Agent(
        version: buzonVersion, pid: nil,
        since: [contact?.answered, answered].compactMap(\.self).max().map(Timestamp.init(milliseconds:)),
        absence: .lost,
        reason: "it ended without a word since then: it was killed, or its state could not be written",
        remedy: "read its last lines (journalctl -u buzon), then start it (systemctl start buzon, or buzon run)")
    }
    let ended = Timestamp(milliseconds: lastRun.ended)
    func agent(_ absence: StatusReport.Agent.Absence, _ reason: String, _ remedy: String?) -> StatusReport.Agent {
      StatusReport.Agent(
        version: buzonVersion, pid: nil, since: ended, absence: absence, reason: reason, remedy: remedy)
    }
    let start = "start the agent (systemctl start buzon, or buzon run)"
    if let trouble = lastRun.trouble {
      return agent(
        lastRun.isOnce ? .unfinished : .lost,
        "buzon run \(lastRun.isOnce ? "--once " : "")ended with \(lastRun.exitCode): \(trouble.what)",
        trouble.remedy.isEmpty ? start : trouble.remedy)
    }
    guard lastRun.isOnce else { return agent(.stopped, "it was stopped", start) }
    // What was rejected or failed is done too, and a finding of its own.
    if [0, 1].contains(lastRun.exitCode) { return agent(.once, "the last run --once did all that was there", nil) }
    return agent(
      .unfinished, "run --once ended with \(lastRun.exitCode): \(Self.meaning(lastRun.exitCode))",
      Self.remedy(lastRun.exitCode))
  }

  private static func meaning(_ exitCode: Int32) -> String {
    switch exitCode {
    case 69: "it could not read the directory"
    case 75: "something waits or is held, or a program keeps a file open"
    default: "a file could not be read or moved"
    }
  }

  private static func remedy(_ exitCode: Int32) -> String {
    switch exitCode {
    case 69: "do what helps against the directory's own finding, then run it again"
    case 75:
      "see what waits, and why (buzon queue); release or cancel what is held (buzon release NUMBER), then run it again"
    default: "see what could not be read or moved (buzon queue), then run it again"
    }
  }

  // MARK: The directory

  func directory() -> StatusReport.Directory {
    func directory(_ state: String, _ since: Int64? = nil, _ reason: String? = nil, _ remedy: String? = nil)
      -> StatusReport.Directory
    {
      StatusReport.Directory(
        state: state, since: since.map(Timestamp.init(milliseconds:)), provider: provider,
        answered: contact.map { Timestamp(milliseconds: $0.answered) }, reason: reason, remedy: remedy,
        switched: switched)
    }
    func waiting(_ trouble: (trouble: Trouble, since: Int64)) -> StatusReport.Directory {
      directory("waiting", trouble.since, trouble.trouble.what, trouble.trouble.remedy)
    }
    let check = "check that slapd runs and answers (\(search)), and that the agent works (journalctl -u buzon)"
    guard let process else {
      let start = "start the agent (systemctl start buzon, or buzon run)"
      guard let lastRun, lastRun.isOnce else {
        return directory("unknown", nil, "no agent runs, so nobody asks the directory", start)
      }
      if lastRun.exitCode == 69 {
        let what = "run --once could not read the directory" + (unread.map { ": \($0.what)" } ?? "")
        return directory("waiting", lastRun.ended, what, unread?.remedy ?? check)
      }
      if let trouble { return waiting(trouble) }
      return isFresh
        ? directory("up") : directory("unknown", nil, "nobody asks the directory until the next run --once")
    }
    if let listening, listening.manner == "down" {
      return directory("waiting", listening.since, unread?.what ?? listening.problem, unread?.remedy ?? check)
    }
    if let trouble { return waiting(trouble) }
    let began = process.since ?? .min
    let isOwn = contact.map { $0.answered >= began } ?? false
    if isFresh, isOwn { return directory("up") }
    if !isOwn, now - began <= Self.silence {
      return directory("unknown", nil, "the agent has just started, and the directory has not answered it yet")
    }
    let since = isOwn ? contact?.answered : process.since
    return directory(
      "waiting", since, "the directory has not answered the agent for \(Self.silence / 1_000) s or more", check)
  }

  /// Whether the directory answered within the last minute.
  private var isFresh: Bool { contact.map { now - $0.answered <= Self.silence } ?? false }

  private var switched: StatusReport.Directory.Switch? {
    guard let contact, let since = contact.since, let previous = contact.previous, let why = contact.why else {
      return nil
    }
    return StatusReport.Directory.Switch(
      at: Timestamp(milliseconds: since), from: previous, reason: why,
      isSeen: acknowledged.map { $0 >= since } ?? false)
  }

  /// The server that answered last, as long as it is still one of ours; else the first.
  private var provider: String? {
    contact.flatMap { providers.contains($0.provider) ? $0.provider : nil } ?? providers.first
  }

  // MARK: The mirror

  func mirror() -> StatusReport.Mirror {
    guard process != nil else {
      if let lastRun, lastRun.isOnce, lastRun.exitCode != 69 {
        return StatusReport.Mirror(
          state: "once", since: Timestamp(milliseconds: lastRun.ended), reason: "run --once read the directory")
      }
      return StatusReport.Mirror(state: "down", reason: "the agent isn't running")
    }
    guard let listening, listening.manner != "none" else {
      return StatusReport.Mirror(state: "down", reason: "the directory has not been heard yet")
    }
    return StatusReport.Mirror(
      state: listening.manner, since: Timestamp(milliseconds: listening.since),
      reason: listening.manner == "down" ? unread?.what ?? listening.problem : listening.problem)
  }
}
