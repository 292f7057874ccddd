import Accounts
import Forms
import LDAP
import Testing
import Text

/// An address that left an account is not given to somebody else for a time.
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
    let retired = ["wanted@example.org": RetiredAddress(until: Fixture.now + 1, holder: "other")]
    let error = try #require(Fixture.plan(change, [Fixture.entry()], retired: retired).error)
    #expect(error.code == .constraintViolation)
    #expect(
      error.diagnostic == "wanted@example.org belonged to another account; it is not given to anybody else until "
        + "2026-11-22 (policy.address_memory)")
    #expect(
      Fixture.plan(
        change, [Fixture.entry()], retired: ["wanted@example.org": RetiredAddress(until: Fixture.now, holder: "other")]
      ).intent != nil)
    #expect(
      Fixture.plan(
        change, [Fixture.entry()], retired: ["other@example.org": RetiredAddress(until: .max, holder: "other")]
      ).intent != nil)
  }

  @Test(arguments: [
    (Int64.max, "9999-12-31"), (253_402_300_799, "9999-12-31"), (1_795_392_000, "2026-11-23"),
    (1_795_391_999, "2026-11-22"),
  ]) func theDayIsTold(_ until: Int64, _ day: String) {
    let create = Change.create(.init(address: Self.wanted, name: Self.name))
    let error = Fixture.plan(create, retired: ["wanted@example.org": RetiredAddress(until: until, holder: "other")])
      .error
    #expect(error?.diagnostic.contains("until \(day) ") == true)
  }

  @Test func theDayIsThatOfTheZone() {
    var context = Fixture.context
    context.zone = .fixed("America/Bogota", offset: -5 * 3_600)
    let create = Change.create(.init(address: Self.wanted, name: Self.name))
    let plan = Fixture.plan(
      create, retired: ["wanted@example.org": RetiredAddress(until: 1_795_392_000, holder: "other")], context: context)
    #expect(plan.error?.diagnostic.contains("until 2026-11-22 ") == true)
  }

  @Test func whoHasTheAddressKeepsIt() {
    let retired = Dictionary(
      uniqueKeysWithValues: ["old@example.org", "ana@example.org"].map {
        ($0, RetiredAddress(until: .max, holder: "x"))
      })
    let entry = Fixture.entry("ana@example.org", ["mailLocalAddress": ["ana@example.org", "Old@example.org"]])
    let keep = Self.modify { $0.aliases.replacement = [.init(known: "old@example.org")] }
    #expect(Fixture.plan(keep, [entry], retired: retired).isUnchanged)
    let rename = Self.modify { $0.address = .init(known: "old@example.org") }
    #expect(Fixture.plan(rename, [entry], retired: retired).intent != nil)
    let adopt = Change.adopt(.init(address: .init(known: "ana@example.org")))
    #expect(adopt.newAddresses.isEmpty && Fixture.plan(adopt, [entry], retired: retired).isUnchanged)
  }

  @Test func takingOrNamingIsNoGiving() {
    let retired = ["wanted@example.org": RetiredAddress(until: .max, holder: "other")]
    for change in [
      Self.modify { $0.aliases.removed = [Self.wanted] }, Self.modify { $0.owner = .set(Self.wanted) },
      Self.modify { $0.lists.added = [Self.wanted] },
    ] {
      #expect(change.newAddresses.isEmpty)
      #expect(Fixture.plan(change, [Fixture.entry()], retired: retired).error == nil)
    }
  }

  @Test(arguments: giving) func isGivenWhereTheFormSaysSo(_ name: String, _ change: Change) throws {
    let retired = ["wanted@example.org": RetiredAddress(until: .max, holder: "other")]
    let intent = try #require(Fixture.plan(Self.reusing(change), [Fixture.entry()], retired: retired).intent)
    #expect(intent.reused == ["wanted@example.org"], "\(name)")
    #expect(Fixture.plan(Self.reusing(change), [Fixture.entry()]).intent?.reused == [], "\(name): nobody had it")
  }

  @Test func whoHadTheAddressMayHaveItAgain() {
    let retired = ["wanted@example.org": RetiredAddress(until: .max, holder: Fixture.uuid)]
    let change = Self.modify { $0.aliases.added = [Self.wanted] }
    #expect(Fixture.plan(change, [Fixture.entry()], retired: retired).intent?.reused == [])
  }

  @Test(arguments: [false, true]) func oneThatMovesWithinAnAtomicRequestIsAnothers(_ reuses: Bool) throws {
    let give = Self.modify { $0.aliases.added = [Self.wanted] }
    let take = Change.modify(
      .init(address: .init(known: "bea@example.org"), fields: Self.removing(Self.wanted)))
    let bea = Fixture.entry(
      "bea@example.org",
      ["mailLocalAddress": ["bea@example.org", "wanted@example.org"], "entryUUID": ["b"]])
    var context = Fixture.context
    context.addressMemory = 86_400
    let plan = AtomicPlan.make(
      number: "1", changes: [take, reuses ? Self.reusing(give) : give], department: "Salud",
      holders: AddressIndex([bea, Fixture.entry()]), context: context)
    switch plan {
    case .refuse(let index, let error):
      #expect(!reuses && index == 1 && error.code == .constraintViolation)
      #expect(error.diagnostic.contains("until 2026-11-23 "))
    case .send(let intents, _, let reused):
      #expect(reuses && intents.count == 2 && reused == [1: ["wanted@example.org"]])
    }
  }

  private static func removing(_ address: Forms.Address) -> Change.Fields {
    var fields = Change.Fields()
    fields.aliases.removed = [address]
    return fields
  }

  private static func reusing(_ change: Change) -> Change {
    switch change {
    case .create(var create):
      create.reuse = true
      return .create(create)
    case .modify(var modify):
      modify.reuse = true
      return .modify(modify)
    case .adopt, .delete, .forgotten: return change
    }
  }
}
