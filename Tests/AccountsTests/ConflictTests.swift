import Accounts
import Forms
import LDAP
import Testing

/// Who holds an address decides what may be given to whom. An address in these rows is held by another entry than the
/// change's own.
@Suite struct ConflictTests {
  struct Holder: CustomTestStringConvertible, Sendable {
    var name: String
    var entry: Entry
    var code: ResultCode
    var remedy: String
    var testDescription: String { name }
  }

  private static let wanted = "wanted@example.org"

  static let holders: [Holder] = [
    Holder(name: "an account's primary", entry: Fixture.entry(wanted), code: .entryAlreadyExists, remedy: "modify"),
    Holder(
      name: "an account's primary in capitals",
      entry: Fixture.entry("other@example.org", ["mail": ["Wanted@Example.ORG"]]), code: .entryAlreadyExists,
      remedy: "modify"),
    Holder(
      name: "an account's alias",
      entry: Fixture.entry("other@example.org", ["mailLocalAddress": ["other@example.org", "WANTED@example.org"]]),
      code: .constraintViolation, remedy: "take the alias"),
    Holder(
      name: "a foreign entry's mail",
      entry: Fixture.entry(wanted, ["objectClass": ["inetOrgPerson"], "mailLocalAddress": [], "buzonStatus": []]),
      code: .entryAlreadyExists, remedy: "adopt"),
    Holder(
      name: "a foreign entry's alias",
      entry: Fixture.entry(
        "other@example.org",
        ["objectClass": ["inetOrgPerson", "inetLocalMailRecipient"], "mail": [], "mailLocalAddress": [Value(wanted)]]),
      code: .constraintViolation, remedy: "take the alias"),
    Holder(
      name: "a retained account's primary",
      entry: Fixture.entry(wanted, ["buzonStatus": ["retained"], "pwdAccountLockedTime": ["000001010000Z"]]),
      code: .entryAlreadyExists, remedy: "bring the retained account back"),
    Holder(
      name: "a retained account's alias",
      entry: Fixture.entry(
        "other@example.org",
        ["buzonStatus": ["retained"], "mailLocalAddress": ["other@example.org", Value(wanted)]]),
      code: .constraintViolation, remedy: "immediately: true"),
    Holder(
      name: "a second value of mail",
      entry: Fixture.entry("other@example.org", ["mail": ["other@example.org", Value(wanted)]]),
      code: .entryAlreadyExists, remedy: "modify"),
  ]

  private func expectRefusal(_ plan: Plan, _ holder: Holder) throws {
    let error = try #require(plan.error)
    #expect(error.code == holder.code)
    #expect(error.diagnostic.contains(Self.wanted))
    #expect(error.remedy.contains(holder.remedy))
  }

  @Test(arguments: holders) func noAccountIsCreatedWithAnAddressHeldAs(_ holder: Holder) throws {
    let name = Change.Name.person(given: "M", family: "L")
    let own = Forms.Address(known: "new@example.org")
    let wanted = Forms.Address(known: Self.wanted)
    try expectRefusal(Fixture.plan(.create(.init(address: wanted, name: name)), [holder.entry]), holder)
    try expectRefusal(Fixture.plan(.create(.init(address: own, name: name, aliases: [wanted])), [holder.entry]), holder)
  }

  @Test(arguments: holders) func noAccountIsGivenAnAddressHeldAs(_ holder: Holder) throws {
    let entries = [Fixture.entry(), holder.entry]
    let wanted = Forms.Address(known: Self.wanted)
    try expectRefusal(Fixture.modify(entries) { $0.address = wanted }, holder)
    try expectRefusal(Fixture.modify(entries) { $0.aliases.added = [wanted] }, holder)
    try expectRefusal(Fixture.modify(entries) { $0.aliases.replacement = [wanted] }, holder)
  }

  @Test(arguments: holders) func anAddressHeldAsOneOfThoseMayBeNamedByOthers(_ holder: Holder) {
    let entries = [Fixture.entry(), holder.entry]
    let wanted = Forms.Address(known: Self.wanted)
    #expect(
      Fixture.modify(entries) { $0.owner = .set(wanted) }.modifications == [
        .replace("buzonOwner", ["wanted@example.org"])
      ])
    #expect(
      Fixture.modify(entries) { $0.lists.added = [wanted] }.modifications == [.add("buzonList", ["wanted@example.org"])]
    )
    #expect(Fixture.modify(entries) { $0.aliases.removed = [wanted] }.isUnchanged)
  }

  @Test func anAccountsOwnAliasMayBecomeItsPrimary() {
    let entry = Fixture.entry("ana@example.org", ["mailLocalAddress": ["ana@example.org", "ana.b@example.org"]])
    let plan = Fixture.modify([entry]) { $0.address = Forms.Address(known: "ana.b@example.org") }
    #expect(plan.modifications == [.add("uid", ["ana.b"]), .replace("mail", ["ana.b@example.org"])])
  }

  /// The changes that name an account, each by this address.
  static let named: [(String, @Sendable (String) -> Change)] = [
    (
      "a modify",
      { address in
        var fields = Change.Fields()
        fields.position = .set("Jefe")
        return .modify(.init(address: Forms.Address(known: address), fields: fields))
      }
    ),
    ("a reset", { .modify(.init(address: Forms.Address(known: $0), reset: .password)) }),
    ("a delete", { .delete(.init(address: Forms.Address(known: $0))) }),
    ("a delete at once", { .delete(.init(address: Forms.Address(known: $0), immediately: true)) }),
  ]

  @Test(arguments: named.indices) func theAccountMustBeThere(_ index: Int) {
    let error = Fixture.plan(Self.named[index].1("nobody@example.org"), [Fixture.entry()]).error
    #expect(error?.code == .noSuchObject, "\(Self.named[index].0)")
  }

  @Test(arguments: named.indices) func theAccountIsNamedByItsPrimaryAddressAlone(_ index: Int) {
    let entry = Fixture.entry("ana@example.org", ["mailLocalAddress": ["ana@example.org", "ana.b@example.org"]])
    let error = Fixture.plan(Self.named[index].1("ana.b@example.org"), [entry]).error
    #expect(error?.code == .noSuchObject, "\(Self.named[index].0)")
    #expect(error?.remedy.contains("ana@example.org") == true)
  }

  @Test(arguments: named.indices) func anEntryOfOtherHandsIsLeftAlone(_ index: Int) {
    let entry = Fixture.entry("ana@example.org", ["objectClass": ["inetOrgPerson", "inetLocalMailRecipient"]])
    #expect(Fixture.plan(Self.named[index].1("ana@example.org"), [entry]).error?.code == .unwillingToPerform)
  }

  @Test(arguments: named.indices) func twoEntriesWithTheSameMailAreNeitherTouched(_ index: Int) {
    var twin = Fixture.entry()
    twin.dn = Fixture.dn("twin")
    let error = Fixture.plan(Self.named[index].1("ana@example.org"), [Fixture.entry(), twin]).error
    #expect(error?.code == .constraintViolation)
    #expect(error?.diagnostic.contains("uid=ana,") == true && error?.diagnostic.contains("uid=twin,") == true)
  }

  @Test(arguments: named.indices) func anEntryWhoseIdentityCantBeReadIsNotChangedUnguarded(_ index: Int) {
    let error = Fixture.plan(
      Self.named[index].1("ana@example.org"), [Fixture.entry("ana@example.org", ["entryUUID": []])]
    ).error
    #expect(error?.code == .insufficientAccessRights)
  }

  @Test func anObjectClassIsKnownInAnyCase() {
    let entry = Fixture.entry("ana@example.org", ["objectClass": ["inetOrgPerson", "BUZONACCOUNT"]])
    #expect(Fixture.modify([entry]) { $0.position = .set("Jefa") }.intent != nil)
  }
}
