import Accounts
import Forms
import LDAP
import Support
import Testing

/// What is expected of an entry after a change: what the request answers for, and nothing that was changed outside Buzón.
@Suite struct ManagedValuesTests {
  private static let ana = Forms.Address(known: "ana@example.org")
  /// What the last request left.
  private static let before: [String: [Value]] = ["buzonForward": ["x@example.com"], "title": ["Secretaria"]]

  private static func image(_ other: [String: [Value]]) -> ManagedImage {
    ManagedImage(Fixture.entry("ana@example.org", before.merging(other) { $1 }))
  }

  private static func modify(_ change: (inout Change.Fields) -> Void) -> Change {
    var fields = Change.Fields()
    change(&fields)
    return .modify(.init(address: ana, fields: fields))
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var change: Change
    /// What the entry is after it, changes outside Buzón among it.
    var after: [String: [Value]]
    var expected: [String: [Value]]

    init(_ name: String, _ change: Change, after: [String: [Value]], expected: [String: [Value]]) {
      (testDescription, self.change, self.after, self.expected) = (name, change, after, expected)
    }
  }

  static let rows = [
    Row(
      "what the form sets", modify { $0.position = .set("Jefa") }, after: ["title": ["Jefa"]],
      expected: ["title": ["Jefa"]]),
    Row(
      "what it sets, and what was set outside Buzón already", modify { $0.position = .set("Jefa") },
      after: ["title": ["Jefa"], "ou": ["Hacienda"]], expected: ["title": ["Jefa"]]),
    Row("a change outside Buzón", modify { $0.phone = .set("1") }, after: ["title": ["Jefa"]], expected: [:]),
    Row(
      "a forward beside one from outside Buzón", modify { $0.forward.added = [.init(known: "y@example.com")] },
      after: ["buzonForward": ["x@example.com", "y@example.com", "eve@example.com"]],
      expected: ["buzonForward": ["x@example.com", "y@example.com"]]),
    Row(
      "a forward removed, and one from outside Buzón", modify { $0.forward.removed = [.init(known: "x@example.com")] },
      after: ["buzonForward": ["eve@example.com"]], expected: ["buzonForward": []]),
    Row(
      "all forwards", modify { $0.forward.replacement = [.init(known: "y@example.com")] },
      after: ["buzonForward": ["Y@example.com"]], expected: ["buzonForward": ["y@example.com"]]),
    Row(
      "all forwards, and one under an option", modify { $0.forward.replacement = [] },
      after: ["buzonForward": [], "buzonForward;lang-es": ["eve@example.com"]], expected: ["buzonForward": []]),
    Row(
      "the removal of a value added outside Buzón", modify { $0.forward.removed = [.init(known: "eve@example.com")] },
      after: [:], expected: [:]),
    Row(
      "a rename", modify { $0.address = .init(known: "rosa@example.org") },
      after: [
        "mail": ["rosa@example.org"], "uid": ["ana", "rosa", "eve"],
        "mailLocalAddress": ["ana@example.org", "rosa@example.org", "eve@example.org"],
      ],
      expected: [
        "mail": ["rosa@example.org"], "uid": ["ana", "rosa"],
        "mailLocalAddress": ["ana@example.org", "rosa@example.org"],
      ]),
    Row(
      "a suspension", modify { $0.status = .suspended },
      after: [
        "buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"],
        "buzonRetainedSince": ["20260101000000Z"],
      ],
      expected: ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]]),
    Row(
      "a delete", .delete(.init(address: ana)),
      after: [
        "buzonStatus": ["retained"], "buzonRetainedSince": ["20261122110523Z"],
        "pwdAccountLockedTime": ["000001010000Z"], "title": ["Jefa"],
      ],
      expected: [
        "buzonStatus": ["retained"], "buzonRetainedSince": ["20261122110523Z"],
        "pwdAccountLockedTime": ["000001010000Z"],
      ]),
    Row(
      "a reset", .modify(.init(address: ana, reset: .password)), after: ["title": ["Jefa"], "uid": ["eve"]],
      expected: [:]),
    Row(
      "an adopt, which takes the entry as it is", .adopt(.init(address: ana)),
      after: ["title": ["Jefa"], "title;lang-es": ["Eve"]], expected: ["title": ["Jefa"], "title;lang-es": ["Eve"]]),
  ]

  @Test(arguments: rows) func whatTheRequestAnswersForIsExpected(_ row: Row) {
    let merged = Self.image(row.after).merged(over: Self.image([:]), claims: ManagedValues(row.change))
    #expect(merged.differences(from: Self.image(row.expected)) == [])
    #expect(merged == Self.image(row.expected))
    // The stamp is claimed apart: what changed nothing wrote none.
    let after = row.after.merging(["buzonRequest": ["2026-0142#3"]]) { $1 }
    #expect(
      Self.image(after).merged(over: Self.image([:]), claims: .stamp)
        == Self.image(["buzonRequest": after["buzonRequest"] ?? []]))
    var both = ManagedValues(row.change)
    both.formUnion(.stamp)
    #expect(
      Self.image(after).merged(over: Self.image([:]), claims: both)
        == Self.image(row.expected.merging(["buzonRequest": ["2026-0142#3"]]) { $1 }))
  }

  @Test func whereValuesAreTooManyToTellApartAllAreClaimed() {
    let many = (0..<1_100).map { Value(String(repeating: "x", count: 4_000) + "\($0)") }
    let after = Self.image(["buzonMember": many])
    let claims = ManagedValues(Self.modify { $0.members.added = [.init(known: "y@example.com")] })
    #expect(after.merged(over: Self.image([:]), claims: claims) == after)
  }

  /// Whatever a plan writes the change claims: else our own changes would be reported as drift.
  @Test func whatAPlanWritesIsClaimed() throws {
    var random = SeededGenerator(seed: 41)
    var sent = 0
    for round in 0..<4_000 {
      let entry = RandomAccount.entry(&random)
      let modify = RandomAccount.modify(&random)
      guard let intent = Fixture.plan(.modify(modify), [entry]).intent else { continue }
      let after = try SmallDirectory.apply(intent.operation, to: entry).get()
      var claims = ManagedValues(.modify(modify))
      claims.formUnion(.stamp)
      let image = ManagedImage(after)
      // A reset takes away a lock that nobody asked for.
      if modify.reset != nil, entry["buzonStatus"] == ["active"] { continue }
      #expect(image.merged(over: ManagedImage(entry), claims: claims).differences(from: image) == [], "round \(round)")
      sent += 1
    }
    #expect(sent > 2_000)
  }
}
