import Accounts
import Forms
import LDAP
import Testing

@Suite struct DeleteTests {
  private func delete(_ entry: Entry, immediately: Bool = false) -> Plan {
    Fixture.plan(
      .delete(.init(address: Forms.Address(known: "ana@example.org"), reason: "Retiro", immediately: immediately)),
      [entry])
  }

  @Test func aDeletedAccountIsRetainedMarkedAndLocked() {
    #expect(
      delete(Fixture.entry()).modifications == [
        .replace("buzonStatus", ["retained"]), .replace("buzonRetainedSince", ["20261122110523Z"]),
        .replace("pwdAccountLockedTime", ["000001010000Z"]),
      ])
  }

  @Test func aSuspendedAccountKeepsItsLockWhenItIsDeleted() {
    let entry = Fixture.entry(
      "ana@example.org", ["buzonStatus": ["suspended"], "pwdAccountLockedTime": ["000001010000Z"]])
    #expect(
      delete(entry).modifications == [
        .replace("buzonStatus", ["retained"]), .replace("buzonRetainedSince", ["20261122110523Z"]),
      ])
  }

  @Test func aLockOfAMistypedPasswordBecomesTheLockForGood() {
    let entry = Fixture.entry("ana@example.org", ["pwdAccountLockedTime": ["20261122100000Z"]])
    #expect(delete(entry).modifications?.last == .replace("pwdAccountLockedTime", ["000001010000Z"]))
  }

  @Test func aRetainedAccountIsDeletedAlready() {
    let entry = Fixture.entry(
      "ana@example.org", ["buzonStatus": ["retained"], "buzonRetainedSince": ["20260101000000Z"]])
    #expect(delete(entry) == .unchanged(entry))
  }

  @Test(arguments: ["active", "suspended", "retained"])
  func immediatelyRemovesTheEntryWhateverItsStatus(_ status: String) {
    let entry = Fixture.entry("ana@example.org", ["buzonStatus": [Value(status)]])
    let intent = delete(entry, immediately: true).intent
    #expect(intent?.operation == .delete(Fixture.dn("ana")))
    #expect(intent?.entryUUID == Fixture.uuid)
    #expect(intent?.stampRead == "2026-0001#0")
    #expect(intent?.preImage == entry)
    #expect(intent?.grantsPassword == false)
  }
}
