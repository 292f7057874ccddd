import Foundation
import Sandbox
import Support
import Testing
import Text

/// Where access rules refuse one entry alone, its request is set aside with the reason, and nobody else is held up.
@Suite("An entry that the agent may not write")
struct HeldTests {
  /// A directory with accounts `uno`, which the agent may read alone, and `dos`; an agent that runs.
  private func begin(_ options: Workplace.Options = .init()) async throws -> (Workplace, RunningAgent) {
    let site = try Site()
    let place = try site.workplace("held", options)
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "H-0",
        changes: ["uno", "dos"].map { "create: {address: \($0)@example.org, name: {given: A, family: B}}" }), "H-0")
    try site.modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      add: olcAccess
      olcAccess: {0}to dn.exact="\(site.dn("uno"))" by dn.exact="\(site.sandbox.agent)" read by * break

      """)
    return (place, agent)
  }

  private let refused = "modify: {address: uno@example.org, set: {position: X}}"

  private func other(_ position: String) -> String {
    "modify: {address: dos@example.org, set: {position: \(position)}}"
  }

  @Test("has its request held, with the reason, though no other shows that the directory takes others")
  func held() async throws {
    let (place, agent) = try await begin()
    try place.drop(form(number: "H-1", changes: [refused]), as: "H-1")
    #expect(await agent.says("request.held", "insufficientAccessRights"))
    let shown = try await place.answer("show", "H-1")
    #expect(shown["state"] == "held" && shown["outcome"] == nil)
    #expect(shown["history"].array.contains { $0["event"] == "held" })
    let queue = try await place.answer("queue")
    #expect(queue["requests"].array.map { $0["number"] } == ["H-1"] && queue["requests"][0]["state"] == "held")
    #expect(queue["requests"][0]["reason"].text?.contains("insufficientAccessRights") == true)
    #expect(
      agent.log.contains { $0.contains(" request.held ") && $0.contains("uno@example.org") && $0.contains(" do=") })

    #expect(await agent.end() == 0)
    #expect(try await place.run("run", "--once").status == 75, "something waits")
    #expect(try await place.answer("show", "H-1")["state"] == "held")
    #expect(try place.site.writes(on: place.site.dn("uno")).count == 1)
  }

  @Test("is no trouble of the queue, and its request is held by itself")
  func noTrouble() async throws {
    let (place, agent) = try await begin()
    try place.drop(form(number: "H-1", changes: [refused, other("A")]), as: "H-1")
    #expect(await agent.says("request.held"))
    #expect(try await place.answer("queue")["trouble"] == nil)
    #expect(!agent.log.contains { $0.contains("directory.waiting") })
    try await place.carryOut(form(number: "H-2", changes: [other("P")]), "H-2")
    #expect(await agent.end() == 0)
  }

  @Test("holds up no change behind those that its request still has")
  func behind() async throws {
    let (place, agent) = try await begin()
    // The request's further changes share an address: each is ready when the one before is done.
    try place.drop(
      form(number: "H-1", changes: [refused] + (0..<50).map { other("P\($0)") }), as: "H-1",
      modified: Date(timeIntervalSinceNow: -9))
    try place.drop(form(number: "H-2", changes: [other("last")]), as: "H-2")
    #expect(try await place.recorded("H-2")["outcome"] == "applied")
    #expect(try place.site.entry("dos")?["title"] == ["last"])
    #expect(await agent.end() == 0)
  }

  @Test("keeps a run that ends from nothing else")
  func once() async throws {
    let (place, agent) = try await begin()
    #expect(await agent.end() == 0)
    try place.drop(form(number: "H-1", changes: [refused]), as: "H-1", modified: Date(timeIntervalSinceNow: -900))
    for index in 0..<30 {
      try place.drop(
        form(number: "H-2-\(index)", changes: [other("P\(index)")]), as: "H-2-\(index)",
        modified: Date(timeIntervalSinceNow: Double(index - 800)))
    }
    let outcome = try await place.run("run", "--once")
    #expect(outcome.status == 75)
    let left = try await place.answer("queue")["requests"].array.compactMap { $0["number"].text }
    #expect(left == ["H-1"], "\(left.count) are left")
  }
}
