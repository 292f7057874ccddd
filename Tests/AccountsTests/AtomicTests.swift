import Accounts
import Forms
import LDAP
import Testing

/// All the changes of a request or none: one operation for each account.
@Suite struct AtomicTests {
  static func plan(_ changes: [Change], _ entries: [Entry], retired: [String: RetiredAddress] = [:])
    -> AtomicPlan
  {
    .make(
      number: "A", changes: changes, department: "Salud", holders: AddressIndex(entries), retired: retired,
      context: Fixture.context)
  }

  private func account(_ name: String, aliases: [String] = []) -> Entry {
    Fixture.entry(
      "\(name)@example.org",
      [
        "entryUUID": [Value("uuid-\(name)")],
        "mailLocalAddress": ([name] + aliases).map { Value("\($0)@example.org") },
      ])
  }

  private func modify(_ name: String, _ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: Forms.Address(known: "\(name)@example.org"), fields: fields))
  }

  private func give(_ alias: String, to name: String) -> Change {
    modify(name) { $0.aliases.added = [Forms.Address(known: "\(alias)@example.org")] }
  }

  private func take(_ alias: String, from name: String) -> Change {
    modify(name) { $0.aliases.removed = [Forms.Address(known: "\(alias)@example.org")] }
  }

  private func create(_ address: String, aliases: [String] = []) -> Change {
    .create(
      .init(
        address: Forms.Address(known: address), name: .person(given: "N", family: "M"),
        aliases: aliases.map { Forms.Address(known: $0) }))
  }

  private func sent(_ plan: AtomicPlan) throws -> [MergedIntent] {
    guard case .send(let intents, _, _) = plan else {
      Issue.record("\(plan)")
      return []
    }
    return intents
  }

  @Test func theChangesOfAnAccountAreOneOperation() throws {
    let intents = try sent(
      Self.plan(
        [
          modify("ana") { $0.position = .set("Jefa") }, modify("beto") { $0.position = .set("Jefe") },
          modify("ana") { $0.status = .suspended }, modify("ana") { $0.position = .set("Directora") },
        ], [account("ana"), account("beto")]))
    #expect(intents.map(\.indices) == [[0, 2, 3], [1]])
    #expect(
      intents.first?.intent.operation
        == .modify(
          Fixture.dn("ana"),
          [
            .replace("title", ["Directora"]), .replace("buzonStatus", ["suspended"]),
            .replace("pwdAccountLockedTime", ["000001010000Z"]), .replace("buzonRequest", ["A#3"]),
          ]))
    #expect(intents.first?.intent.preImage == account("ana") && intents.first?.intent.stampRead == "2026-0001#0")
    #expect(intents.first?.intent.entryUUID == "uuid-ana" && intents.first?.stamp(number: "A").description == "A#3")
    #expect(intents.allSatisfy { !$0.dependsOnEarlier })
  }

  @Test func aCreateAndItsModifiesAreOneAdd() throws {
    let intents = try sent(
      Self.plan(
        [
          create("n@example.org", aliases: ["m@example.org"]), take("m", from: "n"),
          modify("n") { $0.status = .suspended },
        ],
        []))
    let intent = try #require(intents.first?.intent)
    guard case .add(let dn, let attributes) = intent.operation, intents.count == 1 else {
      Issue.record("one add: \(intents)")
      return
    }
    let entry = Entry(dn: dn, attributes: attributes)
    #expect(dn == Fixture.dn("n") && intent.grantsPassword && intent.entryUUID == nil && intent.preImage == nil)
    #expect(entry["mailLocalAddress"] == ["n@example.org"] && entry["buzonStatus"] == ["suspended"])
    #expect(entry["pwdAccountLockedTime"] == ["000001010000Z"] && entry["buzonRequest"] == ["A#2"])
    #expect(entry["entryUUID"] == [] && Set(attributes.map(\.name)).count == attributes.count)
  }

  @Test func whatTheRequestMadeSoIsUnchangedAndTellsNoInventedIdentity() throws {
    guard
      case .send(let intents, let unchanged, _) = Self.plan(
        [create("n@example.org"), modify("n") { $0.status = .active }, modify("ana") { $0.status = .active }],
        [account("ana")])
    else {
      Issue.record("it can be sent")
      return
    }
    #expect(intents.map(\.indices) == [[0]] && Set(unchanged.keys) == [1, 2])
    #expect(unchanged[1]??.dn == Fixture.dn("n") && unchanged[1]??["entryUUID"] == [])
    #expect(unchanged[1]??["userPassword"] == [] && unchanged[2] == .some(account("ana")))
  }

  @Test func twoCreatesOfOneLocalPartGetTwoNames() throws {
    let intents = try sent(
      Self.plan([create("n@example.org"), create("n@example.net"), create("n-2@example.org")], []))
    #expect(intents.map { $0.intent.operation.dn } == ["n", "n-2", "n-2-2"].map(Fixture.dn))
    let taken = AtomicPlan.make(
      number: "A", changes: [create("n@example.org")], department: "Salud", holders: AddressIndex(), namesTaken: [0: 2],
      context: Fixture.context)
    #expect(try sent(taken).first?.intent.operation.dn == Fixture.dn("n-3"))
  }

  @Test func anAddressIsFreedBeforeItIsGiven() throws {
    // The account that gets the address comes first in the form, by another change.
    let intents = try sent(
      Self.plan(
        [modify("beto") { $0.position = .set("Jefe") }, take("x", from: "ana"), give("x", to: "beto")],
        [account("ana", aliases: ["x"]), account("beto")]))
    #expect(intents.map(\.indices) == [[1], [0, 2]] && intents.map(\.dependsOnEarlier) == [false, true])
    let made = try sent(Self.plan([take("x", from: "ana"), create("x@example.org")], [account("ana", aliases: ["x"])]))
    #expect(made.map(\.indices) == [[0], [1]] && made.map(\.dependsOnEarlier) == [false, true])
  }

  @Test func anAddressThatGoesRoundAndComesBackIsNoDependency() throws {
    let intents = try sent(
      Self.plan(
        [take("x", from: "ana"), give("x", to: "beto"), take("x", from: "beto"), give("x", to: "ana")],
        [account("ana", aliases: ["x"]), account("beto")]))
    #expect(intents.map(\.indices) == [[0, 3], [1, 2]] && intents.allSatisfy { !$0.dependsOnEarlier })
    #expect(
      intents.map(\.intent.operation) == [
        .modify(Fixture.dn("ana"), [.replace("buzonRequest", ["A#3"])]),
        .modify(Fixture.dn("beto"), [.replace("buzonRequest", ["A#2"])]),
      ])
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var changes: [Change]
    var index: Int
    var code: ResultCode
    var testDescription: String { name }
  }

  private static let here = AtomicTests()
  static let refused: [Row] = [
    Row(
      name: "an exchange of two",
      changes: [
        here.take("x", from: "ana"), here.take("y", from: "beto"), here.give("x", to: "beto"),
        here.give("y", to: "ana"),
      ], index: 3, code: .constraintViolation),
    Row(
      name: "given before it is taken", changes: [here.give("x", to: "beto"), here.take("x", from: "ana")], index: 0,
      code: .constraintViolation),
    Row(
      name: "created twice", changes: [here.create("n@example.org"), here.create("n@example.org")], index: 1,
      code: .entryAlreadyExists),
    Row(
      name: "no account", changes: [here.give("z", to: "ana"), here.give("w", to: "nobody")], index: 1,
      code: .noSuchObject),
    Row(
      name: "a reset",
      changes: [
        here.give("z", to: "ana"), .modify(.init(address: .init(known: "ana@example.org"), reset: .password)),
      ],
      index: 1, code: .unwillingToPerform),
    Row(
      name: "an immediate delete",
      changes: [.delete(.init(address: .init(known: "ana@example.org"), immediately: true))],
      index: 0, code: .unwillingToPerform),
    Row(
      name: "by the name it has lost",
      changes: [
        here.modify("ana") { $0.address = .init(known: "eva@example.org") }, here.give("z", to: "ana"),
      ], index: 1, code: .noSuchObject),
    Row(
      name: "deleted before",
      changes: [.delete(.init(address: .init(known: "ana@example.org"))), here.give("z", to: "ana")], index: 1,
      code: .unwillingToPerform),
    Row(
      name: "an address that is remembered", changes: [here.give("z", to: "ana"), here.give("old", to: "ana")],
      index: 1,
      code: .constraintViolation),
  ]

  @Test(arguments: refused) func refuses(_ row: Row) {
    let entries = [account("ana", aliases: ["x"]), account("beto", aliases: ["y"])]
    guard
      case .refuse(let index, let error) = Self.plan(
        row.changes, entries, retired: ["old@example.org": RetiredAddress(until: .max, holder: "x")])
    else {
      Issue.record("it was not refused")
      return
    }
    #expect(index == row.index && error.code == row.code, "\(error)")
  }

  @Test func aLongChainOfAddressesIsOrdered() throws {
    let count = 1_000
    let entries = (0..<count).map { account("a\($0)", aliases: ["x\($0)"]) }
    var changes = (0..<count).map { take("x\($0)", from: "a\($0)") }
    changes += (0..<count - 1).map { give("x\($0 + 1)", to: "a\($0)") }
    let intents = try sent(Self.plan(changes, entries))
    #expect(intents.map { $0.indices.first } == (0..<count).reversed().map { $0 })
    guard case .refuse(let index, _) = Self.plan(changes + [give("x0", to: "a\(count - 1)")], entries) else {
      Issue.record("a ring can't be ordered")
      return
    }
    #expect(index == changes.count)
  }

  @Test func tenThousandChangesArePlannedInNoTime() throws {
    let entries = (0..<4_000).map { account("a\($0)") }
    var changes = (0..<4_000).map { index in modify("a\(index)") { $0.position = .set("Jefa") } }
    changes += (0..<4_000).map { give("x\($0)", to: "a\($0)") }
    changes += (0..<2_000).map { create("n\($0)@example.org") }
    let clock = ContinuousClock()
    let holders = AddressIndex(entries)
    var plan: AtomicPlan?
    let took = clock.measure {
      plan = AtomicPlan.make(
        number: "A", changes: changes, department: "Salud", holders: holders, context: Fixture.context)
    }
    #expect(try sent(try #require(plan)).count == 6_000)
    // A build without optimisation on a machine that does other things too.
    #expect(took < .seconds(60))
  }

  @Test func anEntryThatTwoSearchesFoundIsOne() throws {
    let entry = account("ana", aliases: ["x"])
    let intents = try sent(Self.plan([give("y", to: "ana")], [entry, account("beto"), entry]))
    #expect(intents.first?.intent.preImage == entry)
  }
}
