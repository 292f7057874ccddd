import Glibc
import LDAP
import Testing

/// The refresh stage of RFC 4533 with slapd's syncprov. Each test has a server of its own.
@Suite(.serialized) struct SyncTests {
  let slapd: Slapd
  let connection: Connection
  static let filter = Filter.and([.equal("objectClass", "inetOrgPerson"), .substring("uid", initial: "s")])
  static let attributes = ["uid", "title", "entryUUID"]

  init() async throws {
    slapd = try Self.provider("olcSpSessionlog: 50")
    connection = try await slapd.connect()
  }

  static func provider(_ lines: String) throws -> Slapd {
    try Slapd(
      Slapd.Options(tls: false, database: "olcDbIndex: entryCSN,entryUUID eq\n", syncprov: lines))
  }

  /// Synchronizes once, to the end.
  static func refresh(
    _ mirror: inout SyncMirror, _ connection: Connection, reloadHint: Bool = false
  ) async throws(LDAPError) {
    mirror.begin()
    let messages = try await connection.sync(
      base: Slapd.people, filter: filter, attributes: attributes, mode: .refreshOnly, cookie: mirror.cookie,
      reloadHint: reloadHint)
    var isOver = false
    while true {
      let batch = try await messages.nextBatch()
      if batch.isEmpty { break }
      for message in batch {
        #expect(!isOver, "nothing follows the end")
        isOver = mirror.take(message)
      }
    }
    #expect(isOver, "the end is told")
    #expect(try await messages.nextBatch().isEmpty, "and stays the end")
  }

  /// What an ordinary search finds.
  static func directory(_ connection: Connection) async throws -> SyncMirror {
    try SyncMirror(
      await connection.searchAll(base: Slapd.people, filter: filter, attributes: attributes, limit: 0))
  }

  private func add(_ names: some Sequence<String>) async throws {
    for name in names {
      let (dn, attributes) = person(name, [Attribute("title", ["one"])])
      try await connection.add(dn, attributes)
    }
  }

  @Test func theFirstRefreshTellsEverythingOnceAndTheNextNothing() async throws {
    try await add((0..<20).map { "s\($0)" })
    try await add(["other"])
    var mirror = SyncMirror()
    try await Self.refresh(&mirror, connection)
    #expect(mirror.counts == ["add": 20, "done, deletes": 1])
    #expect(try await mirror == Self.directory(connection))
    let cookie = try #require(mirror.cookie)
    #expect(!cookie.isEmpty)
    try await Self.refresh(&mirror, connection)
    #expect(mirror.counts == ["done, deletes": 1])
    #expect(mirror.cookie == cookie)
  }

  @Test func aCookieBringsWhatHasChangedSince() async throws {
    try await add((0..<20).map { "s\($0)" })
    var mirror = SyncMirror()
    try await Self.refresh(&mirror, connection)
    try await add(["s20", "other"])
    try await connection.modify(person("s1").dn, [.replace("title", ["two"])])
    try await connection.delete(person("s2").dn)
    try await connection.modifyDN(person("s3").dn, newRDN: DN.rdn("uid", "t3"))  // leaves the content
    try await connection.modifyDN(person("s4").dn, newRDN: DN.rdn("uid", "s40"))  // stays in it
    try await connection.modifyDN(person("other").dn, newRDN: DN.rdn("uid", "s-other"))  // comes into it
    try await Self.refresh(&mirror, connection)
    #expect(mirror.counts == ["add": 4, "deleted id": 2, "done, deletes": 1])
    #expect(try await mirror == Self.directory(connection))
    #expect(mirror.entries.count == 20)
  }

  /// Then the server tells what is there, not what is gone.
  @Test func aCookieOlderThanTheSessionLogBringsTheIdsOfWhatIsThere() async throws {
    try await add((0..<300).map { "s\($0)" })
    var mirror = SyncMirror()
    try await Self.refresh(&mirror, connection)
    try await connection.delete(person("s0").dn)
    for number in 1...60 { try await connection.modify(person("s\(number)").dn, [.replace("title", ["two"])]) }
    try await Self.refresh(&mirror, connection)
    #expect(mirror.counts == ["add": 60, "present id": 299, "done, presents": 1])
    #expect(try await mirror == Self.directory(connection))
  }

  /// slapd keeps its state (contextCSN) in memory until it ends or has a checkpoint. Without one at each change, what was
  /// deleted before it was killed is never told to a consumer that missed it: seen with 2.5.13 and a session log.
  @Test(arguments: [SIGTERM, SIGKILL]) func aRestartedServerGoesOnFromTheCookie(_ signal: Int32) async throws {
    let slapd = try Self.provider("olcSpSessionlog: 50\nolcSpCheckpoint: 1 1")
    let first = try await slapd.connect()
    for number in 0..<20 {
      let (dn, attributes) = person("s\(number)")
      try await first.add(dn, attributes)
    }
    var mirror = SyncMirror()
    try await Self.refresh(&mirror, first)
    await first.close()
    slapd.stop(signal)
    try slapd.start()
    let second = try await slapd.connect()
    try await Self.refresh(&mirror, second)
    #expect(mirror.counts == ["done, deletes": 1])
    try await second.delete(person("s7").dn)
    try await second.modifyDN(person("s8").dn, newRDN: DN.rdn("uid", "t8"))
    await second.close()
    slapd.stop(signal)
    try slapd.start()
    let third = try await slapd.connect()
    try await Self.refresh(&mirror, third)
    #expect(try await mirror == Self.directory(third))
    #expect(mirror.entries.count == 18)
  }

  /// slapd takes it for none, and then tells nothing of what is gone: a consumer that begins anew forgets what it held.
  @Test func aCookieThatIsNoneBringsEverythingAgain() async throws {
    try await add((0..<5).map { "s\($0)" })
    var mirror = SyncMirror()
    for cookie in [[], Array("garbage".utf8), [0, 255, 10], Array("rid=000,csn=x".utf8)] {
      mirror.cookie = cookie
      try await Self.refresh(&mirror, connection)
      #expect(mirror.counts == ["add": 5, "done, deletes": 1], "\(cookie)")
      #expect(mirror.cookie != cookie)
    }
  }

  @Test func aCookieFromTheFutureIsRefused() async throws {
    try await add(["s1"])
    var mirror = SyncMirror()
    mirror.cookie = Array("rid=000,csn=20991231235959.000000Z#000000#000#000000".utf8)
    do throws(LDAPError) {
      try await Self.refresh(&mirror, connection)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.code == .unwillingToPerform)
    }
  }

  @Test func aServerThatWantsNoReloadSaysSoUnlessItIsAskedForOne() async throws {
    let slapd = try Self.provider("olcSpReloadHint: TRUE")
    let connection = try await slapd.connect()
    let (dn, attributes) = person("s1")
    try await connection.add(dn, attributes)
    var mirror = SyncMirror()
    try await Self.refresh(&mirror, connection)
    try await connection.modify(dn, [.replace("title", ["two"])])
    mirror.cookie = Array("rid=000,csn=20010101000000.000000Z#000000#000#000000".utf8)
    do throws(LDAPError) {
      try await Self.refresh(&mirror, connection)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.code == .syncRefreshRequired)
    }
    try await Self.refresh(&mirror, connection, reloadHint: true)
    #expect(mirror.counts == ["add": 1, "done, presents": 1])
    #expect(try await mirror == Self.directory(connection))
  }

  @Test func aServerOrADatabaseWithoutSyncRefuses() async throws {
    let plain = try Slapd(Slapd.Options(tls: false))
    #expect(try await plain.connect().supportsSync() == false)
    #expect(try await connection.supportsSync())
    let config = try DN(parsing: "cn=config")
    for (name, connection, base) in [
      ("no module", try await plain.connect(), Slapd.people), ("no overlay on this database", connection, config),
    ] {
      let error = await ldapError { () async throws(LDAPError) in
        for try await _ in try await connection.sync(base: base, mode: .refreshOnly) {}
      }
      #expect(error?.code == .unavailableCriticalExtension, "\(name)")
    }
  }

  @Test func referralEntriesArePlainEntries() async throws {
    let messages = try await connection.sync(base: Slapd.base, attributes: ["ref"], mode: .refreshOnly)
    var refs = 0
    for try await message in messages {
      if case .entry(.add, _, let entry, _) = message, !entry["ref"].isEmpty { refs += 1 }
    }
    #expect(refs == 1)
  }
}
