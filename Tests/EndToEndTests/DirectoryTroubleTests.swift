import Foundation
import Sandbox
import Support
import Testing
import Text

/// What is wrong with the directory as a whole, or with the agent's standing there, is ours to mend: the queue waits and
/// says why, no request is failed, and it goes on by itself. Each has a directory of its own.
@Suite("The directory as a whole")
struct DirectoryTroubleTests {
  private static func create(_ number: String, _ local: String) -> String {
    form(number: number, changes: ["create: {address: \(local)@example.org, name: {given: A, family: B}}"])
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// LDIF; `@BASE@`, `@AGENT@` are filled in.
    var breaks: String
    var mends: String
    /// What the reason names.
    var word: String

    init(_ what: String, word: String, breaks: String, mends: String) {
      (testDescription, self.word, self.breaks, self.mends) = (what, word, breaks, mends)
    }
  }

  private static let database = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"

  static let rows = [
    Row(
      "it is read-only", word: "restricted", breaks: database + "replace: olcReadOnly\nolcReadOnly: TRUE",
      mends: database + "delete: olcReadOnly"),
    Row(
      "the agent may not write", word: "insufficientAccessRights",
      breaks: database + "add: olcAccess\nolcAccess: {0}to * by dn.exact=\"@AGENT@\" read by * break",
      mends: database + "delete: olcAccess\nolcAccess: {0}"),
    Row(
      "the agent may not read", word: "reading entries",
      breaks: database + "add: olcAccess\nolcAccess: {0}to * by dn.exact=\"@AGENT@\" none by * break",
      mends: database + "delete: olcAccess\nolcAccess: {0}"),
    Row(
      "it does not know the agent", word: "reading entries",
      breaks: "dn: cn=config\nchangetype: modify\ndelete: olcAuthzRegexp",
      mends:
        "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: {0}\"gidNumber=.*,cn=peercred,cn=external,cn=auth\" \"@AGENT@\""
    ),
    Row(
      "its password policy refuses our passwords", word: "quality",
      breaks: "dn: cn=default,ou=policies,@BASE@\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 100",
      mends: "dn: cn=default,ou=policies,@BASE@\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 12"),
    Row(
      "the accounts' container is missing", word: "ou=people", breaks: "dn: ou=people,@BASE@\nchangetype: delete",
      mends: "dn: ou=people,@BASE@\nchangetype: add\nobjectClass: organizationalUnit\nou: people"),
  ]

  @Test("is waited for, told and never a request's failure", arguments: rows)
  func trouble(_ row: Row) async throws {
    let site = try Site()
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "@BASE@", with: site.sandbox.base)
        .replacingOccurrences(of: "@AGENT@", with: site.sandbox.agent) + "\n"
    }
    let place = try site.workplace("trouble")
    let agent = try await place.agent()
    let needsEmptyDirectory = row.breaks.contains("changetype: delete")
    if !needsEmptyDirectory {
      // Both must be found, and a delete of one that isn't would fail: nothing may pass for missing.
      try await place.carryOut(
        form(
          number: "T-0",
          changes: (0..<3).map {
            "create: {address: t0\($0)@example.org, name: {given: A, family: B}, aliases: [a0\($0)@example.org]}"
          }),
        "T-0")
    }
    try site.modify(filled(row.breaks))
    // Who the agent is is found out when it connects.
    agent.program.signal(SIGHUP)
    #expect(await agent.says("configuration.reread"))
    let others =
      needsEmptyDirectory
      ? []
      : [
        "modify: {address: t00@example.org, set: {position: X}}",
        "modify: {address: t01@example.org, set: {position: X}}",
        "delete: {address: t02@example.org, immediately: true}",
      ]
    try place.drop(
      form(number: "T-1", changes: ["create: {address: t1@example.org, name: {given: A, family: B}}"] + others),
      as: "T-1")
    try place.drop(Self.create("T-2", "t2"), as: "T-2")

    #expect(
      try await comesTrue { try await place.answer("queue")["trouble"]["what"].text?.contains(row.word) == true },
      "\(agent.log.suffix(4))")
    let trouble = try await place.answer("queue")["trouble"]
    #expect(trouble["remedy"].text?.isEmpty == false)
    // Some more tries change nothing.
    #expect(await comesTrue { agent.log.filter { $0.contains("directory.waiting") }.count >= 1 })
    try await Task.sleep(for: .milliseconds(1_200))
    #expect(agent.program.isRunning)
    #expect(try place.record("T-1") == nil)
    for number in ["T-1", "T-2"] {
      let shown = try await place.answer("show", number)
      #expect(shown["changes"].array.allSatisfy { $0["error"] == nil }, "\(shown)")
      #expect(["ready", "working", "done"].contains(shown["state"].text), "\(shown)")
    }

    try site.modify(filled(row.mends))
    // Longest retry 1 s, and one at a time first.
    #expect(try await place.recorded("T-1", "T-2")["outcome"] == "applied")
    #expect(try place.record("T-1")?["outcome"] == "applied")
    #expect(try await comesTrue { try await place.answer("queue")["trouble"] == nil })
    #expect(agent.log.contains { $0.contains("directory.back") })
    let times = try site.timesApplied("T-")
    #expect(times.values.allSatisfy { $0 == 1 })
    #expect(times.keys.filter { !$0.hasPrefix("T-0") }.count == (needsEmptyDirectory ? 2 : 4), "\(times)")
    #expect(await agent.end() == 0)
  }

  @Test("that is down is waited for from the start, and gone on with by itself as soon as it is back")
  func down() async throws {
    let site = try Site()
    let place = try site.workplace("down")
    try site.stopDirectory()
    let agent = try await place.agent()
    for index in 0..<5 { try place.drop(Self.create("DN-\(index)", "dn\(index)"), as: "\(index)") }
    #expect(try await comesTrue { try await place.answer("queue")["requests"].array.count == 5 }, "forms are accepted")
    #expect(try await comesTrue { try await place.answer("queue")["trouble"] != .null })
    let queue = try await place.answer("queue")
    #expect(queue["requests"].array.allSatisfy { $0["state"] == "ready" })
    #expect(queue["trouble"]["since"].text?.hasSuffix("Z") == true)
    #expect(agent.log.contains { $0.contains(" warning directory.waiting why=") && $0.contains(" do=") })
    #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/taken") == [])
    // A run that ends doesn't wait for ever.
    let other = try site.workplace("down-once")
    try other.drop(Self.create("DN-X", "dnx"), as: "x")
    #expect(try await other.run("run", "--once").status == 69)

    try site.startDirectory()
    var back = ContinuousClock.now
    try await place.recorded("DN-0", "DN-1", "DN-2", "DN-3", "DN-4")
    var best = ContinuousClock.now - back
    #expect(try await place.answer("queue")["trouble"] == nil)
    // And again under way: the best of a few, for this host does other things too.
    for round in 5..<9 where round == 5 || best > .seconds(2) {
      try site.stopDirectory()
      try place.drop(Self.create("DN-\(round)", "dn\(round)"), as: "\(round)")
      #expect(try await comesTrue { try await place.answer("queue")["trouble"] != .null })
      try site.startDirectory()
      back = .now
      try await place.recorded("DN-\(round)")
      best = min(best, ContinuousClock.now - back)
    }
    // The longest retry is a second.
    #expect(best < .seconds(15))
    #expect(await agent.end() == 0)
    #expect(try site.timesApplied("DN-").values.allSatisfy { $0 == 1 })
  }

  @Test("that stops with operations in flight, beyond their timeout, applies each of them once")
  func stopped() async throws {
    let site = try Site()
    let place = try site.workplace(
      "stopped",
      .with {
        $0.operationTimeout = "1 s"
        $0.connectTimeout = "500 ms"
      })
    let agent = try await place.agent()
    let process = try site.directoryProcess()
    func done() -> Int { place.paths(below: "deliveries", suffix: ".json").count }
    func waits() -> Int { agent.log.count { $0.contains("directory.waiting") } }
    var (numbers, inFlight): ([String], Int) = ([], 0)
    // Whether operations are in flight when slapd stops is chance.
    for round in 0..<6 where inFlight == 0 {
      let before = numbers.count
      for number in (0..<200).map({ "ST-\(round)-\($0)" }) {
        numbers.append(number)
        try place.drop(Self.create(number, number.lowercased()), as: number)
      }
      #expect(await comesTrue { done() > before })
      let told = waits()
      kill(process, SIGSTOP)
      // Until answers are given up: after the operation timeout.
      #expect(await comesTrue { done() == numbers.count || waits() > told })
      inFlight = try SQLite.rows(
        place.state + "/register.sqlite",
        "SELECT change_index FROM change WHERE intended IS NOT NULL AND outcome IS NULL"
      ).count
      kill(process, SIGCONT)
      #expect(await comesTrue { done() == numbers.count })
    }
    #expect(inFlight > 0)
    #expect(try place.records().values.allSatisfy { $0["outcome"] as? String == "applied" })
    let times = try site.timesApplied("ST-")
    #expect(times.count == numbers.count && times.values.allSatisfy { $0 == 1 }, "\(times.filter { $0.value > 1 })")
    #expect(await agent.end() == 0)
  }

  @Test("that goes away again and again holds nothing up for ever")
  func flapping() async throws {
    let site = try Site()
    let place = try site.workplace("flapping")
    let agent = try await place.agent()
    let numbers = (0..<1_200).map { "FL-\($0)" }
    for number in numbers { try place.drop(Self.create(number, number.lowercased()), as: number) }
    func done() -> Int { place.paths(below: "deliveries", suffix: ".json").count }
    var restarts = 0
    for _ in 0..<12 {
      let before = done()
      guard await comesTrue({ done() > before }), done() < numbers.count else { break }
      try site.restartDirectory()
      restarts += 1
    }
    #expect(await comesTrue { done() == numbers.count })
    let queue = try await place.answer("queue")
    #expect(queue["requests"] == [], "\(queue["requests"].array.prefix(3))")
    let records = try place.records().values
    #expect(records.count == numbers.count && records.allSatisfy { $0["outcome"] as? String == "applied" })
    // slapd logs a write after it has made it, so each restart may cost its log a line.
    let times = try site.timesApplied("FL-")
    #expect((0...restarts).contains(numbers.count - times.count), "\(times.count) after \(restarts) restarts")
    #expect(times.values.allSatisfy { $0 == 1 }, "\(times.filter { $0.value > 1 })")
    #expect(await agent.end() == 0)
  }

  @Test("that takes the agent's password no more is waited for until the password's file is right")
  func wrongPassword() async throws {
    let site = try Site()
    try site.setAgentPassword("correct horse")
    let password = site.folder + "/agent.password"
    try Data("wrong\n".utf8).write(to: URL(fileURLWithPath: password))
    #expect(chmod(password, 0o600) == 0)
    let place = try site.workplace(
      "password",
      .with {
        $0.bind = "{method: simple, dn: \"\(site.sandbox.agent)\", password_file: \"\(password)\"}"
      })
    let agent = try await place.agent()
    try place.drop(Self.create("PW-1", "pw1"), as: "PW-1")
    #expect(
      try await comesTrue {
        try await place.answer("queue")["trouble"]["what"].text?.contains("invalidCredentials") == true
      })
    #expect(try await place.answer("show", "PW-1")["state"] == "ready")
    try Data("correct horse\n".utf8).write(to: URL(fileURLWithPath: password))
    #expect(try await place.recorded("PW-1")["outcome"] == "applied")
    #expect(await agent.end() == 0)
    #expect(agent.log.allSatisfy { !$0.contains("wrong\"") && !$0.contains("correct horse") })
  }
}
