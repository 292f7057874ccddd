import Glibc
import LDAP
import Testing

/// Threads and descriptors of this process.
private func counts() -> (threads: Int, descriptors: Int) {
  func entries(_ path: String) -> Int {
    guard let folder = opendir(path) else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
  }
  return (entries("/proc/self/task"), entries("/proc/self/fd"))
}

@Suite struct ConnectionLifeTests {
  let slapd: Slapd

  init() throws {
    slapd = try Slapd.shared.get()
  }

  /// In a process of its own, so that no other test's threads are counted.
  @Test(.timeLimit(.minutes(15)))
  func tenThousandConnectionsLeaveNoMemoryThreadOrDescriptorBehind() async throws {
    let (ldapi, ldaps, ca) = (slapd.ldapi.description, slapd.ldaps.description, slapd.caFile)
    await #expect(processExitsWith: .success) {
      [ldapi = ldapi as String, ldaps = ldaps as String, ca = ca as String] in
      await explained {
        let url = try LDAPURL(ldapi)
        let base = Slapd.base
        func round(_ count: Int) async throws {
          try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
              group.addTask {
                for number in 0..<count / 4 {
                  let connection = try await Connection.open(url, credentials: .external)
                  if try await connection.searchAll(base: base, scope: .base).count != 1 { fail("search") }
                  // Every second one is only let go.
                  if (worker + number).isMultiple(of: 2) { await connection.close() }
                }
              }
            }
            try await group.waitForAll()
          }
          for _ in 0..<50 {
            let connection = try await Connection.open(LDAPURL(ldaps), tls: TLS(caFile: ca), credentials: .anonymous)
            await connection.close()
            _ = try? await Connection.open(LDAPURL(ldaps), tls: .none, credentials: .anonymous)
          }
        }
        try await round(2000)
        try await waitUntil("the threads end") { counts().threads < 12 }
        let memory = residentMemory()
        let before = counts()
        try await round(10_000)
        try await waitUntil("the threads end, \(counts())") {
          counts().threads <= before.threads + 2 && counts().descriptors <= before.descriptors + 1
        }
        let after = residentMemory()
        let line = "10,000 connections: resident memory \(memory) KiB, then \(after) KiB; \(before), then \(counts())"
        say(line)
        if after - memory > 20_000, memoryCanBeMeasured() { fail("memory grew: \(line)") }
      }
    }
  }

  @Test func aClosedConnectionAnswersAndEndsItsThread() async throws {
    let connection = try await slapd.connect()
    #expect(connection.isUsable)
    let watching = Task { await connection.closed() }
    await connection.close()
    await connection.close()
    #expect(!connection.isUsable)
    #expect(await watching.value != nil)
    #expect(await connection.closed() != nil)
    for _ in 0..<100 {
      #expect(await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI() } == .notApplied)
    }
    // The executor outlives the connection, and works for whom it was given to.
    let value = await withTaskExecutorPreference(connection.executor) {
      await Task.yield(); return 7
    }
    #expect(value == 7)
  }

  @Test func closingWaitsForWritesAndEndsSearches() async throws {
    let connection = try await slapd.connect()
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      for number in 0..<60 {
        group.addTask {
          let (dn, attributes) = person("closing\(number)")
          return await Outcome { () async throws(LDAPError) in try await connection.add(dn, attributes) }
        }
      }
      group.addTask {
        await connection.close()
        return .notApplied
      }
      for try await outcome in group { #expect(outcome == .applied || outcome == .notApplied) }
    }
    let other = try await slapd.connect()
    for number in 0..<60 { _ = try? await other.delete(person("closing\(number)").dn) }
  }

  @Test func whoNeverWaitsForTheEndMayStopWaiting() async throws {
    let connection = try await slapd.connect()
    let watching = Task { await connection.closed() }
    try await Task.sleep(for: .milliseconds(20))
    watching.cancel()
    #expect(await watching.value == nil)
    #expect(connection.isUsable)
  }

  @Test func aCancelledTaskSendsNothingMore() async throws {
    let connection = try await slapd.connect()
    let (dn, attributes) = person("cancelled")
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await Outcome { () async throws(LDAPError) in try await connection.add(dn, attributes) }
    }
    task.cancel()
    #expect(await task.value == .notApplied)
    #expect(try await connection.entry(dn) == nil)
  }

  @Test func theWindowLetsCallersInAsTheyCame() async throws {
    let connection = try await slapd.connect(Connection.Options(window: 1))
    let (dn, attributes) = person("order", [Attribute("description", ["start"])])
    try await connection.add(dn, attributes)
    // On the connection's own thread the tasks call in the order they are made.
    try await withTaskExecutorPreference(connection.executor) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask { try await connection.modify(dn, [.add("description", [Value("\(number)")])]) }
        }
        try await group.waitForAll()
      }
    }
    let values = try await connection.entry(dn)?["description"].compactMap(\.text) ?? []
    #expect(values == ["start"] + (0..<200).map(String.init))
    try await connection.delete(dn)
  }

  @Test func tasksThatPreferTheExecutorRunOnTheConnectionsThread() async throws {
    let connection = try await slapd.connect()
    let names = try await withTaskExecutorPreference(connection.executor) {
      var names: Set<String> = []
      for _ in 0..<10 {
        names.insert(Self.threadName())
        _ = try await connection.whoAmI()
        names.insert(Self.threadName())
      }
      return names
    }
    #expect(names == ["ldap"])
  }

  private static func threadName() -> String {
    Command.read("/proc/thread-self/comm").map { String($0.dropLast()) } ?? ""
  }
}
