import Accounts
import Foundation
import LDAP
import Register
import Testing

@Suite struct SettleTests {
  private static let error = ChangeError(
    code: .entryAlreadyExists, diagnostic: "«ñ» belongs to\nuid=x", remedy: "choose another")

  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var result: ChangeResult
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "applied", result: Sample.result(1)),
    Row(name: "applied with a password", result: Sample.result(1, handover: .open)),
    Row(name: "unchanged", result: Sample.result(1, .unchanged)),
    Row(name: "failed", result: Sample.result(1, .failed, error: error)),
    Row(
      name: "failed with a code of another server",
      result: Sample.result(
        1, .failed, error: ChangeError(code: ResultCode(rawValue: 12_345), diagnostic: "", remedy: ""))),
    Row(name: "undone", result: Sample.result(1, .undone)),
    Row(
      name: "skipped, nothing known of its entry",
      result: ChangeResult(index: 1, operation: "create", address: "b@example.org", outcome: .skipped, at: 9)),
  ]

  private func expectSame(_ a: ChangeResult?, _ b: ChangeResult) throws {
    let a = try #require(a)
    #expect(a.index == b.index && a.operation == b.operation && a.address == b.address && a.outcome == b.outcome)
    #expect(
      a.dn == b.dn && a.entryUUID == b.entryUUID && a.error == b.error && a.handover == b.handover && a.at == b.at)
  }

  @Test(arguments: rows, [false, true]) func anOutcomeComesBackAsItWas(_ row: Row, intended: Bool) async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1", changes: 2)[0]
    if intended { try await test.register.intend([Sample.intended(id, 1)], at: 1).value() }
    _ = try await test.register.settle([Sample.settled(id, "2026-1", row.result)], completed: [], at: 2).value()
    let (_, after) = try test.image()
    for register in [test.register, after] {
      let request = try #require(try register.request(id: id))
      if intended {
        #expect(request.intents.isEmpty)
        var expected = row.result
        // The operation and the address are those of the intent.
        expected.operation = "modify"
        expected.address = "ana@example.org"
        try expectSame(request.changes[1], expected)
      } else {
        try expectSame(request.changes[1], row.result)
      }
      #expect(request.state == .working && request.outcome == nil && request.ledger == nil)
    }
  }

  @Test func outcomeLedgerMirrorAndTheEndOfTheRequestAreOneCommit() async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1", changes: 2)[0]
    try await test.register.intend([Sample.intended(id, 0), Sample.intended(id, 1)], at: 1).value()
    let counter = try await CommitCounter.of(test.register)
    let hashes = try await test.register.settle(
      [
        Sample.settled(id, "2026-1", Sample.result(0), mirror: .put(Sample.account("ana@example.org"))),
        Sample.settled(id, "2026-1", Sample.result(1, .failed, error: Self.error)),
      ], completed: [CompletedRequest(id: id, outcome: .partly)], at: 99
    ).value()
    #expect(counter.commits == 1)
    #expect(hashes.count == 2)
    let (_, after) = try test.image()
    for register in [test.register, after] {
      let request = try #require(try register.unrecorded(after: 0, limit: 10).first)
      #expect(request.id == id && request.state == .done && request.outcome == .partly && request.completed == 99)
      #expect(request.changes[0]?.outcome == .applied && request.changes[1]?.outcome == .failed)
      #expect(request.ledger == hashes[1].hash)
      #expect(try register.accountCount() == 1)
      #expect(try register.openRequests().isEmpty && register.queue().isEmpty)
      #expect(try register.ready(after: 0, changes: 10).isEmpty)
    }
  }

  @Test func aRecordWrittenAfterACrashHasTheLedgersHashOfTheRequestsLastLine() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", changes: 2)
    let first = try await test.register.settle(
      [Sample.settled(ids[0], "a", Sample.result(0)), Sample.settled(ids[1], "b", Sample.result(1))], completed: [],
      at: 1
    ).value()
    // Changes of two requests in turns; one ends with a change that isn't its last one.
    let second = try await test.register.settle(
      [Sample.settled(ids[0], "a", Sample.result(1)), Sample.settled(ids[1], "b", Sample.result(0))],
      completed: ids.map { CompletedRequest(id: $0, outcome: .applied) }, at: 2
    ).value()
    #expect(Set(first + second).count == 4)
    let (_, after) = try test.image()
    #expect(try after.unrecorded(after: 0, limit: 10).map(\.ledger) == [second[0].hash, second[1].hash])
    #expect(try test.register.request(number: "a")?.ledger == second[0].hash)
  }

  @Test func recordedRequestsAreNotRecordedAgain() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", "c")
    _ = try await test.register.settle(
      zip(ids, ["a", "b", "c"]).map { Sample.settled($0, $1) },
      completed: ids.map { CompletedRequest(id: $0, outcome: .applied) }, at: 1
    ).value()
    #expect(try test.register.unrecorded(after: 0, limit: 2).map(\.number) == ["a", "b"])
    #expect(try test.register.unrecorded(after: ids[1], limit: 2).map(\.number) == ["c"])
    _ = try await test.register.markRecorded([(ids[0], 0), (ids[2], 0)]).value()
    #expect(try test.register.unrecorded(after: 0, limit: 10).map(\.number) == ["b"])
    let (_, after) = try test.image()
    #expect(try after.unrecorded(after: 0, limit: 10).map(\.number) == ["b"])
  }

  @Test func aHeldRequestWhoseLastChangeComesHomeIsDone() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a")[0]
    _ = try await test.register.hold(id, reason: "r", at: Sample.time).value()
    _ = try await test.register.settle(
      [Sample.settled(id, "a")], completed: [CompletedRequest(id: id, outcome: .applied)], at: 1
    ).value()
    let request = try #require(try test.register.request(id: id))
    #expect(request.state == .done && request.reason == nil)
  }

  @Test(
    arguments: [
      ([.applied, .unchanged], .applied), ([.applied, .failed], .partly), ([.failed, .skipped], .failed),
      ([.undone, .undone], .failed), ([.unchanged], .applied), ([.unchanged, .skipped], .partly), ([], .applied),
    ] as [([ChangeOutcome], RequestOutcome)])
  func aRequestEndsAsItsChangesDid(changes: [ChangeOutcome], outcome: RequestOutcome) {
    #expect(RequestOutcome(of: changes) == outcome)
  }
}
