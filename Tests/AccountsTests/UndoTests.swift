import Accounts
import Forms
import LDAP
import Testing

@Suite struct UndoTests {
  private let stamp = Fixture.stamp

  private func applied(_ intent: Intent, to entry: Entry) throws -> Entry {
    try SmallDirectory.apply(intent.operation, to: entry).get()
  }

  private func intent(_ undo: Undo) -> Intent? { if case .send(let intent) = undo { intent } else { nil } }
  private func error(_ undo: Undo) -> ChangeError? { if case .impossible(let error) = undo { error } else { nil } }

  @Test func theStampOfAnUndoIsItsOwn() {
    #expect(stamp.undone.description == "2026-0142#3-undone" && stamp.undone.isUndone && !stamp.isUndone)
    #expect(stamp.undone != stamp && stamp.undone.undone == stamp.undone)
    #expect(
      Intent.wasApplied(stamp.undone, to: Fixture.entry("a@example.org", ["buzonRequest": ["2026-0142#3-undone"]])))
    #expect(!Intent.wasApplied(stamp, to: Fixture.entry("a@example.org", ["buzonRequest": ["2026-0142#3-undone"]])))
  }

  @Test func aModifyIsUndoneByWhatWasThere() throws {
    let before = Fixture.entry(
      "ana@example.org", ["employeeNumber": ["1124850000"], "mailLocalAddress": ["ana@example.org", "b@example.org"]])
    let plan = Fixture.modify([before]) {
      $0.document = .clear
      $0.position = .set("Jefa")
      $0.status = .suspended
      $0.address = Forms.Address(known: "eva@example.org")
      $0.aliases.removed = [Forms.Address(known: "b@example.org")]
    }
    let forward = try #require(plan.intent)
    let after = try applied(forward, to: before)
    let back = try #require(intent(Undo.plan(forward, stamp: stamp, entry: after)))
    #expect(back.entryUUID == Fixture.uuid && back.stampRead == "2026-0142#3" && back.preImage == after)
    let restored = try applied(back, to: after)
    #expect(restored["buzonRequest"] == ["2026-0142#3-undone"])
    for attribute in before.attributes where attribute.name != "buzonRequest" {
      #expect(Set(restored[attribute.name]) == Set(attribute.values), "\(attribute.name)")
    }
    #expect(restored["pwdAccountLockedTime"] == [])
    #expect(Undo.plan(forward, stamp: stamp, entry: restored) == .nothing)
    #expect(Undo.plan(forward, stamp: stamp, entry: before) == .nothing)
  }

  @Test func anAdoptionIsUndoneWhole() throws {
    var other: [String: [Value]] = ["objectClass": ["inetOrgPerson"], "mail": ["Ana@example.org", "a@example.org"]]
    for name in ["mailLocalAddress", "buzonKind", "buzonStatus", "buzonQuota", "buzonRequest", "displayName"] {
      other[name] = []
    }
    let before = Fixture.entry("ana@example.org", other)
    let forward = try #require(
      Fixture.plan(.adopt(.init(address: Forms.Address(known: "ana@example.org"))), [before]).intent)
    let after = try applied(forward, to: before)
    let back = try #require(intent(Undo.plan(forward, stamp: stamp, entry: after)))
    let restored = try applied(back, to: after)
    #expect(Set(restored.attributes.map { Attribute($0.name, $0.values) }) == Set(before.attributes))
    #expect(Undo.plan(forward, stamp: stamp, entry: restored) == .nothing)
  }

  @Test func aCreateIsUndoneByADelete() throws {
    let create = Change.Create(address: Forms.Address(known: "n@example.org"), name: .person(given: "N", family: "M"))
    let forward = try #require(Fixture.plan(.create(create)).intent)
    guard case .add(let dn, let attributes) = forward.operation else { return }
    let entry = Entry(dn: dn, attributes: attributes + [Attribute("entryUUID", ["u"])])
    let back = try #require(intent(Undo.plan(forward, stamp: stamp, entry: entry)))
    #expect(back.operation == .delete(dn) && back.entryUUID == "u" && back.stampRead == "2026-0142#3")
    #expect(Undo.plan(forward, stamp: stamp, entry: nil) == .nothing)
    // Its name was taken by another entry, and the add refused.
    #expect(Undo.plan(forward, stamp: stamp, entry: Fixture.entry("other@example.org")) == .nothing)
    #expect(Undo.plan(forward, stamp: stamp, entry: Entry(dn: dn, attributes: attributes)) != .nothing)
    let later = Fixture.entry("n@example.org", ["buzonRequest": ["2026-0200#0"]])
    #expect(error(Undo.plan(forward, stamp: stamp, entry: later))?.diagnostic.contains("2026-0200#0") == true)
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var entry: Entry?
    var code: ResultCode
    var testDescription: String { name }
  }

  static let impossible: [Row] = [
    Row(name: "gone", entry: nil, code: .noSuchObject),
    Row(
      name: "another entry", entry: Fixture.entry("ana@example.org", ["entryUUID": ["other"]]), code: .noSuchObject),
    Row(
      name: "no identity", entry: Fixture.entry("ana@example.org", ["entryUUID": []]), code: .insufficientAccessRights),
    Row(
      name: "changed since", entry: Fixture.entry("ana@example.org", ["buzonRequest": ["2026-0200#0"]]),
      code: .assertionFailed),
    Row(
      name: "its stamp taken away", entry: Fixture.entry("ana@example.org", ["buzonRequest": []]),
      code: .assertionFailed),
    Row(
      name: "the stamp of another change's undo",
      entry: Fixture.entry("ana@example.org", ["buzonRequest": ["2026-0142#2-undone"]]), code: .assertionFailed),
  ]

  @Test(arguments: impossible) func isImpossibleWhere(_ row: Row) throws {
    let forward = try #require(Fixture.modify([Fixture.entry()]) { $0.position = .set("Jefa") }.intent)
    #expect(error(Undo.plan(forward, stamp: stamp, entry: row.entry))?.code == row.code)
  }

  @Test func neitherAPasswordNorAnEntryComesBack() throws {
    let ana = Forms.Address(known: "ana@example.org")
    let reset = try #require(
      Fixture.plan(.modify(.init(address: ana, reset: .password)), [Fixture.entry()]).intent)
    let marked = Fixture.entry("ana@example.org", ["buzonRequest": [Fixture.stampValue]])
    #expect(error(Undo.plan(reset, stamp: stamp, entry: marked))?.code == .unwillingToPerform)
    let delete = try #require(Fixture.plan(.delete(.init(address: ana, immediately: true)), [Fixture.entry()]).intent)
    #expect(error(Undo.plan(delete, stamp: stamp, entry: nil))?.code == .noSuchObject)
    #expect(Undo.plan(delete, stamp: stamp, entry: Fixture.entry()) == .nothing)
  }
}
