import Support
import Testing

/// An account names others: its owner, and the lists that it is a member of.
@Suite("An owner or a list")
struct ReferenceTests {
  private static func person(_ name: String, _ more: String = "") -> String {
    "create: {address: \(name)@example.org, name: {given: A, family: B}\(more)}"
  }
  private static func list(_ name: String, owner: String) -> String {
    "create: {address: \(name)@example.org, kind: list, name: {display: L}, owner: \(owner)@example.org}"
  }

  @Test("that isn't there is an error that names the nearest, and nothing is changed", arguments: [false, true])
  func mistyped(isAtomic: Bool) async throws {
    let place = try Site().workplace("typo")
    let agent = try await place.agent()
    let there = [Self.person("ana.rosero"), Self.list("contratistas", owner: "ana.rosero")]
    try await place.carryOut(form(number: "T-1", changes: there), "T-1")
    let rows = [
      (Self.person("uno", ", lists: [contratista@example.org]"), "lists: there is no account contratista@example.org"),
      (Self.list("dos", owner: "ana.roserro"), "owner: there is no account ana.roserro@example.org"),
      (
        "modify: {address: ana.rosero@example.org, add: {lists: [contratsitas@example.org]}}",
        "lists: there is no account contratsitas@example.org"
      ),
    ]
    for (index, row) in rows.enumerated() {
      let number = "T-2\(index)"
      let record = try await place.carryOut(form(number: number, atomic: isAtomic, changes: [row.0]), number)
      let error = record["changes"][0]["error"]
      #expect(error["code"] == 32 && error["diagnostic"].text == row.1, "\(error)")
      let nearest = row.1.contains("owner") ? "ana.rosero@example.org" : "contratistas@example.org"
      #expect(error["remedy"].text?.hasSuffix("; the nearest is \(nearest)") == true, "\(error)")
    }
    #expect(try place.site.entry("uno") == nil && place.site.entry("dos") == nil)
    // The same for the account itself.
    let record = try await place.carryOut(
      form(number: "T-3", changes: ["delete: {address: ana.roser@example.org}"]), "T-3")
    #expect(record["changes"][0]["error"]["remedy"].text?.hasSuffix("the nearest is ana.rosero@example.org") == true)
    #expect(await agent.end() == 0)
  }

  @Test("may be created by a later change of the same form, or by a form before it", arguments: [false, true])
  func promised(isAtomic: Bool) async throws {
    let place = try Site().workplace("promised")
    let changes = [Self.person("una", ", lists: [lista@example.org]"), Self.list("lista", owner: "una")]
    try place.drop(form(number: "P-1", atomic: isAtomic, changes: changes), as: "1")
    try place.drop(form(number: "P-2", changes: [Self.person("dos", ", lists: [lista@example.org]")]), as: "2")
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.site.entry("dos")?["buzonList"] == ["lista@example.org"])
  }
}
