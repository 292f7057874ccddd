import Accounts
import Forms
import LDAP
import Testing

/// What keeps an operation from being applied twice, or to an entry that isn't the one its plan read.
@Suite struct GuardTests {
  private let guardText = "(entryDN=ou=people,dc=example,dc=org)"

  @Test func aModifyAssertsTheIdentityAndTheStampThatWereRead() throws {
    let intent = try #require(Fixture.modify([Fixture.entry()]) { $0.position = .set("Jefa") }.intent)
    #expect(
      intent.assertion(container: Fixture.container)?.description
        == "(|\(guardText)(&(entryUUID=\(Fixture.uuid))(buzonRequest=2026-0001#0)))")
    #expect(intent.stampRead == "2026-0001#0" && intent.entryUUID == Fixture.uuid)
    #expect(intent.preImage == Fixture.entry())
  }

  @Test func anEntryWithoutAStampMustStillBeWithoutOne() throws {
    let entry = Fixture.entry("ana@example.org", ["buzonRequest": []])
    let intent = try #require(Fixture.modify([entry]) { $0.position = .set("Jefa") }.intent)
    #expect(
      intent.assertion(container: Fixture.container)?.description
        == "(|\(guardText)(&(entryUUID=\(Fixture.uuid))(!(buzonRequest=*))))")
  }

  @Test func aStampThatIsNoTextHoldsForNoEntry() throws {
    // Read as none, so asserted as none: the directory, where there is one, refuses.
    let entry = Fixture.entry("ana@example.org", ["buzonRequest": [Value(bytes: [0xFF])]])
    let intent = try #require(Fixture.modify([entry]) { $0.position = .set("Jefa") }.intent)
    #expect(intent.stampRead == nil)
    #expect(intent.assertion(container: Fixture.container)?.description.contains("(!(buzonRequest=*))") == true)
  }

  @Test func anAddIsGuardedByItsName() throws {
    let create = Change.Create(address: Forms.Address(known: "new@example.org"), name: .person(given: "A", family: "B"))
    #expect(try #require(Fixture.plan(.create(create)).intent).assertion(container: Fixture.container) == nil)
  }

  @Test func everyOperationCarriesItsStamp() throws {
    let create = Change.Create(address: Forms.Address(known: "new@example.org"), name: .person(given: "A", family: "B"))
    #expect(try #require(Fixture.plan(.create(create)).added)["buzonRequest"] == [Fixture.stampValue])
    // `modifications` is nil where the last one isn't the stamp.
    #expect(Fixture.modify([Fixture.entry()]) { $0.position = .set("Jefa") }.modifications != nil)
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var change: Change
    /// OIDs: assertion, permissive modify, post-read, password policy.
    var controls: Set<String>
    var testDescription: String { name }
  }

  private static let assertion = "1.3.6.1.1.12"
  private static let permissive = "1.2.840.113556.1.4.1413"
  private static let postRead = "1.3.6.1.1.13.2"
  private static let policy = "1.3.6.1.4.1.42.2.27.8.5.1"
  private static let ana = Forms.Address(known: "ana@example.org")

  static let rows: [Row] = [
    Row(
      name: "create",
      change: .create(.init(address: Forms.Address(known: "new@example.org"), name: .person(given: "A", family: "B"))),
      controls: [postRead, policy]),
    Row(
      name: "create of a list",
      change: .create(.init(address: Forms.Address(known: "new@example.org"), kind: .list, name: .display("L"))),
      controls: [postRead]),
    Row(name: "delete", change: .delete(.init(address: ana)), controls: [assertion, permissive, postRead]),
    Row(name: "delete at once", change: .delete(.init(address: ana, immediately: true)), controls: [assertion]),
    Row(
      name: "reset", change: .modify(.init(address: ana, reset: .password)),
      controls: [assertion, permissive, postRead, policy]),
  ]

  @Test(arguments: rows) func theControlsSuitTheOperation(_ row: Row) throws {
    let intent = try #require(Fixture.plan(row.change, [Fixture.entry()]).intent)
    let controls = intent.controls(container: Fixture.container)
    #expect(Set(controls.map(\.oid)) == row.controls)
    #expect(controls.count == row.controls.count)
    #expect(controls.allSatisfy { $0.isCritical || $0.oid == Self.policy })
  }

  @Test func noPasswordIsEverRead() {
    #expect(!Schema.read.contains("userPassword") && !Schema.mirrored.contains("userPassword"))
  }

  @Test func anOperationIsKnownByItsStampAlone() {
    let stamp = Stamp(number: "2026-0142", index: 3)
    #expect(stamp.description == "2026-0142#3")
    #expect(Intent.wasApplied(stamp, to: Fixture.entry("ana@example.org", ["buzonRequest": ["2026-0142#3"]])))
    for other: [Value] in [["2026-0142#30"], ["2026-0142#2"], ["2026-0142"], [], [Value(bytes: [0xFF])]] {
      #expect(!Intent.wasApplied(stamp, to: Fixture.entry("ana@example.org", ["buzonRequest": other])))
    }
  }
}
