import Glibc
import Sandbox
import Testing

/// Who may do what: config/slapd/access.ldif.
@Suite struct AccessRules {
  let fixture: Fixture
  let rosa: String
  let luis: String

  init() throws {
    fixture = try Fixture()
    rosa = fixture.account("rosa")
    luis = fixture.account("luis")
    let base = fixture.sandbox.base
    try #require(try fixture.agent.apply(accountRecord("rosa", base: base, reset: false)) == Code.success)
    let record = accountRecord("luis", base: base, password: "Clave-de-Luis-2026", reset: false)
    try #require(try fixture.agent.apply(record) == Code.success)
  }

  private var user: Directory { fixture.user("rosa", "Temporal-2026-Buzon") }

  // MARK: the agent

  @Test(arguments: [
    ("title", "Secretaria"), ("mail", "r.chindoy@example.org"), ("mailLocalAddress", "r.chindoy@example.org"),
    ("employeeNumber", "1124000001"), ("ou", "Secretaría de Hacienda"), ("telephoneNumber", "+57 8 4200001"),
    ("buzonKind", "functional"), ("buzonStatus", "suspended"), ("buzonQuota", "1024"),
    ("buzonForward", "a@example.net"),
    ("buzonKeepCopy", "FALSE"), ("buzonOwner", "otro@example.org"), ("buzonList", "todos@example.org"),
    ("buzonMember", "fuera@example.net"), ("buzonExpires", "20271231235959Z"),
    ("buzonRetainedSince", "20261122120000Z"), ("buzonRequest", "2026-0143#7"),
    ("userPassword", "Otra-Temporal-2026"), ("pwdReset", "TRUE"), ("pwdEndTime", "20271231235959Z"),
    ("pwdAccountLockedTime", "000001010000Z"), ("displayName", "Rosa"), ("cn", "Rosa"), ("sn", "C"), ("givenName", "R"),
  ])
  func theAgentWrites(attribute: String, value: String) throws {
    #expect(try fixture.agent.replace(rosa, attribute, value) == Code.success)
  }

  @Test func theAgentSeesWhatItGuardsAndKeepsAnImageOf() throws {
    let entry = try #require(try fixture.agent.read(rosa, "*", "+"))
    for attribute in ["employeeNumber", "entryUUID", "entryCSN", "buzonRequest", "modifiersName", "createTimestamp"] {
      #expect(entry.contains { $0.utf8.starts(with: "\(attribute): ".utf8) }, "\(attribute)")
    }
  }

  @Test func theAgentGuardsAChangeByUUIDAndStamp() throws {
    let line = try #require(try fixture.agent.read(rosa, "entryUUID")?.first)
    let uuid = String(decoding: line.utf8.dropFirst("entryUUID: ".utf8.count), as: UTF8.self)
    let change = "dn: \(rosa)\nchangetype: modify\nreplace: buzonRequest\nbuzonRequest: 2026-0143#0\n"
    let guarded = "(&(entryUUID=\(uuid))(buzonRequest=2026-0142#0))"
    #expect(try fixture.agent.apply(change, asserting: guarded) == Code.success)
    #expect(try fixture.agent.apply(change, asserting: guarded) == Code.assertionFailed)
    // The stamp's letter case counts.
    let other = "dn: \(rosa)\nchangetype: modify\nreplace: buzonRequest\nbuzonRequest: a#0\n"
    #expect(try fixture.agent.apply(other, asserting: "(buzonRequest=2026-0143#0)") == Code.success)
    #expect(try fixture.agent.apply(change, asserting: "(buzonRequest=A#0)") == Code.assertionFailed)
  }

  @Test func theAgentDeletesAccounts() throws {
    #expect(try fixture.agent.delete(rosa) == Code.success)
    #expect(try fixture.admin.read(rosa) == nil)
  }

  @Test(arguments: [
    ("below services", "cn=nuevo,ou=services,"), ("below the suffix", "cn=nuevo,"),
    ("below an account", "cn=nuevo,uid=rosa,ou=people,"), ("below the policies", "cn=nuevo,ou=policies,"),
  ])
  func theAgentAddsNothing(place: String, prefix: String) throws {
    let record = "dn: \(prefix)\(fixture.sandbox.base)\nobjectClass: applicationProcess\ncn: nuevo\n"
    #expect(try fixture.agent.apply(record) == Code.insufficientAccess)
    #expect(try fixture.admin.search(fixture.sandbox.base, "(cn=nuevo)") == [])
  }

  @Test func theAgentLeavesWhatIsNotAnAccountAlone() throws {
    let base = fixture.sandbox.base
    #expect(
      try fixture.agent.replace("cn=default,ou=policies,\(base)", "pwdMinLength", "1") == Code.insufficientAccess)
    #expect(try fixture.agent.replace("ou=people,\(base)", "description", "x") == Code.insufficientAccess)
    #expect(try fixture.agent.delete("cn=mail,ou=services,\(base)") != Code.success)
    #expect(try fixture.agent.replace(base, "description", "x") != Code.success)
    // An attribute of no class of ours: with this one it would lift an account out of the password policy.
    #expect(
      try fixture.agent.replace(rosa, "pwdPolicySubentry", "cn=services,ou=policies,\(base)")
        == Code.insufficientAccess)
    let exempt = accountRecord("exenta", base: base, extra: "pwdPolicySubentry: cn=services,ou=policies,\(base)")
    #expect(try fixture.agent.apply(exempt) == Code.insufficientAccess)
    #expect(try fixture.agent.search("cn=config", "(objectClass=*)") == [])
    #expect(try fixture.agent.search(Sandbox.Description.accesslog, "(objectClass=*)") == [])
  }

  @Test func theAgentReadsThePolicyButNoPasswordHistory() throws {
    let policy = "cn=default,ou=policies,\(fixture.sandbox.base)"
    #expect(try fixture.agent.read(policy, "pwdMustChange") == ["pwdMustChange: TRUE"])
    #expect(try fixture.admin.replace(policy, "pwdInHistory", "3") == Code.success)
    #expect(try fixture.agent.replace(rosa, "userPassword", "Otra-Temporal-2026") == Code.success)
    #expect(try #require(try fixture.admin.read(rosa, "pwdHistory")).count == 1)
    #expect(try fixture.agent.read(rosa, "pwdHistory") == [])
  }

  @Test func theAgentReadsMoreEntriesThanTheServersLimit() throws {
    let base = fixture.sandbox.base
    let records = (0..<520).map { number in
      """
      dn: uid=u\(number),ou=people,\(base)
      objectClass: inetOrgPerson
      objectClass: inetLocalMailRecipient
      objectClass: buzonAccount
      uid: u\(number)
      cn: U
      sn: U
      mail: u\(number)@example.org
      mailLocalAddress: u\(number)@example.org
      buzonKind: person
      buzonStatus: active
      """
    }
    #expect(try fixture.agent.apply(records.joined(separator: "\n\n")) == Code.success)
    #expect(try fixture.agent.search("ou=people,\(base)", "(objectClass=buzonAccount)").count == 522)
  }

  // MARK: users

  @Test func aUserReadsHisOwnEntryButNeitherPasswordNorIdentityNumber() throws {
    let entry = try #require(try user.read(rosa, "*", "+"))
    #expect(entry.contains("title: Profesional universitaria"))
    #expect(entry.contains("buzonForward: rosa@example.net"))
    for secret in ["employeeNumber", "userPassword", "pwdHistory"] {
      #expect(!entry.contains { $0.utf8.starts(with: secret.utf8) }, "\(secret)")
    }
    #expect(try user.search("ou=people,\(fixture.sandbox.base)", "(employeeNumber=1124000000)") == [])
  }

  @Test func aUserSeesNobodyElse() throws {
    #expect(try user.read(luis, "*", "+") == nil)
    #expect(try user.search(fixture.sandbox.base, "(objectClass=*)") == [])
  }

  @Test func aUserReplacesHisOwnPasswordByEitherOperation() throws {
    #expect(try user.replace(rosa, "userPassword", "La-Clave-de-Rosa-1") == Code.success)
    let changed = fixture.user("rosa", "La-Clave-de-Rosa-1")
    #expect(try changed.changePassword(to: "La-Clave-de-Rosa-2"))
    #expect(try fixture.user("rosa", "La-Clave-de-Rosa-2").bind() == Code.success)
    #expect(try changed.bind() == Code.invalidCredentials)
  }

  @Test(arguments: [
    ("rosa", "title", "Gobernadora"), ("rosa", "mailLocalAddress", "gobernador@example.org"),
    ("rosa", "buzonQuota", "99999999999"), ("rosa", "buzonRequest", "2026-0001#0"), ("rosa", "pwdReset", "FALSE"),
    ("rosa", "pwdEndTime", "20991231235959Z"), ("rosa", "employeeNumber", "1"),
    ("luis", "userPassword", "Clave-robada-2026"), ("luis", "title", "x"), ("luis", "buzonForward", "x@example.net"),
  ])
  func aUserDoesNotWrite(uid: String, attribute: String, value: String) throws {
    #expect(try user.replace(fixture.account(uid), attribute, value) == Code.insufficientAccess)
  }

  // MARK: services and strangers

  @Test func theMailServiceReadsWhatPostfixAndDovecotAskForAndNoMore() throws {
    let entry = try #require(try fixture.mailService.read(rosa, "*", "+"))
    let names = Set(entry.map { String(decoding: $0.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self) })
    #expect(
      names == [
        "objectClass", "uid", "mail", "mailLocalAddress", "buzonKind", "buzonStatus", "buzonQuota", "buzonForward",
        "buzonKeepCopy", "buzonList", "entryUUID",
      ])
    #expect(try fixture.mailService.replace(rosa, "buzonStatus", "active") == Code.insufficientAccess)
  }

  @Test func theMailServiceCanTellATemporaryPassword() throws {
    #expect(try fixture.agent.replace(luis, "pwdReset", "TRUE") == Code.success)
    let filter = "(&(mailLocalAddress=*)(buzonStatus=active)(!(pwdReset=TRUE)))"
    #expect(try fixture.mailService.search("ou=people,\(fixture.sandbox.base)", filter) == ["dn: \(rosa)"])
  }

  @Test func aStrangerSeesNothingAndWritesNothing() throws {
    #expect(try fixture.anonymous.search(fixture.sandbox.base, "(objectClass=*)") == [])
    #expect(try fixture.anonymous.replace(rosa, "userPassword", "Clave-robada-2026") != Code.success)
  }
}
