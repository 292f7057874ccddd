import Accounts
import Forms
import LDAP
import Testing

/// How a temporary password gets into an operation, and what must stand beside it: in slapd any write of the password
/// removes `pwdReset` and the lock unless the same operation writes them.
@Suite struct PasswordTests {
  private let password: Value = "Kestrel-Páramo-7"

  private func reset(_ other: [String: [Value]] = [:]) -> Plan {
    let modify = Change.Modify(address: Forms.Address(known: "ana@example.org"), reset: .password)
    return Fixture.plan(.modify(modify), [Fixture.entry("ana@example.org", other)])
  }

  @Test func aResetWritesPasswordResetAndEnd() {
    let plan = reset()
    #expect(
      plan.modifications == [
        .replace("userPassword", ["{temporary}"]), .replace("pwdReset", ["TRUE"]),
        .replace("pwdEndTime", ["20261229110523Z"]),
      ])
    #expect(plan.intent?.grantsPassword == true)
  }

  @Test func aResetOfAPasswordNobodyChangedWritesPwdResetAgain() {
    #expect(reset(["pwdReset": ["TRUE"]]).modifications?.contains(.replace("pwdReset", ["TRUE"])) == true)
  }

  @Test func aResetIsNeverUnchanged() {
    let asBefore = reset(["pwdReset": ["TRUE"], "pwdEndTime": ["20261229110523Z"]])
    #expect(asBefore.modifications == [.replace("userPassword", ["{temporary}"]), .replace("pwdReset", ["TRUE"])])
  }

  @Test(arguments: [["000001010000Z"], []]) func aResetOfASuspendedAccountLeavesItLocked(_ lock: [Value]) throws {
    let entry = Fixture.entry("ana@example.org", ["buzonStatus": ["suspended"], "pwdAccountLockedTime": lock])
    let modify = Change.Modify(address: Forms.Address(known: "ana@example.org"), reset: .password)
    let operation = try #require(Fixture.plan(.modify(modify), [entry]).intent).operation
    let after = try SmallDirectory.apply(operation, to: entry).get()
    #expect(after["pwdAccountLockedTime"] == ["000001010000Z"])
    #expect(after["pwdReset"] == ["TRUE"] && after["buzonStatus"] == ["suspended"])
  }

  @Test(arguments: [["active"], [], ["unheard-of"]]) func aResetLocksNoAccountThatIsNotClosed(_ status: [Value]) {
    let locks = reset(["buzonStatus": status]).modifications?.filter { $0.attribute == "pwdAccountLockedTime" }
    #expect(locks == [])
  }

  @Test func thePasswordTakesItsPlaceInAnAdd() throws {
    let create = Change.Create(
      address: Forms.Address(known: "new@example.org"), name: .person(given: "{temporary}", family: "X"))
    let intent = try #require(Fixture.plan(.create(create)).intent)
    guard case .add(let dn, let attributes) = intent.operation(temporaryPassword: password) else {
      Issue.record("an add stays an add")
      return
    }
    let sent = Entry(dn: dn, attributes: attributes)
    #expect(sent["userPassword"] == [password])
    // The mark elsewhere is somebody's name.
    #expect(sent["givenName"] == ["{temporary}"])
    #expect(attributes.count == Fixture.plan(.create(create)).added?.attributes.count)
  }

  @Test func thePasswordTakesItsPlaceInAModify() throws {
    let intent = try #require(reset().intent)
    guard case .modify(_, let modifications) = intent.operation(temporaryPassword: password),
      case .modify(_, let stored) = intent.operation
    else {
      Issue.record("a modify stays a modify")
      return
    }
    #expect(modifications.first == .replace("userPassword", [password]))
    #expect(Array(modifications.dropFirst()) == Array(stored.dropFirst()))
  }

  @Test func anIntentWithoutAPasswordIsSentAsItIs() throws {
    let intent = try #require(Fixture.modify([Fixture.entry()]) { $0.position = .set("{temporary}") }.intent)
    #expect(intent.operation(temporaryPassword: nil) == intent.operation)
    #expect(intent.operation(temporaryPassword: password) == intent.operation)
  }

  @Test func theMarkIsNeverSentAsAPassword() async {
    await #expect(processExitsWith: .failure) {
      let modify = Change.Modify(address: Forms.Address(known: "ana@example.org"), reset: .password)
      guard let intent = Fixture.plan(.modify(modify), [Fixture.entry()]).intent else { return }
      _ = intent.operation(temporaryPassword: nil)
    }
  }
}
