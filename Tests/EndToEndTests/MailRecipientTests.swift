import Foundation
import Sandbox
import Support
import Testing

/// Entries that receive mail in our container without being accounts.
@Suite("What receives mail beside the accounts")
struct MailRecipientTests {
  private func recipient(_ site: Site, _ uid: String, _ addresses: String...) -> String {
    "dn: \(site.dn(uid))\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: inetLocalMailRecipient\n"
      + "uid: \(uid)\ncn: X\nsn: X\nmail: \(addresses[0])\n"
      + addresses.map { "mailLocalAddress: \($0)\n" }.joined() + "\n"
  }

  @Test(
    "is no drift where it was there before, and is one where it takes an address of ours, until it goes or is adopted")
  func recipients() async throws {
    let site = try Site()
    let place = try site.workplace("recipients")
    try site.modify((0..<30).map { recipient(site, "antes\($0)", "antes\($0)@example.org") }.joined())
    let agent = try await place.agent()
    try await place.carryOut(
      form(number: "MR-1", changes: ["create: {address: ana@example.org, name: {given: A, family: B}}"]), "MR-1")
    #expect(await agent.says("mirror.listening"))
    // What is elsewhere is no business of ours.
    try site.modify(
      recipient(site, "lejos", "lejos@elsewhere.example") + recipient(site, "intruso", "nueva@example.org"))
    #expect(await agent.says("drift.found", "address=nueva@example.org", "attribute=entry", "by=cn=admin"))
    // An address comes to an entry that was there.
    try site.modify(
      "dn: \(site.dn("antes3"))\nchangetype: modify\nadd: mailLocalAddress\nmailLocalAddress: otra@example.org\n")
    #expect(await agent.says("drift.found", "address=otra@example.org"))
    var drift = try await place.answer("drift")["drift"].array.compactMap { $0["address"].text }.sorted()
    #expect(drift == ["nueva@example.org", "otra@example.org"])
    // A restart reports nothing anew.
    #expect(await agent.end() == 0)
    #expect(agent.log.count { $0.contains("drift.found") } == 2, "\(agent.log)")
    let once = try await place.run("run", "--once")
    #expect(once.status == 0 && !once.errors.contains("drift."), "\(once.errors)")

    // One goes, one is accepted; what came meanwhile is found, and adopted by the repair form.
    try site.modify(
      "dn: \(site.dn("antes3"))\nchangetype: delete\n\n" + recipient(site, "tercera", "tercera@example.org"))
    let next = try await place.run("run", "--once")
    #expect(next.errors.contains("drift.over address=otra@example.org"), "\(next.errors)")
    #expect(next.errors.contains("drift.found address=tercera@example.org"), "\(next.errors)")
    #expect(try await place.run("drift", "--accept", "nueva@example.org").status == 0)
    drift = try await place.answer("drift")["drift"].array.compactMap { $0["address"].text }
    #expect(drift == ["tercera@example.org"])
    let repair = place.folder + "/repair.yaml"
    #expect(
      try await place.run(
        "drift", "--repair", repair, "--number", "MR-2", "--department", "D", "--requester", "R", "--approved-by", "A",
        "--approved-on", today()
      ).status == 0)
    try place.drop(try String(contentsOfFile: repair, encoding: .utf8), as: "MR-2.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    #expect(try place.record("MR-2")?["changes"][0]["operation"] == "adopt")
    #expect(try await place.answer("drift")["drift"] == [])
    let last = try await place.run("run", "--once")
    #expect(last.status == 0 && !last.errors.contains("drift."), "\(last.errors)")
  }

  @Test("is told from an account that lost its class, and from one that is adopted")
  func accounts() async throws {
    let site = try Site()
    let place = try site.workplace("classes")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    try await place.carryOut(
      form(number: "MR-3", changes: ["create: {address: ana@example.org, name: {given: A, family: B}}"]), "MR-3")
    try site.modify(
      "dn: \(site.dn("ana"))\nchangetype: modify\ndelete: objectClass\nobjectClass: buzonAccount\n-\n"
        + "delete: buzonKind\n-\ndelete: buzonStatus\n-\ndelete: buzonQuota\n-\ndelete: buzonRequest\n")
    #expect(await agent.says("drift.found", "address=ana@example.org", "present=gone"))
    try await place.carryOut(form(number: "MR-4", changes: ["adopt: {address: ana@example.org}"]), "MR-4")
    // Behind both comes this one.
    try site.modify(recipient(site, "ultima", "ultima@example.org"))
    #expect(await agent.says("drift.found", "address=ultima@example.org"))
    #expect(await agent.end() == 0)
    #expect(agent.log.count { $0.contains("drift.found") } == 2, "\(agent.log)")
  }
}
