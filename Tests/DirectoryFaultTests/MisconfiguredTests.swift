import Foundation
import Sandbox
import Support
import Testing

/// What somebody may get wrong about the directory, beside what `DirectoryTroubleTests` has: nobody's request fails for it.
@Suite("A directory that is set up wrong")
struct MisconfiguredTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What the reason or the remedy names.
    var word: String
    var breaks: String
    var mends: String
    /// The change that meets it.
    var change = retitle("old1")

    init(_ what: String, word: String, _ breaks: String, mends: String, change: String? = nil) {
      (testDescription, self.word, self.breaks, self.mends) = (what, word, breaks, mends)
      if let change { self.change = change }
    }

    /// The agent has no more than this right to an attribute.
    static func access(_ what: String, to attributes: String, _ right: String, word: String, _ change: String? = nil)
      -> Row
    {
      Row(
        what, word: word,
        database
          + "add: olcAccess\nolcAccess: {0}to dn.one=\"ou=people,@BASE@\" attrs=\(attributes) by dn.exact=\"@AGENT@\" \(right) by * break",
        mends: database + "delete: olcAccess\nolcAccess: {0}", change: change)
    }
  }

  private static let database = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"
  private static let people = "dn: ou=people,@BASE@\nchangetype: "

  static let rows = [
    Row.access("the agent may write the stamp and not read it", to: "buzonRequest", "=w", word: "access"),
    Row.access("the agent may not see whose entry it is", to: "entryUUID", "none", word: "access"),
    Row.access("the agent may not search addresses", to: "mail,mailLocalAddress", "=rw", word: "access"),
    Row.access("the agent may not read object classes", to: "objectClass", "=w", word: "access"),
    Row.access("the agent may not write titles", to: "title", "read", word: "access"),
    Row(
      "the container is an alias", word: "directory.accounts",
      people + "delete\n\n" + people
        + "add\nobjectClass: alias\nobjectClass: extensibleObject\nou: people\naliasedObjectName: ou=services,@BASE@",
      mends: people + "delete\n\n" + people + "add\nobjectClass: organizationalUnit\nou: people", change: create("new1")
    ),
    Row(
      "its schema is older than ours", word: "schema",
      "dn: @SCHEMA@\nchangetype: modify\nreplace: olcObjectClasses\nolcObjectClasses: @CLASS-OLD@",
      mends: "dn: @SCHEMA@\nchangetype: modify\nreplace: olcObjectClasses\nolcObjectClasses: @CLASS@",
      change: create("new1")),
  ]

  @Test("is waited for, told and never a request's failure", arguments: drawn(rows, 3))
  func misconfigured(_ row: Row) async throws {
    let site = try Site()
    let schema = try #require(try site.search(base: "cn=config", filter: "(cn=*buzon)").first)
    let ours = try #require(schema["olcObjectClasses"].first)
    func filled(_ text: String) -> String {
      text.replacingOccurrences(of: "@BASE@", with: site.sandbox.base)
        .replacingOccurrences(of: "@AGENT@", with: site.sandbox.agent)
        .replacingOccurrences(of: "@SCHEMA@", with: schema.dn)
        .replacingOccurrences(of: "@CLASS-OLD@", with: ours.replacingOccurrences(of: "buzonQuota $ ", with: ""))
        .replacingOccurrences(of: "@CLASS@", with: ours) + "\n\n"
    }
    let place = try site.workplace("wrong", .quick)
    let agent = try await place.agent()
    if !row.breaks.contains("delete\n") {
      try await place.carryOut(form("X-0", create("old1"), create("old2")), "X-0")
    }
    try site.modify(filled(row.breaks))
    try place.drop(form("X-1", row.change), as: "X-1")
    #expect(
      try await comesTrue {
        let trouble = try await place.trouble()
        return (trouble.what + trouble.remedy).contains(row.word)
      }, "\(agent.log.suffix(3))")
    #expect(try await place.run("status").status == 2)
    let failures = try await place.failures("X-1")
    #expect(failures.isEmpty, "\(failures)")
    try site.modify(filled(row.mends))
    #expect(try await place.recorded("X-1")["outcome"] == "applied")
    let times = try site.timesApplied("X-1")
    #expect(times == ["X-1#0": 1], "\(times)")
    #expect(await agent.end() == 0)
    Torture.report("a directory that fails", [("misconfigurations", 1)], lost: 1 - times.count, twice: 0)
  }

  @Test("an entry that alone is refused for ever stops nobody else", arguments: drawn([50, 53, 80, 51, 1], 1))
  func poison(_ code: Int) async throws {
    let site = try Site()
    let proxy = try Proxy(site, "poison")
    proxy.rule { $0.kind == .add && $0.name.hasPrefix("uid=poison,") ? .refuse(code) : .pass }
    let place = try site.behind(proxy, "poison")
    let agent = try await place.agent()
    try place.drop(form("PO-0", create("poison")), as: "PO-0")
    #expect(try await place.waits("\(code) "))
    for index in 1...40 { try place.drop(form("PO-\(index)", create("po\(index)")), as: "PO-\(index)") }
    func done() -> Int { place.paths(below: "deliveries", suffix: ".json").count }
    #expect(await comesTrue { done() == 40 }, "\(done()) of 40")
    #expect(try await place.failures("PO-0").isEmpty && place.record("PO-0") == nil)
    // And the one that waits, or was set aside, is seen.
    #expect(try await place.run("status").status != 0)
    #expect(await agent.end() == 0)
  }

  @Test("that is busy when a password is read back is asked again: it may keep clear text all the same")
  func proof() async throws {
    let site = try Site()
    let overlay = try #require(try site.search(base: "cn=config", filter: "(objectClass=olcPPolicyConfig)").first)
    func hashes(_ isOn: Bool) throws {
      try site.modify(
        "dn: \(overlay.dn)\nchangetype: modify\nreplace: olcPPolicyHashCleartext\nolcPPolicyHashCleartext: "
          + "\(isOn ? "TRUE" : "FALSE")\n\n")
    }
    try hashes(false)
    let proxy = try Proxy(site, "proof")
    proxy.rule { $0.isOfEntry ? .refuse(51) : .pass }
    let place = try site.behind(proxy, "proof")
    let agent = try await place.agent()
    try place.drop(form("PR-1", create("pr1")), as: "PR-1")
    #expect(try await comesTrue { try site.entry("pr1") != nil })
    // Busy is no right that is wanting.
    #expect(try await place.waits("51 busy"), "\(agent.log.suffix(3))")
    proxy.rule { _ in .pass }
    #expect(try await place.waits("clear text"), "\(agent.log.suffix(3))")
    try hashes(true)
    #expect(try await place.recorded("PR-1")["outcome"] == "applied")
    #expect(try site.entry("pr1")?["userPassword"].first?.hasPrefix("{SSHA}") == true)
    #expect(try site.timesApplied("PR-") == ["PR-1#0": 1])
    #expect(await agent.end() == 0)
  }
}
