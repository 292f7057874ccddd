import Accounts
import Forms
import LDAP
import Testing

@Suite struct StatusTests {
  private static let locked: [Value] = ["000001010000Z"]
  private let suspended = Fixture.entry(
    "ana@example.org", ["buzonStatus": ["suspended"], "pwdAccountLockedTime": locked])
  private let retained = Fixture.entry(
    "ana@example.org",
    ["buzonStatus": ["retained"], "pwdAccountLockedTime": locked, "buzonRetainedSince": ["20260101000000Z"]])

  @Test func suspendingWritesTheStatusAndTheLock() {
    #expect(
      Fixture.modify([Fixture.entry()]) { $0.status = .suspended }.modifications == [
        .replace("buzonStatus", ["suspended"]), .replace("pwdAccountLockedTime", Self.locked),
      ])
  }

  @Test func aSuspendedAccountIsSuspendedAlready() {
    #expect(Fixture.modify([suspended]) { $0.status = .suspended } == .unchanged(suspended))
  }

  @Test func aSuspendedAccountThatLostItsLockGetsItBack() {
    let open = Fixture.entry("ana@example.org", ["buzonStatus": ["suspended"]])
    #expect(
      Fixture.modify([open]) { $0.status = .suspended }.modifications == [.replace("pwdAccountLockedTime", Self.locked)]
    )
  }

  @Test func activatingASuspendedAccountTakesTheLockAway() {
    #expect(
      Fixture.modify([suspended]) { $0.status = .active }.modifications == [
        .replace("buzonStatus", ["active"]), .replace("pwdAccountLockedTime", []),
      ])
  }

  @Test func activatingARetainedAccountBringsItBack() {
    #expect(
      Fixture.modify([retained]) { $0.status = .active }.modifications == [
        .replace("buzonStatus", ["active"]), .replace("buzonRetainedSince", []), .replace("pwdAccountLockedTime", []),
      ])
  }

  @Test func aRetainedAccountComesBackAndIsChangedInOne() {
    let plan = Fixture.modify([retained]) {
      $0.status = .active
      $0.position = .set("Jefa")
    }
    #expect(plan.modifications?.contains(.replace("title", ["Jefa"])) == true)
    #expect(plan.modifications?.contains(.replace("buzonStatus", ["active"])) == true)
  }

  @Test func activatingAnActiveAccountUnlocksItAndNothingElseDoes() {
    let entry = Fixture.entry("ana@example.org", ["pwdAccountLockedTime": ["20261122100000Z"]])
    // Deleted, it takes pwdFailureTime along; replaced, it doesn't.
    #expect(Fixture.modify([entry]) { $0.status = .active }.modifications == [.delete("pwdAccountLockedTime")])
    #expect(
      Fixture.modify([entry]) { $0.position = .set("Jefa") }.modifications == [.replace("title", ["Jefa"])])
    #expect(Fixture.modify([Fixture.entry()]) { $0.status = .active } == .unchanged(Fixture.entry()))
  }

  @Test func aRetainedAccountCanOnlyBeBroughtBack() {
    #expect(Fixture.modify([retained]) { $0.position = .set("Jefa") }.error?.code == .unwillingToPerform)
    #expect(Fixture.modify([retained]) { $0.status = .suspended }.error?.code == .unwillingToPerform)
    let reset = Change.Modify(address: Forms.Address(known: "ana@example.org"), reset: .password)
    #expect(Fixture.plan(.modify(reset), [retained]).error?.code == .unwillingToPerform)
  }

  @Test func otherFieldsOfASuspendedAccountLeaveItsLockAlone() {
    #expect(Fixture.modify([suspended]) { $0.position = .set("Jefa") }.modifications == [.replace("title", ["Jefa"])])
  }
}
