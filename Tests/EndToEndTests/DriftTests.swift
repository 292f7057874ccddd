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

  /// Writes the repair form, and carries it out.
  private func repair(_ place: Workplace, _ number: String) async throws -> (form: String, record: JSON) {
    let written = try await place.start(["drift", "--repair", "-", "--number", number] + Self.header).outcome()
    #expect(written.status == 0, "\(written.errors)")
    return (written.output, try await place.carryOut(written.output, number))
  }

  @Test("of several accounts that contend for addresses is repaired by one form, of which the directory takes all")
  func together() async throws {
    let place = try Site().workplace("together")
    let site = place.site
    let agent = try await place.agent()
    let names = ["vuelve", "clase", "pierde", "gana", "ida", "vuelta", "fuera"]
    try await place.carryOut(
      form(number: "T-1", changes: names.map { Self.create($0, $0 == "pierde" ? ", aliases: [x@example.org]" : "") }),
      "T-1")
    // Handed over: each of these addresses is remembered as somebody's.
    #expect(try await place.run("handover", "T-1", "--received-by", "Ana").status == 0)
    #expect(try await comesTrue { try place.listed("vuelve@example.org") != nil })
    try site.modify(
      """
      dn: \(site.dn("vuelve"))
      changetype: delete

      dn: \(site.dn("vuelve"))
      changetype: add
      objectClass: inetOrgPerson
      objectClass: inetLocalMailRecipient
      objectClass: buzonAccount
      uid: vuelve
      cn: Ada Bo
      sn: Bo
      mail: vuelve@example.org
      mailLocalAddress: vuelve@example.org
      buzonKind: person
      buzonStatus: active
      buzonRequest: T-1#0

      dn: \(site.dn("clase"))
      changetype: modify
      delete: objectClass
      objectClass: buzonAccount
      -
      delete: buzonKind
      -
      delete: buzonStatus
      -
      delete: buzonQuota
      -
      delete: buzonRequest

      dn: \(site.dn("pierde"))
      changetype: modify
      delete: mailLocalAddress
      mailLocalAddress: x@example.org

      dn: \(site.dn("gana"))
      changetype: modify
      add: mailLocalAddress
      mailLocalAddress: x@example.org

      dn: \(site.dn("ida"))
      changetype: modify
      replace: mail
      mail: medio@example.org
      -
      replace: mailLocalAddress
      mailLocalAddress: medio@example.org

      dn: \(site.dn("vuelta"))
      changetype: modify
      replace: mail
      mail: ida@example.org
      -
      replace: mailLocalAddress
      mailLocalAddress: ida@example.org

      dn: \(site.dn("ida"))
      changetype: modify
      replace: mail
      mail: vuelta@example.org
      -
      replace: mailLocalAddress
      mailLocalAddress: vuelta@example.org

      dn: \(site.dn("fuera"))
      changetype: delete

      """)
    #expect(await agent.says("drift.found", "fuera@example.org", "entry", "title=Secretaria", "T-1#6"), "\(agent.log)")
    let (form, record) = try await repair(place, "T-2")
    #expect(record["outcome"] == "applied", "\(form)\n\(record)")
    #expect(try await comesTrue { try await place.answer("drift")["drift"].array.isEmpty })
    for name in names {
      let entry = try #require(try site.entry(name))
      #expect(entry["mail"] == ["\(name)@example.org"] && entry["title"] == ["Secretaria"])
      let aliases = Set(entry["mailLocalAddress"]).subtracting(["\(name)@example.org"])
      #expect(aliases == (name == "pierde" ? ["x@example.org"] : []))
    }
    #expect(!agent.log.contains { $0.contains("drift.found") && $0.contains("cn=buzon") }, "\(agent.log)")
    #expect(await agent.end() == 0)
  }

  @Test("is no text that the directory calls equal")
  func equalText() async throws {
    let place = try Site().workplace("equal")
    let site = place.site
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "E-1",
        changes: [
          "create: {address: una@example.org, name: {given: Jos\u{e9}, family: Pe\u{f1}a}, position: Asesora, phone: \"+57 8 42\"}",
          Self.create("dos"),
        ]), "E-1")
    let csn = try site.entry("una")?["entryCSN"]
    try site.modify(
      """
      dn: \(site.dn("una"))
      changetype: modify
      replace: cn
      cn: Jose\u{301} Pen\u{303}a
      -
      replace: title
      title: ASESORA
      -
      replace: telephoneNumber
      telephoneNumber: +5784-2

      dn: \(site.dn("dos"))
      changetype: modify
      replace: title
      title: Otra

      """)
    #expect(try site.entry("una")?["entryCSN"] != csn)
    #expect(await agent.says("drift.found", "dos@example.org", "title"), "\(agent.log)")
    #expect(!agent.log.contains { $0.contains("drift.found") && $0.contains("una@example.org") }, "\(agent.log)")
    #expect(try await drift(place, "una").isEmpty)
    #expect(await agent.end() == 0)
  }

  @Test("is accepted: from then on the directory is right, and history and log say who said so")
  func accepted() async throws {
    let place = try Site().workplace("accept")
    let site = place.site
    let agent = try await place.agent()
    try await place.carryOut(form(number: "A-1", changes: [Self.create("una"), Self.create("dos")]), "A-1")
    try site.modify(
      """
      dn: \(site.dn("una"))
      changetype: modify
      replace: title
      title: Gerente

      dn: \(site.dn("dos"))
      changetype: delete

      """)
    #expect(try await comesTrue { try await place.answer("drift")["drift"].array.count == 2 })
    let given = try await place.run("drift", "--accept", "UNA@example.org", "dos@example.org")
    #expect(given.status == 0 && given.output.contains("title: Secretaria → Gerente"), "\(given)")
    #expect(try await place.answer("drift")["drift"].array.isEmpty)
    #expect(await agent.says("drift.accepted", "una@example.org", "Gerente", site.sandbox.admin, "accepted_by="))
    #expect(try await comesTrue { try place.listed("una@example.org")?["drift"].array.isEmpty != false })
    for (local, attribute) in [("una", "title"), ("dos", "entry")] {
      let accepted = try await place.answer("history", "\(local)@example.org")["accounts"][0]["drift"].array.filter {
        $0["event"] == "accepted"
      }
      #expect(accepted.count == 1 && accepted.first?["attribute"].text == attribute)
      #expect(accepted.first?["by"].text?.isEmpty == false && accepted.first?["at"].text?.hasSuffix("Z") == true)
    }
    #expect(try await place.run("history", "una@example.org").output.contains("title: Secretaria → Gerente"))
    #expect(try await place.run("drift", "--accept", "una@example.org").status == 66)
    // What is changed later is drift against what was accepted.
    try site.modify("dn: \(site.dn("una"))\nchangetype: modify\nreplace: title\ntitle: Otra\n")
    #expect(await agent.says("drift.found", "una@example.org", "expected=Gerente", "present=Otra"), "\(agent.log)")
    #expect(await agent.end() == 0)
    // Without an agent the command does it itself.
    #expect(try await place.run("drift", "--accept", "una@example.org").status == 0)
    #expect(try await place.answer("drift")["drift"].array.isEmpty)
  }
}
