import Support
import Testing

/// What hangs on an address (whose accounts name it as their owner, who is on the list) stays with the account that had it.
@Suite("What hangs on an address")
struct InheritanceTests {
  private static let person = "name: {given: A, family: B}"

  /// A directory with a person `ana`, a list `lista` of hers that `luis` is on, and an account `mesa` of hers.
  private func begin() async throws -> (Workplace, RunningAgent) {
    let place = try Site().workplace("inherit")
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "I-1",
        changes: [
          "create: {address: ana@example.org, \(Self.person)}",
          "create: {address: lista@example.org, kind: list, name: {display: L}, owner: ana@example.org}",
          "create: {address: luis@example.org, \(Self.person), lists: [lista@example.org]}",
          "create: {address: mesa@example.org, kind: functional, name: {display: M}, owner: ana@example.org}",
        ]), "I-1")
    return (place, agent)
  }

  private func values(_ place: Workplace, _ uid: String, _ attribute: String) throws -> [String] {
    try place.site.entry(uid)?[attribute] ?? []
  }

  @Test("follows a rename, and the record of the clock says so")
  func rename() async throws {
    let (place, agent) = try await begin()
    try await place.carryOut(
      form(
        number: "I-2",
        changes: [
          "modify: {address: ana@example.org, set: {address: ana.mora@example.org}}",
          "modify: {address: lista@example.org, set: {address: todos@example.org}}",
        ]), "I-2")
    #expect(try await comesTrue { try values(place, "mesa", "buzonOwner") == ["ana.mora@example.org"] })
    #expect(try await comesTrue { try values(place, "lista", "buzonOwner") == ["ana.mora@example.org"] })
    #expect(try await comesTrue { try values(place, "luis", "buzonList") == ["todos@example.org"] })
    #expect(
      try await comesTrue {
        try await place.run("history", "mesa@example.org").output.contains(
          "owner: ana@example.org -> ana.mora@example.org")
      })
    #expect(try await place.run("drift").errors.contains("nothing differs"))
    #expect(await agent.end() == 0)
  }

  @Test("follows also where the account that names it is renamed by the same form")
  func renamedTogether() async throws {
    let (place, agent) = try await begin()
    try await place.carryOut(
      form(
        number: "I-2",
        changes: [
          "modify: {address: lista@example.org, set: {address: todos@example.org}}",
          "modify: {address: luis@example.org, set: {address: luis.paz@example.org}}",
          "modify: {address: ana@example.org, set: {address: ana.mora@example.org}}",
          "modify: {address: mesa@example.org, set: {address: ayuda@example.org}}",
        ]), "I-2")
    #expect(try await comesTrue { try values(place, "luis", "buzonList") == ["todos@example.org"] })
    #expect(try await comesTrue { try values(place, "mesa", "buzonOwner") == ["ana.mora@example.org"] })
    #expect(try await comesTrue { try values(place, "lista", "buzonOwner") == ["ana.mora@example.org"] })
    #expect(await agent.end() == 0)
  }

  @Test("does not come to the next holder of the address, also within one form")
  func deleted() async throws {
    let (place, agent) = try await begin()
    let record = try await place.carryOut(
      form(
        number: "I-2",
        changes: [
          "delete: {address: lista@example.org, immediately: true}",
          "create: {address: lista@example.org, kind: list, name: {display: L2}, owner: luis@example.org, reuse: true}",
          "delete: {address: ana@example.org, immediately: true}",
          "create: {address: ana@example.org, \(Self.person), reuse: true}",
        ]), "I-2")
    #expect(record["outcome"] == "applied", "\(record)")
    #expect(try values(place, "luis", "buzonList").isEmpty)
    #expect(try values(place, "mesa", "buzonOwner").isEmpty)
    #expect(record["changes"].array.contains { $0["orphans"].array.contains("mesa@example.org") })
    #expect(await agent.end() == 0)
  }

  @Test("leaves an account that was removed outside Buzón when the address goes to somebody else")
  func removed() async throws {
    let (place, agent) = try await begin()
    try place.site.modify("dn: \(place.site.dn("lista"))\nchangetype: delete\n")
    #expect(try await comesTrue { try await place.run("drift").output.contains("lista@example.org") })
    #expect(try values(place, "luis", "buzonList") == ["lista@example.org"], "somebody may put it back")
    let record = try await place.carryOut(
      form(
        number: "I-2",
        changes: [
          "create: {address: lista@example.org, kind: list, name: {display: L2}, owner: ana@example.org, reuse: true}"
        ]), "I-2")
    #expect(record["outcome"] == "applied", "\(record)")
    #expect(try values(place, "luis", "buzonList").isEmpty)
    #expect(await agent.end() == 0)
  }

  @Test("refuses an atomic form that would pass it on")
  func atomic() async throws {
    let (place, agent) = try await begin()
    let record = try await place.carryOut(
      form(
        number: "I-2", atomic: true,
        changes: [
          "modify: {address: ana@example.org, set: {address: ana.mora@example.org}}",
          "modify: {address: ana.mora@example.org, remove: {aliases: [ana@example.org]}}",
          "modify: {address: luis@example.org, add: {aliases: [ana@example.org]}, reuse: true}",
        ]), "I-2")
    #expect(record["outcome"] == "failed" && record["changes"][2]["error"]["code"] == 53, "\(record)")
    #expect(try values(place, "mesa", "buzonOwner") == ["ana@example.org"])
    #expect(await agent.end() == 0)
  }
}
