import Accounts
import Forms
import LDAP
import Testing

/// What a form can't know by itself: whether its fields suit the account's kind.
@Suite struct KindTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var kind: Value
    var fits: Bool
    var change: @Sendable (inout Change.Modify) -> Void
    var testDescription: String { name }

    init(_ name: String, _ kind: Value, fits: Bool, _ change: @escaping @Sendable (inout Change.Modify) -> Void) {
      self.name = name
      self.kind = kind
      self.fits = fits
      self.change = change
    }
  }

  static let rows: [Row] = [
    Row("a person's name in two parts", "person", fits: true) { $0.fields.name = .person(given: "A", family: "B") },
    Row("a person's name in one part", "person", fits: false) { $0.fields.name = .display("A") },
    Row("a list's name in one part", "list", fits: true) { $0.fields.name = .display("A") },
    Row("a list's name in two parts", "list", fits: false) { $0.fields.name = .person(given: "A", family: "B") },
    Row("a functional account's name in two parts", "functional", fits: false) {
      $0.fields.name = .person(given: "A", family: "B")
    },
    Row("members of a person", "person", fits: false) {
      $0.fields.members.added = [ExternalAddress(known: "x@example.com")]
    },
    Row("members of a functional account", "functional", fits: false) { $0.fields.members.replacement = [] },
    Row("quota of a list", "list", fits: false) { $0.fields.quota = .set(ByteCount(known: 1)) },
    Row("quota of a list, null", "list", fits: false) { $0.fields.quota = .clear },
    Row("no owner of a person", "person", fits: true) { $0.fields.owner = .clear },
    Row("no owner of a list", "list", fits: false) { $0.fields.owner = .clear },
    Row("no owner of a functional account", "functional", fits: false) { $0.fields.owner = .clear },
    Row("password of a person", "person", fits: true) { $0.reset = .password },
    Row("password of a functional account", "functional", fits: true) { $0.reset = .password },
    Row("password of a list", "list", fits: false) { $0.reset = .password },
  ]

  @Test(arguments: rows) func fieldsMustSuitTheKind(_ row: Row) {
    let entry = Fixture.entry("ana@example.org", ["buzonKind": [row.kind], "buzonOwner": ["jefe@example.org"]])
    var modify = Change.Modify(address: Forms.Address(known: "ana@example.org"))
    row.change(&modify)
    let plan = Fixture.plan(.modify(modify), [entry])
    if row.fits {
      #expect(plan.intent != nil)
    } else {
      #expect(plan.error?.code == .objectClassViolation)
      #expect(plan.error?.remedy.isEmpty == false)
    }
  }

  @Test(arguments: [[], ["robot"], [Value(bytes: [0xFF])]]) func anEntryOfNoKnownKindIsTakenForAPerson(_ kind: [Value])
  {
    let entry = Fixture.entry("ana@example.org", ["buzonKind": kind])
    #expect(Fixture.modify([entry]) { $0.name = .person(given: "A", family: "B") }.intent != nil)
    #expect(Fixture.modify([entry]) { $0.name = .display("A") }.error?.code == .objectClassViolation)
  }
}
