import Glibc
import LDAP
import Testing

/// What became of an operation.
enum Outcome: Sendable {
  case applied, refused, notApplied, unknown

  init(_ body: () async throws(LDAPError) -> Void) async {
    do throws(LDAPError) {
      try await body()
      self = .applied
    } catch {
      self =
        switch error {
        case .refused: .refused
        case .unavailable, .tls, .invalid: .notApplied
        case .outcomeUnknown: .unknown
        }
    }
  }
}

/// Each test has a server of its own, for it kills or stops it; one after the other, for each server costs a moment.
@Suite(.serialized) struct LostConnectionTests {
  let slapd: Slapd

  init() throws {
    slapd = try Slapd()
  }

  /// Sends `count` adds at once, calls `disturb` when the first `after` are answered, and tells what became of each.
  private func adds(
    _ connection: Connection, _ prefix: String, count: Int, more: [Attribute] = [], after: Int,
    disturb: @escaping @Sendable () -> Void
  ) async -> [Outcome] {
    await withTaskGroup(of: (Int, Outcome).self) { group in
      for number in 0..<count {
        group.addTask {
          let (dn, attributes) = person("\(prefix)\(number)", more)
          return (
            number,
            await Outcome { () async throws(LDAPError) in try await connection.add(dn, attributes) }
          )
        }
      }
      var outcomes = [Outcome](repeating: .notApplied, count: count)
      var answered = 0
      for await (number, outcome) in group {
        outcomes[number] = outcome
        answered += 1
        if answered == after { disturb() }
      }
      return outcomes
    }
  }

  private func present(_ prefix: String) async throws -> Set<String> {
    let connection = try await slapd.connect()
    let found = try await connection.searchAll(
      base: Slapd.people, filter: .substring("uid", initial: Value(prefix)), attributes: ["uid"], limit: 0)
    await connection.close()
    return Set(found.compactMap { $0.text("uid") })
  }

  @Test func aServerKilledUnderLoadLosesNothingThatWasAnsweredAndEachOutcomeIsTold() async throws {
    var totals: [Outcome: Int] = [:]
    for round in 0..<5 {
      let connection = try await slapd.connect()
      let slapd = slapd
      let outcomes = await adds(connection, "kill\(round).", count: 600, after: 150) { kill(slapd.pid, SIGKILL) }
      slapd.stop(SIGKILL)
      try slapd.start()
      let present = try await present("kill\(round).")
      for (number, outcome) in outcomes.enumerated() {
        totals[outcome, default: 0] += 1
        let isThere = present.contains("kill\(round).\(number)")
        switch outcome {
        case .applied: #expect(isThere, "acknowledged and lost: \(number)")
        case .notApplied: #expect(!isThere, "told as not applied and applied: \(number)")
        case .unknown: break
        case .refused: Issue.record("refused: \(number)")
        }
      }
      #expect(!connection.isUsable)
    }
    #expect(totals[.applied, default: 0] >= 5 * 150)
    #expect(totals[.notApplied, default: 0] > 0)
  }

  @Test func aServerThatRestartsUnderAnIdleConnectionEndsItAndIsNeverSpokenToAnonymously() async throws {
    let connection = try await slapd.connect()
    let watching = Task { await connection.closed() }
    #expect(try await connection.whoAmI().isEmpty == false)
    slapd.stop(SIGTERM)
    try slapd.start()
    let (dn, attributes) = person("restart")
    #expect(await Outcome { () async throws(LDAPError) in try await connection.add(dn, attributes) } == .notApplied)
    #expect(await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI() } == .notApplied)
    #expect(!connection.isUsable)
    guard case .unavailable? = await watching.value else {
      Issue.record("not told")
      return
    }
    #expect(try await present("restart").isEmpty)
  }

  /// The socket's buffer fills in the middle of a request. Each add must arrive whole, and once: a second one of the same
  /// name would be refused with 68.
  @Test(arguments: [false, true])
  func addsThatFillTheSocketOfAStoppedServerAllArriveOnce(_ overTLS: Bool) async throws {
    let admin = Credentials.simple(Slapd.admin, password: Slapd.password)
    let connection = try await Connection.open(
      overTLS ? slapd.ldaps : slapd.ldapi, tls: TLS(caFile: slapd.caFile), credentials: admin)
    let large = Attribute("jpegPhoto", [Value(bytes: (0..<200_000).map { UInt8(truncatingIfNeeded: $0) })])
    let slapd = slapd
    try slapd.freeze()
    let thaw = Task {
      // Until the window is full and the socket's buffer with it.
      try await Task.sleep(for: .milliseconds(400))
      slapd.thaw()
    }
    let outcomes = await adds(connection, "stop.", count: 100, more: [large], after: -1) {}
    try await thaw.value
    #expect(outcomes.allSatisfy { $0 == .applied })
    #expect(try await present("stop.").count == 100)
    let entry = try await connection.entry(person("stop.99").dn, attributes: ["jpegPhoto"])
    #expect(entry?["jpegPhoto"] == large.values)
  }

  @Test func whatNeverLeftThisProcessIsKnownNotToBeApplied() async throws {
    let connection = try await slapd.connect()
    let large = Attribute("jpegPhoto", [Value(bytes: [UInt8](repeating: 7, count: 400_000))])
    let slapd = slapd
    try slapd.freeze()
    let cut = Task {
      try await Task.sleep(for: .milliseconds(400))
      kill(slapd.pid, SIGKILL)
    }
    let outcomes = await adds(connection, "never.", count: 60, more: [large], after: -1) {}
    try await cut.value
    slapd.stop(SIGKILL)
    try slapd.start()
    #expect(try await present("never.").isEmpty)
    // A socket takes some hundred kilobytes: at most the first few requests can have left.
    #expect(outcomes.count { $0 == .notApplied } > 50)
    #expect(outcomes.allSatisfy { $0 == .notApplied || $0 == .unknown })
  }

  @Test(.timeLimit(.minutes(15)))
  func aWriteWithoutAnswerInTimeEndsTheConnectionAndIsUnknown() async throws {
    let connection = try await slapd.connect(Connection.Options(operation: .seconds(600), window: 2))
    try slapd.freeze()
    async let late = Outcome { () async throws(LDAPError) in
      let (dn, attributes) = person("late1")
      try await connection.add(dn, attributes, deadline: .seconds(4))
    }
    async let patient = Outcome { () async throws(LDAPError) in
      let (dn, attributes) = person("late2")
      try await connection.add(dn, attributes)
    }
    try await Task.sleep(for: .seconds(1))
    // The window is full: these two only wait for a place.
    async let impatient = Outcome { () async throws(LDAPError) in
      let (dn, attributes) = person("late3")
      try await connection.add(dn, attributes, deadline: .milliseconds(500))
    }
    async let waiting = Outcome { () async throws(LDAPError) in
      let (dn, attributes) = person("late4")
      try await connection.add(dn, attributes)
    }
    #expect(await impatient == .notApplied)
    #expect(await late == .unknown)
    #expect(await patient == .unknown)
    #expect(await waiting == .notApplied)
    #expect(!connection.isUsable)
    slapd.thaw()
    // A stopped server may apply what it had received although nobody listens any more, or abandon it when it reads the end
    // of the connection first: that is why it is unknown. What had not left can't land.
    let slapd = slapd
    let other = try await slapd.connect()
    #expect(try await other.entry(person("late3").dn) == nil)
    #expect(try await other.entry(person("late4").dn) == nil)
  }

  /// The answers wait in the socket when a write finds the server dead: they count.
  @Test func answersThatHadArrivedAreDeliveredBeforeAnythingIsDeclaredUnknown() async throws {
    let connection = try await slapd.connect()
    let slapd = slapd
    try slapd.freeze()
    let outcomes = try await withTaskExecutorPreference(connection.executor) {
      try await withThrowingTaskGroup(of: Outcome.self) { group in
        for number in 0..<5 {
          group.addTask {
            let (dn, attributes) = person("arrived\(number)")
            return await Outcome { () async throws(LDAPError) in try await connection.add(dn, attributes) }
          }
        }
        group.addTask {
          for _ in 0..<10 { await Task.yield() }
          // From here on this thread, which is the connection's, reads nothing.
          slapd.thaw()
          try blockUntil("the adds land") {
            try Command.run(
              [
                "sh", "-c",
                "ldapsearch -LLL -Q -Y EXTERNAL -H '\(slapd.ldapi)' -b '\(Slapd.people)' '(uid=arrived*)' 1.1 > \(slapd.folder)/found",
              ])
            return Command.read("\(slapd.folder)/found")?.split(separator: "\n").count { $0.hasPrefix("dn:") } == 5
          }
          kill(slapd.pid, SIGKILL)
          try blockUntil("slapd is dead") {
            Command.read("/proc/\(slapd.pid)/stat").map { $0.contains(") Z ") } ?? true
          }
          return await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI() }
        }
        return try await group.reduce(into: [Outcome: Int]()) { $0[$1, default: 0] += 1 }
      }
    }
    #expect(outcomes == [.applied: 5, .notApplied: 1])
  }

  @Test func aReadWithoutAnswerInTimeLeavesTheConnectionUsable() async throws {
    let connection = try await slapd.connect()
    try slapd.freeze()
    let outcome = await Outcome { () async throws(LDAPError) in
      _ = try await connection.searchAll(base: Slapd.base, deadline: .milliseconds(300))
    }
    #expect(outcome == .notApplied)
    slapd.thaw()
    #expect(connection.isUsable)
    #expect(try await connection.searchAll(base: Slapd.base, scope: .base).count == 1)
  }

  /// libldap and poll(2) are interrupted by signals whenever another part of the program uses them.
  @Test func signalsDisturbNothing() async throws {
    let (ldapi, people) = (slapd.ldapi.description, Slapd.people.string)
    await #expect(processExitsWith: .success) { [ldapi = ldapi as String, people = people as String] in
      // No SA_RESTART, so that every call that can be interrupted is.
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      guard sigaction(SIGALRM, &action, nil) == 0 else { fail("sigaction") }
      let connection = try await Connection.open(LDAPURL(ldapi), credentials: .external)
      var timer = itimerval(
        it_interval: timeval(tv_sec: 0, tv_usec: 200), it_value: timeval(tv_sec: 0, tv_usec: 200))
      guard setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil) == 0 else { fail("setitimer") }
      for _ in 0..<500 {
        guard try await connection.searchAll(base: DN(parsing: people), scope: .base).count == 1 else { fail("search") }
      }
    }
  }

  @Test func aWriteToADeadServerDoesNotKillTheProcess() async throws {
    let (ldapi, pid) = (slapd.ldapi.description, slapd.pid)
    await #expect(processExitsWith: .success) { [ldapi = ldapi as String, pid = pid as pid_t] in
      signal(SIGPIPE, SIG_DFL)
      let connection = try await Connection.open(LDAPURL(ldapi), credentials: .external)
      // On the connection's thread, so that it can't notice the end before it writes.
      await withTaskExecutorPreference(connection.executor) {
        kill(pid, SIGKILL)
        while Command.read("/proc/\(pid)/stat").map({ !$0.contains(") Z ") }) ?? false { usleep(1000) }
        for _ in 0..<10 {
          let outcome = await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI() }
          if outcome != .notApplied { fail("\(outcome)") }
        }
      }
    }
  }
}
