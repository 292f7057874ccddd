import Support
import Testing

/// Mail meant for the one must not come to the other: an address that leaves an account is remembered.
@Suite("An address that left an account")
struct ReuseTests {
  private static func create(_ name: String, _ more: String = "") -> String {
    "create: {address: \(name)@example.org, name: {given: A, family: B}\(more)}"
  }

  /// A directory with an account `jefe`, whose slip was received; an agent that runs.
  private func begin() async throws -> (Workplace, RunningAgent) {
    let place = try Site().workplace("reuse")
    let agent = try await place.agent()
    try await place.carryOut(form(number: "R-1", changes: [Self.create("jefe")]), "R-1")
    #expect(try await place.run("handover", "R-1", "--received-by", "Ana").status == 0)
    return (place, agent)
  }

  @Test("by a rename and a removed alias passes to nobody within the same form, nor later, until a form says reuse")
  func renamed() async throws {
    let (place, agent) = try await begin()
    let record = try await place.carryOut(
      form(
        number: "R-2",
        changes: [
          "modify: {address: jefe@example.org, set: {address: juan@example.org}}",
          "modify: {address: juan@example.org, remove: {aliases: [jefe@example.org]}}", Self.create("jefe"),
        ]), "R-2")
    #expect(record["changes"].array.map { $0["outcome"] } == ["applied", "applied", "failed"])
    #expect(record["changes"][2]["error"]["code"] == 19)
    #expect(record["changes"][2]["error"]["diagnostic"].text?.contains("(policy.address_memory)") == true)

    let again = try await place.carryOut(form(number: "R-3", changes: [Self.create("jefe", ", reuse: true")]), "R-3")
    #expect(again["outcome"] == "applied")
    #expect(again["changes"][0]["reused"].array == ["jefe@example.org"])
    #expect(try await place.run("show", "R-3").output.contains("addresses reused: jefe@example.org"))
    #expect(await agent.end() == 0)
  }

  @Test("goes back to the account that had it")
  func back() async throws {
    let (place, agent) = try await begin()
    let record = try await place.carryOut(
      form(
        number: "R-2",
        changes: [
          "modify: {address: jefe@example.org, set: {address: juan@example.org}}",
          "modify: {address: juan@example.org, remove: {aliases: [jefe@example.org]}}",
          "modify: {address: juan@example.org, add: {aliases: [jefe@example.org]}}",
        ]), "R-2")
    #expect(record["outcome"] == "applied")
    #expect(!record["changes"][2].keys.contains("reused"))
    #expect(await agent.end() == 0)
  }

  @Test("by an atomic request moves to another only where the form says reuse", arguments: [false, true])
  func atomic(_ reuses: Bool) async throws {
    let (place, agent) = try await begin()
    try await place.carryOut(
      form(
        number: "R-2",
        changes: [Self.create("ana"), "modify: {address: ana@example.org, add: {aliases: [x@example.org]}}"]), "R-2")
    let record = try await place.carryOut(
      form(
        number: "R-3", atomic: true,
        changes: [
          "modify: {address: ana@example.org, remove: {aliases: [x@example.org]}}",
          "modify: {address: jefe@example.org, add: {aliases: [x@example.org]}\(reuses ? ", reuse: true" : "")}",
        ]), "R-3")
    #expect(record["outcome"] == (reuses ? "applied" : "failed"))
    #expect(record["changes"][1]["error"]["code"] == (reuses ? .null : 19))
    #expect(record["changes"][1]["reused"].array == (reuses ? ["x@example.org"] : []))
    #expect(await agent.end() == 0)
  }

  @Test("with an account that was removed outside Buzón is remembered too")
  func outside() async throws {
    let (place, agent) = try await begin()
    try place.site.modify("dn: \(place.site.dn("jefe"))\nchangetype: delete\n")
    #expect(await agent.says("drift.found", "jefe@example.org", "gone"))
    let record = try await place.carryOut(form(number: "R-2", changes: [Self.create("jefe")]), "R-2")
    #expect(record["changes"][0]["error"]["code"] == 19)
    #expect(await agent.end() == 0)
  }

  @Test("with an account that is deleted at once is remembered, unless nobody ever had its password")
  func deleted() async throws {
    let (place, agent) = try await begin()
    let steps = [
      ([Self.create("nadie"), "delete: {address: nadie@example.org, immediately: true}"], "applied"),
      ([Self.create("nadie"), "delete: {address: jefe@example.org, immediately: true}"], "applied"),
      ([Self.create("jefe")], "failed"),
    ]
    for (index, (changes, outcome)) in steps.enumerated() {
      let number = "R-\(index + 2)"
      #expect(
        try await place.carryOut(form(number: number, changes: changes), number)["outcome"] == .string(outcome),
        "\(number)")
    }
    #expect(await agent.end() == 0)
  }
}
