import Foundation
import Sandbox
import Support
import Testing

/// A directory that has accounts already comes under the procedure.
@Suite("adopt")
struct AdoptTests {
  @Test("takes 5,000 entries (a share: 1,000) in with one bulk form, and writes nothing the second time")
  func bulk() async throws {
    let count = Torture.count(share: 1_000, full: 5_000)
    let site = try Site()
    let place = try site.workplace("adopt", .with { $0.formSize = "8 MiB" })
    let entries = (0..<count).map {
      site.foreign("de.\($0)@example.org", Model.Account(given: "Persona", family: "Número \($0)"))
    }
    for first in stride(from: 0, to: count, by: 1_000) { try site.modify(entries[first..<first + 1_000].joined()) }

    let began = ContinuousClock.now
    let written = try await place.run(
      "form", "--adopt", "(objectClass=inetOrgPerson)", "--number", "AD-1", "--department", "Sistemas",
      "--requester", "Ana Lucía Rosero", "--approved-by", "jefe.sistemas", "--approved-on", today())
    #expect(written.status == 0, "\(written.errors)")
    try place.drop(written.output, as: "AD-1.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    let record = try place.record("AD-1")
    #expect(record?["outcome"] == "applied" && record?["changes"].array.count == count)
    #expect(record?["changes"].array.allSatisfy { $0["outcome"] == "applied" && $0["handover"] == "none" } == true)
    #expect(try place.accounts().count == count)
    let once = try site.stampsAndDeletes()
    #expect(once.stamps.count == count && once.stamps.values.allSatisfy { $0 == 1 } && once.deletes == 0)
    print("adopted \(count) in \(began.duration(to: .now))")

    // The same again under another number, as a form of one's own: `--adopt` would leave out what is ours.
    let again = written.output.replacingOccurrences(of: "AD-1", with: "AD-2")
    let before = try writes(site)
    try place.drop(again, as: "AD-2.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    let second = try place.record("AD-2")
    #expect(second?["outcome"] == "applied" && second?["changes"].array.count == count)
    #expect(second?["changes"].array.allSatisfy { $0["outcome"] == "unchanged" } == true)
    #expect(try writes(site) == before)
  }

  private func writes(_ site: Site) throws -> Int {
    try site.search(
      base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0))", attributes: ["1.1"]
    ).count
  }

  @Test("refuses with the reason what it can't take in, and leaves it as it is")
  func refused() async throws {
    let site = try Site()
    let place = try site.workplace("adopt")
    try site.modify(
      """
      dn: uid=cuenta,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: account
      objectClass: inetLocalMailRecipient
      uid: cuenta
      mailLocalAddress: cuenta@example.org

      dn: cn=grupo,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: device
      objectClass: extensibleObject
      cn: grupo
      mail: grupo@example.org

      dn: uid=uno,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: inetOrgPerson
      uid: uno
      cn: Uno
      sn: Uno
      mail: doble@example.org

      dn: uid=dos,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: inetOrgPerson
      uid: dos
      cn: Dos
      sn: Dos
      mail: doble@example.org

      dn: uid=lejos,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: inetOrgPerson
      uid: lejos
      cn: Lejos
      sn: Lejos
      mail: lejos@example.org
      mail: lejos@elsewhere.example

      dn: uid=sin,ou=people,\(site.sandbox.base)
      changetype: add
      objectClass: inetOrgPerson
      uid: sin
      cn: Sin
      sn: Sin


      """)
    let before = try site.search(base: "ou=people,\(site.sandbox.base)", attributes: ["*", "+"])
    let cases = [
      ("grupo", 65, "inetOrgPerson"), ("doble", 19, "2 entries"), ("lejos", 19, "elsewhere.example"),
      ("sin", 32, "no entry"), ("cuenta", 65, "inetOrgPerson"), ("nadie", 32, "no entry"),
    ]
    let changes = cases.map { "adopt: {address: \($0.0)@example.org}" }
    try place.drop(form(number: "AD-3", changes: changes), as: "AD-3.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    let record = try place.record("AD-3")
    #expect(record?["outcome"] == "failed")
    for (index, (name, code, word)) in cases.enumerated() {
      let change = record?["changes"][index] ?? .null
      #expect(change["outcome"] == "failed", "\(name)")
      #expect(change["error"]["code"].integer == code, "\(name): \(change["error"])")
      #expect(change["error"]["diagnostic"].text?.contains(word) == true, "\(name): \(change["error"])")
      #expect(change["error"]["remedy"].text?.isEmpty == false, "\(name)")
    }
    #expect(try site.search(base: "ou=people,\(site.sandbox.base)", attributes: ["*", "+"]) == before)
    // A form can't name what is in no domain of ours.
    try place.drop(form(number: "AD-4", changes: ["adopt: {address: x@elsewhere.example}"]), as: "AD-4.yaml")
    #expect(try await place.run("run", "--once").status == 1)
    #expect(try await place.rejection(of: "AD-4.yaml").contains("domain"))
  }

  @Test("and then the entry is an account like any other; before, it is none")
  func afterwards() async throws {
    let site = try Site()
    let place = try site.workplace("adopt")
    try site.modify(
      site.foreign("ana@example.org", Model.Account(aliases: ["a@example.org"], given: "Ana", family: "Ruiz"))
        + site.foreign("luis@example.org", Model.Account(given: "Luis", family: "Mora", status: "suspended")))
    let steps: [(String, String, Int32)] = [
      ("modify: {address: ana@example.org, set: {position: X}}", "failed", 1),
      ("delete: {address: luis@example.org}", "failed", 1), ("adopt: {address: ana@example.org}", "applied", 0),
      ("adopt: {address: luis@example.org}", "applied", 0), ("adopt: {address: ana@example.org}", "unchanged", 0),
      ("modify: {address: ana@example.org, set: {position: X}}", "applied", 0),
      ("modify: {address: luis@example.org, set: {status: active}}", "applied", 0),
      ("delete: {address: ana@example.org}", "applied", 0), ("adopt: {address: ana@example.org}", "failed", 1),
    ]
    for (index, (change, _, _)) in steps.enumerated() {
      try place.drop(
        form(number: "AF-\(index)", changes: [change]), as: "\(index).yaml",
        modified: Date(timeIntervalSinceNow: -1_000 + Double(index)))
    }
    #expect(try await place.run("run", "--once").status == 1)
    for (index, (change, outcome, _)) in steps.enumerated() {
      #expect(try place.record("AF-\(index)")?["changes"][0]["outcome"].text == outcome, "\(index) \(change)")
    }
    let luis = try site.entry("luis")
    #expect(luis?["buzonStatus"] == ["active"] && luis?["pwdAccountLockedTime"] == [])
    #expect(try place.listed("luis@example.org")?["status"] == "active")
  }
}
