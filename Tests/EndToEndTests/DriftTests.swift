import Foundation
import Sandbox
import Support
import Testing

/// Changes outside Buzón. Each test has a directory of its own: its agent listens to all that happens
/// there.
@Suite("Changes outside Buzón")
struct DriftTests {
  private static func create(_ local: String, _ more: String = "") -> String {
    "create: {address: \(local)@example.org, name: {given: Ada, family: Bo}, position: Secretaria\(more)}"
  }

  private static let header = [
    "--department", "Sistemas", "--requester", "Ana Rosero", "--approved-by", "jefe.sistemas", "--approved-on", today(),
  ]

  /// The attributes of an account that differ, by `buzon drift`.
  private func drift(_ place: Workplace, _ local: String) async throws -> [String] {
    try await place.answer("drift")["drift"].array.first { $0["address"].text == "\(local)@example.org" }?["changes"]
      .array
      .compactMap { $0["attribute"].text }.sorted() ?? []
  }

  @Test("shows in drift, log and list within a second: what, by whom, when, against which request")
  func seen() async throws {
    let place = try Site().workplace("drift")
    let (site, admin) = (place.site, place.site.sandbox.admin)
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "D-1",
        changes: [Self.create("una", ", document: \"7766554433\""), Self.create("dos"), Self.create("tres")]),
      "D-1")
    #expect(try await place.answer("drift") == ["version": 1, "drift": []])
    #expect(try await place.run("status").status == 0)

    try site.modify(
      """
      dn: \(site.dn("una"))
      changetype: modify
      replace: title
      title: Jefa de todo
      -
      add: buzonForward
      buzonForward: fuera@otra.example
      -
      replace: employeeNumber
      employeeNumber: 99887766

      """)
    #expect(
      await agent.says("drift.found", "una@example.org", "title", admin, "D-1#0"), "\(agent.log)")
    #expect(try await comesTrue { try await drift(place, "una").count == 3 })
    let changes = try await place.answer("drift")["drift"][0]["changes"].array
    let title = try #require(changes.first { $0["attribute"] == "title" })
    #expect(title["expected"] == ["Secretaria"] && title["present"] == ["Jefa de todo"])
    #expect(title["by"].text == admin && title["request"] == "D-1#0" && title["at"].text?.hasSuffix("Z") == true)
    #expect(
      try await comesTrue { try place.listed("una@example.org")?["drift"].array.count == 3 })

    // An entry that others make, one that they remove.
    try site.modify(
      """
      dn: \(site.dn("intrusa"))
      changetype: add
      objectClass: inetOrgPerson
      objectClass: inetLocalMailRecipient
      objectClass: buzonAccount
      uid: intrusa
      cn: Intrusa
      sn: Intrusa
      mail: intrusa@example.org
      mailLocalAddress: intrusa@example.org
      buzonKind: person
      buzonStatus: active

      dn: \(site.dn("tres"))
      changetype: delete

      """)
    #expect(
      await agent.says("drift.found", "intrusa@example.org", "entry", admin), "\(agent.log)")
    #expect(await agent.says("drift.found", "tres@example.org", "entry", "gone"), "\(agent.log)")
    for local in ["intrusa", "tres"] { #expect(try await drift(place, local) == ["entry"]) }
    // The list is written anew soon, but for a twentieth of the time at most.
    #expect(try await comesTrue { try place.listed("tres@example.org") == nil })
    #expect(
      try await comesTrue { try place.listed("intrusa@example.org")?["drift"] == ["entry"] })

    // The table, and nobody's identity number.
    let table = try await place.run("drift")
    #expect(table.status == 0 && table.output.contains("Secretaria → Jefa de todo"), "\(table.output)")
    for number in ["7766554433", "99887766"] {
      #expect(!table.output.contains(number) && !agent.log.contains { $0.contains(number) })
    }
    let status = try await place.run("status")
    #expect(
      status.status == 1 && status.output.hasPrefix("WARNING: ") && status.output.contains("drift=3"),
      "\(status.output)")

    // Put back by the same hands, it is over.
    try site.modify("dn: \(site.dn("una"))\nchangetype: modify\nreplace: title\ntitle: Secretaria\n")
    #expect(await agent.says("drift.over", "una@example.org", "title"))
    #expect(try await drift(place, "una") == ["buzonForward", "employeeNumber"])
    #expect(await agent.end() == 0)
    // It is still known when no agent runs, and the next one tells nothing twice.
    let next = try await place.agent()
    #expect(await next.says("mirror.listening"))
    #expect(try await drift(place, "una").count == 2)
    #expect(try await drift(place, "intrusa") == ["entry"])
    #expect(await next.end() == 0)
    #expect(!next.log.contains { $0.contains("drift.found") }, "\(next.log)")
  }

  @Test("is put right by the form that --repair writes, once it was approved and dropped")
  func repaired() async throws {
    let place = try Site().workplace("repair")
    let site = place.site
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "P-1",
        changes: [
          Self.create("una", ", document: \"7766554433\", aliases: [u@example.org], forward: [a@otra.example]"),
          Self.create("dos"),
        ]), "P-1")
    let nothing = try await place.start(["drift", "--repair", "-", "--number", "P-2"] + Self.header).outcome()
    #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.errors.contains("nothing differs"))
    try site.modify(
      """
      dn: \(site.dn("una"))
      changetype: modify
      replace: title
      title: Jefa
      -
      replace: employeeNumber
      employeeNumber: 99887766
      -
      delete: mailLocalAddress
      mailLocalAddress: u@example.org
      -
      replace: buzonForward
      buzonForward: z@otra.example

      dn: \(site.dn("dos"))
      changetype: modify
      replace: buzonStatus
      buzonStatus: suspended
      -
      add: pwdAccountLockedTime
      pwdAccountLockedTime: 000001010000Z

      """)
    #expect(try await comesTrue { try await drift(place, "dos").count >= 1 })
    let file = place.folder + "/repair.yaml"
    let written = try await place.start(["drift", "--repair", file, "--number", "P-2"] + Self.header).outcome()
    #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
    #expect(mode(file) == "600")
    #expect(try await place.run("check", file).status == 0)
    let form = try String(contentsOfFile: file, encoding: .utf8)
    #expect(form.contains("7766554433") && !form.contains("99887766"))
    #expect(try await place.start(["drift", "--repair", file, "--number", "P-2"] + Self.header).outcome().status == 73)

    #expect(try await place.carryOut(form, "P-2")["outcome"] == "applied")
    #expect(try await comesTrue { try await place.answer("drift")["drift"].array.isEmpty })
    let una = try #require(try site.entry("una"))
    #expect(una["title"] == ["Secretaria"] && una["employeeNumber"] == ["7766554433"])
    #expect(una["buzonForward"] == ["a@otra.example"])
    #expect(Set(una["mailLocalAddress"]) == ["una@example.org", "u@example.org"])
    #expect(try site.entry("dos")?["buzonStatus"] == ["active"])
    #expect(
      try await comesTrue { try place.listed("una@example.org")?["drift"].array.isEmpty != false }
    )
    #expect(await agent.end() == 0)
  }
}
