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
      #expect(lines.count == 5, "\(report)")
      #expect(lines.allSatisfy { Self.isFinding($0, file: "in 1.yaml") }, "\(report)")
      for key in ["create.address", "create.quota", "create.expires", "positon", "adress"] {
        #expect(lines.contains { $0.contains(key) }, "\(key): \(report)")
      }
      #expect(mode(place.spool + "/rejected/in 1.yaml.report") == "640")
      #expect(try await place.run("show", "IN-1").status == 66, "the number isn't used up")

      #expect(try await place.carryOut(Self.create("IN-1", "in1"), "IN-1")["outcome"] == "applied")
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

      // What was dropped later is done by now, so what came again would be too.
      try await place.carryOut(Self.create("IN-4", "in4"), "IN-4")
      #expect(!place.names(in: place.spool + "/rejected").contains("again.yaml"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == record)
      #expect(try inode() == before.0 && place.site.entry("in3") == before.1)
      #expect(try place.site.writes(on: place.site.dn("in3")).count == 1)
      #expect(try #require(try place.archivedForm("IN-3")) == Data(text.utf8))
    }

    @Test("A file that is moved in is taken at once, a plain write when it has rested")
    func atOnceAndRested() async throws {
      let place = try EndToEnd.place()
      // The best of a few, for this host does other things too; a plain write rests two seconds at least.
      var best = Duration.seconds(60)
      for attempt in 0..<5 where best > .milliseconds(500) {
        let start = ContinuousClock.now
        try await place.carryOut(Self.create("IN-5-\(attempt)", "in5-\(attempt)"), "IN-5-\(attempt)")
        best = min(best, ContinuousClock.now - start)
      }
      #expect(best < .seconds(1))

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
      let start = ContinuousClock.now
      #expect(writer.status == 0 && exists(path), "taken while it was written")
      #expect(try await place2.recorded("IN-6")["changes"].array.count == 8)
      #expect(ContinuousClock.now - start > .milliseconds(1_500))
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
      #expect(outcome.status == 75, "\(outcome.errors)")
      let queue = try await place.answer("queue")["requests"].array.map { $0["number"].text }
      let expected = files.indices.sorted {
        (files[$0].age, Array(files[$0].name.utf8)) < (files[$1].age, Array(files[$1].name.utf8))
      }
      #expect(queue == expected.map { "O-\($0)" })
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
