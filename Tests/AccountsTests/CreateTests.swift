import Accounts
import Forms
import LDAP
import Testing
import Text

@Suite struct CreateTests {
  private let maria = Forms.Address(known: "maria.lopez@example.org")

  @Test func aPersonWithEveryFieldIsOneAddOfTheWholeEntry() throws {
    let create = Change.Create(
      address: maria, name: .person(given: "María Fernanda", family: "López Ortiz"), document: "1124850000",
      position: "Profesional", department: "Hacienda", phone: "+57 8 4201515",
      owner: Forms.Address(known: "jefe@example.org"),
      aliases: [Forms.Address(known: "mlopez@example.org")], forward: [ExternalAddress(known: "maria@example.com")],
      keepCopy: false, lists: [Forms.Address(known: "todos@example.org")], quota: ByteCount(bytes: 2 << 30),
      expires: Day(year: 2026, month: 12, day: 31))
    let intent = try #require(Fixture.plan(.create(create)).intent)
    #expect(
      intent.operation
        == .add(
          Fixture.dn("maria.lopez"),
          [
            Attribute("objectClass", ["inetOrgPerson", "inetLocalMailRecipient", "buzonAccount"]),
            Attribute("uid", ["maria.lopez"]), Attribute("cn", ["María Fernanda López Ortiz"]),
            Attribute("sn", ["López Ortiz"]), Attribute("givenName", ["María Fernanda"]),
            Attribute("displayName", ["María Fernanda López Ortiz"]), Attribute("mail", ["maria.lopez@example.org"]),
            Attribute("mailLocalAddress", ["maria.lopez@example.org", "mlopez@example.org"]),
            Attribute("employeeNumber", ["1124850000"]), Attribute("title", ["Profesional"]),
            Attribute("ou", ["Hacienda"]), Attribute("telephoneNumber", ["+57 8 4201515"]),
            Attribute("buzonKind", ["person"]), Attribute("buzonStatus", ["active"]),
            Attribute("buzonQuota", ["2147483648"]), Attribute("buzonForward", ["maria@example.com"]),
            Attribute("buzonKeepCopy", ["FALSE"]), Attribute("buzonOwner", ["jefe@example.org"]),
            Attribute("buzonList", ["todos@example.org"]), Attribute("buzonExpires", ["20261231235959Z"]),
            Attribute("buzonRequest", ["2026-0142#3"]), Attribute("userPassword", ["{temporary}"]),
            Attribute("pwdReset", ["TRUE"]), Attribute("pwdEndTime", ["20261229110523Z"]),
          ]))
    #expect(intent.grantsPassword)
    #expect(intent.entryUUID == nil && intent.stampRead == nil && intent.preImage == nil)
  }

  @Test func aPersonWithTheLeastHasTheFormsDepartmentAndThePolicysQuota() throws {
    let entry = try #require(
      Fixture.plan(.create(.init(address: maria, name: .person(given: "María", family: "López")))).added)
    #expect(entry["ou"] == ["Secretaría de Salud"])
    #expect(entry["buzonQuota"] == ["5368709120"])
    #expect(entry["mailLocalAddress"] == ["maria.lopez@example.org"])
    let given = Set(entry.attributes.map(\.name))
    #expect(
      given.isDisjoint(with: [
        "employeeNumber", "title", "telephoneNumber", "buzonForward", "buzonKeepCopy", "buzonOwner", "buzonList",
        "buzonMember", "buzonExpires", "buzonRetainedSince", "pwdAccountLockedTime",
      ]))
    #expect(entry.attributes.allSatisfy { !$0.values.isEmpty })
  }

  @Test func aFunctionalAccountLogsInAndIsCalledWhatItIs() throws {
    let create = Change.Create(
      address: Forms.Address(known: "contacto@example.org"), kind: .functional, name: .display("Contacto"),
      owner: Forms.Address(known: "ana@example.org"))
    let plan = Fixture.plan(.create(create))
    let entry = try #require(plan.added)
    #expect(entry["cn"] == ["Contacto"] && entry["sn"] == ["Contacto"] && entry["displayName"] == ["Contacto"])
    #expect(entry["givenName"].isEmpty)
    #expect(entry["buzonKind"] == ["functional"] && entry["buzonOwner"] == ["ana@example.org"])
    #expect(entry["userPassword"] == [Intent.temporaryPassword] && entry["pwdReset"] == ["TRUE"])
    #expect(plan.intent?.grantsPassword == true)
  }

  @Test func aListHasMembersAndNeitherPasswordNorQuota() throws {
    let create = Change.Create(
      address: Forms.Address(known: "contratistas@example.org"), kind: .list, name: .display("Contratistas"),
      owner: Forms.Address(known: "ana@example.org"), members: [ExternalAddress(known: "someone@example.com")])
    let plan = Fixture.plan(.create(create))
    let entry = try #require(plan.added)
    #expect(entry["buzonMember"] == ["someone@example.com"])
    for name in ["userPassword", "pwdReset", "pwdEndTime", "buzonQuota"] { #expect(entry[name].isEmpty, "\(name)") }
    #expect(plan.intent?.grantsPassword == false)
  }

  @Test(arguments: [(0, "maria.lopez"), (1, "maria.lopez-2"), (2, "maria.lopez-3")])
  func aNameThatIsTakenGetsANumber(taken: Int, name: String) throws {
    let create = Change.Create(address: maria, name: .person(given: "María", family: "López"))
    let entry = try #require(Fixture.plan(.create(create), namesTaken: taken).added)
    #expect(entry.dn == Fixture.dn(name))
    #expect(entry["uid"] == [Value(name)])
    #expect(entry["mail"] == ["maria.lopez@example.org"])
  }

  @Test(arguments: [
    (true, "TRUE"), (false, "FALSE"),
  ]) func keepCopyIsABooleanOfTheDirectory(value: Bool, text: String) throws {
    let create = Change.Create(address: maria, name: .person(given: "M", family: "L"), keepCopy: value)
    #expect(try #require(Fixture.plan(.create(create)).added)["buzonKeepCopy"] == [Value(text)])
  }
}
