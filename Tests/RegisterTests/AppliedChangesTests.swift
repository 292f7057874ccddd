import Accounts
import LDAP
import Register
import Testing

/// What the undo of a request, and the plan of a form, ask of the register.
@Suite struct AppliedChangesTests {
  @Test func theChangesOfARequestComeBackWithTheirIntents() async throws {
    let test = try TestRegister()
    let id = try await test.accept("A", changes: 4)[0]
    try await test.register.intend((0..<3).map { Sample.intended(id, $0) }, at: 1).value()
    _ = try await test.register.settle(
      [
        Sample.settled(id, "A", Sample.result(2)), Sample.settled(id, "A", Sample.result(0)),
        Sample.settled(id, "A", Sample.result(1, .failed)),
        // Applied before the register was restored: what was sent is not known.
        Sample.settled(id, "A", Sample.result(3)),
      ], completed: [], at: 2
    ).value()
    let applied = try test.register.appliedChanges(of: id)
    #expect(applied.map(\.index) == [0, 2, 3])
    #expect(applied.map { $0.intent?.operation } == [Sample.modify, Sample.modify, nil])
    #expect(applied.allSatisfy { $0.entryUUID == "uuid" && $0.address == "ana@example.org" })
  }

  @Test func theChangesOfAnAtomicRequestComeInTheirOwnOrder() async throws {
    let test = try TestRegister()
    let id = try await test.accept("A", changes: 3)[0]
    let stored = StoredIntent(intent: Intent(operation: Sample.modify, entryUUID: "uuid"), salt: nil)
    func change(_ index: Int, turn: Int, _ stored: StoredIntent?) -> AtomicChange {
      AtomicChange(index: index, address: "ana@example.org", operation: "modify", turn: turn, stored: stored)
    }
    try await test.register.begin(
      id, [change(0, turn: 1, nil), change(1, turn: 1, stored), change(2, turn: 0, stored)], at: 1
    ).value()
    _ = try await test.register.settle(
      (0..<3).map { Sample.settled(id, "A", Sample.result($0)) }, completed: [], at: 2
    ).value()
    // The carrier of two changes stands for both.
    #expect(try test.register.appliedChanges(of: id).map(\.index) == [2, 1])
  }

  @Test func whatLaterRequestsChangedIsNamedInOrderOfTime() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("A", "B", "C", "D")
    for id in ids { try await test.register.intend([Sample.intended(id)], at: 1).value() }
    for (place, at) in [(0, 20), (1, 40), (2, 30), (3, 10)] {
      _ = try await test.register.settle(
        [Sample.settled(ids[place], "?", Sample.result(at: Int64(at)))], completed: [], at: Int64(at)
      ).value()
    }
    #expect(try test.register.changes(of: "uuid", after: ids[0]).map(\.name) == ["C#0", "B#0"])
    #expect(try test.register.changes(of: "another", after: ids[0]).isEmpty)
  }

  @Test func demandsAreJudgedWithoutBeingCounted() async throws {
    let test = try TestRegister()
    let demand = Demand(.deletes, count: 2, atMost: 3, day: 7)
    for _ in 0..<2 { #expect(try test.register.excess([demand]) == nil) }
    var form = Sample.form("A")
    form.demands = [demand]
    _ = try await test.register.accept([form]).value()
    #expect(try test.register.excess([demand])?.contains("make 4 today") == true)
    #expect(try !test.register.isSpent("A"))
  }
}
