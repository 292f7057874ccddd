import Forms
import LDAP
import Testing

@testable import Accounts

/// No operation closes a ring of accounts that forward to one another and keep nothing.
@Suite struct ForwardRingTests {
  /// An account that keeps no copy.
  private static func passing(_ address: String, to forwards: [String], keeps: Bool = false) -> Entry {
    Fixture.entry(
      address,
      [
        "buzonForward": forwards.map { Value($0) }, "buzonKeepCopy": [keeps ? "TRUE" : "FALSE"],
        "entryUUID": [Value(address)],
      ])
  }

  struct Row: Sendable {
    var name: String
    var others: [Entry]
    var forwards: [String]
    var isRing: Bool
  }

  static let rows = [
    Row(
      name: "back to itself", others: [passing("b@example.org", to: ["ana@example.org"])], forwards: ["b@example.org"],
      isRing: true),
    Row(name: "to itself", others: [], forwards: ["ana@example.org"], isRing: true),
    Row(
      name: "over two others",
      others: [passing("b@example.org", to: ["c@example.org"]), passing("c@example.org", to: ["Ana@Example.org"])],
      forwards: ["b@example.org"], isRing: true),
    Row(
      name: "into a ring of others",
      others: [passing("b@example.org", to: ["c@example.org"]), passing("c@example.org", to: ["b@example.org"])],
      forwards: ["b@example.org"], isRing: true),
    Row(
      name: "one of them keeps a copy", others: [passing("b@example.org", to: ["ana@example.org"], keeps: true)],
      forwards: ["b@example.org"], isRing: false),
    Row(
      name: "one of them forwards outside",
      others: [passing("b@example.org", to: ["ana@example.org", "x@example.com"])], forwards: ["b@example.org"],
      isRing: false),
    Row(name: "an address that nobody has", others: [], forwards: ["b@example.org"], isRing: false),
  ]

  @Test(arguments: rows) func isRefused(_ row: Row) throws {
    let own = Fixture.entry("ana@example.org")
    let index = AddressIndex([own] + row.others)
    let intent = try #require(
      Fixture.modify([own] + row.others) {
        $0.keepCopy = .set(false)
        $0.forward.replacement = row.forwards.map { ExternalAddress(known: $0) }
      }.intent)
    var rings = ForwardRings(index)
    #expect((rings.closed(by: intent)?.code == .constraintViolation) == row.isRing, "\(row.name)")
  }

  @Test func changesOfOneBatchAreJudgedTogether() throws {
    let entries = ["a@example.org", "b@example.org"].map { Fixture.entry($0, ["entryUUID": [Value($0)]]) }
    var rings = ForwardRings(AddressIndex(entries))
    for (address, other, isRing) in [
      ("a@example.org", "b@example.org", false), ("b@example.org", "a@example.org", true),
    ] {
      let plan = Fixture.modify(address, entries) {
        $0.keepCopy = .set(false)
        $0.forward.added = [ExternalAddress(known: other)]
      }
      #expect((rings.closed(by: try #require(plan.intent)) != nil) == isRing, "\(address)")
    }
  }

  @Test func whatMailMayPassOnToIsRead() {
    var fields = Change.Fields()
    fields.keepCopy = .set(false)
    let change = Change.modify(Change.Modify(address: Forms.Address(known: "ana@example.org"), fields: fields))
    let read = AddressIndex([
      Fixture.entry("ana@example.org", ["buzonForward": ["b@example.org", "x@example.com"]]),
      Self.passing("b@example.org", to: ["c@example.org"]),
    ])
    var context = Fixture.context
    context.domains = ["example.org"]
    #expect(ForwardRings.unread([change], read, context) == ["c@example.org"])
    fields.keepCopy = .set(true)
    let kept = Change.modify(Change.Modify(address: Forms.Address(known: "ana@example.org"), fields: fields))
    #expect(ForwardRings.unread([kept], read, context).isEmpty)
  }
}
