import Accounts
import Forms
import LDAP
import Testing

/// An entry made outside Buzón comes under the procedure.
@Suite struct AdoptTests {
  private static let address = Forms.Address(known: "ana@example.org")
  private static let ours: PlanContext = {
    var context = Fixture.context
    context.domains = ["example.org", "example.net"]
    return context
  }()

  /// An entry as an address book has it.
  private static func foreign(_ other: [String: [Value]] = [:]) -> Entry {
    var all: [String: [Value]] = ["objectClass": ["inetOrgPerson"]]
    for name in [
      "uid", "displayName", "mailLocalAddress", "title", "ou", "buzonKind", "buzonStatus", "buzonQuota", "buzonRequest",
    ] { all[name] = [] }
    return Fixture.entry("ana@example.org", all.merging(other) { $1 })
  }

  private func adopt(_ entries: [Entry]) -> Plan {
    Fixture.plan(.adopt(.init(address: Self.address)), entries, context: Self.ours)
  }

  @Test func anEntryOfOtherHandsGetsWhatAnAccountHas() throws {
    let plan = adopt([Self.foreign()])
    #expect(
      plan.modifications == [
        .add("objectClass", ["inetLocalMailRecipient", "buzonAccount"]), .add("uid", ["ana"]),
        .replace("displayName", ["Ana Rosero"]), .add("mailLocalAddress", ["ana@example.org"]),
        .replace("ou", ["Secretaría de Salud"]), .replace("buzonKind", ["person"]), .replace("buzonStatus", ["active"]),
        .replace("buzonQuota", ["5368709120"]),
      ])
    let intent = try #require(plan.intent)
    #expect(intent.entryUUID == Fixture.uuid && intent.stampRead == nil && intent.preImage == Self.foreign())
    #expect(!intent.grantsPassword)
  }

  @Test func whatIsThereStays() throws {
    let entry = Self.foreign([
      "uid": ["arosero"], "displayName": ["Anita"], "ou": ["Hacienda", "Archivo"], "title": ["Jefa"],
      "objectClass": ["INETORGPERSON", "inetlocalmailrecipient", "posixAccount"],
      "mailLocalAddress": ["ANA@Example.org", "a.r@example.net"],
    ])
    #expect(
      adopt([entry]).modifications == [
        .add("objectClass", ["buzonAccount"]), .replace("buzonKind", ["person"]), .replace("buzonStatus", ["active"]),
        .replace("buzonQuota", ["5368709120"]),
      ])
  }

  @Test func furtherAddressesBecomeAliases() throws {
    let entry = Self.foreign([
      "mail": ["a.rosero@Example.ORG", "Ana@example.org", "ana@example.net"], "mailLocalAddress": ["ar@example.net"],
      "objectClass": ["inetOrgPerson", "inetLocalMailRecipient"],
    ])
    let after = try SmallDirectory.apply(try #require(adopt([entry]).intent).operation, to: entry).get()
    #expect(after["mail"] == ["ana@example.org"])
    #expect(
      Set(after["mailLocalAddress"]) == [
        "ar@example.net", "ana@example.org", "a.rosero@example.org", "ana@example.net",
      ])
  }

  @Test(arguments: [("000001010000Z", "suspended"), ("20261122100000Z", "active")])
  func aLockForGoodMakesASuspendedAccount(_ lock: String, _ status: String) {
    let plan = adopt([Self.foreign(["pwdAccountLockedTime": [Value(lock)]])])
    #expect(plan.modifications?.contains(.replace("buzonStatus", [Value(status)])) == true)
    #expect(plan.modifications?.contains { $0.attribute.hasPrefix("pwd") || $0.attribute == "userPassword" } == false)
  }

  @Test func anAccountOfOursThatIsCompleteIsUnchanged() {
    #expect(adopt([Fixture.entry()]) == .unchanged(Fixture.entry()))
    let odd = Fixture.entry(
      "ana@example.org",
      [
        "objectClass": ["inetorgperson", "InetLocalMailRecipient", "BUZONACCOUNT"], "mail": ["ANA@example.org"],
        "mailLocalAddress": ["Ana@Example.org"], "buzonStatus": ["Suspended"], "buzonKind": ["PERSON"],
      ])
    #expect(adopt([odd]) == .unchanged(odd))
    let list = Fixture.entry("ana@example.org", ["buzonKind": ["list"], "buzonQuota": []])
    #expect(adopt([list]) == .unchanged(list))
  }

  @Test func aSecondAdoptChangesNothing() throws {
    for entry in [Self.foreign(), Self.foreign(["mail": ["x@example.org", "Ana@example.org"]])] {
      let after = try SmallDirectory.apply(try #require(adopt([entry]).intent).operation, to: entry).get()
      #expect(adopt([after]).isUnchanged)
    }
  }

  @Test(arguments: ["buzonQuota", "ou", "displayName", "uid", "mailLocalAddress", "buzonKind", "buzonStatus"])
  func anAccountOfOursThatLacksAPartGetsIt(_ name: String) throws {
    let entry = Fixture.entry("ana@example.org", [name: []])
    let modifications = try #require(adopt([entry]).modifications)
    #expect(modifications.map(\.attribute) == [name])
  }

  @Test func anAccountOfOursWithoutAStampGetsOne() {
    #expect(adopt([Fixture.entry("ana@example.org", ["buzonRequest": []])]).modifications == [])
  }

  @Test func oddValuesOfItsOwnHarmNothing() throws {
    let binary = Value(bytes: [0xFF, 0x00])
    let entry = Self.foreign([
      "cn": [binary, "Ana"], "jpegPhoto": [binary], "description": [""], "buzonStatus": [binary],
      "buzonKind": ["robot"], "pwdAccountLockedTime": [binary], "ou": [binary],
    ])
    let after = try SmallDirectory.apply(try #require(adopt([entry]).intent).operation, to: entry).get()
    #expect(after["displayName"] == [binary] && after["jpegPhoto"] == [binary] && after["description"] == [""])
    #expect(after["buzonStatus"] == ["active"] && after["buzonKind"] == ["person"] && after["ou"] == [binary])
  }

  @Test func theNameOfAnEntryStays() throws {
    let dn = DN.rdn("cn", "Ana Rosero").under(Fixture.container)
    let named = Entry(dn: dn, attributes: Self.foreign().attributes)
    let after = try SmallDirectory.apply(try #require(adopt([named]).intent).operation, to: named).get()
    let plan = Fixture.modify([after]) { $0.name = .person(given: "Ana", family: "Sol") }
    #expect(plan.modifications?.contains(.replace("cn", ["Ana Sol", "Ana Rosero"])) == true)
    let renamed = try SmallDirectory.apply(try #require(plan.intent).operation, to: after).get()
    #expect(Fixture.modify([renamed]) { $0.name = .person(given: "Ana", family: "Sol") }.isUnchanged)
  }

  @Test func anEntryNamedByItsAddressIsNotRenamed() throws {
    let dn = DN.rdn("mail", "Ana@example.org").under(Fixture.container)
    let named = Entry(dn: dn, attributes: Self.foreign().attributes)
    let after = try SmallDirectory.apply(try #require(adopt([named]).intent).operation, to: named).get()
    let plan = Fixture.modify([after]) { $0.address = Forms.Address(known: "ana.r@example.org") }
    #expect(plan.error?.code == .notAllowedOnRDN)
    let other = Entry(dn: dn, attributes: Self.foreign(["mail": ["ana@example.org", "b@example.org"]]).attributes)
    let named2 = Fixture.plan(.adopt(.init(address: .init(known: "b@example.org"))), [other], context: Self.ours)
    #expect(named2.error?.code == .notAllowedOnRDN)
  }

  // MARK: Refused

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var entries: [Entry]
    var code: ResultCode
    var says: String
    var testDescription: String { name }
  }

  static let refused: [Row] = [
    Row(name: "no entry", entries: [], code: .noSuchObject, says: "no entry below"),
    Row(
      name: "only an alias", entries: [Fixture.entry("b@example.org", ["mailLocalAddress": ["ana@example.org"]])],
      code: .noSuchObject, says: "is an alias of b@example.org"),
    Row(
      name: "two primaries",
      entries: [foreign(), other("b", ["mail": ["ana@example.org"]])], code: .constraintViolation, says: "2 entries"),
    Row(
      name: "an alias elsewhere", entries: [foreign(), other("b", ["mailLocalAddress": ["ANA@example.org"]])],
      code: .constraintViolation, says: "is an alias of b@example.org"),
    Row(
      name: "a further address that belongs to another entry",
      entries: [foreign(["mail": ["ana@example.org", "b@example.org"]]), other("b")], code: .entryAlreadyExists,
      says: "b@example.org belongs to the entry"),
    Row(
      name: "another structural class", entries: [foreign(["objectClass": ["organizationalPerson", "posixAccount"]])],
      code: .objectClassViolation, says: "organizationalPerson"),
    Row(
      name: "no readable identity", entries: [foreign(["entryUUID": []])], code: .insufficientAccessRights, says: "UUID"
    ),
    Row(
      name: "retained", entries: [Fixture.entry("ana@example.org", ["buzonStatus": ["Retained"]])],
      code: .unwillingToPerform, says: "retained"),
    Row(
      name: "an address of another domain", entries: [foreign(["mail": ["ana@example.org", "ana@example.com"]])],
      code: .constraintViolation, says: "ana@example.com"),
    Row(
      name: "an alias of another domain",
      entries: [
        foreign([
          "objectClass": ["inetOrgPerson", "inetLocalMailRecipient"], "mailLocalAddress": ["ana@sub.example.org"],
        ])
      ], code: .constraintViolation, says: "ana@sub.example.org"),
    Row(
      name: "an address that is none", entries: [foreign(["mail": ["ana@example.org", "\"a b\"@example.org\u{7}"]])],
      code: .constraintViolation, says: "\\u{7}"),
    Row(
      name: "bytes for an address", entries: [foreign(["mail": ["ana@example.org", Value(bytes: [0xFF])]])],
      code: .constraintViolation, says: "no text"),
    Row(
      name: "an entry that stands deeper",
      entries: [
        Entry(
          dn: .rdn("uid", "ana").under(.rdn("ou", "salud").under(Fixture.container)), attributes: foreign().attributes)
      ], code: .unwillingToPerform, says: "deeper"),
  ]

  private static func other(_ name: String, _ attributes: [String: [Value]] = [:]) -> Entry {
    let uuid = Value(Fixture.uuid.replacing("5f6c", with: "ffff"))
    return Fixture.entry("\(name)@example.org", attributes.merging(["entryUUID": [uuid]]) { $1 })
  }

  @Test(arguments: refused) func refuses(_ row: Row) throws {
    let error = try #require(adopt(row.entries).error)
    #expect(error.code == row.code)
    #expect(error.diagnostic.contains(row.says), "\(error.diagnostic)")
    #expect(!error.remedy.isEmpty)
  }

  @Test func withoutDomainsAnyIsOurs() {
    let entry = Self.foreign(["mail": ["ana@example.org", "ana@example.com"]])
    #expect(Fixture.plan(.adopt(.init(address: Self.address)), [entry]).intent != nil)
  }
}
