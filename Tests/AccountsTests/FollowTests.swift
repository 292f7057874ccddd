import Forms
import LDAP
import Testing

@testable import Accounts

/// What an account names as owner and lists follows an address that left its account: with the account's own next change,
/// or by the clock.
@Suite struct FollowTests {
  struct Row: Sendable {
    var name: String
    var change: @Sendable (inout Change.Fields) -> Void
    var expected: [Modification]

    init(_ name: String, _ expected: [Modification] = [], _ change: @escaping @Sendable (inout Change.Fields) -> Void) {
      self.name = name
      self.change = change
      self.expected = expected
    }
  }

  /// `old` is `new` now, and `gone` has gone.
  private static let moved: [String: String?] = ["old@example.org": "new@example.org", "gone@example.org": nil]
  private static let entry = Fixture.entry(
    "ana@example.org",
    ["buzonOwner": ["Old@example.org"], "buzonList": ["old@example.org", "gone@example.org", "b@example.org"]])
  private static let there = [
    Fixture.entry("new@example.org", ["buzonKind": ["list"], "entryUUID": ["1"]]),
    Fixture.entry("jefe@example.org", ["entryUUID": ["2"]]),
  ]
  private static let owner = Modification.replace("buzonOwner", ["new@example.org"])
  private static let left = Modification.delete("buzonList", ["old@example.org", "gone@example.org"])
  private static let lists = [left, .add("buzonList", ["new@example.org"])]

  static let rows: [Row] = [
    Row("another field", [.replace("title", ["Jefa"]), owner] + lists) { $0.position = .set("Jefa") },
    Row("the owner's new name", [owner] + lists) { $0.owner = .set(Address(known: "new@example.org")) },
    Row("another owner", [.replace("buzonOwner", ["jefe@example.org"])] + lists) {
      $0.owner = .set(Address(known: "jefe@example.org"))
    },
    Row("off the list by its new name", [owner, left]) { $0.lists.removed = [Address(known: "new@example.org")] },
    Row("on the list by its new name", [owner] + lists) { $0.lists.added = [Address(known: "new@example.org")] },
    Row("lists set", [owner, .delete("buzonList", ["old@example.org", "gone@example.org", "b@example.org"])]) {
      $0.lists.replacement = []
    },
  ]

  private static func modifications(_ modify: Change.Modify, byClock: Bool = false) -> [Modification]? {
    var references = References()
    references.moved = moved
    let plan = Plan.make(
      .modify(modify), department: "", stamp: Stamp(number: "N", index: 0), holders: AddressIndex([entry] + there),
      references: references, byClock: byClock, context: Fixture.context)
    guard case .send(let intent) = plan, case .modify(_, let modifications) = intent.operation else { return nil }
    return modifications.filter { $0.attribute != "buzonRequest" }
  }

  @Test(arguments: rows.indices) func withAChange(_ index: Int) {
    var modify = Change.Modify(address: Address(known: "ana@example.org"))
    Self.rows[index].change(&modify.fields)
    let found = Self.modifications(modify).map(Set.init)
    #expect(found == Set(Self.rows[index].expected), "\(Self.rows[index].name)")
  }

  /// Found by a tester: the account followed to the name that the same form moves away.
  @Test func anAtomicFormFollowsToTheEndOfAChainOfRenames() throws {
    let list = Fixture.entry(
      "new@example.org",
      [
        "buzonKind": ["list"], "buzonQuota": [], "entryUUID": ["1"],
        "mailLocalAddress": ["new@example.org", "old@example.org"],
      ])
    var references = References()
    references.moved = ["old@example.org": "new@example.org"]
    var leave = Change.Modify(address: Address(known: "ana@example.org"))
    leave.fields.lists.removed = [Address(known: "last@example.org")]
    var rename = Change.Modify(address: Address(known: "new@example.org"))
    rename.fields.address = Address(known: "last@example.org")
    let plan = AtomicPlan.make(
      number: "N", changes: [.modify(rename), .modify(leave)], department: "",
      holders: AddressIndex([
        Fixture.entry("ana@example.org", ["buzonList": ["old@example.org"]]), list,
      ]), references: [references, references], context: Fixture.context)
    guard case .send(let intents, _, _) = plan else { return #expect(Bool(false), "\(plan)") }
    #expect(
      intents.contains { merged in
        if case .modify(_, let all) = merged.intent.operation {
          all.contains(.delete("buzonList", ["old@example.org"]))
            && !all.contains { $0.kind == .add && $0.attribute == "buzonList" }
        } else {
          false
        }
      }, "\(intents)")
  }

  @Test func whatLeadsToAnAddressFollowsItsRenames() {
    var moved = MovedAddresses(["a": "b", "gone": nil])
    for (old, new) in [("b", "c"), ("c", "d"), ("x", "y"), ("d", "a")] { moved.rename(old, to: new) }
    #expect(moved.places == ["b": "a", "c": "a", "d": "a", "x": "y", "gone": nil] as [String: String?])
    // Thousands of renames in one form cost what leads to each.
    for number in 0..<20_000 { moved.rename("m\(number)", to: "n\(number)") }
    #expect(moved.places.count == 20_005)
  }

  @Test func byTheClock() {
    let follow = Change.Follow(from: Address(known: "old@example.org"), to: Address(known: "new@example.org"))
    let modify = Change.Modify(address: Address(known: "ana@example.org"), follow: follow)
    #expect(Self.modifications(modify, byClock: true).map(Set.init) == Set([Self.owner] + Self.lists))
  }

  @Test func whatIsWrittenIsTheProcedures() {
    var claims = ManagedValues(.modify(.init(address: Address(known: "ana@example.org"))))
    claims.claimReferences(.modify(Self.entry.dn, [Self.owner] + Self.lists))
    #expect(claims.touches("buzonOwner") && claims.touches("buzonList") && !claims.touches("title"))
  }
}
