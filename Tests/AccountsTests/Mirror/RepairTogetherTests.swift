import Accounts
import Forms
import LDAP
import Testing
import Text

/// One form for several accounts, which contend for the same addresses: it is planned as it will be carried out.
@Suite("A repair of several accounts") struct RepairTogetherTests {
  private static let rules: Rules = {
    guard let today = Day(year: 2026, month: 11, day: 22) else { preconditionFailure("2026-11-22 is a day") }
    return Rules(domains: ["example.org"], today: today, approvers: ["*": ["jefe"]])
  }()
  private static let context = {
    var context = Fixture.context
    context.addressMemory = 86_400
    return context
  }()

  /// An account: as the procedure left it, and as the directory has it. Its entryUUID is its name there.
  struct Drifted: Sendable {
    var expected: Entry?
    var present: Entry?
  }

  private static func entry(_ local: String, uuid: String? = nil, _ other: [String: [Value]] = [:]) -> Entry {
    Fixture.entry("\(local)@example.org", other.merging(["entryUUID": [Value(uuid ?? local)]]) { $1 })
  }

  private static func addresses(_ primary: String, _ aliases: String...) -> [String: [Value]] {
    [
      "mail": [Value("\(primary)@example.org")],
      "mailLocalAddress": ([primary] + aliases).map { Value("\($0)@example.org") },
    ]
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var accounts: [Drifted]
    /// Entries that are as they should be, or that only the directory knows.
    var others: [Entry] = []
    var form: [String]
    var notes: [String] = []
    /// Accounts that are not as they should be after it.
    var left: Set<String> = []
  }

  private static let bare: [String: [Value]] = [
    "objectClass": ["inetOrgPerson", "inetLocalMailRecipient"], "buzonKind": [], "buzonStatus": [], "buzonQuota": [],
    "buzonRequest": [],
  ]

  static let rows = [
    Row(
      testDescription: "deleted and put back",
      accounts: [
        Drifted(expected: entry("ana"), present: nil),
        Drifted(expected: nil, present: entry("ana", uuid: "new", ["title": ["Jefa"]])),
      ],
      form: ["adopt ana", "modify ana"]),
    Row(
      testDescription: "a class removed", accounts: [Drifted(expected: entry("ana"), present: nil)],
      others: [entry("ana", bare)], form: ["adopt ana", "modify ana"]),
    Row(
      testDescription: "deleted, and made again without our class",
      accounts: [Drifted(expected: entry("ana"), present: nil)], others: [entry("ana", uuid: "new", bare)],
      form: ["adopt ana", "modify ana"]),
    Row(
      testDescription: "an alias moved",
      accounts: [
        Drifted(expected: entry("ana", addresses("ana", "x")), present: entry("ana", addresses("ana"))),
        Drifted(expected: entry("bea", addresses("bea")), present: entry("bea", addresses("bea", "x"))),
      ], form: ["modify bea", "modify ana reuse"]),
    Row(
      testDescription: "aliases exchanged",
      accounts: [
        Drifted(expected: entry("ana", addresses("ana", "x")), present: entry("ana", addresses("ana", "y"))),
        Drifted(expected: entry("bea", addresses("bea", "y")), present: entry("bea", addresses("bea", "x"))),
      ], form: ["modify ana", "modify bea reuse", "modify ana reuse"]),
    Row(
      testDescription: "primaries exchanged",
      accounts: [
        Drifted(expected: entry("ana", addresses("ana")), present: entry("ana", addresses("bea"))),
        Drifted(expected: entry("bea", addresses("bea")), present: entry("bea", addresses("ana"))),
      ],
      form: [
        "modify bea", "modify bea-2", "modify ana reuse", "modify bea", "modify bea-2 reuse", "modify ana",
      ],
      notes: [
        "ana@example.org: is bea-2@example.org for a moment, for another account has its address; that stays as a name to "
          + "log in by"
      ], left: ["ana"]),
    Row(
      testDescription: "a chain of primaries",
      accounts: [
        Drifted(expected: entry("ana", addresses("ana")), present: entry("ana", addresses("bea"))),
        Drifted(expected: entry("bea", addresses("bea")), present: entry("bea", addresses("carla"))),
      ],
      form: ["modify bea", "modify ana", "modify carla reuse", "modify bea"]),
    Row(
      testDescription: "removed, and another account has its address by a request",
      accounts: [Drifted(expected: entry("ana"), present: nil)],
      others: [entry("bea", addresses("ana", "bea"))], form: [],
      notes: [
        "ana@example.org: the entry has gone, and no form can make it again as it was",
        "ana@example.org: ana@example.org belongs to the entry uid=bea,ou=people,dc=example,dc=org already",
      ]),
    Row(
      testDescription: "removed with its owner",
      accounts: [
        Drifted(expected: entry("info", ["buzonOwner": ["ana@example.org"]]), present: nil),
        Drifted(expected: entry("ana"), present: nil),
      ],
      form: ["create ana reuse", "create info reuse"]),
  ]

  private static func repair(_ row: Row) -> DriftRepair {
    let accounts = row.accounts.map { drifted in
      let entry = drifted.expected ?? drifted.present
      return DriftRepair.Account(
        entryUUID: entry?.text("entryUUID") ?? "", address: entry?.text("mail") ?? "",
        expected: drifted.expected.map { ManagedImage($0) })
    }
    let gone = row.accounts.filter { $0.present == nil }.compactMap { $0.expected?.text("mail") }
    return DriftRepair(
      accounts, entries: row.accounts.compactMap(\.present) + row.others, others: ["bea"],
      retired: Dictionary(uniqueKeysWithValues: gone.map { ($0, RetiredAddress(until: .max, holder: "gone")) }),
      rules: rules, context: context)
  }

  private static func line(_ change: Change) -> String {
    var isReuse = false
    if case .modify(let modify) = change { isReuse = modify.reuse }
    if case .create(let create) = change { isReuse = create.reuse }
    return "\(change.name) \(change.address.local)\(isReuse ? " reuse" : "")"
  }

  @Test(arguments: rows) func isAFormThatTheDirectoryTakes(_ row: Row) throws {
    let repair = Self.repair(row)
    let lines = repair.changes.map(Self.line)
    #expect(lines == row.form)
    #expect(repair.notes == row.notes)
    var tree = SmallTree(row.accounts.compactMap(\.present) + row.others)
    var retired: [String: RetiredAddress] = [:]
    for (index, change) in repair.changes.enumerated() {
      let plan = Plan.make(
        change, department: "Sistemas", stamp: Stamp(number: "R-1", index: index), holders: tree.holders,
        retired: retired, references: References(), context: Self.context)
      if case .unchanged = plan { continue }
      let intent = try #require(plan.intent, "\(index): \(plan)")
      #expect(tree.perform(intent) == nil, "\(index)")
      if case .modify(let modify) = change {
        for address in modify.fields.aliases.removed {
          retired[address.text] = RetiredAddress(until: .max, holder: "\(modify.address)")
        }
      }
    }
    for drifted in row.accounts {
      guard let expected = drifted.expected, !repair.changes.isEmpty else { continue }
      let after = try #require(tree.entries.values.first { $0["mail"] == expected["mail"] }, "\(row.testDescription)")
      let left = ManagedImage(after).differences(from: ManagedImage(expected)).filter { $0.attribute != "buzonRequest" }
      let isLeft = row.left.contains(expected.text("entryUUID") ?? "")
      #expect(left.map(\.attribute) == (isLeft ? ["uid"] : []), "\(left)")
    }
  }
}
