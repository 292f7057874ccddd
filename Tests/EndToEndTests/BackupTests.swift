import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("backup and restore")
  struct BackupTests {
    private static func create(_ number: String, _ locals: [String]) -> String {
      form(
        number: number, changes: locals.map { "create: {address: \($0)@example.org, name: {given: A, family: B}}" })
    }

    private func numbers(_ register: String) throws -> Set<String> {
      Set(try SQLite.rows(register, "SELECT number FROM request").compactMap { $0["number"]?.text })
    }

    @Test("While the agent works at full load every backup is whole; restored, the agent goes on where it was")
    func underLoad() async throws {
      let place = try EndToEnd.place().site.workplace("backup")
      let agent = try await place.agent()
      let forms = 120
      for index in 0..<forms {
        try place.drop(Self.create("BAK-\(index)", (0..<8).map { "bak\(index)x\($0)" }), as: "\(index).yaml")
      }
      var backups: [(file: String, numbers: Set<String>)] = []
      while try place.records().count < forms, backups.count < 200 {
        let file = place.folder + "/backup-\(backups.count)"
        let outcome = try await place.run("backup", "--json", file)
        guard outcome.status == 66 else {
          #expect(outcome.status == 0, "\(outcome.errors)")
          let known = try numbers(file)
          #expect(try JSON(outcome.output)["requests"].integer == known.count)
          #expect(mode(file) == "600")
          backups.append((file, known))
          continue
        }
      }
      let order = (0..<forms).map { "BAK-\($0)" }
      try await place.recorded(try #require(order.last))
      #expect(try await comesTrue { try place.records().count == forms })
      #expect(place.names(in: place.folder).filter { $0.hasSuffix(".tmp") } == [])

      let chosen = try #require(backups.last { $0.numbers.count < forms } ?? backups.first)
      let busy = try await place.run("restore", chosen.file)
      #expect(busy.status == 75 && busy.errors.contains("\(agent.program.processIdentifier)"), "\(busy.errors)")
      #expect(await agent.end() == 0)

      let restored = try await place.answer("restore", chosen.file)
      #expect(restored["requests"].integer == chosen.numbers.count)
      #expect(Set(restored["unknown"].array.compactMap(\.text)) == Set(order).subtracting(chosen.numbers))
      let aside = try #require(restored["aside"].text)
      #expect(try numbers(aside) == Set(order) && mode(aside) == "600")
      #expect(try numbers(place.state + "/register.sqlite") == chosen.numbers)

      // Nothing is done a second time unasked. Released, what had been done since is found done.
      let waiting = try await place.run("run", "--once")
      #expect(waiting.status == (restored["held"].integer == 0 ? 0 : 75), "\(waiting.errors.suffix(2_000))")
      #expect(try await place.answer("queue")["requests"].array.count == restored["held"].integer)
      #expect(try await place.run("release", "ALL").status == 0)
      // Nor is a number that was used since the backup used again.
      if let spent = restored["unknown"].array.first?.text {
        try place.drop(Self.create(spent, ["spent"]), as: "spent.yaml")
        #expect(try await place.run("run", "--once").status == 1)
        #expect(try await place.rejection(of: "spent.yaml").contains("restored from a backup"))
      }
      try place.drop(Self.create("BAK-new", ["baknew"]), as: "new.yaml")
      let run = try await place.run("run", "--once")
      #expect(run.status == 0, "\(run.errors.suffix(2_000))")
      #expect(try place.records().values.allSatisfy { $0["outcome"] as? String == "applied" })
      let times = try place.site.timesApplied("BAK-")
      #expect(times.count == forms * 8 + 1 && times.values.allSatisfy { $0 == 1 })
      #expect(mode(place.state + "/register.sqlite") == "600" && mode(place.state + "/slips.key") == "600")
    }

    @Test("The warning names the numbers that could be used again, and what to do")
    func warning() async throws {
      let place = try EndToEnd.place().site.workplace("warn")
      #expect(try await place.run("run", "--once").status == 0)
      let file = place.folder + "/empty"
      #expect(try await place.run("backup", file).status == 0)
      try place.drop(Self.create("WARN-1", ["warn1"]), as: "f")
      #expect(try await place.run("run", "--once").status == 0)
      let outcome = try await place.run("restore", file)
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("1 delivery record") && outcome.errors.contains("WARN-1"), "\(outcome.errors)")
      #expect(outcome.errors.contains("buzon rebuild"))
    }

    @Test("A restore waits for nobody who reads the register: it says so, and changes nothing")
    func read() async throws {
      let place = try EndToEnd.place().site.workplace("read")
      #expect(try await place.run("run", "--once").status == 0)
      let file = place.folder + "/b"
      #expect(try await place.run("backup", file).status == 0)
      let register = place.state + "/register.sqlite"
      let script = """
        import sqlite3, sys, time
        database = sqlite3.connect(sys.argv[1], isolation_level=None)
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM request").fetchone()
        print("reading", flush=True)
        time.sleep(600)
        """
      let reader = try Program("/usr/bin/env", ["python3", "-c", script, register])
      #expect(await comesTrue { reader.written.output == "reading\n" })
      let outcome = try await place.run("restore", file)
      #expect(outcome.status == 75)
      #expect(outcome.errors.contains("another command reads the register \(register); try again"), "\(outcome.errors)")
      reader.signal(SIGKILL)
      _ = await reader.outcome()
      #expect(try await place.run("restore", file).status == 0)
    }

    @Test("A file that is there stays, unless --force is said; the state's own folder takes none")
    func names() async throws {
      let place = try EndToEnd.place().site.workplace("names")
      #expect(try await place.run("backup", place.folder + "/b").status == 66, "no register yet")
      #expect(try await place.run("run", "--once").status == 0)
      let file = place.folder + "/b"
      try "mine".write(toFile: file, atomically: true, encoding: .utf8)
      let refused = try await place.run("backup", file)
      #expect(refused.status == 73 && refused.errors.contains("--force"), "\(refused.errors)")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
      #expect(try await place.run("backup", "--force", file).status == 0)
      #expect(try numbers(file) == [])
      let own = try await place.run("backup", "--force", place.state + "/register.sqlite")
      #expect(own.status == 77 && own.errors.contains("elsewhere"))
      #expect(try await place.run("backup", "/nowhere/b").status == 74)
      #expect(try await place.run("restore", "/nowhere/b").status == 66)
      #expect(place.names(in: place.folder).filter { $0.hasPrefix(".") } == [])
      // It needs the key: without it the copy would be of no use.
      try FileManager.default.removeItem(atPath: place.state + "/slips.key")
      let keyless = try await place.run("backup", place.folder + "/c")
      #expect(keyless.status == 77 && keyless.errors.contains("buzon restore BACKUP"), "\(keyless.errors)")
      #expect(!exists(place.folder + "/c"))
    }

    @Test("What isn't a whole backup is refused, and nothing is changed: 65")
    func tampered() async throws {
      let place = try EndToEnd.place().site.workplace("tampered")
      try place.drop(Self.create("TAM-1", ["tam1"]), as: "f")
      #expect(try await place.run("run", "--once").status == 0)
      let file = place.folder + "/b"
      #expect(try await place.run("backup", file).status == 0)
      let whole = try Data(contentsOf: URL(fileURLWithPath: file))
      let before = try Data(contentsOf: URL(fileURLWithPath: place.state + "/register.sqlite"))
      var flipped = whole
      flipped[4_096 * 3] ^= 0x55
      // A digit of the ledger's line.
      var ledger = whole
      let line = try #require(ledger.range(of: Data("\"event\":\"settled\",\"index\":0,\"number\":\"TAM-1\"".utf8)))
      ledger[line.lowerBound + 26] = UInt8(ascii: "2")
      for (name, bytes) in [
        ("nothing", Data()), ("another file", Data(Self.create("TAM-2", ["tam2"]).utf8)),
        ("half of it", whole.prefix(whole.count / 2)), ("a flipped byte", flipped), ("another ledger", ledger),
        ("a register without a key", before),
      ] {
        try bytes.write(to: URL(fileURLWithPath: file))
        let outcome = try await place.run("restore", file)
        #expect(outcome.status == 65 && outcome.errors.contains("nothing was changed"), "\(name): \(outcome.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.state + "/register.sqlite")) == before, "\(name)")
        #expect(
          Set(place.names(in: place.state)).subtracting(["register.sqlite-wal", "register.sqlite-shm"])
            == ["agent.lock", "register.sqlite", "slips.key"], "\(name)")
      }
    }

    @Test("A register too damaged to be opened is set aside as it is")
    func damaged() async throws {
      let place = try EndToEnd.place().site.workplace("damaged")
      try place.drop(Self.create("DAM-1", ["dam1"]), as: "f")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try await place.run("backup", place.folder + "/b").status == 0)
      let rubbish = Data(repeating: 7, count: 10_000)
      try rubbish.write(to: URL(fileURLWithPath: place.state + "/register.sqlite"))
      let restored = try await place.answer("restore", place.folder + "/b")
      let aside = try #require(restored["aside"].text)
      #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == rubbish)
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try await place.answer("show", "DAM-1")["outcome"] == "applied")
    }

    @Test("Killed at any point, a restore leaves the old state or the new one, whole, key included")
    func killed() async throws {
      let site = try EndToEnd.place().site
      // Two states of different keys.
      var states: [(number: String, key: Data, place: Workplace)] = []
      for name in ["old", "new"] {
        let place = try site.workplace("kill-" + name)
        try place.drop(Self.create("KILL-\(name)", ["kill\(name)"]), as: "f")
        #expect(try await place.run("run", "--once").status == 0)
        states.append(
          ("KILL-\(name)", try Data(contentsOf: URL(fileURLWithPath: place.state + "/slips.key")), place))
      }
      let backup = site.folder + "/kill-backup-\(UUID().uuidString)"
      #expect(try await states[1].place.run("backup", backup).status == 0)
      func fresh(_ name: String) throws -> Workplace {
        let place = try site.workplace(name)
        try FileManager.default.copyItem(atPath: states[0].place.state, toPath: place.state)
        #expect(chmod(place.state, 0o700) == 0)
        return place
      }
      let counting = try fresh("kill-count")
      let trace = counting.folder + "/trace"
      let whole = try await counting.run("restore", backup, environment: ["BUZON_FAILPOINT_TRACE": trace])
      #expect(whole.status == 0, "\(whole.errors)")
      let points = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count
      #expect(points >= 12)

      var kills = 0
      var ended: Set<String> = []
      // Behind a call is before the next one.
      let targets = (1...points).flatMap { point in
        (Torture.isFull || point == 1 ? ["before", "after"] : ["after"]).map { (point, $0) }
      }
      for (point, moment) in targets {
        do {
          let comment = Comment(rawValue: "point \(point) \(moment)")
          let place = try fresh("kill-\(point)\(moment)")
          let outcome = try await place.run(
            "restore", backup, environment: ["BUZON_FAILPOINT": "\(point):\(moment)"])
          if outcome.status == -SIGKILL { kills += 1 }
          let register = place.state + "/register.sqlite"
          let known = try numbers(register)
          let number = try #require(known.count == 1 ? known.first : nil, comment)
          ended.insert(number)
          // The agent takes the key that came with the register.
          let run = try await place.run("run", "--once")
          #expect(run.status == 0, "\(comment): \(run.errors)")
          let key = try Data(contentsOf: URL(fileURLWithPath: place.state + "/slips.key"))
          #expect(key == states.first { $0.number == number }?.key, comment)
          #expect(try SQLite.rows(register, "SELECT 1 FROM sqlite_schema WHERE name = 'backup'").isEmpty, comment)
          #expect(try numbers(register) == known, comment)
          let left = place.names(in: place.state).filter { $0.hasSuffix(".tmp") || $0.hasSuffix(".new") }
          #expect(left == [], comment)
          // Whatever was left, the restore can be done again.
          #expect(try await place.run("restore", backup).status == 0, comment)
          #expect(try numbers(register) == ["KILL-new"], comment)
        }
      }
      #expect(kills == targets.count && ended.count == 2, "\(kills) kills of \(points) points")
    }
  }
}
