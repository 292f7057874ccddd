import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("The names of what is rejected")
  struct RejectedNamesTests {
    /// A bad form, with a word of its own.
    private static func bad(_ word: String) -> String { "number: \(word)\n" }

    @Test("never end in .report, and always leave room for one: no kept file and no report is written over")
    func reports() async throws {
      let place = try EndToEnd.place().site.workplace("reports")
      let agent = try await place.agent()
      let long = String(repeating: "n", count: 200)
      let tail = String(repeating: "x", count: 54)
      let names = [
        "a.report", "a", "a.report.report", "\(long)1\(tail)", "\(long)2\(tail)", "\(long.dropLast())é\(tail)",
      ]
      for name in names { try place.drop(Self.bad(name), as: name) }
      #expect(await comesTrue { place.names(in: place.spool + "/rejected").count == names.count * 2 })
      let rejected = Set(place.names(in: place.spool + "/rejected"))
      let kept = rejected.filter { !$0.hasSuffix(".report") }
      #expect(kept.count == names.count && kept.allSatisfy { rejected.contains($0 + ".report") }, "\(rejected)")
      let forms = try kept.map { try String(contentsOfFile: place.spool + "/rejected/" + $0, encoding: .utf8) }
      #expect(Set(forms) == Set(names.map(Self.bad)))
      #expect(await agent.end() == 0)
    }

    @Test("are found without trying them all, and never run out")
    func many() async throws {
      let place = try EndToEnd.place().site.workplace("many-names")
      let agent = try await place.agent()
      for round in 0..<30 {
        try place.drop(Self.bad("r\(round)"), as: "same.yaml")
        #expect(await comesTrue { place.names(in: place.spool + "/rejected").count == (round + 1) * 2 })
      }
      #expect(place.names(in: place.spool + "/rejected").contains("same.yaml.9"))
      #expect(await agent.end() == 0)
    }
  }
}
