import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("The spool")
  struct IntakeTests {
    private static func create(_ number: String, _ local: String) -> String {
      form(number: number, changes: ["create: {address: \(local)@example.org, name: {given: A, family: B}}"])
    }

    /// What follows the file's name in a line about a mistake.
    static func isFinding(_ line: Substring, file: String) -> Bool {
      line.hasPrefix(file + ":")
        && (try? /:\d+:\d+: [^:]+: .+; .+/.wholeMatch(in: line.dropFirst(file.count))) ?? nil != nil
    }

    @Test("A rejected form lies as it came beside a report of every mistake, uses up no number, and mended it is taken")
    func rejected() async throws {
      let place = try EndToEnd.place()
      let bad = form(
        number: "IN-1",
        changes: [
          "create: {address: in1@elsewhere.example, name: {given: A, family: B}, quota: 5, expires: soon}",
          "modify: {address: in1@example.org, set: {positon: X}}", "delete: {adress: in1@example.org}",
        ])
      try place.drop(bad, as: "in 1.yaml")
      let report = try await place.rejection(of: "in 1.yaml")
      #expect(try String(contentsOfFile: place.spool + "/rejected/in 1.yaml", encoding: .utf8) == bad)
      let lines = report.split(separator: "\n")
      #expect(lines.count == 6, "\(report)")
      #expect(lines.dropLast().allSatisfy { Self.isFinding($0, file: "in 1.yaml") }, "\(report)")
      #expect(lines.last?.hasPrefix("in 1.yaml: dropped by ") == true, "\(report)")
      for key in ["create.address", "create.quota", "create.expires", "positon", "adress"] {
        #expect(lines.contains { $0.contains(key) }, "\(key): \(report)")
      }
      #expect(mode(place.spool + "/rejected/in 1.yaml.report") == "640")
      #expect(try await place.run("show", "IN-1").status == 66, "the number isn't used up")

      #expect(try await place.carryOut(Self.create("IN-1", "in1"), "IN-1")["outcome"] == "applied")
    }

    @Test("A signature is archived with its form, goes with a rejected one, and alone it is rejected")
    func signatures() async throws {
      let place = try EndToEnd.place().site.workplace("signed", .with { $0.more = "spool_rest: 100 ms" })
      let agent = try await place.agent()
      func archived(_ number: String) throws -> String? {
        let path = try #require(place.paths(below: "forms", suffix: ".yaml")[number])
        return try? String(contentsOfFile: path + ".sig", encoding: .utf8)
      }
      try place.drop("signature 1", as: "a.yaml.sig")
      try place.drop(Self.create("SIG-1", "sig1"), as: "a.yaml")
      try await place.recorded("SIG-1")
      #expect(try archived("SIG-1") == "signature 1")
      // One that comes later comes with the form again.
      try place.drop(Self.create("SIG-2", "sig2"), as: "b.yaml")
      try await place.recorded("SIG-2")
      #expect(try archived("SIG-2") == nil)
      try place.drop("signature 2", as: "b.yaml.sig")
      try place.drop(Self.create("SIG-2", "sig2"), as: "b.yaml")
      #expect(await agent.says("request.repeated", "SIG-2", "its signature is archived"))
      #expect(try await comesTrue { try archived("SIG-2") == "signature 2" })

      try place.drop("signature 3", as: "c.yaml.sig")
      try place.drop("number: 1\n", as: "c.yaml")
      _ = try await place.rejection(of: "c.yaml")
      #expect(await comesTrue { exists(place.spool + "/rejected/c.yaml.sig") })
      try place.drop("signature 4", as: "d.yaml.sig")
      #expect(try await place.rejection(of: "d.yaml.sig").contains("without its form"))
      #expect(await agent.says("request.rejected", "d.yaml.sig"))
      #expect(place.names(in: place.spool + "/incoming").isEmpty && place.names(in: place.spool + "/taken").isEmpty)
      #expect(await agent.end() == 0)
      // Written anew, they are there too.
      try FileManager.default.removeItem(atPath: place.records + "/forms")
      #expect(try await place.run("rebuild").status == 0)
      #expect(try archived("SIG-1") == "signature 1" && archived("SIG-2") == "signature 2")
    }

    @Test("A second file of a rejected one's name is kept beside it")
    func rejectedTwice() async throws {
      let place = try EndToEnd.place()
      for text in ["one: 1\n", "two: 2\n"] {
        try place.drop(text, as: "twice.yaml")
        #expect(await comesTrue { !place.names(in: place.spool + "/incoming").contains("twice.yaml") })
      }
      #expect(
        try await comesTrue {
          let texts = try place.names(in: place.spool + "/rejected")
            .filter { $0.hasPrefix("twice.yaml") && !$0.hasSuffix(".report") }
            .map { try String(contentsOfFile: place.spool + "/rejected/" + $0, encoding: .utf8) }
          return Set(texts) == ["one: 1\n", "two: 2\n"]
        })
      #expect(place.names(in: place.spool + "/rejected").filter { $0.hasPrefix("twice.yaml") }.count == 4)
    }

    @Test("A form that comes again is answered already; another one of its number is rejected")
    func again() async throws {
      let place = try EndToEnd.place()
      let text = Self.create("IN-3", "in3")
      try await place.carryOut(text, "IN-3")
      let path = try #require(place.paths(below: "deliveries", suffix: ".json")["IN-3"])
      let record = try Data(contentsOf: URL(fileURLWithPath: path))
      func inode() throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
      }
      let before = try (inode(), place.site.entry("in3"))

      try place.drop(text, as: "again.yaml")
      #expect(await comesTrue { !place.names(in: place.spool + "/incoming").contains("again.yaml") })
      try place.drop(text + "# other bytes\n", as: "other.yaml")
      let report = try await place.rejection(of: "other.yaml")
      #expect(report.contains("IN-3") && report.contains("; "), "\(report)")
      // The same of two that wait together: the earlier one has the number.
      let now = Date()
      let pair = [(Self.create("IN-9", "in9"), "z"), (Self.create("IN-9", "in9b"), "a")]
      let made = try pair.enumerated().map { index, form in
        let path = try written(form.0, place)
        try FileManager.default.setAttributes([.modificationDate: now + Double(index - 9)], ofItemAtPath: path)
        return (path, form.1)
      }
      for (path, name) in made { try place.moveIn(path, as: name) }
      #expect(try await place.rejection(of: "a").contains("IN-9"))
      #expect(try await place.recorded("IN-9")["changes"][0]["address"] == "in9@example.org")

      // What was dropped later is done by now, so what came again would be too.
      try await place.carryOut(Self.create("IN-4", "in4"), "IN-4")
      #expect(!place.names(in: place.spool + "/rejected").contains("again.yaml"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == record)
      #expect(try inode() == before.0 && place.site.entry("in3") == before.1)
      #expect(try place.site.writes(on: place.site.dn("in3")).count == 1)
      #expect(try #require(try place.archivedForm("IN-3")) == Data(text.utf8))
    }

    @Test("A file that is moved in is taken at once, a plain write when its writer has closed it")
    func atOnceAndClosed() async throws {
      let place = try EndToEnd.place()
      // The best of a few, for this host does other things too.
      var best = Duration.seconds(60)
      for attempt in 0..<50 where best > .milliseconds(1_500) {
        let start = ContinuousClock.now
        try await place.carryOut(Self.create("IN-5-\(attempt)", "in5-\(attempt)"), "IN-5-\(attempt)")
        best = min(best, ContinuousClock.now - start)
      }
      #expect(best < .milliseconds(1_500))

      // Cut at any line end this form is a good one, with fewer changes.
      let place2 = try place.site.workplace("rest")
      let agent = try await place2.agent()
      let changes = (0..<8).map { "create: {address: in6-\($0)@example.org, name: {given: A, family: B}}" }
      let lines = form(number: "IN-6", changes: changes).split(separator: "\n")
      let path = place2.spool + "/incoming/IN-6.yaml"
      // A process of its own writes, so that its pauses are what they should be.
      let script =
        "while IFS= read -r line; do printf '%s\\n' \"$line\"; case $line in *create*) sleep 0.4; esac; done >\"$1\""
      let writer = try await Program.run(
        "/bin/sh", ["-c", script, "sh", path], input: lines.joined(separator: "\n") + "\n")
      #expect(writer.status == 0)
      #expect(try await place2.recorded("IN-6")["changes"].array.count == 8, "taken while it was written")
      #expect(place2.names(in: place2.spool + "/rejected") == [])
      #expect(await agent.end() == 0)
    }

    @Test("Forms that wait together are taken by modification time, then by name")
    func order() async throws {
      // No directory: what is accepted waits, and the queue tells the order.
      let site = try EndToEnd.place().site
      let place = try site.workplace("order", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
      let then = Date(timeIntervalSinceNow: -1_000)
      let files: [(name: String, age: TimeInterval)] = [
        ("b", 2), ("a", 2), ("Z", 2), ("é", 2), ("late", 3), ("z", 1), ("10", 2), ("9", 2),
      ]
      for (index, file) in files.enumerated() {
        try place.drop(
          Self.create("O-\(index)", "o\(index)"), as: file.name, modified: then.addingTimeInterval(file.age))
      }
      let outcome = try await place.run("run", "--once")
      #expect(outcome.status == 69, "\(outcome.errors)")
      let queue = try await place.answer("queue")["requests"].array.map { $0["number"].text }
      let expected = files.indices.sorted {
        (files[$0].age, Array(files[$0].name.utf8)) < (files[$1].age, Array(files[$1].name.utf8))
      }
      #expect(queue == expected.map { "O-\($0)" })
    }

    @Test("A file's name is free, and so is its age")
    func namesAndTimes() async throws {
      let place = try EndToEnd.place().site.workplace("names")
      let agent = try await place.agent()
      let longest = String(repeating: "x", count: 250) + ".yaml"
      let names: [[UInt8]] = [
        Array("no suffix".utf8), Array("-rf".utf8), Array("ñandú 🐦.yml".utf8), Array("a\nb.json".utf8),
        [0x66, 0xFF, 0xFE],
        Array(longest.utf8), Array("agent.lock".utf8),
      ]
      // Years 1800 and 2400, beyond what 64 bits of nanoseconds hold.
      let times: [Int] = [0, -5_364_662_400, 13_569_465_600, 0, 0, 0, 0]
      for isGood in [true, false] {
        for (index, (name, time)) in zip(names, times).enumerated() {
          let text = isGood ? Self.create("NA-\(index)", "na\(index)") : "number: \(index)\n"
          let made = try written(text, place)
          if time != 0 {
            let both = [timespec(tv_sec: time, tv_nsec: 0), timespec(tv_sec: time, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, made, both, 0) == 0)
          }
          let path = Array((place.spool + "/incoming/").utf8) + name + [0]
          #expect(path.withUnsafeBytes { rename(made, $0.assumingMemoryBound(to: CChar.self).baseAddress) } == 0)
        }
        if isGood {
          for index in names.indices { #expect(try await place.recorded("NA-\(index)")["outcome"] == "applied") }
        }
      }
      #expect(await comesTrue { place.names(in: place.spool + "/rejected").count == 2 * names.count })
      let rejected = place.names(in: place.spool + "/rejected")
      #expect(rejected.filter { $0.hasSuffix(".report") }.count == names.count, "\(rejected)")
      #expect(agent.program.isRunning && place.names(in: place.spool + "/incoming") == [])
      #expect(await agent.end() == 0)
    }

    @Test("A form that was accepted before a crash stays so, whatever the rules say by then")
    func acceptedForGood() async throws {
      let place = try Site().workplace("crash")
      #expect(try await place.run("run", "--once").status == 0)
      // The file of a form that is accepted is removed; the agent is killed before that.
      try place.drop(Self.create("CR-1", "cr1"), as: "one.yaml")
      let killed = try await place.run("run", "--once", environment: ["BUZON_FAILPOINT": "file.unlink#1:before"])
      #expect(killed.status == -SIGKILL)
      try #require(place.names(in: place.spool + "/taken") == ["one.yaml"])
      try #require(try await place.run("show", "CR-1").status == 0, "it isn't accepted yet")
      try place.configure(.with { $0.domains = ["nuevo.example"] })
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try place.record("CR-1")?["outcome"] == "applied")
      #expect(place.names(in: place.spool + "/rejected") == [])
    }

    @Test("Names of files on their way are left alone")
    func leftAlone() async throws {
      let place = try EndToEnd.place()
      let names = [".hidden.yaml", "editor.yaml~", "copy.tmp", "download.part", "open.yaml.swp"]
      for (index, name) in names.enumerated() {
        let path = place.spool + "/incoming/" + name
        #expect(rename(try written(Self.create("IN-8-\(index)", "in8-\(index)"), place), path) == 0)
      }
      try await place.carryOut(Self.create("IN-8", "in8"), "IN-8")
      #expect(Set(place.names(in: place.spool + "/incoming")).isSuperset(of: names))
      for name in names { #expect(!exists(place.spool + "/rejected/" + name)) }
      // Renamed, one is a form like any other.
      #expect(rename(place.spool + "/incoming/" + names[0], place.spool + "/incoming/shown.yaml") == 0)
      #expect(try await place.recorded("IN-8-0")["outcome"] == "applied")
      for name in names.dropFirst() { try FileManager.default.removeItem(atPath: place.spool + "/incoming/" + name) }
    }

    private func written(_ text: String, _ place: Workplace) throws -> String {
      let path = place.folder + "/\(UUID().uuidString)"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
  }
}

private func < (left: (TimeInterval, [UInt8]), right: (TimeInterval, [UInt8])) -> Bool {
  left.0 == right.0 ? left.1.lexicographicallyPrecedes(right.1) : left.0 < right.0
}
