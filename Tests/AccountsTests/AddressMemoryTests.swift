import Accounts
import Forms
import LDAP
import Testing
import Text

/// The address of a purged account is not given to somebody else for a time.
@Suite struct AddressMemoryTests {
  private static let wanted = Forms.Address(known: "wanted@example.org")
  private static let name = Change.Name.person(given: "A", family: "B")

  private static func modify(_ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: Forms.Address(known: "ana@example.org"), fields: fields))
  }

  static let giving: [(String, Change)] = [
    ("a create's address", .create(.init(address: wanted, name: name))),
    ("a create's alias", .create(.init(address: .init(known: "new@example.org"), name: name, aliases: [wanted]))),
    ("a rename", modify { $0.address = wanted }), ("an added alias", modify { $0.aliases.added = [wanted] }),
    ("a replaced alias", modify { $0.aliases.replacement = [wanted] }),
  ]

  @Test(arguments: giving) func isRefusedUntilThen(_ name: String, _ change: Change) throws {
    #expect(change.newAddresses.contains(Self.wanted))
    let retired = ["wanted@example.org": Fixture.now + 1]
    let error = try #require(Fixture.plan(change, [Fixture.entry()], retired: retired).error)
    #expect(error.code == .constraintViolation)
    #expect(
      error.diagnostic == "wanted@example.org belonged to an account that was purged; it is not given to anybody else "
        + "until 2026-11-22 (policy.address_memory)")
    #expect(Fixture.plan(change, [Fixture.entry()], retired: ["wanted@example.org": Fixture.now]).intent != nil)
    #expect(Fixture.plan(change, [Fixture.entry()], retired: ["other@example.org": .max]).intent != nil)
  }

  @Test(arguments: [
    (Int64.max, "9999-12-31"), (253_402_300_799, "9999-12-31"), (1_795_392_000, "2026-11-23"),
    (1_795_391_999, "2026-11-22"),
  ]) func theDayIsTold(_ until: Int64, _ day: String) {
    let create = Change.create(.init(address: Self.wanted, name: Self.name))
    let error = Fixture.plan(create, retired: ["wanted@example.org": until]).error
    #expect(error?.diagnostic.contains("until \(day) ") == true)
  }

  @Test func theDayIsThatOfTheZone() {
    var context = Fixture.context
    context.zone = .fixed("America/Bogota", offset: -5 * 3_600)
    let create = Change.create(.init(address: Self.wanted, name: Self.name))
    let plan = Fixture.plan(create, retired: ["wanted@example.org": 1_795_392_000], context: context)
    #expect(plan.error?.diagnostic.contains("until 2026-11-22 ") == true)
  }

  @Test func whoHasTheAddressKeepsIt() {
    let retired = ["old@example.org": Int64.max, "ana@example.org": .max]
    let entry = Fixture.entry("ana@example.org", ["mailLocalAddress": ["ana@example.org", "Old@example.org"]])
    let keep = Self.modify { $0.aliases.replacement = [.init(known: "old@example.org")] }
    #expect(Fixture.plan(keep, [entry], retired: retired).isUnchanged)
    let rename = Self.modify { $0.address = .init(known: "old@example.org") }
    #expect(Fixture.plan(rename, [entry], retired: retired).intent != nil)
    let adopt = Change.adopt(.init(address: .init(known: "ana@example.org")))
    #expect(adopt.newAddresses.isEmpty && Fixture.plan(adopt, [entry], retired: retired).isUnchanged)
  }

  @Test func takingOrNamingIsNoGiving() {
    let retired = ["wanted@example.org": Int64.max]
    for change in [
      Self.modify { $0.aliases.removed = [Self.wanted] }, Self.modify { $0.owner = .set(Self.wanted) },
      Self.modify { $0.lists.added = [Self.wanted] },
    ] {
      #expect(change.newAddresses.isEmpty)
      #expect(Fixture.plan(change, [Fixture.entry()], retired: retired).error == nil)
    }
  }
}
