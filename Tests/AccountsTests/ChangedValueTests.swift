import Forms
import LDAP
import Testing
import Text

@testable import Accounts

/// What stands on the record of a change: what it really changed, under the form's own keys.
@Suite struct ChangedValueTests {
  private static let entry = Fixture.entry(
    "ana@example.org",
    [
      "mailLocalAddress": ["ANA@example.org", "a@example.org"], "employeeNumber": ["1124850000"],
      "buzonForward": ["ana@example.net"], "buzonExpires": ["20261231235959Z"],
    ])

  private static func values(_ change: (inout Change.Fields) -> Void) -> [ChangedValue] {
    Fixture.modify([entry], change).intent?.changedValues ?? []
  }

  static let rows: [(name: String, change: @Sendable (inout Change.Fields) -> Void, values: [ChangedValue])] = [
    (
      "a value that takes the place of another", { $0.position = .set("Jefa") },
      [ChangedValue("position", before: ["Secretaria"], after: ["Jefa"])]
    ),
    (
      "a value that is cleared", { $0.position = .clear },
      [ChangedValue("position", before: ["Secretaria"], after: [])]
    ),
    (
      "a name is one value",
      { $0.name = .person(given: "Ana Lucía", family: "Rosero") },
      [ChangedValue("name", before: ["Ana Rosero"], after: ["Ana Lucía Rosero"])]
    ),
    (
      "an identity number is never shown", { $0.document = .set("99") },
      [ChangedValue("document", before: ["***"], after: ["***"])]
    ),
    (
      "of several values those that go and come",
      {
        $0.aliases.added = [Forms.Address(known: "b@example.org")]
        $0.aliases.removed = [Forms.Address(known: "a@example.org")]
      },
      [ChangedValue("aliases", before: ["a@example.org"], after: ["b@example.org"])]
    ),
    (
      "a rename makes the old address an alias", { $0.address = Forms.Address(known: "eva@example.org") },
      [
        ChangedValue("address", before: ["ana@example.org"], after: ["eva@example.org"]),
        ChangedValue("aliases", before: [], after: ["ANA@example.org"]),
      ]
    ),
    (
      "the lock goes with the status, and is no key", { $0.status = .suspended },
      [ChangedValue("status", before: ["active"], after: ["suspended"])]
    ),
    (
      "what is so already isn't changed",
      {
        $0.position = .set("Secretaria")
        $0.phone = .set("1")
      },
      [ChangedValue("phone", before: [], after: ["1"])]
    ),
  ]

  @Test(arguments: rows.indices) func ofAModify(_ index: Int) {
    #expect(Self.values(Self.rows[index].change) == Self.rows[index].values, "\(Self.rows[index].name)")
  }

  @Test func aCreateHasAllAndADeleteHadAll() throws {
    let add = Intent(operation: .add(Self.entry.dn, Self.entry.attributes))
    #expect(add.changedValues.allSatisfy { $0.before.isEmpty && !$0.after.isEmpty })
    #expect(
      add.changedValues.map(\.key) == [
        "address", "kind", "name", "document", "position", "department", "aliases", "forward", "quota", "expires",
        "status",
      ])
    let delete = Intent(operation: .delete(Self.entry.dn), preImage: Self.entry)
    #expect(delete.changedValues == add.changedValues.map { ChangedValue($0.key, before: $0.after, after: []) })
    #expect(add.name == "Ana Rosero" && delete.name == "Ana Rosero")
  }

  @Test func aPasswordIsNoValue() throws {
    let reset = Fixture.plan(
      .modify(.init(address: Forms.Address(known: "ana@example.org"), reset: .password)), [Self.entry])
    #expect(try #require(reset.intent).changedValues.isEmpty)
  }

  @Test func aValueIsStatedAsAFormStatesIt() {
    let zone = Zone.utc
    let rows = [
      ("quota", "5368709120", "5 GiB"), ("expires", "20261231235959Z", "2026-12-31"), ("keep_copy", "FALSE", "false"),
      ("position", "5368709120", "5368709120"), ("quota", "lots", "lots"),
    ]
    for (key, stored, stated) in rows {
      #expect(ChangedValue(key, before: [], after: [stored]).stated(in: zone).after == [stated], "\(key)")
    }
  }

  @Test func whatIsNoTextIsNotPrinted() {
    let entry = Fixture.entry("ana@example.org", ["title": [Value(bytes: [0xFF, 0xFE])], "ou": ["a\nb\u{202E}c"]])
    let values = Intent(operation: .delete(entry.dn), preImage: entry).changedValues
    #expect(values.first { $0.key == "position" }?.before == ["2 bytes that are no text"])
    #expect(values.first { $0.key == "department" }?.before.first?.contains("\n") == false)
  }
}
