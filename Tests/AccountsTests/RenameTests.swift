import Accounts
import Forms
import LDAP
import Testing

@Suite struct RenameTests {
  private let new = Forms.Address(known: "ana.rosero@example.org")

  @Test func aRenameIsAModifyThatKeepsTheOldAddressAndTheName() {
    let plan = Fixture.modify([Fixture.entry()]) { $0.address = new }
    #expect(plan.intent?.operation.dn == Fixture.dn("ana"))
    #expect(
      plan.modifications == [
        .add("uid", ["ana.rosero"]), .replace("mail", ["ana.rosero@example.org"]),
        .add("mailLocalAddress", ["ana.rosero@example.org"]),
      ])
  }

  @Test func aRenameToTheSameAddressIsNone() {
    #expect(Fixture.modify([Fixture.entry()]) { $0.address = Forms.Address(known: "ANA@example.org") }.isUnchanged)
    let shouted = Fixture.entry(
      "ana@example.org", ["mail": ["Ana@Example.org"], "mailLocalAddress": ["ANA@example.org"]])
    #expect(Fixture.modify([shouted]) { $0.address = Forms.Address(known: "ana@example.org") }.isUnchanged)
  }

  @Test func aRenameWithinTheSameLocalPartAddsNoName() {
    let plan = Fixture.modify([Fixture.entry()]) { $0.address = Forms.Address(known: "ana@example.net") }
    #expect(
      plan.modifications == [.replace("mail", ["ana@example.net"]), .add("mailLocalAddress", ["ana@example.net"])])
  }

  @Test func aRenameBackFindsItsAddressAndItsName() {
    let entry = Fixture.entry(
      "ana@example.org",
      [
        "mail": ["ana.rosero@example.org"], "mailLocalAddress": ["ana@example.org", "ana.rosero@example.org"],
        "uid": ["ana", "ana.rosero"],
      ])
    let plan = Fixture.modify("ana.rosero@example.org", [entry]) {
      $0.address = Forms.Address(known: "ana@example.org")
    }
    #expect(plan.modifications == [.replace("mail", ["ana@example.org"])])
  }

  @Test func theOldAddressStaysWhateverIsDoneToTheAliases() {
    let entry = Fixture.entry("ana@example.org", ["mailLocalAddress": ["ana@example.org", "a@example.org"]])
    let replaced = Fixture.modify([entry]) {
      $0.address = new
      $0.aliases.replacement = []
    }
    #expect(
      replaced.modifications?.dropFirst(2) == [
        .delete("mailLocalAddress", ["a@example.org"]), .add("mailLocalAddress", ["ana.rosero@example.org"]),
      ])
    let removed = Fixture.modify([entry]) {
      $0.address = new
      $0.aliases.removed = [Forms.Address(known: "ana@example.org")]
    }
    #expect(removed.modifications?.last == .add("mailLocalAddress", ["ana.rosero@example.org"]))
  }

  @Test func ofSeveralMailValuesNoneIsLost() {
    let entry = Fixture.entry("ana@example.org", ["mail": ["ana@example.org", "second@example.org"]])
    let plan = Fixture.modify("second@example.org", [entry]) { $0.address = new }
    #expect(plan.modifications?.contains(.replace("mail", ["ana.rosero@example.org"])) == true)
    #expect(
      plan.modifications?.last == .add("mailLocalAddress", ["ana.rosero@example.org", "second@example.org"]))
  }
}
