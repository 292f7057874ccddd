import Glibc
import LDAP
import Synchronization
import Testing

/// Something has happened.
private final class Flag: Sendable {
  private let value = Atomic(false)

  var isUp: Bool { value.load(ordering: .acquiring) }

  func raise() { value.store(true, ordering: .releasing) }
}

/// The persist stage of RFC 4533 with slapd's syncprov. Each test has a server of its own.
@Suite(.serialized) struct SyncPersistTests {
  let slapd: Slapd
  let connection: Connection

  init() async throws {
    slapd = try SyncTests.provider("olcSpSessionlog: 100")
    connection = try await slapd.connect()
  }

  private func add(_ name: String, title: Value = "one") async throws {
    let (dn, attributes) = person(name, [Attribute("title", [title])])
    try await connection.add(dn, attributes)
  }

  /// `state name title` of each entry; `cookie` for what happened outside the content.
  private func lines(_ messages: [SyncMessage]) -> [String] {
    messages.map { message in
      if case .entry(let state, _, let entry, let cookie) = message, cookie != nil {
        return "\(state) \(entry.dn.rdn?.description ?? "") \(entry.text("title") ?? "-")"
      }
      if case .cookie = message { return "cookie" }
      return "\(message)"
    }
  }

  @Test func whatOthersDoComesInTheOrderTheyDidIt() async throws {
    try await add("s1")
    let own = try await slapd.connect()
    let recorder = SyncRecorder(own)
    let refreshed = try await recorder.live()
    #expect(refreshed.count == 2)
    try await add("s2")
    try await connection.modify(person("s1").dn, [.replace("title", ["two"])])
    try await add("other")
    try await connection.modify(person("other").dn, [.replace("title", ["two"])])
    try await connection.modifyDN(person("s2").dn, newRDN: DN.rdn("uid", "s3"))
    try await connection.modifyDN(person("other").dn, newRDN: DN.rdn("uid", "s-other"))
    try await connection.modifyDN(person("s-other").dn, newRDN: DN.rdn("uid", "other"))
    try await connection.delete(person("s1").dn)
    try await add("s-last")
    let events = lines(try await recorder.messages(9))
    #expect(
      events == [
        "add uid=s2 one", "modify uid=s1 two", "cookie", "cookie", "modify uid=s3 one", "add uid=s-other two",
        "delete uid=other -", "delete uid=s1 -", "add uid=s-last one",
      ])
  }

  @Test func theLastCookieGoesOnWhereItStopped() async throws {
    var mirror = SyncMirror()
    for number in 0..<10 { try await add("s\(number)") }
    let first = SyncRecorder(try await slapd.connect())
    for message in try await first.live() { _ = mirror.take(message) }
    try await connection.delete(person("s3").dn)
    for message in try await first.messages(1) { _ = mirror.take(message) }
    first.cancel()
    _ = try await first.failure()
    try await connection.delete(person("s4").dn)
    try await add("s10")
    mirror.begin()
    let second = SyncRecorder(try await slapd.connect(), cookie: mirror.cookie)
    for message in try await second.live() { _ = mirror.take(message) }
    #expect(mirror.counts == ["add": 1, "deleted id": 1, "end of delete": 1])
    #expect(try await mirror == SyncTests.directory(connection))
  }

  /// libldap's own routines give the first of several queued entries N times and lose the others.
  @Test func whatQueuesUpWhileAnotherOperationIsInFlightComesOnceEach() async throws {
    let own = try await slapd.connect()
    let recorder = SyncRecorder(own)
    _ = try await recorder.live()
    let (held, isDone) = (Flag(), Flag())
    // The connection's thread is held until 100 events wait in its socket and a request of its own has been put in line.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: own.executor) {
        held.raise()
        try blockUntil("the others are done") { isDone.isUp }
      }
      try await waitUntil("the thread is held") { held.isUp }
      for _ in 0..<3 { group.addTask { _ = try await own.whoAmI() } }
      for number in 0..<100 { try await add("s\(number)") }
      isDone.raise()
      try await group.waitForAll()
    }
    let events = lines(try await recorder.messages(100))
    #expect(events == (0..<100).map { "add uid=s\($0) one" })
    #expect(recorder.batches.count < 100, "they came in batches")
    #expect(recorder.messages.count == 100)
  }

  @Test func otherOperationsRunBesideIt() async throws {
    let own = try await slapd.connect()
    let recorder = SyncRecorder(own)
    _ = try await recorder.live()
    for number in 0..<50 {
      let (dn, attributes) = person("s\(number)")
      async let found = own.searchAll(base: Slapd.people, attributes: ["1.1"])
      try await own.add(dn, attributes)
      #expect(try await found.count >= number)
    }
    #expect(try await recorder.messages(50).count == 50)
  }

  @Test func silenceIsNormalOnceTheRefreshIsOverAndNotBefore() async throws {
    let own = try await slapd.connect()
    let patience = Duration.seconds(2)
    let recorder = SyncRecorder(own, deadline: patience)
    _ = try await recorder.live()
    try await Task.sleep(for: patience * 2)
    try await add("s1")
    #expect(lines(try await recorder.messages(1)) == ["add uid=s1 one"])
    try slapd.freeze()
    defer { slapd.thaw() }
    let other = SyncRecorder(own, deadline: patience)
    guard case .unavailable(let reason)? = try await other.failure() else {
      Issue.record("no failure")
      return
    }
    #expect(reason.contains("in time"))
    slapd.thaw()
    try await add("s2")
    #expect(try await recorder.messages(2).count == 2, "the one that persists goes on")
  }

  @Test(arguments: [SIGTERM, SIGKILL]) func aServerThatEndsIsAnError(_ signal: Int32) async throws {
    let own = try await slapd.connect()
    let recorder = SyncRecorder(own)
    _ = try await recorder.live()
    kill(slapd.pid, signal)
    guard case .unavailable? = try await recorder.failure() else {
      Issue.record("no failure")
      return
    }
    #expect(await own.closed() != nil)
  }

  /// The window has one place, so it must be free again. slapd goes on, though it is writing events all the time.
  @Test func cancellingAbandonsItAndTheConnectionGoesOn() async throws {
    let own = try await slapd.connect(Connection.Options(window: 1))
    let slapd = slapd
    let isEnough = Flag()
    let writer = Task {
      let connection = try await slapd.connect()
      let (dn, attributes) = person("s-busy")
      try await connection.add(dn, attributes)
      var number = 0
      while !isEnough.isUp {
        number += 1
        try await connection.modify(dn, [.replace("title", [Value("\(number)")])])
      }
    }
    for _ in 0..<100 {
      let recorder = SyncRecorder(own)
      _ = try await recorder.live()
      _ = try await recorder.messages(3)
      recorder.cancel()
      #expect(try await recorder.failure() != nil)
      #expect(try await own.whoAmI().isEmpty == false)
    }
    isEnough.raise()
    try await writer.value
    #expect(own.isUsable)
  }
}
