import Foundation
import Register
import Testing

@Suite struct AcceptanceTests {
  private func name(_ acceptance: Acceptance) -> String {
    switch acceptance {
    case .awaiting(_, let isNew): isNew ? "awaiting" : "awaiting still"
    case .accepted: "accepted"
    case .held(_, let reason): "held: \(reason)"
    case .repeated: "repeated"
    case .spent: "spent"
    case .numberTaken(let received): "taken \(received)"
    }
  }

  @Test func aNewFormIsARequestFromThenOn() async throws {
    let test = try TestRegister()
    let bytes: [UInt8] = Array("número: ñ\0\u{301}".utf8) + [0xFF]
    let form = Sample.form("2026-1", bytes, changes: 3)
    let id = try #require(try await test.register.accept([form]).value().first?.id)
    let stored = try #require(try test.register.request(number: "2026-1"))
    #expect(stored.id == id && stored.bytes == bytes && stored.digest == form.digest)
    #expect(stored.file == "2026-1.yaml" && stored.received == Sample.time && stored.count == 3)
    #expect(stored.state == .ready && stored.outcome == nil && stored.completed == nil && stored.ledger == nil)
    #expect(stored.changes.isEmpty && stored.intents.isEmpty && stored.reason == nil)
    #expect(try test.register.request(id: id)?.number == "2026-1")
  }

  @Test func theSameFormAgainIsKnownAndChangesNothing() async throws {
    let test = try TestRegister()
    _ = try await test.accept("2026-1")
    let again = Sample.form("2026-1", received: Sample.time + 1)
    #expect(try await test.register.accept([again]).value().map(name) == ["repeated"])
    #expect(try test.register.request(number: "2026-1")?.received == Sample.time)
    #expect(try test.register.openRequests() == [.ready: 1])
  }

  @Test func aNumberIsUsedUpByTheFirstFormThatHasIt() async throws {
    let test = try TestRegister()
    _ = try await test.accept("2026-1")
    let other = Sample.form("2026-1", Array("another".utf8), received: Sample.time + 1)
    #expect(try await test.register.accept([other]).value().map(name) == ["taken \(Sample.time)"])
    #expect(try test.register.request(number: "2026-1")?.bytes == Array("form".utf8))
  }

  @Test func aBatchIsJudgedInItsOrder() async throws {
    let test = try TestRegister()
    let forms = [
      Sample.form("a"), Sample.form("b"), Sample.form("a"), Sample.form("b", Array("other".utf8)), Sample.form("A"),
      Sample.form("c"),
    ]
    let counter = try await CommitCounter.of(test.register)
    #expect(
      try await test.register.accept(forms).value().map(name)
        == ["accepted", "accepted", "repeated", "taken \(Sample.time)", "accepted", "accepted"])
    #expect(counter.commits == 1)
    #expect(try test.register.ready(after: 0, changes: 10).map(\.number) == ["a", "b", "A", "c"])
  }

  @Test func theOrderOfAcceptanceIsTheOrderOfWork() async throws {
    let test = try TestRegister()
    // Not the order of the numbers.
    let numbers = (0..<300).map { "n\(($0 * 7919) % 300)" }
    let ids = try await test.register.accept(numbers.map { Sample.form($0) }).value().compactMap(\.id)
    #expect(ids == ids.sorted() && Set(ids).count == 300)
    var read: [String] = []
    var last: Int64 = 0
    while true {
      let page = try test.register.ready(after: last, changes: 7)
      guard let end = page.last else { break }
      read += page.map(\.number)
      last = end.id
    }
    #expect(read == numbers)
  }

  @Test func whatIsReadAtOnceIsBoundedByItsChanges() async throws {
    let test = try TestRegister()
    let forms = [3, 2, 9, 1, 1].enumerated().map { Sample.form("\($0)", changes: $1) }
    _ = try await test.register.accept(forms).value()
    func read(after id: Int64, _ changes: Int) throws -> [String] {
      try test.register.ready(after: id, changes: changes).map(\.number)
    }
    #expect(try read(after: 0, 5) == ["0", "1"])
    // One at least, however long it is, and no more once there is no room.
    #expect(try read(after: 0, 1) == ["0"])
    #expect(try read(after: 2, 4) == ["2"])
    #expect(try read(after: 2, 10) == ["2", "3"])
    #expect(try read(after: 3, 100) == ["3", "4"])
    #expect(try read(after: 5, 100) == [])
    _ = try await test.register.hold(2, reason: "r", at: Sample.time).value()
    #expect(try read(after: 0, 4) == ["0", "2"])
  }

  @Test func anEmptyBatchIsAccepted() async throws {
    let test = try TestRegister()
    #expect(try await test.register.accept([]).value().isEmpty)
  }

  @Test func aHeldRequestIsPassedOverAndSaysWhy() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b")
    _ = try await test.register.hold(ids[0], reason: "no right to write", at: Sample.time).value()
    #expect(try test.register.ready(after: 0, changes: 10).map(\.number) == ["b"])
    #expect(try test.register.openRequests() == [.ready: 1, .held: 1])
    let held = try #require(try test.register.request(id: ids[0]))
    #expect(held.state == .held && held.reason == "no right to write")
    let queue = try test.register.queue()
    #expect(queue.map(\.number) == ["a", "b"] && queue.map(\.state) == [.held, .ready])
    #expect(queue[0].reason == "no right to write")
  }

  @Test func aRequestThatIsDoneCantBeHeld() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a")
    _ = try await test.register.settle(
      [Sample.settled(ids[0], "a")], completed: [CompletedRequest(id: ids[0], outcome: .applied)], at: 1
    ).value()
    _ = try await test.register.hold(ids[0], reason: "late", at: Sample.time).value()
    #expect(try test.register.request(id: ids[0])?.state == .done)
  }

  @Test func deathsAreCountedByWhatWasInWorkAndForgotten() async throws {
    let test = try TestRegister()
    #expect(try await test.register.countDeath(of: .change(request: "2026-1", index: 0)).value() == 1)
    #expect(try await test.register.countDeath(of: .change(request: "2026-1", index: 0)).value() == 2)
    #expect(try await test.register.countDeath(of: .file("x.yaml")).value() == 1)
    let (_, after) = try test.image()
    #expect(try await after.countDeath(of: .change(request: "2026-1", index: 0)).value() == 3)
    try await test.register.forgetDeaths(of: .change(request: "2026-1", index: 0)).value()
    #expect(try await test.register.countDeath(of: .change(request: "2026-1", index: 0)).value() == 1)
    #expect(try await test.register.countDeath(of: .file("x.yaml")).value() == 2)
  }

  @Test func theNoteOfATroubleKeepsItsFirstTimeAndGoes() async throws {
    let test = try TestRegister()
    #expect(try test.register.trouble() == nil)
    try await test.register.setTrouble(Trouble(what: "no directory", remedy: "start it"), at: 10).value()
    try await test.register.setTrouble(Trouble(what: "no access", remedy: "grant it"), at: 20).value()
    let noted = try #require(try test.register.trouble())
    #expect(noted.trouble == Trouble(what: "no access", remedy: "grant it") && noted.since == 10)
    try await test.register.setTrouble(nil, at: 30).value()
    #expect(try test.register.trouble() == nil)
    try await test.register.setTrouble(nil, at: 40).value()
    try await test.register.setTrouble(Trouble(what: "again", remedy: ""), at: 50).value()
    #expect(try test.register.trouble()?.since == 50)
  }
}
