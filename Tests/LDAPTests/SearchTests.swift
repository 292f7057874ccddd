import Glibc
import LDAP
import Testing

/// Resident memory of this process in KiB.
func residentMemory() -> Int {
  let pages = Command.read("/proc/self/statm")?.split(separator: " ")
  return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4
}

/// Whether resident memory says anything: AddressSanitizer keeps what was freed, ThreadSanitizer remembers what was touched.
func memoryCanBeMeasured() -> Bool {
  guard let program = dlopen(nil, RTLD_LAZY) else { return true }
  defer { dlclose(program) }
  return dlsym(program, "__asan_init") == nil && dlsym(program, "__tsan_init") == nil
}

@Suite struct SearchTests {
  static let count = 20_000

  /// A server with 20,000 small entries of about 200 bytes below ou=many.
  private static let slapd: Result<Slapd, any Error> = Result {
    let slapd = try Slapd()
    slapd.stop(SIGTERM)
    var text = "dn: ou=many,dc=example,dc=org\nobjectClass: organizationalUnit\nou: many\n\n"
    for number in 0..<count {
      text +=
        "dn: uid=m\(number),ou=many,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: m\(number)\ncn: María\nsn: L\n"
      text += "description: \(String(repeating: "x", count: 100))\n\n"
    }
    try Command.write(text, to: "\(slapd.folder)/many.ldif")
    try Command.run(
      ["slapadd", "-q", "-n", "1", "-F", "\(slapd.folder)/slapd.d", "-l", "\(slapd.folder)/many.ldif"],
      log: "\(slapd.folder)/slapadd.log")
    try slapd.start()
    return slapd
  }

  let slapd: Slapd
  let many = DN.rdn("ou", "many").under(Slapd.base)

  init() throws {
    slapd = try Self.slapd.get()
  }

  @Test func allEntriesComeOnceAndWhole() async throws {
    let connection = try await slapd.connect()
    var seen: Set<DN> = []
    let results = try await connection.search(base: many, scope: .oneLevel, attributes: ["uid", "description"])
    for try await entry in results {
      #expect(entry["description"].first?.bytes.count == 100)
      #expect(entry["cn"].isEmpty)
      seen.insert(entry.dn)
    }
    #expect(seen.count == Self.count)
  }

  @Test func scopesAndLimitsAreKept() async throws {
    let connection = try await slapd.connect()
    #expect(try await connection.searchAll(base: many, scope: .base).map(\.dn) == [many])
    #expect(
      try await connection.searchAll(base: many, attributes: ["1.1"], limit: Self.count + 1).count == Self.count + 1)
    let error = await ldapError { () async throws(LDAPError) in
      _ = try await connection.searchAll(base: many, scope: .oneLevel, limit: 10)
    }
    #expect(error?.code == .sizeLimitExceeded)
    let missing = await ldapError { () async throws(LDAPError) in
      _ = try await connection.searchAll(base: DN.rdn("ou", "none").under(Slapd.base))
    }
    #expect(missing?.code == .noSuchObject)
    #expect(try await connection.entry(many, filter: .present("mail")) == nil)
  }

  /// Nothing else is outstanding, so reading stops and the server waits for the reader.
  @Test func aSlowReaderSlowsTheServerDownAndFillsNoMemory() async throws {
    let connection = try await slapd.connect(
      Connection.Options(operation: .seconds(2), searchBuffer: 100))
    var seen = 0
    for try await _ in try await connection.search(base: many, scope: .oneLevel) {
      seen += 1
      // Far longer than the deadline: it's the server's silence that counts, not the reader's.
      if seen == 1000 { try await Task.sleep(for: .seconds(5)) }
    }
    #expect(seen == Self.count)
  }

  /// Answers of other operations stand behind the entries, so they are read, up to a bound.
  @Test func aSearchWhoseReaderOnlyDoesOtherThingsFailsAloneAndClearly() async throws {
    let connection = try await slapd.connect(Connection.Options(searchBuffer: 10))
    var iterator = try await connection.search(base: many, scope: .oneLevel).makeAsyncIterator()
    _ = try await iterator.next()
    for _ in 0..<200 { _ = try await connection.whoAmI() }
    let error = await ldapError { () async throws(LDAPError) in while try await iterator.next() != nil {} }
    guard case .unavailable(let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("slow"))
    #expect(try await connection.searchAll(base: many, scope: .base).count == 1)
  }

  @Test func leavingTheLoopAbandonsTheSearch() async throws {
    let connection = try await slapd.connect(Connection.Options(window: 1, searchBuffer: 10))
    for _ in 0..<50 {
      for try await _ in try await connection.search(base: many, scope: .oneLevel) { break }
      // The window has one place: it must be free again.
      #expect(try await connection.whoAmI().isEmpty == false)
    }
  }

  /// The search has 125 times as many entries as may wait, and each step of its reader uses the connection.
  @Test func aSearchInPagesLetsItsReaderUseTheConnection() async throws {
    let connection = try await slapd.connect(Connection.Options(window: 1, searchBuffer: 10))
    var (seen, last): (Set<DN>, DN?) = ([], nil)
    for try await entry in try await connection.search(base: many, scope: .oneLevel, pageSize: 150) {
      seen.insert(entry.dn)
      if seen.count.isMultiple(of: 50) { _ = try await connection.compare(entry.dn, "sn", "L") }
      if seen.count.isMultiple(of: 500) {
        try await connection.modify(entry.dn, [.replace("title", [Value("\(seen.count)")])])
        last = entry.dn
      }
    }
    #expect(seen.count == Self.count)
    #expect(try await connection.entry(#require(last))?.text("title") == "\(Self.count)")
  }

  @Test func aPageTellsWhereTheNextBegins() async throws {
    let connection = try await slapd.connect()
    func page(_ cookie: [UInt8]) async throws -> (count: Int, response: Response?) {
      let messages = try await connection.searchMessages(
        base: many, scope: .oneLevel, controls: [.pagedResults(size: 300, cookie: cookie)])
      var count = 0
      for try await _ in messages { count += 1 }
      return (count, await messages.response)
    }
    let first = try await page([])
    #expect(first.count == 300)
    let cookie = try #require(first.response?.pagedResults?.cookie)
    #expect(!cookie.isEmpty)
    #expect(try await page(cookie).count == 300)
    // The last page has no cookie, and a search that fits into one page has only that.
    var found = 0
    for try await _ in try await connection.search(base: many, scope: .base, pageSize: 300) { found += 1 }
    #expect(found == 1)
  }

  @Test func anErrorInAPageIsThrown() async throws {
    let connection = try await slapd.connect()
    let error = await ldapError { () async throws(LDAPError) in
      for try await _ in try await connection.search(base: DN.rdn("ou", "none").under(Slapd.base), pageSize: 10) {}
    }
    #expect(error?.code == .noSuchObject)
  }

  /// slapd closes a connection with more than 1,000 operations that it has not begun.
  @Test func thousandsOfDroppedSearchesLeaveTheConnectionUsable() async throws {
    let connection = try await slapd.connect()
    for _ in 0..<1_500 { _ = try await connection.search(base: many, scope: .oneLevel) }
    #expect(try await connection.whoAmI().isEmpty == false)
  }

  @Test func cancellingTheReaderAbandonsTheSearch() async throws {
    let connection = try await slapd.connect(Connection.Options(window: 1))
    let slapd = slapd
    let many = many
    let reader = Task {
      var seen = 0
      for try await _ in try await connection.search(base: many, scope: .oneLevel) {
        seen += 1
        if seen == 100 { try await Task.sleep(for: .seconds(60)) }
      }
    }
    try await waitUntil("the place is taken") {
      // A second caller has to wait while the reader sleeps.
      await Outcome { () async throws(LDAPError) in _ = try await connection.whoAmI(deadline: .milliseconds(50)) }
        == .notApplied
    }
    reader.cancel()
    await #expect(throws: (any Error).self) { try await reader.value }
    #expect(try await connection.whoAmI().isEmpty == false)
    _ = slapd
  }

  /// In a process of its own, so that no other test's memory is counted.
  @Test func tenThousandSearchesLeaveNoMemoryBehind() async throws {
    let ldapi = slapd.ldapi.description
    await #expect(processExitsWith: .success) {
      [ldapi = ldapi as String] in
      let many = DN.rdn("ou", "many").under(Slapd.base)
      let connection = try await Connection.open(LDAPURL(ldapi), credentials: .external)
      func round() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<8 {
            group.addTask {
              for number in 0..<250 {
                let dn = DN.rdn("uid", "m\(number)").under(many)
                guard try await connection.entry(dn)?["uid"] == [Value("m\(number)")] else { fail("another entry") }
              }
            }
          }
          try await group.waitForAll()
        }
      }
      for _ in 0..<2 { try await round() }
      let before = residentMemory()
      for _ in 0..<5 { try await round() }
      let after = residentMemory()
      let line = "10,000 searches: resident memory \(before) KiB, then \(after) KiB"
      say(line)
      if after - before > 20_000, memoryCanBeMeasured() { fail("memory grew: \(line)") }
    }
  }
}
