import Accounts
import GRDB
import LDAP
import Testing

@testable import Register

/// What the directory tells and what our own operations answer, in every order in which the two may come.
@Suite("What is seen of accounts") struct SightingTests {
  private let uuid = "u"

  private func account(_ csn: String, status: String = "active") -> Account {
    var account = Sample.account("ana@example.org", uuid: uuid)
    account.entryCSN = csn
    account.status = status
    return account
  }

  private func sighting(
    _ csn: String, _ stamp: String? = "1#0", title: String? = nil, mustChange: Bool = false, status: String = "active",
    modifier: String = "cn=admin", changed: Int64? = nil
  ) -> EntrySnapshot {
    var sighting = Sample.sighting(account(csn, status: status), stamp: stamp, title: title, mustChange: mustChange)
    if mustChange { sighting.passwordChanged = 77 }
    sighting.modifier = modifier
    sighting.creator = "cn=admin"
    if !mustChange { sighting.passwordChanged = changed }
    return sighting
  }

  @discardableResult
  private func observe(_ test: TestRegister, _ items: MirrorUpdate.Item..., isLive: Bool = true, isFirst: Bool = false)
    async throws -> MirrorChange
  {
    var batch = MirrorUpdate(isLive: isLive, isFirst: isFirst)
    batch.items = items
    return try await test.register.observe(batch, what: "test", at: Sample.time, addressMemory: 0).value()
  }

  /// Who ended a hand-over, and whether somebody else did: then the password reached somebody, known or not.
  @Test(arguments: [("clock", false), ("delete", false), ("reset", false), ("cn=admin", true), (nil, true)])
  func aPasswordThatSomebodyElseSetReachedSomebody(_ actor: String?, _ isOverridden: Bool) async throws {
    let test = try TestRegister()
    let id = try await test.accept("a")[0]
    let wasHandedOver = try await test.register.post { database in
      try database.execute(
        sql: """
          INSERT INTO handover (request, change_index, entry_uuid, state, granted, ends, ended, ended_by)
          VALUES (?, 0, 'u', 'expired', 1, 9, 5, ?)
          """, arguments: [id, actor])
      return try MirrorReader(database).wasHandedOver("u")
    }.value()
    #expect(wasHandedOver == isOverridden)
    #expect(try test.register.overriddenCount(since: 4) == (isOverridden ? 1 : 0))
    #expect(try test.register.overriddenCount(since: 5) == 0, "somebody took note of it")
  }

  /// A request of this number whose one change is under way on the entry.
  private func begin(_ test: TestRegister, _ number: String, salt: [UInt8]? = nil, _ operation: String = "modify")
    async throws -> Int64
  {
    let id = try await test.accept(number)[0]
    var change = Sample.intended(
      id, 0, Intent(operation: Sample.modify, entryUUID: uuid, stampRead: "1#0"), salt: salt)
    change.operation = operation
    try await test.register.intend([change], at: Sample.time).value()
    return id
  }

  @discardableResult
  private func settle(
    _ test: TestRegister, _ id: Int64, _ number: String, _ sighting: EntrySnapshot, claims: ManagedValues = .all,
    effect: HandoverEffect = .none
  ) async throws -> [MirrorNews] {
    var result = Sample.result(0, handover: effect == .none ? .none : .open)
    result.entryUUID = uuid
    return try await test.register.settle(
      [Sample.settled(id, number, result, mirror: .put(sighting, claims: claims, effect: effect))],
      completed: [CompletedRequest(id: id, outcome: .applied)], at: Sample.time
    ).value().flatMap(\.news)
  }

  /// A register that knows the account by a request of its own.
  private func known(_ number: String = "1", title: String? = "Jefa", effect: HandoverEffect = .none) async throws
    -> TestRegister
  {
    let test = try TestRegister()
    let id = try await begin(test, number, salt: [1, 2, 3])
    try await settle(
      test, id, number, sighting("10", "\(number)#0", title: title, mustChange: effect != .none), effect: effect)
    return test
  }

  // MARK: Drift

  @Test("A change outside Buzón is reported once, with its author, and ends when it is put right")
  func drift() async throws {
    let test = try await known()
    let change = try await observe(test, .seen(sighting("11", title: "Otra")))
    guard case .drifted(let address, let difference, let by, let request)? = change.news.first else {
      Issue.record("\(change.news)")
      return
    }
    #expect((address, difference.attribute, by, request) == ("ana@example.org", "title", "cn=admin", "1#0"))
    #expect((difference.expected, difference.present) == (["Jefa"], ["Otra"]))
    #expect(try await observe(test, .seen(sighting("12", title: "Otra"))).news.isEmpty, "told once")
    let drift = try test.register.drift()
    #expect(drift.map(\.address) == ["ana@example.org"])
    #expect(drift.first?.details.map(\.attribute) == ["title"])
    #expect(
      try await observe(test, .seen(sighting("13", title: "Jefa"))).news
        == [.mended(address: "ana@example.org", attribute: "title")])
    #expect(try test.register.drift().isEmpty)
  }

  @Test("Bookkeeping of the directory, and what is older than what is known, changes nothing")
  func bookkeeping() async throws {
    let test = try await known()
    for (csn, title) in [("11", "Jefa"), ("12", "Jefa"), ("09", "Otra"), ("10", "Otra")] {
      let change = try await observe(test, .seen(sighting(csn, title: title)))
      #expect(change.changed == 0 && change.news.isEmpty, "\(csn) \(title)")
    }
  }

  @Test(
    "Our own operation is no drift, whether it is seen before its answer is settled or after", arguments: [true, false])
  func ours(isSeenFirst: Bool) async throws {
    let test = try await known()
    let id = try await begin(test, "2")
    let after = sighting("20", "2#0", title: "Directora")
    if isSeenFirst { #expect(try await observe(test, .seen(after)).news.isEmpty) }
    #expect(try await settle(test, id, "2", after).isEmpty)
    if !isSeenFirst { #expect(try await observe(test, .seen(after)).news.isEmpty) }
    #expect(try test.register.drift().isEmpty)
    #expect(try await observe(test, .seen(sighting("21", "2#0", title: "Otra"))).news.count == 1, "and then it is")
  }

  @Test("A change outside Buzón right behind our operation is found, though both are seen as one before its answer")
  func behind() async throws {
    let test = try await known()
    let id = try await begin(test, "2")
    #expect(try await observe(test, .seen(sighting("21", "2#0", title: "Otra"))).news.isEmpty, "not judged yet")
    let news = try await settle(test, id, "2", sighting("20", "2#0", title: "Directora"))
    #expect(news.count == 1)
    let drift = try #require(try test.register.drift().first)
    #expect(drift.details.first?.expected == ["Directora"])
    #expect(drift.details.first?.present == ["Otra"])
  }

  @Test("A stamp that no change of ours left is drift itself")
  func forged() async throws {
    let test = try await known()
    let change = try await observe(test, .seen(sighting("11", "9999#0", title: "Jefa")))
    #expect(change.news.count == 1)
    #expect(try test.register.drift().first?.details.map(\.attribute) == ["buzonRequest"])
  }

  @Test("An account made outside Buzón is reported; not where the directory is read for the first time, nor our own")
  func appeared() async throws {
    let test = try TestRegister()
    #expect(try await observe(test, .seen(sighting("1", nil)), isFirst: true).news.isEmpty)
    let other = try TestRegister()
    #expect(
      try await observe(other, .seen(sighting("1", nil))).news
        == [.appeared(address: "ana@example.org", by: "cn=admin", request: nil)])
    #expect(try other.register.drift().first?.details.map(\.attribute) == ["entry"])
    let ours = try TestRegister()
    let id = try await begin(ours, "1")
    #expect(try await observe(ours, .seen(sighting("10"))).news.isEmpty)
    #expect(try await settle(ours, id, "1", sighting("10")).isEmpty)
    #expect(try ours.register.drift().isEmpty)
  }

  @Test("An account removed outside Buzón is reported, leaves the list, and no older image brings it back")
  func vanished() async throws {
    let test = try await known()
    let news = try await observe(test, .gone(entryUUID: uuid, csn: "20")).news
    guard case .vanished("ana@example.org", let fields, "1#0") = try #require(news.first) else {
      Issue.record("\(news)")
      return
    }
    #expect(news.count == 1 && fields.contains { $0.attribute == "mail" && $0.expected == ["ana@example.org"] })
    #expect(try test.register.accountCount() == 0)
    let drift = try #require(try test.register.drift().first)
    #expect(drift.present == nil && drift.expected != nil)
    let id = try await test.accept("2")[0]
    try await settle(test, id, "2", sighting("09"))
    try await observe(test, .seen(sighting("10")))
    #expect(try test.register.accountCount() == 0, "older than its end")
    try await observe(test, .seen(sighting("30")))
    #expect(try test.register.accountCount() == 1, "adopted again, say")
  }

  @Test("Our own removal is no news, seen before its answer or after", arguments: [true, false])
  func removed(isSeenFirst: Bool) async throws {
    let test = try await known()
    let id = try await begin(test, "2", "delete")
    if isSeenFirst { #expect(try await observe(test, .gone(entryUUID: uuid)).news.isEmpty) }
    _ = try await test.register.settle(
      [Sample.settled(id, "2", mirror: .remove(entryUUID: uuid))], completed: [], at: Sample.time
    ).value()
    if !isSeenFirst { #expect(try await observe(test, .gone(entryUUID: uuid)).news.isEmpty) }
    #expect(try test.register.drift().isEmpty)
    #expect(try test.register.accountCount() == 0)
  }

  @Test("What an undone create made goes by our hand")
  func undone() async throws {
    let test = try TestRegister()
    let id = try await test.accept("1")[0]
    try await test.register.intend([Sample.intended(id, 0, Intent(operation: Sample.modify))], at: 1).value()
    try await observe(test, .seen(sighting("10")))
    _ = try await test.register.settle(
      [Sample.settled(id, "1", Sample.result(0, .undone))], completed: [], at: Sample.time
    ).value()
    #expect(try await observe(test, .gone(entryUUID: uuid)).news.isEmpty)
    #expect(try test.register.drift().isEmpty)
  }

  @Test(
    "What an atomic request made and took back goes by our hand, also when it was planned anew since; a done one's doesn't"
  )
  func abandoned() async throws {
    let test = try TestRegister()
    let id = try await test.accept("1")[0]
    let change = AtomicChange(
      index: 0, address: "ana@example.org", operation: "adopt", turn: 0,
      stored: StoredIntent(intent: Intent(operation: Sample.modify, entryUUID: uuid), salt: nil))
    try await test.register.begin(id, [change], at: 1).value()
    try await observe(test, .seen(sighting("10")))
    try await test.register.abandon(id).value()
    #expect(try await observe(test, .gone(entryUUID: uuid)).news.isEmpty)
    #expect(try test.register.drift().isEmpty)

    let other = try await known("2")
    #expect(try await observe(other, .gone(entryUUID: uuid)).news.count == 1)
  }

  @Test("A going that is older than what is known of the entry is no news: it has come back since")
  func goneBefore() async throws {
    let test = try await known()
    #expect(try await observe(test, .gone(entryUUID: uuid, csn: "09")).news.isEmpty)
    #expect(try test.register.drift().isEmpty)
    #expect(try await observe(test, .gone(entryUUID: uuid, csn: "11")).news.count == 1)
  }

  @Test("What only wasn't seen comes back when it is seen again")
  func absent() async throws {
    let test = try await known()
    #expect(try await observe(test, .gone(entryUUID: uuid), isLive: false).news.count == 1)
    #expect(
      try await observe(test, .seen(sighting("10", title: "Jefa")), isLive: false).news
        == [.mended(address: "ana@example.org", attribute: "entry")])
    #expect(try test.register.drift().isEmpty)
  }

  @Test("The stamp of a change of ours on another entry makes nobody ours")
  func copied() async throws {
    let test = try await known()
    var copy = sighting("30", title: "Jefa")
    copy.account.entryUUID = "another"
    #expect(try await observe(test, .seen(copy)).news.count == 1)
  }

  @Test(
    "A status or time written outside Buzón is no reason for the clock", arguments: ["expires", "retained", "entry"])
  func clockOfOthers(_ what: String) async throws {
    let test = try what == "entry" ? TestRegister() : await known()
    var other = sighting(
      "30", what == "entry" ? nil : "1#0", title: "Jefa", status: what == "expires" ? "active" : "retained")
    var attributes = [Attribute("mail", ["ana@example.org"]), Attribute("buzonRequest", ["1#0"])]
    switch what {
    case "expires":
      other.account.expires = 1
      attributes.append(Attribute("buzonExpires", ["19700101000001Z"]))
    default:
      other.account.retainedSince = 1
      attributes.append(Attribute("buzonRetainedSince", ["19700101000001Z"]))
    }
    other.image = ManagedImage(Entry(dn: DN(), attributes: attributes))
    #expect(try await !observe(test, .seen(other)).news.isEmpty)
    #expect(try test.register.due(now: 1_000, retention: 1, limit: 9).isEmpty)
    // The procedure takes it as it is: an adopt, say.
    let id = try await begin(test, "2")
    other.account.entryCSN = "31"
    try await settle(test, id, "2", other)
    #expect(try test.register.due(now: 1_000, retention: 1, limit: 9).count == 1)
  }

  @Test("The accounts that a reading didn't name")
  func besides() async throws {
    let test = try await known()
    #expect(try test.register.accounts { $0 != "u" } == ["u"])
    #expect(try test.register.accounts { _ in true }.isEmpty)
  }

  // MARK: Hand-over

  private func state(_ test: TestRegister) throws -> StoredHandover? {
    try test.register.handovers(.number("1")).first
  }

  @Test("A granted password opens a hand-over with its salt; the change keeps none")
  func granted() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let open = try #require(try state(test))
    #expect((open.state, open.salt, open.ends, open.address) == (.open, [1, 2, 3], 5_000, "ana@example.org"))
    #expect(try test.register.request(number: "1")?.changes[0]?.handover == .open)
    let kept = try await test.register.post {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM change WHERE salt NOT NULL")
    }.value()
    #expect(kept == 0)
  }

  /// How pwdReset goes, and what that makes of the hand-over.
  static let ends: [(name: String, modifier: String, changed: Int64?, isLive: Bool, state: HandoverState)] = [
    ("by the user himself", "uid=ana@example.org,ou=people,dc=example,dc=org", Sample.time / 1_000, true, .closed),
    (
      "before we listened, by the user", "uid=ana@example.org,ou=people,dc=example,dc=org", Sample.time / 1_000, false,
      .closed
    ),
    ("before we listened, hidden by later writing", "cn=other", Sample.time / 1_000, false, .closed),
    ("by somebody else", "cn=admin", Sample.time / 1_000, true, .expired),
    ("without a new password", "cn=admin", nil, true, .open),
    ("with the password of before", "cn=admin", 77, true, .open),
  ]

  @Test("pwdReset goes", arguments: ends.indices)
  func ended(_ index: Int) async throws {
    let row = Self.ends[index]
    let test = try await known(effect: .granted(ends: 5_000))
    #expect(try await test.register.markRecorded([(1, 0)]).value())
    let change = try await observe(
      test, .seen(sighting("11", title: "Jefa", modifier: row.modifier, changed: row.changed)), isLive: row.isLive)
    let handover = try #require(try state(test))
    #expect(handover.state == row.state, "\(row.name)")
    #expect((handover.salt == nil) == (row.state != .open))
    #expect(change.news.count == 1)
    #expect(change.hasRecords)
    #expect(try test.register.request(number: "1")?.changes[0]?.handover == row.state)
    #expect(try test.register.stale(limit: 9).count == 1, "its record is to be written again")
    let due = try test.register.due(now: Sample.time, retention: 1, limit: 9)
    #expect(due.map(\.reason) == [row.state == .open ? .passwordUnused : .passwordChanged], "\(row.name)")
  }

  @Test("A hand-over that ends without another change of the entry is a change of the list all the same")
  func listed() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let released = try await observe(test, .seen(sighting("11", title: "Jefa", modifier: "cn=admin", changed: 77)))
    #expect(released.changed == 1 && released.news.count == 1)
    let own = "uid=ana@example.org,ou=people,dc=example,dc=org"
    let closed = try await observe(test, .seen(sighting("12", title: "Jefa", modifier: own, changed: 78)))
    #expect(closed.changed == 1 && closed.hasRecords)
    #expect(try state(test)?.state == .closed)
  }

  @Test("He was quick: the user's change is seen before our own answer is settled")
  func quick() async throws {
    let test = try TestRegister()
    let id = try await begin(test, "1", salt: [1])
    try await observe(
      test, .seen(sighting("11", changed: Sample.time)))
    try await settle(test, id, "1", sighting("10", mustChange: true), effect: .granted(ends: 9_000))
    #expect(try state(test)?.state == .closed)
    #expect(try state(test)?.salt == nil)
    #expect(try test.register.request(number: "1")?.changes[0]?.handover == .closed)
  }

  @Test("A reset ends the hand-over before it; so do delete and removal", arguments: ["reset", "retained", "gone"])
  func superseded(_ how: String) async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let id = try await begin(test, "2", salt: [7])
    switch how {
    case "reset":
      try await settle(
        test, id, "2", sighting("20", "2#0", title: "Jefa", mustChange: true), effect: .granted(ends: 6_000))
      #expect(try test.register.handovers(.number("2")).first?.salt == [7])
      #expect(try test.register.handovers(.open).map(\.number) == ["2"])
    case "retained":
      try await settle(
        test, id, "2", sighting("20", "2#0", title: "Jefa", mustChange: true, status: "retained"), claims: .stamp)
    default:
      _ = try await test.register.settle(
        [Sample.settled(id, "2", mirror: .remove(entryUUID: uuid))], completed: [], at: Sample.time
      ).value()
    }
    let first = try #require(try state(test))
    #expect((first.state, first.salt) == (.expired, nil))
    let isDue = try test.register.due(now: 5_500, retention: 1, limit: 9).contains { $0.reason == .passwordUnused }
    #expect(isDue == (how == "retained"), "the unused password is still there")
  }

  @Test("What the clock did is not asked for again; what it could not do is, once the entry changed")
  func clock() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let due = try test.register.due(now: 5_000, retention: 1, limit: 9)
    #expect(due.map(\.reason) == [.passwordUnused])
    var form = Sample.form("@1")
    form.clock = due
    let id = try #require(try await test.register.accept([form]).value().first?.id)
    #expect(try test.register.due(now: 5_000, retention: 1, limit: 9).isEmpty, "in hand")
    try await observe(test, .seen(sighting("15", title: "Otra", mustChange: true)))
    #expect(try test.register.due(now: 5_000, retention: 1, limit: 9).count == 1)
    try await settle(
      test, id, "@1", sighting("20", "@1#0", title: "Otra", mustChange: true), claims: .stamp, effect: .scrambled)
    #expect(try state(test)?.state == .expired)
    #expect(try test.register.due(now: 9_000, retention: 1, limit: 9).isEmpty)
  }

  @Test("The password of an account that is retained is scrambled in its time, once")
  func retainedUnused() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let id = try await begin(test, "2")
    try await settle(
      test, id, "2", sighting("20", "2#0", title: "Jefa", mustChange: true, status: "retained"), claims: .stamp)
    var form = Sample.form("@1")
    form.clock = try test.register.due(now: 6_000, retention: 1, limit: 9)
    #expect(form.clock.map(\.reason) == [.passwordUnused])
    let clock = try #require(try await test.register.accept([form]).value().first?.id)
    try await settle(
      test, clock, "@1", sighting("30", "@1#0", title: "Jefa", mustChange: true, status: "retained"), claims: .stamp,
      effect: .scrambled)
    #expect(try test.register.due(now: 9_000, retention: 1, limit: 9).isEmpty)
  }

  @Test("Our own operation overtakes the sight of the user's change, and tells it itself")
  func overtaken() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let id = try await begin(test, "2")
    let news = try await settle(
      test, id, "2", sighting("20", "2#0", title: "Jefa", changed: 99), claims: ManagedValues.stamp)
    #expect(news == [.closed(address: "ana@example.org", number: "1", isCertain: false)])
    #expect(try state(test)?.state == .closed)
    #expect(try state(test)?.salt == nil)
  }

  @Test("A grant whose answer was lost is settled after the user has changed the password already")
  func doubtful() async throws {
    let test = try await known(effect: .none)
    let id = try await begin(test, "2", salt: [7])
    try await settle(
      test, id, "2", sighting("20", "2#0", title: "Jefa", changed: 99), effect: .granted(ends: 6_000))
    let handover = try #require(try test.register.handovers(.number("2")).first)
    #expect((handover.state, handover.salt) == (.closed, nil))
  }

  @Test("A slip that was received is shown no more")
  func received() async throws {
    let test = try await known(effect: .granted(ends: 5_000))
    let id = try #require(try state(test)?.id)
    #expect(try await test.register.show([id], by: "root", at: 1).value() == [id: 1])
    #expect(try await test.register.show([id], by: "root", at: 2).value() == [id: 2])
    #expect(try await test.register.receive(id, by: "Ana", actor: "root", at: 3).value())
    #expect(try await test.register.show([id], by: "root", at: 4).value().isEmpty)
    #expect(try await !test.register.receive(id, by: "Eva", actor: "root", at: 5).value())
    let handover = try #require(try state(test))
    #expect((handover.state, handover.salt, handover.receivedBy) == (.delivered, nil, "Ana"))
    let events = try #require(try test.register.request(id: id.request)?.changes[id.index]?.handoverEvents)
    #expect(events.map(\.kind) == [.granted, .shown, .shown, .received])
    #expect(events.map(\.by) == [nil, "root", "root", "Ana"] && events.last?.recordedBy == "root")
  }
}
