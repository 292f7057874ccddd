import Records
import Register
import Testing
import Text

@testable import Installation

/// How agent, directory and mirror are, by what the register says of them.
@Suite("How the service stands")
struct ServiceStandingTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The agent's state, the directory's, the mirror's.
    var expected: [String]
    var change: @Sendable (inout ServiceStanding) -> Void

    init(
      _ name: String, _ agent: String, _ directory: String, _ mirror: String,
      _ change: @escaping @Sendable (inout ServiceStanding) -> Void
    ) {
      (testDescription, expected, self.change) = (name, [agent, directory, mirror], change)
    }
  }

  static let now: Int64 = 1_000_000_000

  static let rows = [
    Row("an agent that listens", "running", "up", "persist") { _ in },
    Row("nothing was heard for a minute", "running", "up", "persist") { $0.contact?.answered = now - 60_000 },
    Row("nothing was heard for longer", "running", "waiting", "persist") { $0.contact?.answered = now - 60_001 },
    Row("the mirror is down", "running", "waiting", "down") {
      $0.listening = Register.Listening(manner: "down", since: now - 9, problem: "refused")
    },
    Row("the queue waits", "running", "waiting", "persist") {
      $0.trouble = (Trouble(what: "denied", remedy: "allow"), now - 9)
    },
    Row("an agent that has just started", "running", "unknown", "down") {
      $0.process?.since = now - 500
      $0.listening?.manner = "none"
    },
    Row("an agent that never reached the directory", "running", "waiting", "down") {
      ($0.contact, $0.listening) = (nil, nil)
    },
    Row("a file of the lock that names nobody", "running", "up", "persist") { $0.process = (1, nil) },
    Row("an agent that was stopped", "stopped", "unknown", "down") {
      $0.process = nil
      $0.lastRun = LastRun(ended: now - 9, isOnce: false, exitCode: 0)
    },
    Row("an agent that was killed", "lost", "unknown", "down") { $0.process = nil },
    Row("an agent that refused to start", "lost", "unknown", "down") {
      $0.process = nil
      $0.lastRun = LastRun(
        ended: now - 9, isOnce: false, exitCode: 77, trouble: Trouble(what: "records is open", remedy: "chmod"))
    },
    Row("run --once that refused to start", "unfinished", "up", "once") {
      once(&$0, 77)
      $0.lastRun?.trouble = Trouble(what: "records is open", remedy: "chmod")
    },
    Row("run --once that did all, just now", "once", "up", "once") { once(&$0, 0) },
    Row("run --once that did all, an hour ago", "once", "unknown", "once") {
      once(&$0, 0)
      $0.contact?.answered = now - 3_600_000
    },
    Row("run --once that rejected something", "once", "up", "once") { once(&$0, 1) },
    Row("run --once without a directory", "unfinished", "waiting", "down") { once(&$0, 69) },
    Row("run --once that held something", "unfinished", "up", "once") { once(&$0, 75) },
    Row("run --once that the directory refused", "unfinished", "waiting", "once") {
      once(&$0, 75)
      $0.trouble = (Trouble(what: "denied", remedy: "allow"), now - 9)
    },
    Row("run --once at a file that can't be read", "unfinished", "up", "once") { once(&$0, 74) },
  ]

  private static func once(_ standing: inout ServiceStanding, _ exitCode: Int32) {
    standing.process = nil
    standing.lastRun = LastRun(ended: now - 9, isOnce: true, exitCode: exitCode)
  }

  @Test("is judged from what was stored", arguments: rows)
  func judged(row: Row) {
    var standing = ServiceStanding(providers: ["ldap://a", "ldap://b"], now: Self.now)
    standing.process = (1, Self.now - 3_600_000)
    standing.contact = Contact(provider: "ldap://b", answered: Self.now - 1_000)
    standing.listening = Register.Listening(manner: "persist", since: Self.now - 3_600_000)
    row.change(&standing)
    let (agent, directory) = (standing.agent(), standing.directory())
    #expect([agent.state, directory.state, standing.mirror().state] == row.expected)
    // What is not well says why; a directory that waits says what helps.
    if !["running", "once"].contains(agent.state) { #expect(agent.reason != nil && agent.remedy != nil) }
    if directory.state != "up" { #expect(directory.reason != nil) }
    if directory.state == "waiting" { #expect(directory.remedy != nil) }
    #expect(directory.provider == (standing.contact == nil ? "ldap://a" : "ldap://b"))
    standing.providers = ["ldap://c"]
    #expect(standing.directory().provider == "ldap://c", "one that is configured no more is not named")
  }

  @Test("the mode of incoming/ keeps nobody out who may drop forms, and lets in nobody else")
  func modes() {
    for (mode, shortcomings, openings) in [
      (0o3730, 0, 0), (0o3770, 0, 0), (0o1730, 1, 0), (0o3700, 1, 0), (0o3710, 1, 0), (0o3330, 1, 0), (0o0, 1, 0),
      (0o3732, 0, 1), (0o3734, 0, 1), (0o2730, 0, 1), (0o2777, 0, 2),
    ] as [(UInt32, Int, Int)] {
      #expect(SpoolFault.shortcomings(mode: mode, path: "/s", hasGroup: true).count == shortcomings, "\(mode)")
      #expect(SpoolFault.openings(mode: mode, path: "/s").count == openings, "\(String(mode, radix: 8))")
    }
    #expect(SpoolFault.openings(mode: 0o3777, path: "/s").first?.remedy == "chmod 3730 /s", "the whole mode")
    for hasGroup in [true, false] {
      let remedy = SpoolFault.shortcomings(mode: 0o3700, path: "/s", hasGroup: hasGroup).first?.remedy
      #expect(remedy?.contains("chgrp buzon-submit /s") == hasGroup && remedy?.contains("chmod 3730 /s") == true)
    }
    #expect(SpoolFault.strangers(mode: 0o3730, owner: 0, agent: 65_000, path: "/s").count == 1)
    for (mode, owner, agent) in [(0o3730, 65_000, 65_000), (0o3730, 5, 0), (0o3770, 0, 65_000), (0o3735, 0, 65_000)]
      as [(UInt32, UInt32, UInt32)]
    {
      #expect(SpoolFault.strangers(mode: mode, owner: owner, agent: agent, path: "/s").isEmpty)
    }
  }
}
