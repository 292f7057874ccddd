import Foundation
import GRDB
import Testing

@testable import Register

@Suite struct GroupCommitTests {
  @Test func whatWaitsTogetherIsOneCommit() async throws {
    let test = try TestRegister()
    let counter = try await CommitCounter.of(test.register)
    let gate = Gate(test.register)
    let commits = (0..<100).map { test.register.accept([Sample.form("n\($0)")]) }
    try await gate.open()
    for commit in commits { #expect(try await commit.value().count == 1) }
    // The gate's own, and one for the hundred.
    #expect(counter.commits == 2)
    #expect(try test.register.openRequests() == [.ready: 100])
  }

  @Test func theOrderOfPostsIsTheOrderOfTruth() async throws {
    let test = try TestRegister()
    let gate = Gate(test.register)
    let first = test.register.accept([Sample.form("n", Array("first".utf8))])
    let second = test.register.accept([Sample.form("n", Array("second".utf8))])
    let others = (0..<200).map { test.register.accept([Sample.form("\($0)")]) }
    // Waiting for the last is enough to know of the first.
    try await gate.open()
    _ = try await others.last?.value()
    #expect(try test.register.request(number: "n")?.bytes == Array("first".utf8))
    if case .numberTaken = try await second.value()[0] {} else { Issue.record("the second came after the first") }
    #expect(try await first.value()[0].id == 1)
    var ids: [Int64?] = []
    for other in others { ids.append(try await other.value()[0].id) }
    #expect(ids.compactMap(\.self) == Array(2...201))
  }

  @Test func postsFromEverywhereAreAllMadeAndFewCommits() async throws {
    let test = try TestRegister()
    let counter = try await CommitCounter.of(test.register)
    let gate = Gate(test.register)
    let opened = Task {
      // Opened once some hundreds wait; the rest join as they come.
      while test.register.waitingWrites < 500 { await Task.yield() }
      try await gate.open()
    }
    let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for task in 0..<40 {
        group.addTask {
          let commits = (0..<50).map { test.register.accept([Sample.form("\(task)-\($0)")]) }
          var ids: [Int64] = []
          for commit in commits { ids.append(try #require(try await commit.value()[0].id)) }
          return ids
        }
      }
      return try await group.reduce(into: [[Int64]]()) { $0.append($1) }
    }
    try await opened.value
    // What one task posted in a row was accepted in that order.
    for mine in ids { #expect(mine == mine.sorted() && mine.count == 50) }
    #expect(Set(ids.joined()).count == 2_000)
    #expect(counter.commits < 400)
  }

  @Test func manyMayWaitForOneCommitAndAskLater() async throws {
    let test = try TestRegister()
    let gate = Gate(test.register)
    let commit = test.register.accept([Sample.form("n")])
    async let one = commit.value()
    async let two = commit.value()
    try await gate.open()
    #expect(try await one[0].id == 1)
    #expect(try await two[0].id == 1)
    #expect(try await commit.value()[0].id == 1)
  }

  @Test func aWriteMayPostAnother() async throws {
    let test = try TestRegister()
    let register = test.register
    let inner = try await register.post { _ in register.accept([Sample.form("n")]) }.value()
    #expect(try await inner.value()[0].id == 1)
  }

  @Test func nothingIsVisibleBeforeItsCommit() async throws {
    let test = try TestRegister()
    let register = test.register
    let seen = try await register.post { database in
      try database.execute(sql: "INSERT INTO attempt (kind, name, change_index, deaths) VALUES ('file', 'x', 0, 1)")
      return try register.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM attempt") }
    }.value()
    #expect(seen == 0)
    #expect(try register.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM attempt") } == 1)
  }

  @Test func closingWaitsForWhatWasPosted() throws {
    let test = try TestRegister()
    let gate = Gate(test.register)
    for number in 0..<50 { _ = test.register.accept([Sample.form("\(number)")]) }
    _ = test.register.setTrouble(Trouble(what: "w", remedy: "r"), at: 1)
    gate.release()
    try test.register.close()
    let again = try Register(writing: test.path)
    #expect(try again.openRequests() == [.ready: 50])
    #expect(try again.trouble() != nil)
    try again.close()
  }

  @Test func aClosedRegisterMayBeClosedAgainAndTakesNothing() async throws {
    let test = try TestRegister()
    try test.register.close()
    try test.register.close()
    await #expect(throws: RegisterError.self) { _ = try await test.register.accept([Sample.form("a")]).value() }
    #expect(throws: RegisterError.self) { try test.register.queue() }
  }
}
