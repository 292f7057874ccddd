import Glibc
import LDAP
import Testing

/// What a search costs in changes of thread. Counts, no times.
@Suite struct SearchCostTests {
  private static let count = 5_000

  /// A server that answers each search with 5,000 entries at once, and a connection to it.
  private static func many() async throws -> (ScriptedServer, Connection) {
    let server = try ScriptedServer { request in
      guard request.isSearch else { return [] }
      return (0..<count).flatMap { Answer.entry(request.id, "m\($0)") } + Answer.searchDone(request.id)
    }
    return (server, try await Connection.open(LDAPURL(server.url), credentials: .anonymous))
  }

  @Test func readingAllEntriesReturnsToTheCallerOnce() async throws {
    let (server, connection) = try await Self.many()
    let executor = CountingExecutor()
    let found = try await withTaskExecutorPreference(executor) {
      try await connection.searchAll(base: Slapd.base, limit: 0).count
    }
    #expect(found == Self.count)
    #expect(executor.count < 20, "jobs of the caller's executor")
    _ = server
  }

  /// An actor's loop by hand, with the `next()` that takes no argument.
  private actor Reader {
    func count(_ results: SearchResults) async throws -> Int {
      var seen = 0
      var iterator = results.makeAsyncIterator()
      while try await iterator.next() != nil { seen += 1 }
      return seen
    }
  }

  @Test func aStepWithoutWaitingStaysOnTheActorOfItsCaller() async throws {
    let (server, connection) = try await Self.many()
    let executor = CountingExecutor()
    let found = try await withTaskExecutorPreference(executor) {
      try await Reader().count(try await connection.search(base: Slapd.base))
    }
    #expect(found == Self.count)
    // One for each batch that came, of some hundred entries.
    #expect(executor.count < Self.count / 4, "jobs of the caller's executor")
    _ = server
  }

  /// In a process of its own: it counts how often threads other than the connection's go to sleep.
  @Test func lookupsOnTheConnectionsThreadWakeNoOtherThread() async throws {
    await #expect(processExitsWith: .success) {
      await explained {
        let server = try ScriptedServer { request in
          request.isSearch ? Answer.entry(request.id, "one") + Answer.searchDone(request.id) : []
        }
        let connection = try await Connection.open(LDAPURL(server.url), credentials: .anonymous)
        try await withTaskExecutorPreference(connection.executor) {
          let dn = DN.rdn("uid", "one").under(Slapd.people)
          let before = sleeps()
          for _ in 0..<1_000 { _ = try await connection.entry(dn) }
          for _ in 0..<1_000 {
            for try await _ in try await connection.search(base: dn, scope: .base) {}
          }
          let count = sleeps() - before
          say("2,000 lookups: other threads slept \(count) times")
          if count > 200 { fail("a thread of the pool was woken") }
        }
        _ = server
      }
    }
  }

  @Test func aSecondLoopOverTheResultsOfASearchIsAnError() async throws {
    let (server, connection) = try await Self.many()
    let results = try await connection.search(base: Slapd.base)
    for try await _ in results {}
    let error = await ldapError { () async throws(LDAPError) in for try await _ in results {} }
    guard case .invalid? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    _ = server
  }
}

/// How often threads of Swift's pool have gone to sleep (proc(5): voluntary_ctxt_switches). Those of the connection and of
/// the scripted server bear names of their own.
private func sleeps() -> Int {
  guard let folder = opendir("/proc/self/task") else { return 0 }
  defer { closedir(folder) }
  var count = 0
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard let status = Command.read("/proc/self/task/\(name)/status"),
      !status.hasPrefix("Name:\tldap\n"), !status.hasPrefix("Name:\tserver\n"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("voluntary_ctxt_switches:") })
    else { continue }
    count += line.split(separator: "\t").last.flatMap { Int($0) } ?? 0
  }
  return count
}
