import Foundation
import Sandbox
import Support
import Testing

/// A directory that is killed, stopped, full, misconfigured or set back, for real. (Read-only, no right to write, no right
/// to read, no identity, a policy that refuses our passwords, no container, down from the start and under way, a refused
/// password: `DirectoryTroubleTests` of EndToEndTests.) Each has a directory of its own.
@Suite("A directory that fails")
struct RealFaultTests {
  /// - Parameter unlogged: writes that the directory has and its log may have lost.
  private static func report(
    _ faults: Int, _ what: String, _ times: [String: Int], expected: Int, unlogged: Int = 0
  ) {
    Torture.report(
      "a directory that fails", [("faults", faults), (what, expected)],
      lost: max(0, expected - unlogged - times.count),
      twice: times.values.count { $0 > 1 })
  }

  @Test("killed under a load of every operation and started again, it loses and doubles nothing")
  func killed() async throws {
    let site = try Site(durable: true)
    let place = try site.workplace("killed", .quick)
    let agent = try await place.agent()
    var generator = SeededGenerator(seed: Torture.seed)
    let rounds = Torture.count(share: 1, full: 40)
    let each = 60
    func done() -> Int { place.paths(below: "deliveries", suffix: ".json").count }
    try await place.carryOut(form(number: "P-0", changes: (0..<each).map { create("m\($0)") }), "P-0")
    var expected = 0
    for round in 0..<rounds {
      try await place.carryOut(
        form(number: "P-\(round + 1)", changes: (0..<each).map { create("d\(round)x\($0)") }), "P-\(round + 1)")
      let before = done()
      for index in 0..<each {
        let number = "K-\(round)-\(index)"
        let changes = [create("k\(round)x\(index)"), retitle("m\(index)", "T\(round)"), purge("d\(round)x\(index)")]
        try place.drop(form(number: number, changes: changes), as: number)
      }
      expected += 2 * each
      let moment = Int.random(in: 1...each / 2, using: &generator)
      #expect(await comesTrue { done() >= before + moment })
      try site.restartDirectory()
      #expect(await comesTrue { done() == before + each }, "\(agent.log.suffix(3))")
    }
    let records = try place.records().filter { $0.key.hasPrefix("K-") }
    #expect(records.values.allSatisfy { $0["outcome"] as? String == "applied" })
    let times = try site.timesApplied("K-")
    // slapd logs a write after it has made it, so each kill may cost the log, not the directory, one line.
    let logged = (expected - rounds)...expected
    #expect(logged.contains(times.count) && times.values.allSatisfy { $0 == 1 }, "\(times.filter { $0.value > 1 })")
    #expect(try site.search(filter: "(uid=k*x*)").count == rounds * each)
    for index in 0..<each {
      #expect(try site.entry("m\(index)")?["title"] == ["T\(rounds - 1)"])
    }
    #expect(try site.search(filter: "(uid=d*x*)").isEmpty)
    #expect(await agent.end() == 0)
    Self.report(rounds, "changes", times, expected: expected, unlogged: rounds)
  }

  @Test("stopped with operations in flight, the stale ones land after ours were sent again, and nothing is done twice")
  func stopped() async throws {
    let site = try Site()
    let place = try site.workplace(
      "stopped",
      .with {
        $0.firstRetry = "50 ms"
        $0.longestRetry = "1 s"
        $0.operationTimeout = "1 s"
        $0.connectTimeout = "1 s"
      })
    let agent = try await place.agent()
    let each = 40
    func done() -> Int { place.paths(below: "deliveries", suffix: ".json").count }
    var (expected, inFlight) = (0, 0)
    // Whether operations are in flight when it stops is chance.
    for round in 0..<Torture.count(share: 20, full: 6) where inFlight == 0 || Torture.isFull {
      try await place.carryOut(
        form(
          number: "P-\(round)", changes: (0..<each).flatMap { [create("m\(round)x\($0)"), create("d\(round)x\($0)")] }),
        "P-\(round)")
      let before = done()
      for index in 0..<each {
        let number = "ST-\(round)-\(index)"
        let changes = [
          create("k\(round)x\(index)"), retitle("m\(round)x\(index)", "Y"), purge("d\(round)x\(index)"),
          "modify: {address: m\(round)x\(index)@example.org, add: {aliases: [a\(round)x\(index)@example.org]}}",
        ]
        try place.drop(form(number: number, changes: changes), as: number)
      }
      expected += 3 * each
      #expect(await comesTrue { done() > before })
      let process = try site.directoryProcess()
      kill(process, SIGSTOP)
      // Longer than the operation timeout, until it is told.
      try await Task.sleep(for: .seconds(Torture.count(share: 1, full: 30)))
      let isTold = try await comesTrue {
        if done() == before + each { return true }
        return try await place.run("status").status == 2
      }
      #expect(isTold)
      inFlight += try SQLite.rows(
        place.state + "/register.sqlite",
        "SELECT change_index FROM change WHERE intended IS NOT NULL AND outcome IS NULL"
      ).count
      kill(process, SIGCONT)
      #expect(await comesTrue { done() == before + each }, "\(agent.log.suffix(3))")
    }
    #expect(inFlight > 0)
    let records = try place.records().filter { $0.key.hasPrefix("ST-") }
    #expect(records.values.allSatisfy { $0["outcome"] as? String == "applied" })
    let times = try site.timesApplied("ST-")
    #expect(times.count == expected && times.values.allSatisfy { $0 == 1 }, "\(times.filter { $0.value > 1 })")
    #expect(await agent.end() == 0)
    Self.report(1, "changes", times, expected: expected)
  }

  @Test(
    "that takes a connection and says nothing, from the start, is waited for and told", .enabled(if: Torture.isFull))
  func silent() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "silent")
    proxy.rule { _ in .change { _ in [] } }
    let place = try site.behind(proxy, "silent", operation: "1 s") { $0.connectTimeout = "1 s" }
    let agent = try await place.agent()
    try place.drop(form("SI-1", create("si1")), as: "SI-1")
    #expect(try await place.waits("no answer"), "\(agent.log.suffix(3))")
    #expect(try await place.run("status").status == 2)
    #expect(agent.log.contains { $0.contains("directory.waiting") && $0.contains(" do=") })
    // Silent again under way, in the middle of a search and of a write.
    proxy.rule { _ in .pass }
    #expect(try await place.recorded("SI-1")["outcome"] == "applied")
    for (number, kind) in [("SI-2", Proxy.Kind.search), ("SI-3", .add)] {
      proxy.rule { $0.kind == kind && !$0.isSync && $0.name.contains("ou=people") ? .change { _ in [] } : .pass }
      try place.drop(form(number, create(number.lowercased())), as: number)
      #expect(try await place.waits("in time"), "\(agent.log.suffix(3))")
      proxy.rule { _ in .pass }
      #expect(try await place.recorded(number)["outcome"] == "applied")
    }
    let times = try site.timesApplied("SI-")
    #expect(times == ["SI-1#0": 1, "SI-2#0": 1, "SI-3#0": 1], "\(times)")
    #expect(await agent.end() == 0)
    Self.report(3, "changes", times, expected: 3)
  }

  @Test("whose database is full is waited for, and gone on with when it was made larger", .enabled(if: Torture.isFull))
  func full() async throws {
    let site = try Site()
    let place = try site.workplace("full", .quick)
    let agent = try await place.agent()
    try await place.carryOut(form("FU-0", create("fu0"), create("fu1")), "FU-0")
    func size(_ bytes: Int) throws {
      try site.modify(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcDbMaxSize\nolcDbMaxSize: \(bytes)\n\n")
    }
    try size(1_048_576)
    // Other hands fill it.
    let filler = String(repeating: "x", count: 20_000)
    var fills = 0
    while fills < 200 {
      let description = "dn: cn=fill\(fills),ou=services,\(site.sandbox.base)\nchangetype: add\nobjectClass: device\n"
      guard (try? site.modify(description + "cn: fill\(fills)\ndescription: \(filler)\n\n")) != nil else { break }
      fills += 1
    }
    #expect(fills < 200, "it never was full")
    var numbers: [String] = []
    for index in 0..<40 where try await place.trouble().what.isEmpty {
      let number = "FU-\(index + 1)"
      numbers.append(number)
      let changes = (0..<20).map { create("fu\(index)x\($0)", ", position: \(String(repeating: "y", count: 120))") }
      try place.drop(form(number: number, changes: changes + [retitle("fu0", "T\(index)")]), as: number)
      _ = try await comesTrue {
        let isStuck = try await !place.trouble().what.isEmpty
        return try isStuck || place.record(number) != nil
      }
    }
    #expect(try await place.waits("80 other"), "\(agent.log.suffix(4))")
    #expect(try await place.run("status").status == 2)
    let last = try #require(numbers.last)
    #expect(try await place.failures(last).isEmpty)
    try size(64 * 1_048_576)
    for number in numbers { #expect(try await place.recorded(number)["outcome"] == "applied") }
    let times = try site.timesApplied("FU-")
    #expect(times.count == 2 + 21 * numbers.count && times.values.allSatisfy { $0 == 1 }, "\(times)")
    #expect(await agent.end() == 0)
    Self.report(1, "changes", times, expected: 2 + 21 * numbers.count)
  }

  @Test("set back to a backup older than most accounts takes none of them off the list by itself, and says so")
  func setBack() async throws {
    let site = try Site()
    let place = try site.workplace("back", .quick)
    let agent = try await place.agent()
    try await place.carryOut(form(number: "B-1", changes: (0..<5).map { create("old\($0)") }), "B-1")
    let slapcat = try await Program.run("/usr/sbin/slapcat", ["-F", site.folder + "/slapd.d", "-b", site.sandbox.base])
    #expect(slapcat.status == 0)
    try await place.carryOut(form(number: "B-2", changes: (0..<90).map { create("new\($0)") }), "B-2")
    #expect(try await comesTrue { try place.accounts().count == 95 })
    let handovers = try await place.answer("handover")["handovers"].array.count
    try site.stopDirectory()
    // What waits while it is set back: of what is there, of what has gone, and new.
    try place.drop(form("B-3", retitle("old1")), as: "B-3")
    try place.drop(form("B-4", create("later")), as: "B-4")
    try place.drop(form("B-5", retitle("new1")), as: "B-5")
    for name in site.names(in: site.folder + "/data") where name.hasSuffix(".mdb") {
      try FileManager.default.removeItem(atPath: site.folder + "/data/" + name)
    }
    let slapadd = try await Program.run(
      "/usr/sbin/slapadd", ["-q", "-F", site.folder + "/slapd.d", "-b", site.sandbox.base], input: slapcat.output)
    #expect(slapadd.status == 0, "\(slapadd.errors)")
    try site.startDirectory()
    #expect(await agent.says("mirror.empty", " do="), "\(agent.log.suffix(5))")
    #expect(try await place.recorded("B-3", "B-4")["outcome"] == "applied")
    #expect(try place.record("B-3")?["outcome"] == "applied")
    // It isn't there any more, and that is told with what helps.
    let gone = try await place.recorded("B-5")["changes"][0]["error"]
    #expect(gone["code"] == 32 && gone["remedy"].text?.isEmpty == false, "\(gone)")
    #expect(try await comesTrue { try place.accounts().count == 96 })
    #expect(try await place.answer("handover")["handovers"].array.count == handovers + 1)
    // The list tells accounts that the directory doesn't have: whoever watches must hear of it.
    #expect(try await place.run("status").status != 0)
    // By hand it is taken as it is.
    #expect(await agent.end() == 0)
    let rebuild = try await place.run("rebuild")
    #expect(rebuild.status == 0, "\(rebuild.errors)")
    #expect(try place.accounts().count == 6)
    let times = try site.timesApplied("B-")
    Self.report(1, "changes", times, expected: 97)
  }
}
