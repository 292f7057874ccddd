import Foundation
import Sandbox
import Support
import Testing
import Text

extension EndToEnd {
  @Suite("A running agent")
  struct RunningTests {
    private static func create(_ number: String, _ address: String) -> String {
      form(number: number, changes: ["create: {address: \(address), name: {given: A, family: B}}"])
    }

    @Test(
      "at SIGTERM settles and records what is in flight, and the next takes up the rest", arguments: [SIGTERM, SIGINT])
    func drains(_ signal: Int32) async throws {
      let site = try EndToEnd.place().site
      let place = try site.workplace("drain")
      let numbers = (0..<600).map { "DR\(signal)-\($0)" }
      let agent = try await place.agent()
      for number in numbers { try place.drop(Self.create(number, "\(number)@example.org"), as: number) }
      #expect(try await comesTrue { try place.records().count > 50 })
      #expect(await agent.end(signal) == 0, "\(agent.log.suffix(5))")
      #expect(agent.log.last?.contains(" agent.ended ") == true)

      let applied = try Set(site.timesApplied("DR\(signal)-").keys)
      let recorded = try Set(
        place.records().filter { $0.value["outcome"] as? String == "applied" }.keys.map { "\($0)#0" })
      #expect(applied == recorded, "\(applied.symmetricDifference(recorded))")
      #expect(place.names(in: place.spool + "/taken") == [])
      let waiting = try await place.answer("queue")["requests"].array
      #expect(waiting.allSatisfy { $0["state"] == "ready" }, "nothing is in the air")
      #expect(waiting.count + recorded.count + place.names(in: place.spool + "/incoming").count == numbers.count)

      let rest = try await place.run("run", "--once")
      #expect(rest.status == 0, "\(rest.errors.suffix(500))")
      #expect(try place.records().count == numbers.count)
      let times = try site.timesApplied("DR\(signal)-")
      #expect(times.count == numbers.count && times.values.allSatisfy { $0 == 1 })
    }

    @Test("that has nothing to do, or waits for its directory, ends at once")
    func idle() async throws {
      let site = try EndToEnd.place().site
      let agent = try await site.workplace("idle").agent()
      // An end that waited for the next try would not come within the bound.
      let place = try site.workplace(
        "waiting",
        .with {
          $0.uri = "ldapi://%2Fnowhere%2Fldapi"
          $0.firstRetry = "1 s"
          $0.longestRetry = "1 h"
        })
      let waiting = try await place.agent()
      try place.drop(Self.create("IDLE-1", "idle1@example.org"), as: "form.yaml")
      #expect(await waiting.says("directory.waiting"))
      #expect(await agent.end() == 0)
      #expect(await waiting.end() == 0)
    }

    /// Whether strace(1) is there and may trace, which a container may forbid.
    private static let canTrace =
      (try? Program("/usr/bin/strace", ["-qq", "-o", "/dev/null", "/bin/true"]))?.wait() == 0

    @Test("that is stopped the moment it says that it started ends as at any other: with 0", arguments: [false, true])
    func stoppedAtOnce(slowed: Bool) async throws {
      // Slowed, each change of a signal's action takes a tenth of a second: one behind the line would be met.
      guard !slowed || Self.canTrace else { return }
      let place = try EndToEnd.place().site.workplace("at-once")
      let tracer = [
        "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rt_sigaction", "-e",
        "inject=rt_sigaction:delay_enter=100000",
      ]
      let command = (slowed ? tracer : []) + [Program.built("buzon"), "run"]
      let agent = try Program(command[0], Array(command.dropFirst()), environment: ["BUZON_CONFIG": place.config])
      let end = ContinuousClock.now + patience
      while !agent.written.errors.contains("agent.started"), agent.isRunning, ContinuousClock.now < end {
        await Task.yield()
      }
      let tracerOrAgent = agent.processIdentifier
      let children = try String(
        contentsOfFile: "/proc/\(tracerOrAgent)/task/\(tracerOrAgent)/children", encoding: .utf8)
      let process = slowed ? try #require(children.split(separator: " ").first.flatMap { pid_t($0) }) : tracerOrAgent
      #expect(kill(process, SIGTERM) == 0)
      let outcome = await agent.outcome()
      #expect(outcome.status == 0 && outcome.errors.contains("agent.ended"), "\(outcome.status) \(outcome.errors)")
    }

    @Test("at SIGHUP logs as its configuration says by now, and names what needs a restart")
    func logAtSighup() async throws {
      let place = try EndToEnd.place().site.workplace("reread-log")
      let agent = try await place.agent()
      try place.configure(.with { $0.log = "{format: json, level: info}" })
      agent.program.signal(SIGHUP)
      #expect(await agent.says("\"event\":\"configuration.reread\""))
      let text = try String(contentsOfFile: place.config, encoding: .utf8)
      let moved = text.replacing(place.spool, with: place.folder + "/other").replacing(
        "level: info", with: "level: warning")
      try moved.write(toFile: place.config, atomically: true, encoding: .utf8)
      agent.program.signal(SIGHUP)
      #expect(await agent.says("configuration.restart", "\"keys\":\"spool\"", "restart the agent"))
      // All else applies: the level, and the folder is the old one.
      try place.drop(Self.create("HUP-7", "hup7@example.org"), as: "form.yaml")
      #expect(try await comesTrue { try place.record("HUP-7") != nil })
      #expect(!agent.log.contains { $0.contains("HUP-7") })
      #expect(await agent.end() == 0)
    }

    @Test("at SIGHUP goes where its configuration says by now, at once")
    func reconnects() async throws {
      let place = try EndToEnd.place().site.workplace(
        "elsewhere",
        .with {
          $0.uri = "ldapi://%2Fnowhere%2Fldapi"
          $0.longestRetry = "1 h"
          $0.firstRetry = "1 s"
        })
      let agent = try await place.agent()
      try place.drop(Self.create("HUP-9", "hup9@example.org"), as: "form.yaml")
      #expect(await agent.says("directory.waiting"))
      try place.configure(.init())
      agent.program.signal(SIGHUP)
      #expect(try await place.recorded("HUP-9")["outcome"] == "applied")
      #expect(await agent.end() == 0)
    }

    @Test("at SIGHUP reads its configuration again; a bad one is refused and the old one stays")
    func rereads() async throws {
      let place = try EndToEnd.place().site.workplace("hup")
      let agent = try await place.agent()
      try place.drop(Self.create("HUP-1", "hup1@nuevo.example"), as: "early.yaml")
      #expect(try await place.rejection(of: "early.yaml").contains("nuevo.example"))

      let wider = Workplace.Options.with { $0.domains = ["example.org", "nuevo.example"] }
      try place.configure(wider)
      agent.program.signal(SIGHUP)
      #expect(await agent.says("configuration.reread"))
      #expect(try await place.carryOut(Self.create("HUP-1", "hup1@nuevo.example"), "HUP-1")["outcome"] == "applied")

      for (mistake, word) in [
        ("nonsense: 1", "nonsense"), ("policy: {quota: 5}", "policy.quota"), ("policy: [", "buzon.yaml:"),
      ] {
        var bad = wider
        bad.domains = ["example.org"]
        bad.more = mistake
        try place.configure(bad)
        agent.program.signal(SIGHUP)
        #expect(await agent.says("configuration.refused", word, "do="), "\(agent.log.suffix(3))")
      }
      // Folders stay what they are while it runs.
      try place.configure(wider)
      let text = try String(contentsOfFile: place.config, encoding: .utf8)
      try text.replacingOccurrences(of: place.records, with: place.folder + "/elsewhere")
        .write(toFile: place.config, atomically: true, encoding: .utf8)
      agent.program.signal(SIGHUP)
      #expect(await agent.says("configuration.restart", "keys=records"))
      #expect(try await place.carryOut(Self.create("HUP-2", "hup2@nuevo.example"), "HUP-2")["outcome"] == "applied")
      #expect(await agent.end() == 0)
    }

    @Test("has its spool alone: a run --once beside it ends with 75 and says who holds it")
    func alone() async throws {
      let place = try EndToEnd.place().site.workplace("alone")
      let agent = try await place.agent()
      let second = try await place.start(["run", "--once"]).outcome()
      #expect(second.status == 75, "\(second.errors)")
      #expect(second.errors.contains("process \(agent.program.processIdentifier)"), "\(second.errors)")
      #expect(try await place.carryOut(Self.create("AL-1", "al1@example.org"), "AL-1")["outcome"] == "applied")
      // However the first ends, the next one starts.
      agent.program.signal(SIGKILL)
      #expect(await agent.program.outcome().status == -SIGKILL)
      #expect(try await place.run("run", "--once").status == 0)
    }

    @Test("is waited for by a second one, which takes over when it is killed, and loses nothing")
    func standby() async throws {
      let place = try EndToEnd.place().site.workplace("standby")
      var agents = [try await place.agent()]
      var numbers: [String] = []
      for round in 0..<3 {
        let next = try place.standby()
        #expect(await next.says("agent.standby", "holder=\(agents[round].program.processIdentifier)"))
        let agent = try await place.answer("status")["agent"]
        #expect(agent["pid"].integer == Int(agents[round].program.processIdentifier))
        #expect(agent["standby"].integer == Int(next.program.processIdentifier))
        // A word for the one that works ends nobody.
        for signal in [SIGHUP, SIGUSR1] { next.program.signal(signal) }
        for index in 0..<20 {
          numbers.append("SB-\(round)-\(index)")
          try place.drop(
            Self.create("SB-\(round)-\(index)", "sb\(round)x\(index)@example.org"), as: "SB-\(round)-\(index).yaml")
        }
        #expect(await comesTrue { place.paths(below: "deliveries", suffix: ".json").count > round * 20 })
        agents[round].program.signal(SIGKILL)
        #expect(await next.says("agent.takeover"))
        #expect(await next.says("agent.started"))
        #expect(await comesTrue { place.paths(below: "deliveries", suffix: ".json").count == numbers.count })
        agents.append(next)
      }
      for number in numbers { #expect(try place.record(number)?["outcome"] == "applied") }
      #expect(try place.site.timesApplied("SB-").values.allSatisfy { $0 == 1 })
      // One that waits ends at once.
      let last = try place.standby()
      #expect(await last.says("agent.standby"))
      #expect(await last.end() == -SIGTERM)
      #expect(await agents[3].end() == 0)
      #expect(try await place.answer("status")["agent"]["standby"] == .null)
    }

    @Test("needs a configuration that it can work with")
    func badConfiguration() async throws {
      for (key, value) in [("organization.timezone", "timezone: Nowhere/City"), ("approval.signers", "")] {
        let place = try EndToEnd.place().site.workplace("bad")
        var text = try String(contentsOfFile: place.config, encoding: .utf8)
        if value.isEmpty {
          text += "approval: {mode: signed}\n"
        } else {
          text = text.replacingOccurrences(of: "{name: Prueba}", with: "{name: Prueba, \(value)}")
        }
        try text.write(toFile: place.config, atomically: true, encoding: .utf8)
        let outcome = try await place.run("run", "--once")
        #expect(outcome.status == 78 && outcome.errors.contains(key), "\(key): \(outcome.errors)")
      }
    }

    @Test("whose records can't be written waits with them, and writes them once they can")
    func recordsBlocked() async throws {
      let place = try EndToEnd.place().site.workplace("blocked")
      let agent = try await place.agent()
      let deliveries = place.records + "/deliveries"
      #expect(FileManager.default.createFile(atPath: deliveries, contents: nil))
      try place.drop(Self.create("BL-1", "bl1@example.org"), as: "BL-1")
      #expect(await agent.says("records.waiting", "deliveries", "do="))
      #expect(try place.site.timesApplied("BL-1#").count == 1, "the directory doesn't wait for the disk")
      try FileManager.default.removeItem(atPath: deliveries)
      #expect(try await place.recorded("BL-1")["outcome"] == "applied")
      #expect(await agent.end() == 0)
    }

    @Test("whose spool is taken away, or whose state is lost, ends and says so")
    func foldersLost() async throws {
      let place = try EndToEnd.place().site.workplace("lost")
      let agent = try await place.agent()
      try await place.carryOut(Self.create("LO-1", "lo1@example.org"), "LO-1")
      #expect(try await comesTrue { try place.listed("lo1@example.org") != nil })
      let files = FileManager.default
      try files.moveItem(atPath: place.spool + "/incoming", toPath: place.folder + "/elsewhere")
      #expect(await agent.program.outcome().status == 74, "\(agent.log)")
      try files.moveItem(atPath: place.folder + "/elsewhere", toPath: place.spool + "/incoming")

      // A register begun anew would take used numbers again and write an empty list over the good one.
      try files.moveItem(atPath: place.state, toPath: place.folder + "/elsewhere")
      let list = try Data(contentsOf: URL(fileURLWithPath: place.records + "/accounts/accounts.json"))
      let outcome = try await place.run("run", "--once")
      #expect([74, 77, 78].contains(outcome.status) && outcome.errors.contains(place.state), "\(outcome.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: place.records + "/accounts/accounts.json")) == list)
      try files.removeItem(atPath: place.state)
      try files.moveItem(atPath: place.folder + "/elsewhere", toPath: place.state)
      #expect(try await place.run("run", "--once").status == 0)
    }
  }
}
