import Accounts
import Foundation
import GRDB
import Testing

@testable import Register

/// A commit that fails takes all its writes with it, and no later write becomes true without them.
@Suite struct FailureTests {
  /// A change of a request that isn't there: SQLite refuses it.
  private let stray = Sample.intended(999)

  private func expectFailure<Value>(_ commit: Register.Commit<Value>) async {
    await #expect(throws: RegisterError.self) { _ = try await commit.value() }
  }

  @Test func allOfACommitFailTogetherAndNothingOfItIsThere() async throws {
    let test = try TestRegister()
    let id = try await test.accept("before")[0]
    let gate = Gate(test.register)
    let good = test.register.accept([Sample.form("good")])
    let settle = test.register.settle(
      [Sample.settled(id, "before", mirror: .put(Sample.account("ana@example.org")))],
      completed: [CompletedRequest(id: id, outcome: .applied)], at: 1)
    let bad = test.register.intend([stray], at: 1)
    let late = test.register.accept([Sample.form("late")])
    try await gate.open()
    await expectFailure(good)
    await expectFailure(settle)
    await expectFailure(bad)
    await expectFailure(late)
    let (_, after) = try test.image()
    for register in [test.register, after] {
      #expect(try register.ready(after: 0, changes: 10).map(\.number) == ["before"])
      #expect(try register.accountCount() == 0 && register.unrecorded(after: 0, limit: 10).isEmpty)
      #expect(try register.ledgerHead()?.sequence == 1, "what was accepted before")
    }
  }

  @Test func aLaterWriteIsRefusedForTheSameReason() async throws {
    let test = try TestRegister()
    await expectFailure(test.register.intend([stray], at: 1))
    let later = test.register.accept([Sample.form("later")])
    let error = await #expect(throws: RegisterError.self) { _ = try await later.value() }
    #expect(error?.what.contains("FOREIGN KEY") == true)
    #expect(try test.register.request(number: "later") == nil)
    // Reading goes on.
    #expect(try test.register.openRequests().isEmpty)
  }

  @Test func theLedgerHoldsAfterAFailureAndANewStart() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", changes: 1)
    let first = try await test.register.settle([Sample.settled(ids[0], "a")], completed: [], at: 1).value()
    // Its lines are hashed before the commit fails.
    await expectFailure(
      test.register.settle([Sample.settled(ids[1], "b"), Sample.settled(999, "stray")], completed: [], at: 2))
    #expect(try test.register.ledgerHead()?.hash == first[0].hash)
    try test.register.close()
    let again = try Register(writing: test.path)
    let second = try await again.settle([Sample.settled(ids[1], "b")], completed: [], at: 3).value()
    var chain = LedgerChain()
    #expect(try again.ledger(after: 0, limit: 10).compactMap { chain.take($0.text) }.isEmpty)
    #expect(chain.head?.hash == second[0].hash)
    try again.close()
  }

  @Test func anErrorOfAWriteItselfIsTold() async throws {
    let test = try TestRegister()
    let commit = test.register.post { _ -> Int in throw RegisterError(what: "out of paper", remedy: "buy some") }
    let error = await #expect(throws: RegisterError.self) { _ = try await commit.value() }
    #expect(error?.description == "out of paper; buy some")
  }

  @Test func aMessageNamesNoValue() async throws {
    let test = try TestRegister()
    let commit = test.register.post { database in
      try database.execute(
        sql: "INSERT INTO request (number, digest) VALUES (?, ?)", arguments: ["secret-1", "secret-2"])
    }
    let error = await #expect(throws: RegisterError.self) { try await commit.value() }
    #expect(error?.description.contains("secret") == false)
  }
}
