import Forms
import LDAP
import Testing

@testable import Accounts

/// No two entries below the container have the same `uid`, wherever they stand.
@Suite struct EntryNames {
  private let deeper = DN.rdn("ou", "salud").under(Fixture.container)

  private func entry(_ uids: [Value], _ address: String = "other@example.org") -> Entry {
    let attributes = Fixture.entry(address, ["uid": uids, "entryUUID": ["other"]]).attributes
    return Entry(dn: .rdn("cn", "other").under(deeper), attributes: attributes)
  }

  private func create(_ address: String) -> Change {
    .create(Change.Create(address: Address(known: address), name: .person(given: "M", family: "L")))
  }

  @Test(
    arguments: [
      (["Maria"], 0, "maria-2"), (["x", "maria", "maria-2"], 0, "maria-3"), (["maria-2"], 0, "maria"),
      (["maria-2"], 1, "maria-3"), ([], 2, "maria-3"),
    ] as [([String], Int, String)])
  func ofANewEntryIsTheFirstThatNoEntryHas(uids: [String], hidden: Int, name: String) throws {
    let plan = Fixture.plan(create("maria@example.org"), [entry(uids.map { Value($0) })], namesTaken: hidden)
    #expect(try #require(plan.added).dn == Fixture.dn(name))
  }

  @Test func isLeftOutWhereARenameOrAnAdoptWouldRepeatIt() throws {
    let others = [entry(["maria"])]
    let renamed = Fixture.modify("ana@example.org", [Fixture.entry()] + others) {
      $0.address = Address(known: "maria@example.org")
    }
    #expect(renamed.modifications?.contains { $0.attribute == "uid" } == false)
    let foreign = Fixture.entry("maria@example.org", ["uid": [], "objectClass": ["inetOrgPerson"]])
    let adopted = Fixture.plan(.adopt(.init(address: Address(known: "maria@example.org"))), [foreign] + others)
    #expect(adopted.modifications?.contains { $0.attribute == "uid" } == false)
    #expect(
      Fixture.plan(.adopt(.init(address: Address(known: "maria@example.org"))), [foreign])
        .modifications?.contains { $0.attribute == "uid" } == true)
  }

  @Test func areReadUntilOneIsFree() {
    let changes = [create("maria@example.org"), create("luis@example.org")]
    var holders = AddressIndex([entry(["maria"])])
    var names: Set = ["maria", "luis"]
    let second = holders.namesToRead(for: changes, besides: names)
    #expect(second == Set((2...11).map { "maria-\($0)" }))
    holders.add([entry((2...11).map { Value("maria-\($0)") }, "third@example.org")])
    names.formUnion(second)
    let third = holders.namesToRead(for: changes, besides: names)
    #expect(third.contains("maria-12") && third.count == 10)
    names.formUnion(third)
    #expect(holders.namesToRead(for: changes, besides: names).isEmpty)
  }

  @Test func anAccountThatStandsDeeperIsNone() {
    let holders = AddressIndex([entry(["other"])], container: Fixture.container)
    let plan = Plan.make(
      .delete(.init(address: Address(known: "other@example.org"))), department: "D", stamp: Fixture.stamp,
      holders: holders, context: Fixture.context)
    #expect(plan.error?.code == .unwillingToPerform && plan.error?.diagnostic.contains("deeper") == true)
  }
}
