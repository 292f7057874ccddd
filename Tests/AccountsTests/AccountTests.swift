import Accounts
import LDAP
import Testing

/// What the list and the mirror read of an entry, which any hand may have written.
@Suite struct AccountTests {
  private func account(_ other: [String: [Value]] = [:]) -> Account? {
    Account(Fixture.entry("ana@example.org", other))
  }

  @Test func anEntryIsReadWhole() {
    let entry = Fixture.entry(
      "ana@example.org",
      [
        "mailLocalAddress": ["a@example.org", "ana@example.org", "b@example.org"], "buzonOwner": ["jefe@example.org"],
        "buzonList": ["todos@example.org", "mas@example.org"], "buzonStatus": ["suspended"],
      ])
    #expect(
      Account(entry)
        == Account(
          entryUUID: Fixture.uuid, dn: "uid=ana,ou=people,dc=example,dc=org", address: "ana@example.org",
          aliases: ["a@example.org", "b@example.org"], kind: "person", name: "Ana Rosero", department: "Sistemas",
          position: "Secretaria", status: "suspended", quota: 1_073_741_824, owner: "jefe@example.org",
          lists: ["todos@example.org", "mas@example.org"], created: 1_767_225_600, changed: 1_795_345_200,
          entryCSN: "20261122110000.000001Z#000000#000#000000"))
  }

  @Test func addressesAreReadInLowerCase() {
    let account = account([
      "mail": ["Ana@Example.ORG"], "mailLocalAddress": ["ANA@example.org", "B@Example.org"],
      "buzonList": ["Todos@Example.org"],
    ])
    #expect(account?.address == "ana@example.org")
    #expect(account?.aliases == ["b@example.org"])
    #expect(account?.lists == ["todos@example.org"])
  }

  @Test(arguments: ["mail", "entryUUID"]) func withoutAddressOrIdentityThereIsNoAccount(_ name: String) {
    #expect(account([name: []]) == nil)
    #expect(account([name: [Value(bytes: [0xC3, 0x28])]]) == nil)
  }

  @Test func whatIsMissingIsLeftOut() {
    let bare = Account(
      Entry(
        dn: Fixture.dn("x"),
        attributes: [
          Attribute("objectClass", ["BUZONACCOUNT"]), Attribute("mail", ["x@example.org"]),
          Attribute("entryUUID", ["u"]),
        ]))
    #expect(Account(Entry(dn: Fixture.dn("x"), attributes: [Attribute("mail", ["x@example.org"])])) == nil, "foreign")
    #expect(
      bare
        == Account(
          entryUUID: "u", dn: "uid=x,ou=people,dc=example,dc=org", address: "x@example.org", aliases: [],
          kind: "person",
          name: "", department: nil, position: nil, status: "active", quota: nil, owner: nil, lists: [], created: nil,
          changed: nil, entryCSN: ""))
  }

  @Test func bytesThatAreNoTextAreLeftOut() {
    let binary = Value(bytes: [0xFF, 0x00, 0xFE])
    var other: [String: [Value]] = [:]
    for name in [
      "displayName", "cn", "ou", "title", "buzonQuota", "buzonOwner", "createTimestamp", "modifyTimestamp", "entryCSN",
    ] {
      other[name] = [binary]
    }
    other["mailLocalAddress"] = [binary, "b@example.org"]
    other["buzonList"] = [binary, "l@example.org"]
    let account = account(other)
    #expect(account?.name == "" && account?.department == nil && account?.position == nil && account?.quota == nil)
    #expect(account?.owner == nil && account?.created == nil && account?.changed == nil && account?.entryCSN == "")
    #expect(account?.aliases == ["b@example.org"] && account?.lists == ["l@example.org"])
  }

  @Test func theInstantsThatTheClockGoesByAreRead() {
    let account = account(["buzonExpires": ["20261231235959Z"], "buzonRetainedSince": ["20261122110523Z"]])
    #expect(account?.expires == 1_798_761_599 && account?.retainedSince == Fixture.now)
    let odd = self.account(["buzonExpires": ["tomorrow"], "buzonRetainedSince": [Value(bytes: [0xFF])]])
    #expect(odd?.expires == nil && odd?.retainedSince == nil)
  }

  @Test(arguments: ["", "5 GiB", "-", "9223372036854775808", "1e9", "０"]) func aQuotaThatIsNoNumberIsLeftOut(
    _ text: String
  ) {
    #expect(account(["buzonQuota": [Value(text)]])?.quota == nil)
  }

  @Test func ofSeveralValuesTheFirstIsRead() {
    let account = account(["title": ["Jefa", "Secretaria"], "mail": ["ana@example.org", "z@example.org"]])
    #expect(account?.position == "Jefa" && account?.address == "ana@example.org")
  }

  @Test func theNameIsTheDisplayNameElseTheCommonName() {
    #expect(account(["displayName": ["Anita"]])?.name == "Anita")
    #expect(account(["displayName": []])?.name == "Ana Rosero")
  }

  @Test func anAddressWithASpaceIsNone() {
    // The register keeps addresses between spaces.
    let account = account([
      "mailLocalAddress": ["\"a b\"@example.org", " c@example.org", "d@example.org \u{301}", "b@example.org"],
      "buzonList": ["two words"],
    ])
    #expect(account?.aliases == ["b@example.org"])
    #expect(account?.lists == [])
  }

  @Test func tensOfThousandsOfValuesAreReadInNoTime() {
    let values = (0..<50_000).map { Value("m\($0)@example.org") }
    let clock = ContinuousClock()
    var account: Account?
    let took = clock.measure { account = self.account(["mailLocalAddress": values]) }
    #expect(account?.aliases.count == 50_000)
    #expect(took < .seconds(30))
  }
}
