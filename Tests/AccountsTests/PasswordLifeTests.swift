import Accounts
import Forms
import LDAP
import Testing

/// What the clock does with a temporary password that nobody used, and with the end of one that served.
@Suite struct PasswordLifeTests {
  private static let ana = Forms.Address(known: "ana@example.org")
  private static let dn = Fixture.dn("ana")
  private static let over = GeneralizedTime.value(Fixture.now + 30 * 86_400)
  private static let notOver = GeneralizedTime.value(Fixture.now + 30 * 86_400 + 1)
  private static let scrambled: [Modification] = [
    .replace("userPassword", ["{scrambled}"]), .replace("pwdReset", ["TRUE"]),
  ]

  private static func entry(_ other: [String: [Value]]) -> Entry { Fixture.entry("ana@example.org", other) }

  private static func plan(_ reset: Change.Reset, _ entry: Entry) -> Plan {
    Fixture.plan(.modify(.init(address: ana, reset: reset)), [entry], byClock: true)
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var entry: [String: [Value]]
    var isDue: Bool

    init(_ name: String, _ entry: [String: [Value]], isDue: Bool) {
      (testDescription, self.entry, self.isDue) = (name, entry, isDue)
    }
  }

  static let expired = [
    Row("its life is over", ["pwdReset": ["TRUE"], "pwdEndTime": [over]], isDue: true),
    Row("a second to go: it was granted anew", ["pwdReset": ["TRUE"], "pwdEndTime": [notOver]], isDue: false),
    Row("its end was removed outside Buzón", ["pwdReset": ["TRUE"]], isDue: true),
    Row("an end that is no instant", ["pwdReset": ["TRUE"], "pwdEndTime": ["never"]], isDue: true),
    Row("the user has his own", ["pwdEndTime": [over]], isDue: false),
    Row("the user has his own, and it says so", ["pwdReset": ["FALSE"], "pwdEndTime": [over]], isDue: false),
    Row("nothing was granted", [:], isDue: false),
    Row(
      "suspended", ["pwdReset": ["TRUE"], "pwdEndTime": [over], "buzonStatus": ["suspended"]], isDue: true),
    Row("retained", ["pwdReset": ["TRUE"], "pwdEndTime": [over], "buzonStatus": ["retained"]], isDue: true),
    Row("a list that was given one outside Buzón", ["pwdReset": ["TRUE"], "buzonKind": ["list"]], isDue: true),
  ]

  @Test(arguments: expired) func anUnusedPasswordIsScrambledAtTheEndOfItsLife(_ row: Row) throws {
    let entry = Self.entry(row.entry)
    let plan = Self.plan(.expired, entry)
    guard row.isDue else {
      #expect(plan == .unchanged(entry))
      return
    }
    let intent = try #require(plan.intent)
    #expect(plan.modifications.map { Array($0.prefix(2)) } == Self.scrambled)
    #expect(intent.grantsPassword && !intent.handsOver && intent.temporaryPasswordEnds == nil)
    let after = try SmallDirectory.apply(intent.operation, to: entry).get()
    #expect(after["pwdReset"] == ["TRUE"] && after["pwdEndTime"] == entry["pwdEndTime"])
  }

  static let locks: [(String, [String: [Value]], [Value])] = [
    ("active", [:], []), ("active, after wrong logins", ["pwdAccountLockedTime": ["20261122110000Z"]], []),
    ("locked outside Buzón", ["pwdAccountLockedTime": ["000001010000Z"]], ["000001010000Z"]),
    (
      "suspended", ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]], ["000001010000Z"]
    ),
    ("suspended, its lock taken away", ["buzonStatus": ["suspended"]], ["000001010000Z"]),
    (
      "retained", ["buzonStatus": ["retained"], "pwdAccountLockedTime": ["000001010000Z"]], ["000001010000Z"]
    ),
  ]

  @Test(arguments: locks) func aScrambledPasswordOpensNoAccount(
    _ name: String, _ other: [String: [Value]], _ lock: [Value]
  ) throws {
    let entry = Self.entry(other.merging(["pwdReset": ["TRUE"]]) { first, _ in first })
    let intent = try #require(Self.plan(.expired, entry).intent)
    #expect(try SmallDirectory.apply(intent.operation, to: entry).get()["pwdAccountLockedTime"] == lock)
  }

  static let settled = [
    Row("the user has his own", ["pwdEndTime": [over]], isDue: true),
    Row("of a suspended account", ["pwdEndTime": [over], "buzonStatus": ["suspended"]], isDue: true),
    Row("of a retained account", ["pwdEndTime": [over], "buzonStatus": ["retained"]], isDue: true),
    Row("granted anew meanwhile", ["pwdReset": ["TRUE"], "pwdEndTime": [notOver]], isDue: false),
    Row("settled already", [:], isDue: false),
  ]

  @Test(arguments: settled) func theEndOfAPasswordThatServedIsTakenAway(_ row: Row) throws {
    let entry = Self.entry(row.entry)
    let plan = Self.plan(.settled, entry)
    guard row.isDue else {
      #expect(plan == .unchanged(entry))
      return
    }
    #expect(plan.modifications == [.replace("pwdEndTime", [])])
    #expect(plan.intent?.grantsPassword == false && plan.intent?.handsOver == false)
  }

  /// The user's own change leaves the stamp as it is, so it alone guards nothing here.
  @Test(
    arguments: [
      (Change.Reset.expired, ["pwdReset": ["TRUE"]], "(pwdReset=TRUE)"),
      (.settled, ["pwdEndTime": [over]], "(!(pwdReset=TRUE))"), (.password, ["pwdReset": ["TRUE"]], ""),
    ] as [(Change.Reset, [String: [Value]], String)])
  func whatHangsOnThePasswordIsAsserted(_ reset: Change.Reset, _ other: [String: [Value]], _ condition: String) throws {
    let intent = try #require(Self.plan(reset, Self.entry(other)).intent)
    let text =
      "(|(entryDN=ou=people,dc=example,dc=org)(&(entryUUID=\(Fixture.uuid))(buzonRequest=2026-0001#0)\(condition)))"
    #expect(intent.assertion(container: Fixture.container)?.description == text)
    // As the register keeps it: the operation as LDIF, and the salt says whether there is a password.
    let stored = try #require(try LDIF.changes(Array(LDIF.bytes(of: intent.operation))).first)
    let read = Intent(
      operation: stored.operation, entryUUID: intent.entryUUID, stampRead: intent.stampRead,
      preImage: intent.preImage, grantsPassword: intent.grantsPassword)
    #expect(read == intent && read.handsOver == (reset == .password))
    #expect(read.assertion(container: Fixture.container)?.description == text)
  }

  @Test func theScrambledPasswordIsFilledInLikeAnyOther() throws {
    let intent = try #require(Self.plan(.expired, Self.entry(["pwdReset": ["TRUE"]])).intent)
    guard case .modify(_, let modifications) = intent.operation(temporaryPassword: "Kestrel-7") else {
      Issue.record("a modify stays a modify")
      return
    }
    #expect(modifications.first == .replace("userPassword", ["Kestrel-7"]))
  }

  @Test(
    arguments: [
      (.expired, ["pwdReset": ["TRUE"], "pwdEndTime": [over]]), (.settled, ["pwdEndTime": [over]]),
      (.password, [:]),
    ] as [(Change.Reset, [String: [Value]])])
  func noneStandsInAnAtomicRequest(_ reset: Change.Reset, _ other: [String: [Value]]) {
    let plan = AtomicPlan.make(
      number: "A", changes: [.modify(.init(address: Self.ana, reset: reset))], department: "D",
      holders: AddressIndex([Self.entry(other)]), context: Fixture.context)
    guard case .refuse(0, let error) = plan else {
      Issue.record("\(plan)")
      return
    }
    #expect(error.code == .unwillingToPerform && error.diagnostic.contains("can't be undone"))
  }

  @Test func aGrantSaysWhenItsLifeEnds() throws {
    let create = Change.Create(address: Forms.Address(known: "new@example.org"), name: .person(given: "A", family: "B"))
    let ends = Fixture.now + 7 * 86_400
    #expect(Fixture.plan(.create(create)).intent?.temporaryPasswordEnds == ends)
    let granted = Self.plan(.password, Self.entry([:]))
    #expect(granted.intent?.handsOver == true && granted.intent?.temporaryPasswordEnds == ends)
    // The same end stands there already, so the operation doesn't name it.
    let again = Self.plan(.password, Self.entry(["pwdEndTime": [GeneralizedTime.value(ends + 30 * 86_400)]]))
    #expect(again.modifications?.count == 2 && again.intent?.temporaryPasswordEnds == ends)
    let list = Change.Create(
      address: Forms.Address(known: "l@example.org"), kind: .list, name: .display("L"), owner: Self.ana)
    #expect(Fixture.plan(.create(list)).intent?.handsOver == false)
  }
}
