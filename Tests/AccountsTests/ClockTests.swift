import Accounts
import Forms
import LDAP
import Testing

/// What the clock asks for by itself: an expiry and a purge, of accounts that may have changed since it looked.
@Suite struct ClockTests {
  private static let address = Forms.Address(known: "ana@example.org")
  private static let expiry: Change = {
    var fields = Change.Fields()
    fields.status = .suspended
    return .modify(.init(address: address, fields: fields))
  }()
  private static let purge = Change.delete(.init(address: address, immediately: true))

  private func plan(_ change: Change, _ entries: [Entry]) -> Plan {
    Fixture.plan(change, entries, byClock: true)
  }

  private static func entry(_ other: [String: [Value]]) -> Entry { Fixture.entry("ana@example.org", other) }

  private static func retained(_ ago: Int64) -> Entry {
    entry(["buzonStatus": ["retained"], "buzonRetainedSince": [GeneralizedTime.value(Fixture.now - ago)]])
  }

  @Test(arguments: [0, 1, 86_400]) func anActiveAccountWhoseLastDayIsOverIsSuspended(_ ago: Int64) {
    let entry = Self.entry(["buzonExpires": [GeneralizedTime.value(Fixture.now - ago)]])
    #expect(
      plan(Self.expiry, [entry]).modifications == [
        .replace("buzonStatus", ["suspended"]), .replace("pwdAccountLockedTime", ["000001010000Z"]),
      ])
  }

  static let notExpired: [(String, [String: [Value]])] = [
    ("no last day", [:]), ("a second to go", ["buzonExpires": [GeneralizedTime.value(Fixture.now + 1)]]),
    ("no instant", ["buzonExpires": ["yesterday"]]),
    ("suspended already", ["buzonExpires": ["20200101000000Z"], "buzonStatus": ["suspended"]]),
    ("retained", ["buzonExpires": ["20200101000000Z"], "buzonStatus": ["retained"]]),
    ("no status", ["buzonExpires": ["20200101000000Z"], "buzonStatus": []]),
    ("outside Buzón", ["buzonExpires": ["20200101000000Z"], "objectClass": ["inetOrgPerson"]]),
    ("no identity", ["buzonExpires": ["20200101000000Z"], "entryUUID": []]),
  ]

  @Test(arguments: notExpired) func anAccountThatDoesNotFitIsLeftAlone(_ name: String, _ other: [String: [Value]]) {
    let entry = Self.entry(other)
    #expect(plan(Self.expiry, [entry]) == .unchanged(entry))
  }

  @Test func aRetainedAccountIsPurgedWhenItsTimeIsOver() {
    let entry = Self.retained(180 * 86_400)
    #expect(plan(Self.purge, [entry]).intent?.operation == .delete(entry.dn))
    let young = Self.retained(180 * 86_400 - 1)
    #expect(plan(Self.purge, [young]) == .unchanged(young))
  }

  @Test func anAccountThatCameBackIsNotPurged() {
    let back = Self.entry(["buzonRetainedSince": ["20200101000000Z"]])
    #expect(plan(Self.purge, [back]) == .unchanged(back))
    let undated = Self.entry(["buzonStatus": ["retained"]])
    #expect(plan(Self.purge, [undated]) == .unchanged(undated))
  }

  @Test(arguments: [expiry, purge]) func whatIsNotThereIsNoError(_ change: Change) {
    #expect(plan(change, []) == .unchanged(nil))
    // Renamed it has the address as an alias: it has not gone.
    let other = Fixture.entry("b@example.org", ["mailLocalAddress": ["ana@example.org"]])
    #expect(plan(change, [other]) == .unchanged(other))
  }

  @Test func aFormIsNotHeldToTheClock() {
    #expect(Fixture.plan(Self.purge, [Fixture.entry()]).intent != nil)
    #expect(Fixture.plan(Self.expiry, [Fixture.entry()]).intent != nil)
  }
}
