import Sandbox
import Support
import Testing

/// `config/slapd/access.ldif` gives the agent exactly what it needs. What it may is in `AccessTests`, with every attribute
/// that it manages; here is what it may not, whoever has its identity.
@Suite("In the directory")
struct DirectoryRightsTests {
  private static let refused: Int32 = 50

  /// Two accounts of the procedure, and entries beside them that aren't.
  private static func site() async throws -> Site {
    let site = try Site()
    let base = site.sandbox.base
    func person(_ uid: String, _ more: String) -> String {
      """
      dn: \(site.dn(uid))
      changetype: add
      objectClass: inetOrgPerson
      \(more)uid: \(uid)
      cn: Ana
      sn: Rojas
      mail: \(uid)@example.org
      userPassword: Una-Clave-\(uid)-2026

      """
    }
    let account = """
      objectClass: inetLocalMailRecipient
      objectClass: buzonAccount
      buzonKind: person
      buzonStatus: active
      buzonRequest: 2026-0001#0

      """
    for uid in ["ana", "luis"] {
      try site.modify(person(uid, account + "mailLocalAddress: \(uid)@example.org\nemployeeNumber: 1124\n"))
    }
    try site.modify(person("ajena", "description: outside Buzon\nemployeeNumber: 9\n"))
    try site.modify(
      "dn: cn=impresora,ou=people,\(base)\nchangetype: add\nobjectClass: device\ncn: impresora\nserialNumber: 1\n")
    try site.modify("dn: ou=otros,\(base)\nchangetype: add\nobjectClass: organizationalUnit\nou: otros\n")
    return site
  }

  @Test("the agent can't touch what isn't an account of the procedure")
  func strangers() async throws {
    let site = try await Self.site()
    let (agent, base) = (site.asAgent, site.sandbox.base)
    let before = try site.search(attributes: ["*", "+"])
    func expect(_ what: String, _ code: Int32, _ expected: Int32 = Self.refused) {
      #expect(code == expected, "\(what): \(code)")
    }
    // Strangers: neither their password, nor their end, nor anything that the agent doesn't manage.
    expect("password", try await agent.replace(site.dn("ajena"), "userPassword", "Clave-robada-2026"))
    #expect(try await agent.setPassword(of: site.dn("ajena"), to: "Clave-robada-2026") != 0)
    expect("delete", try await agent.delete(site.dn("ajena")))
    expect("rename", try await agent.rename(site.dn("ajena"), to: "uid=otra"))
    expect("take elsewhere", try await agent.rename(site.dn("ajena"), to: "uid=ajena", below: "ou=otros,\(base)"))
    expect("a device", try await agent.delete("cn=impresora,ou=people,\(base)"))
    expect("a device's serial", try await agent.replace("cn=impresora,ou=people,\(base)", "serialNumber", "2"))
    for uid in ["ajena", "ana"] {
      for (attribute, value) in [
        ("description", "x"), ("jpegPhoto", "x"), ("manager", site.dn("luis")), ("carLicense", "x"),
        ("seeAlso", site.dn("luis")), ("preferredLanguage", "es"),
        ("pwdPolicySubentry", "cn=services,ou=policies,\(base)"), ("pwdStartTime", "20270101000000Z"),
      ] { expect("\(uid): \(attribute)", try await agent.replace(site.dn(uid), attribute, value)) }
      #expect(try await !agent.sees(site.dn(uid)).contains("pwdHistory"))
    }
    #expect(try await !agent.sees(site.dn("ajena")).contains("userPassword"))
    // The tree.
    for place in ["ou=people,\(base)", "ou=services,\(base)", "ou=policies,\(base)", "ou=otros,\(base)", base] {
      expect("description of \(place)", try await agent.replace(place, "description", "x"))
      #expect(try await agent.delete(place) != 0, "\(place)")
    }
    expect("an account elsewhere", try await agent.rename(site.dn("ana"), to: "uid=ana", below: "ou=otros,\(base)"))
    expect("the container's name", try await agent.rename("ou=people,\(base)", to: "ou=gente"))
    // Other identities, and its own.
    for service in ["buzon", "mail"] {
      let dn = "cn=\(service),ou=services,\(base)"
      expect("password of \(service)", try await agent.replace(dn, "userPassword", "Clave-robada-2026"))
      expect("policy of \(service)", try await agent.replace(dn, "pwdPolicySubentry", "cn=default,ou=policies,\(base)"))
      #expect(try await agent.sees(dn).isEmpty, "\(service)")
      #expect(try await agent.compare(dn, "userPassword:x") != 6, "\(service)")
    }
    expect("the policy", try await agent.replace("cn=default,ou=policies,\(base)", "pwdLockout", "FALSE"))
    // The server.
    for dn in ["cn=config", "olcDatabase={1}mdb,cn=config"] {
      #expect(try await agent.replace(dn, "olcReadOnly", "FALSE") != 0, "\(dn)")
      #expect(try await agent.sees(dn).isEmpty, "\(dn)")
    }
    #expect(try await agent.finds("(objectClass=*)", below: "cn=accesslog") == 0)
    #expect(try await agent.delete("cn=accesslog") != 0)
    #expect(try site.search(attributes: ["*", "+"]) == before, "nothing was changed")
  }

  @Test("of an account that was moved elsewhere the agent sees where it is, and nothing else")
  func moved() async throws {
    let site = try await Self.site()
    let (agent, base) = (site.asAgent, site.sandbox.base)
    try site.modify(
      "dn: \(site.dn("ana"))\nchangetype: modrdn\nnewrdn: uid=ana\ndeleteoldrdn: 0\nnewsuperior: ou=otros,\(base)\n")
    let dn = "uid=ana,ou=otros,\(base)"
    let before = try site.search(attributes: ["*", "+"])
    #expect(try await agent.sees(dn).isEmpty)
    for filter in ["(objectClass=*)", "(uid=ana)", "(mail=ana@example.org)"] {
      #expect(try await agent.finds(filter, below: "ou=otros,\(base)") == 0, "\(filter)")
    }
    #expect(try await agent.finds("(entryUUID=*)", below: dn) == 1)
    for assertion in ["uid:ana", "mail:ana@example.org", "employeeNumber:1124", "objectClass:buzonAccount"] {
      #expect(try await ![5, 6].contains(agent.compare(dn, assertion)), "\(assertion)")
    }
    for (attribute, value) in [("title", "x"), ("mail", "x@example.org"), ("userPassword", "Clave-robada-2026")] {
      #expect(try await agent.replace(dn, attribute, value) == Self.refused, "\(attribute)")
    }
    #expect(try await agent.delete(dn) == Self.refused)
    #expect(try await agent.rename(dn, to: "uid=ana", below: "ou=people,\(base)") == Self.refused)
    #expect(try site.search(attributes: ["*", "+"]) == before, "nothing was changed")
  }

  @Test("of an entry deeper than the accounts the agent sees addresses and names, finds it, and changes nothing")
  func deeper() async throws {
    let site = try await Self.site()
    let (agent, base) = (site.asAgent, site.sandbox.base)
    for uid in ["ana", "ajena"] {
      try site.modify(
        "dn: \(site.dn(uid))\nchangetype: modrdn\nnewrdn: uid=\(uid)\ndeleteoldrdn: 0\n"
          + "newsuperior: cn=impresora,ou=people,\(base)\n")
    }
    let before = try site.search(attributes: ["*", "+"])
    for uid in ["ana", "ajena"] {
      let dn = "uid=\(uid),cn=impresora,ou=people,\(base)"
      #expect(
        try await agent.sees(dn).isSubset(of: ["dn", "objectClass", "uid", "mail", "mailLocalAddress", "entryUUID"]),
        "\(uid)")
      #expect(try await agent.finds("(mail=\(uid)@example.org)", below: "ou=people,\(base)") == 1, "\(uid)")
      for filter in ["(userPassword=*)", "(employeeNumber=*)", "(pwdHistory=*)"] {
        #expect(try await agent.finds(filter, below: dn) == 0, "\(filter)")
      }
      for (attribute, value) in [
        ("title", "x"), ("mail", "x@example.org"), ("userPassword", "Clave-robada-2026"), ("objectClass", "person"),
      ] {
        #expect(try await agent.replace(dn, attribute, value) == Self.refused, "\(attribute)")
      }
      #expect(try await agent.delete(dn) == Self.refused)
      #expect(try await agent.rename(dn, to: "uid=\(uid)", below: "ou=people,\(base)") == Self.refused)
    }
    #expect(try site.search(attributes: ["*", "+"]) == before, "nothing was changed")
  }

  @Test("the agent can't make up what the directory itself says of an entry")
  func operational() async throws {
    let site = try await Self.site()
    let (agent, dn) = (site.asAgent, site.dn("ana"))
    let before = try site.entry("ana")
    for (attribute, value) in [
      ("creatorsName", site.dn("luis")), ("modifiersName", site.dn("luis")), ("createTimestamp", "20200101000000Z"),
      ("entryUUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), ("structuralObjectClass", "device"),
      ("pwdChangedTime", "20200101000000Z"), ("pwdHistory", "20200101000000Z#1.3.6#3#abc"),
      ("pwdFailureTime", "20200101000000Z"), ("entryCSN", "20200101000000.000000Z#000000#000#000000"),
    ] {
      for controls in [[], ["!relax"]] {
        let code = try await agent.change(
          "dn: \(dn)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n", controls: controls)
        #expect(code != 0, "\(attribute) \(controls)")
      }
    }
    // Nor act as somebody else.
    #expect(
      try await agent.change("dn: \(dn)\nchangetype: delete\n", controls: ["!authzid=dn:\(site.dn("luis"))"]) != 0)
    #expect(try site.entry("ana") == before)
  }

  @Test("a user reaches nothing but the own password, and a stranger not even that")
  func users() async throws {
    let site = try await Self.site()
    let (ana, luis, base) = (site.asAccount("ana", "Una-Clave-ana-2026"), site.dn("luis"), site.sandbox.base)
    let before = try site.search(attributes: ["*", "+"])
    for (who, visitor) in [("ana", ana), ("nobody", site.asNobody)] {
      #expect(try await visitor.delete(site.dn("ana")) != 0, "\(who)")
      #expect(try await visitor.rename(site.dn("ana"), to: "uid=jefa") != 0, "\(who)")
      #expect(try await visitor.replace(site.dn("ana"), "objectClass", "inetOrgPerson") != 0, "\(who)")
      #expect(try await visitor.replace(site.dn("ana"), "pwdAccountLockedTime", "000001010000Z") != 0, "\(who)")
      #expect(
        try await visitor.change(
          "dn: cn=mio,\(site.dn("ana"))\nchangetype: add\nobjectClass: applicationProcess\ncn: mio\n") != 0, "\(who)")
      #expect(try await visitor.setPassword(of: luis, to: "Clave-robada-2026") != 0, "\(who)")
      for dn in [luis, "ou=people,\(base)"] { #expect(try await visitor.sees(dn).isEmpty, "\(who) sees \(dn)") }
      for assertion in ["userPassword:Una-Clave-luis-2026", "employeeNumber:1124", "mail:luis@example.org"] {
        #expect(try await ![5, 6].contains(visitor.compare(luis, assertion)), "\(who) asks \(assertion)")
      }
      for filter in ["(employeeNumber=1124)", "(mailLocalAddress=luis@example.org)", "(objectClass=buzonAccount)"] {
        #expect(try await visitor.finds(filter, below: base) == 0, "\(who) looks for \(filter)")
      }
      #expect(try await visitor.sees("cn=mail,ou=services,\(base)").isEmpty, "\(who)")
    }
    #expect(try await ![5, 6].contains(ana.compare(site.dn("ana"), "employeeNumber:1124")))
    #expect(try site.search(attributes: ["*", "+"]) == before, "nothing was changed")
    #expect(try await ana.setPassword(of: site.dn("ana"), to: "La-Clave-de-Ana-1") == 0)
  }

  @Test("who has a temporary password can do nothing with it but replace it, and a suspended account nothing at all")
  func temporary() async throws {
    let site = try await Self.site()
    let dn = site.dn("ana")
    try site.modify("dn: \(dn)\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n")
    let ana = site.asAccount("ana", "Una-Clave-ana-2026")
    #expect(try await ana.sees(dn).isEmpty)
    #expect(try await ana.setPassword(of: dn, to: "La-Clave-de-Ana-1") == 0)
    #expect(try await !site.asAccount("ana", "La-Clave-de-Ana-1").sees(dn).isEmpty)
    try site.modify(
      "dn: \(dn)\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n")
    #expect(try await site.asAccount("ana", "La-Clave-de-Ana-1").setPassword(of: dn, to: "La-Clave-de-Ana-2") == 49)
  }

  @Test("an entry from outside Buzón can be adopted by these rights, and then be changed, suspended and deleted")
  func adoption() async throws {
    let site = try await Self.site()
    let place = try site.workplace("rights")
    for (number, change) in [
      ("A-1", "adopt: {address: ajena@example.org}"), ("A-2", "modify: {address: ajena@example.org, reset: password}"),
      ("A-3", "modify: {address: ajena@example.org, set: {status: suspended}}"),
      ("A-4", "delete: {address: ajena@example.org, immediately: true}"),
    ] {
      try place.drop(form(number: number, changes: [change]), as: number + ".yaml")
      let run = try await place.run("run", "--once")
      #expect(run.status == 0, "\(number): \(run.errors)")
      #expect(try place.record(number)?["outcome"] == "applied", "\(number)")
    }
    #expect(try site.entry("ajena") == nil)
  }
}
