import Foundation
import Sandbox
import Support
import Testing

/// Accounts stand directly below the container. What stands deeper is none, but holds addresses and names all the same.
@Suite("Entries deeper than the accounts")
struct DeeperEntriesTests {
  private static func site() throws -> Site {
    let site = try Site()
    func person(_ uid: String, _ more: String = "") -> String {
      "dn: uid=\(uid),ou=salud,ou=people,\(site.sandbox.base)\nchangetype: add\nobjectClass: inetOrgPerson\n"
        + "uid: \(uid)\ncn: X\nsn: X\ndescription: deep\n\(more)\n"
    }
    try site.modify(
      "dn: ou=salud,ou=people,\(site.sandbox.base)\nchangetype: add\nobjectClass: organizationalUnit\nou: salud\n\n"
        + person("rosa", "mail: rosa@example.org\n") + person("luis")
        + person(
          "ana",
          "objectClass: inetLocalMailRecipient\nobjectClass: buzonAccount\nmail: ana@example.org\n"
            + "mailLocalAddress: ana@example.org\nmailLocalAddress: a@example.org\nbuzonKind: person\n"
            + "buzonStatus: active\n"))
    return site
  }

  @Test("lose no address and no uid to a create, a rename or an adopt, and no form changes them")
  func forms() async throws {
    let site = try Self.site()
    let place = try site.workplace("deep")
    func create(_ local: String, _ more: String = "") -> String {
      "create: {address: \(local)@example.org, name: {given: A, family: B}\(more)}"
    }
    try site.modify(
      "dn: cn=jefe,ou=people,\(site.sandbox.base)\nchangetype: add\nobjectClass: inetOrgPerson\ncn: jefe\nsn: J\n"
        + "mail: luis@other.example\n")
    let rows: [(String, Int, String)] = [
      (create("rosa"), 68, "ldapmodrdn -s"), (create("x", ", aliases: [a@example.org]"), 68, "ldapmodrdn -s"),
      (create("ana"), 68, "ldapmodrdn -s"),
      ("modify: {address: ana@example.org, set: {position: X}}", 53, "ldapmodrdn"),
      ("delete: {address: ana@example.org, immediately: true}", 53, "ldapmodrdn"),
      ("adopt: {address: rosa@example.org}", 53, "ldapmodrdn"), (create("luis"), 0, ""), (create("marta"), 0, ""),
      ("modify: {address: marta@example.org, set: {address: rosa@other.example}}", 0, ""),
      ("adopt: {address: luis@other.example}", 0, ""),
    ]
    try place.configure(.with { $0.domains += ["other.example"] })
    try place.drop(form(number: "DE-1", changes: rows.map(\.0)), as: "DE-1.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    let record = try place.record("DE-1")
    for (index, (change, code, word)) in rows.enumerated() {
      let error = record?["changes"][index]["error"] ?? .null
      #expect((error["code"].integer ?? 0) == code, "\(change): \(error)")
      let told = (error["diagnostic"].text ?? "") + (error["remedy"].text ?? "")
      #expect(word.isEmpty || told.contains(word), "\(change): \(told)")
    }
    // No address and no uid stands in two entries.
    let entries = try site.search(
      base: "ou=people,\(site.sandbox.base)", attributes: ["uid", "mailLocalAddress", "mail"])
    for names in [entries.flatMap { $0["uid"] }, entries.flatMap { Set($0["mailLocalAddress"] + $0["mail"]) }] {
      #expect(names.count == Set(names).count, "\(names.sorted())")
    }
    #expect(try site.entry("luis-2")?["mail"] == ["luis@example.org"])
  }

  @Test("are reported by form --adopt, accounts among them, whatever they are looked for by")
  func adopt() async throws {
    let site = try Self.site()
    let place = try site.workplace("deep")
    for filter in ["(objectClass=inetOrgPerson)", "(description=deep)", "(|(mail=*)(uid=luis))"] {
      let outcome = try await place.run(
        "form", "--adopt", filter, "--number", "DE-2", "--department", "D", "--requester", "R", "--approved-by", "A",
        "--approved-on", today())
      #expect(outcome.status == 65 && outcome.errors.contains("0 accounts of ours and 3 entries"), "\(outcome.errors)")
      for uid in ["ana", "luis", "rosa"] {
        #expect(
          outcome.errors.contains(
            "uid=\(uid),ou=salud,ou=people,\(site.sandbox.base) is deeper than the accounts; move it directly below"),
          "\(outcome.errors)")
      }
    }
  }

  @Test("beside it, an entry of several mail addresses is adopted under the first, and the output shows which")
  func several() async throws {
    let site = try Self.site()
    let place = try site.workplace("several")
    let dn = site.dn("zoe")
    try site.modify(
      "dn: \(dn)\nchangetype: add\nobjectClass: inetOrgPerson\nuid: zoe\ncn: Z\nsn: Z\nmail: Zoe.Paz@example.org\n"
        + "mail: zoe@example.org\nmail: a.zoe@example.org\n")
    let outcome = try await place.run(
      "form", "--adopt", "(uid=zoe)", "--number", "DE-3", "--department", "D", "--requester", "R", "--approved-by",
      "A", "--approved-on", today())
    #expect(outcome.output.hasSuffix("changes:\n  - adopt: {address: zoe.paz@example.org}\n"), "\(outcome.output)")
    #expect(
      outcome.errors
        == "buzon: \(dn) has several mail addresses; the form makes zoe.paz@example.org the primary\n")
    try place.drop(outcome.output, as: "DE-3.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try site.entry("zoe")?["mail"] == ["zoe.paz@example.org"])
    #expect(
      try site.entry("zoe")?["mailLocalAddress"].sorted()
        == ["a.zoe@example.org", "zoe.paz@example.org", "zoe@example.org"])
  }
}
