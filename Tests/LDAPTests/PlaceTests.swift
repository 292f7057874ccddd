import LDAP
import Synchronization
import Testing

/// Who holds a place of the window, and for how long.
@Suite struct PlaceTests {
  private static func connect(_ server: ScriptedServer, _ options: Connection.Options) async throws -> Connection {
    try await Connection.open(LDAPURL(server.url), credentials: .anonymous, options: options)
  }

  /// A server that was never heard of again still has what it was sent: slapd counts that.
  @Test func aDroppedSearchHoldsItsPlaceUntilALaterAnswer() async throws {
    let answers = Mutex(false)
    let server = try ScriptedServer { request in
      guard request.isSearch, answers.withLock({ $0 }) else { return [] }
      return Answer.searchDone(request.id)
    }
    let connection = try await Self.connect(server, Connection.Options(window: 4))
    for _ in 0..<20 { _ = try? await connection.search(base: Slapd.base, deadline: .milliseconds(50)) }
    #expect(server.requests.count { $0.isSearch } == 4)
    // Somebody waits for a place, so the server is asked something that it answers.
    answers.withLock { $0 = true }
    let waiting = Task { try await connection.searchAll(base: Slapd.base).count }
    try await waitUntil("the server is asked") { server.requests.contains { $0.isWhoAmI } }
    #expect(server.requests.count { $0.isSearch } == 4)
    #expect(server.requests.count { $0.isAbandon } == 4)
    let question = try #require(server.requests.last { $0.isWhoAmI })
    server.send(Answer.extended(question.id))
    #expect(try await waiting.value == 0)
    for _ in 0..<20 { #expect(try await connection.searchAll(base: Slapd.base).isEmpty) }
  }

  @Test func aReadThatIsLateIsAbandonedAndTheWritesOfOthersGoOn() async throws {
    let server = try ScriptedServer { _ in [] }
    let connection = try await Self.connect(server, Connection.Options())
    let dn = person("late").dn
    let write = Task {
      await Outcome { () async throws(LDAPError) in try await connection.modify(dn, [.delete("mail")]) }
    }
    try await waitUntil("the modify is there") { server.requests.contains { $0.tag == 0x66 } }
    let patience = Duration.milliseconds(50)
    let whoAmI = await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI(deadline: patience) }
    let compare = await Outcome { () async throws(LDAPError) in
      _ = try await connection.compare(dn, "mail", "x", deadline: patience)
    }
    let extended = await Outcome { () async throws(LDAPError) in
      _ = try await connection.extended("1.2.3", deadline: patience)
    }
    #expect([whoAmI, compare, extended] == [.notApplied, .notApplied, .notApplied])
    #expect(connection.isUsable)
    try await waitUntil("they are abandoned") { server.requests.count { $0.isAbandon } == 3 }
    let modify = try #require(server.requests.first { $0.tag == 0x66 })
    server.send(Answer.result(modify.id, 0x67))
    #expect(await write.value == .applied)
  }

  /// Their searches hold all places, and their buffers are full.
  @Test(arguments: [1, 3]) func readersThatNeedAPlaceInTheirOwnLoopsGetOne(_ count: Int) async throws {
    let server = try ScriptedServer { request in
      if request.isSearch {
        return (0..<1_500).flatMap { Answer.entry(request.id, "m\($0)") } + Answer.searchDone(request.id)
      }
      return request.isWhoAmI ? Answer.extended(request.id) : []
    }
    let connection = try await Self.connect(server, Connection.Options(window: count, searchBuffer: 100))
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<count {
        group.addTask {
          var seen = 0
          for try await _ in try await connection.search(base: Slapd.base) {
            if seen.isMultiple(of: 500) { _ = try await connection.whoAmI(deadline: .seconds(20)) }
            seen += 1
          }
          return seen
        }
      }
      for try await seen in group { #expect(seen == 1_500) }
    }
  }
}
