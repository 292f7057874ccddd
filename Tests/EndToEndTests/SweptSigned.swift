import Foundation
import Support
import Testing

/// The agent is killed between a form and its signature, and at every step that follows, started again, and what it was
/// about must have happened once.
@Suite("Killed between form and signature")
struct SweptSignedTests {
  /// One place: forms that wait since an earlier run, and what comes for them.
  private struct Scenario: Sendable {
    let place: Workplace
    let signing: Signing
    let name: String
    /// Of all its forms: what is dropped again is the same, also when midnight lies between.
    private let date = today()

    init(_ site: Site, _ name: String) async throws {
      self.name = name
      place = try site.workplace("signed-\(name)")
      signing = try Signing(place)
      for key in ["boss", "stranger"] { try await signing.make(key) }
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      try place.configure(signing.options("patience: 1 min"))
      // These wait, and the last one in vain.
      for letter in ["b", "c", "d"] { try place.drop(text(letter), as: letter + ".yaml") }
      #expect(try await run([:], ahead: 0).status == 75)
      try place.drop(try await signing.signature(of: text("a"), by: "boss"), as: "a.yaml.sig")
      try place.drop(text("a"), as: "a.yaml")
      try place.drop(try await signing.signature(of: text("b"), by: "boss"), as: "b.yaml.sig")
      try place.drop(try await signing.signature(of: text("e"), by: "stranger"), as: "e.yaml.sig")
      try place.drop(text("e"), as: "e.yaml")
      // Beside its form again.
      try place.drop(try await signing.signature(of: text("c"), by: "boss"), as: "again.yaml.sig")
      try place.drop(text("c"), as: "again.yaml")
    }

    func text(_ letter: String) -> String {
      form(
        number: "\(letter.uppercased())-\(name)",
        changes: ["create: {address: \(letter)\(name)@example.org, name: {given: Ana, family: Rojas}}"]
      ).replacing("date: \(today())", with: "date: \(date)")
    }

    func run(_ environment: [String: String], ahead: Int = 120) async throws -> Outcome {
      try await place.run("run", "--once", environment: environment.merging(["BUZON_CLOCK_AHEAD": "\(ahead)"]) { $1 })
    }

    func check() async throws {
      let comment = Comment(rawValue: name)
      for letter in ["A", "B", "C"] {
        let record = try place.record("\(letter)-\(name)")
        #expect(record?["outcome"] == "applied" && record?["approval"]["signature"] == "verified", comment)
        #expect(try place.site.timesApplied("\(letter)-\(name)#") == ["\(letter)-\(name)#0": 1], comment)
      }
      #expect(try place.records().count == 3, comment)
      // In vain: once among the rejected, and its number is free.
      #expect(
        place.names(in: place.spool + "/rejected") == ["d.yaml", "d.yaml.report", "e.yaml.sig", "e.yaml.sig.report"],
        comment)
      #expect(try String(contentsOfFile: place.spool + "/rejected/d.yaml", encoding: .utf8) == text("d"), comment)
      #expect(try await place.run("show", "D-\(name)").status == 66, comment)
      #expect(try await place.answer("show", "E-\(name)")["state"] == "awaiting-signature", comment)
      #expect(try await place.answer("queue")["requests"].array.count == 1, comment)
      for folder in ["incoming", "taken"] { #expect(place.names(in: place.spool + "/" + folder) == [], comment) }
    }
  }

  @Test("nothing lost, nothing twice, nothing accepted unsigned")
  func sweep() async throws {
    let site = try Site()
    let counting = try await Scenario(site, "count")
    let trace = counting.place.folder + "/trace"
    #expect(try await counting.run(["BUZON_FAILPOINT_TRACE": trace]).status == 1)
    try await counting.check()
    let points = try Failpoints.count(trace)
    #expect(points > 40)
    let kills = Failpoints.kills(points, share: 6)
    let killed = try await lanes(kills, 3) { kill in
      let scenario = try await Scenario(site, kill.name)
      let first = try await scenario.run(["BUZON_FAILPOINT": kill.target])
      let second = try await scenario.run([:])
      #expect([1, 75].contains(second.status), "\(kill.target): \(second.errors)")
      // A signature that lay in the agent's own folder comes to rest again.
      let third = try await scenario.run([:])
      #expect([0, 1, 75].contains(third.status), "\(kill.target): \(third.errors)")
      try await scenario.check()
      return first.status == -SIGKILL
    }.count { $0 }
    Failpoints.report("signatures", points: points, killed: killed, share: 6)
  }
}
