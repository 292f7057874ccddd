import Foundation
import Support
import Testing

extension Hostile {
  /// Many at once. The full 100,000 of each in `make torture` alone.
  @Suite("A full spool")
  struct SpoolVolumeTests {
    private static let count = Torture.count(share: 250, full: 100_000)

    private func fill(_ place: Workplace, _ text: (Int) -> (name: String, text: String)) throws {
      let folder = place.folder + "/made"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for index in 0..<Self.count {
        let (name, text) = text(index)
        let file = open("\(folder)/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else { throw SiteError("write: \(errno)") }
        close(file)
      }
      for name in place.names(in: folder) {
        guard rename("\(folder)/\(name)", "\(place.spool)/incoming/\(name)") == 0 else { throw SiteError("rename") }
      }
    }

    @Test("of junk is cleared, and the good form behind it is done", arguments: ["junk", "mixed"])
    func junk(kind: String) async throws {
      let place = try Site().workplace(kind)
      let agent = try await place.agent()
      let start = ContinuousClock.now
      var good = 0
      try fill(place) { index in
        guard kind == "mixed", index % 10 == 0 else { return ("j\(index)", "number: \(index)\n") }
        good += 1
        return ("g\(index)", form("VO-\(index)", ["create: {address: vo\(index)@example.org, \(person)}"]))
      }
      await place.expectDrained(within: .seconds(3_600))
      let time = ContinuousClock.now - start
      let reports = place.names(in: place.spool + "/rejected").filter { $0.hasSuffix(".report") }.count
      #expect(reports == Self.count - good)
      #expect(
        await comesTrue(within: .seconds(600)) { place.paths(below: "deliveries", suffix: ".json").count == good })
      var beat = Beat(place, "behind")
      for _ in 0..<5 { try await beat.good() }
      print("hostile: \(Self.count) files (\(kind), \(good) good): \(time.inMilliseconds) ms")
      beat.expectPrompt("\(Self.count) \(kind) files before")
      let applied = try place.site.timesApplied("VO-")
      #expect(applied.count == good && applied.values.allSatisfy { $0 == 1 })
      await agent.expectGoodEnd("\(Self.count) \(kind) files")
      Torture.report(
        "a full spool, \(kind)", [("files", Self.count)], lost: good - applied.count,
        twice: applied.values.filter { $0 > 1 }.count)
    }

    @Test("of good forms is carried out, each once", .enabled(if: Torture.isFull))
    func good() async throws {
      let place = try Site().workplace("good")
      let agent = try await place.agent()
      let start = ContinuousClock.now
      try fill(place) { ("g\($0)", form("VG-\($0)", ["create: {address: vg\($0)@example.org, \(person)}"])) }
      let done = await comesTrue(within: .seconds(3_600)) {
        usleep(500_000)
        return place.paths(below: "deliveries", suffix: ".json").count == Self.count
      }
      #expect(done)
      print("hostile: \(Self.count) good files: \((ContinuousClock.now - start).inMilliseconds) ms")
      let applied = try place.site.timesApplied("VG-")
      let (lost, twice) = (Self.count - applied.count, applied.values.filter { $0 > 1 }.count)
      #expect(lost == 0 && twice == 0)
      await agent.expectGoodEnd("\(Self.count) good files")
      Torture.report("a full spool, good", [("files", Self.count)], lost: lost, twice: twice)
    }

    @Test("of names that nobody takes slows no form down", arguments: [".%", "%.sig", "%.tmp"])
    func leftAlone(pattern: String) async throws {
      let place = try Site().workplace("left")
      let agent = try await place.agent()
      let count = Torture.count(share: 1_000, full: 100_000)
      for index in 0..<count {
        let name = pattern.replacing("%", with: "\(index)")
        close(open("\(place.spool)/incoming/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
      }
      var beat = Beat(place, "left")
      for _ in 0..<5 { try await beat.good() }
      beat.expectPrompt("\(count) names as \(pattern)")
      #expect(beat.figures.median < 1_000, "\(pattern)")
      await agent.expectGoodEnd("\(count) names as \(pattern)")
    }
  }
}
