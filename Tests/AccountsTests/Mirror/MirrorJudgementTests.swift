import Accounts
import LDAP
import Support
import Testing

/// What follows from what is seen, each rule by itself: no directory, no register.
@Suite("What is seen of an entry, judged") struct MirrorJudgementTests {
  private static let uuid = Fixture.uuid
  private static let address = "ana@example.org"

  private static func snapshot(
    _ csn: String = "20", _ stamp: String? = "1#0", title: String = "Jefa", status: String = "active",
    mustChange: Bool = false, changed: String? = nil, modifier: String = "cn=admin", locked: String? = nil
  ) throws -> EntrySnapshot {
    var entry = Fixture.entry(
      address,
      [
        "entryCSN": [Value(csn)], "title": [Value(title)], "buzonStatus": [Value(status)],
        "buzonRequest": stamp.map { [Value($0)] } ?? [], "pwdReset": mustChange ? ["TRUE"] : [],
        "pwdChangedTime": changed.map { [Value($0)] } ?? [], "creatorsName": ["cn=maker"],
        "pwdAccountLockedTime": locked.map { [Value($0)] } ?? [],
      ])
    entry.attributes.append(Attribute("modifiersName", [Value(modifier)]))
    return try #require(EntrySnapshot(entry))
  }

  /// What is known of the account: as the procedure left it, at CSN 10.
  private static func known(
    title: String = "Jefa", expected: String? = nil, mustChange: Bool = false, open: String? = nil
  ) throws -> KnownAccount {
    let image = try snapshot("10", title: title).image.encoded
    return KnownAccount(
      entryUUID: uuid, csn: "10", dn: Fixture.dn("ana").description, addresses: [address], image: image,
      expected: try expected.map { try snapshot("10", title: $0).image.encoded }, mustChange: mustChange,
      openHandover: open)
  }

  private static func seen(
    _ snapshot: EntrySnapshot, _ model: MirrorModel, isLive: Bool = true, isFirst: Bool = false
  ) throws -> [MirrorEffect] {
    // As an operator may write it.
    let trusted = [try DN(parsing: "CN=portal, ou=services,dc=x")]
    return try MirrorJudgement(
      model, at: Fixture.now * 1_000, isLive: isLive, isFirst: isFirst, trusted: trusted
    ).seen(snapshot)
  }

  private static func model(_ known: KnownAccount?, _ change: (inout MirrorModel) -> Void = { _ in }) -> MirrorModel {
    var model = MirrorModel()
    model.accounts[uuid] = known
    change(&model)
    return model
  }

  @Test("That failed logins locked an account, or no longer do, is written and is no drift")
  func locks() throws {
    var known = try Self.known()
    let locked = try Self.snapshot(locked: "20261122110000Z")
    #expect(locked.account.lockedSince == 1_795_345_200)
    #expect(try Self.seen(locked, Self.model(known)) == [.write(locked, expected: known.image)])
    known.lockedSince = locked.account.lockedSince
    #expect(try Self.seen(locked, Self.model(known)) == [])
    let open = try Self.snapshot()
    #expect(try Self.seen(open, Self.model(known)) == [.write(open, expected: known.image)])
    // The lock for good belongs to the status.
    #expect(try Self.snapshot(locked: "000001010000Z").account.lockedSince == nil)
  }

  private static func news(_ effects: [MirrorEffect]) -> [MirrorNews] {
    effects.compactMap { if case .report(let news) = $0 { news } else { nil } }
  }

  private static func drifted(_ expected: String = "Jefa", _ present: String = "Otra", by: String? = "cn=admin")
    -> MirrorNews
  {
    .drifted(
      address: address, .init(attribute: "title", expected: [expected], present: [present]), by: by, request: "1#0")
  }

  // MARK: Seen

  @Test("What is older, or shows nothing new, has no effects")
  func nothingNew() throws {
    let model = Self.model(try Self.known())
    for csn in ["09", "10"] { #expect(try Self.seen(Self.snapshot(csn, title: "Otra"), model).isEmpty) }
    #expect(try Self.seen(Self.snapshot(modifier: "cn=directory"), model).isEmpty)
  }

  /// An entry that the mirror has, as the procedure left it with the title "Jefa" and the stamp 1#0.
  static let stories:
    [(name: String, expected: String?, stamp: String, title: String, origin: StampOrigin, news: [MirrorNews])] = [
      ("changed outside Buzón", nil, "1#0", "Otra", .settled, [drifted()]),
      ("put right", "Jefa", "1#0", "Jefa", .settled, [.mended(address: address, attribute: "title")]),
      ("our change, whose outcome isn't known", nil, "2#0", "Otra", .open, []),
      ("our change, done since the backup", nil, "2#0", "Otra", .settled, []),
      ("the stamp of a change that a later one of ours followed", nil, "0#0", "Jefa", .overtaken, [stamped("0#0")]),
      ("a stamp of nobody's", nil, "x", "Jefa", .unknown, [stamped("x")]),
    ]

  private static func stamped(_ stamp: String) -> MirrorNews {
    .drifted(
      address: address, .init(attribute: "buzonRequest", expected: ["1#0"], present: [stamp]), by: "cn=admin",
      request: "1#0")
  }

  @Test("An entry that is known", arguments: stories.indices)
  func known(_ index: Int) throws {
    let story = Self.stories[index]
    let title = story.expected == nil ? "Jefa" : "Otra"
    let model = Self.model(try Self.known(title: title, expected: story.expected)) {
      $0.origins[story.stamp] = story.origin
      if story.expected != nil { $0.drifts[Self.uuid] = ["title"] }
    }
    let effects = try Self.seen(Self.snapshot("20", story.stamp, title: story.title), model)
    #expect(Self.news(effects) == story.news, "\(story.name)")
    guard case .write(_, let expected, _, _) = effects.first else {
      Issue.record("\(story.name): \(effects)")
      return
    }
    // It is taken as it is where nobody can say what the procedure left.
    #expect((expected == nil) == (story.stamp == "2#0" && story.origin == .settled), "\(story.name)")
  }

  @Test("Drift that was noted before a change which only a backup forgot is over")
  func forgotten() throws {
    let model = Self.model(try Self.known(title: "Otra", expected: "Jefa")) {
      $0.origins["2#0"] = .settled
      $0.drifts[Self.uuid] = ["title", "entry"]
    }
    let effects = try Self.seen(Self.snapshot("20", "2#0", title: "Nueva"), model)
    #expect(effects.contains(.endDrift(attribute: "title")) && !effects.contains(.endDrift(attribute: "entry")))
    #expect(Self.news(effects) == [.mended(address: Self.address, attribute: "title")])
  }

  @Test("What was told is told again where it was changed once more, and who did it only where it happens now")
  func told() throws {
    let again = Self.model(try Self.known(title: "Otra", expected: "Jefa")) { $0.drifts[Self.uuid] = ["title"] }
    #expect(try Self.news(Self.seen(Self.snapshot(title: "Otra", status: "suspended"), again)).count == 1)
    let third = Self.drifted("Jefa", "Tercera", by: "cn=other")
    #expect(try Self.news(Self.seen(Self.snapshot(title: "Tercera", modifier: "cn=other"), again)) == [third])
    let later = Self.model(try Self.known())
    #expect(
      try Self.news(Self.seen(Self.snapshot(title: "Otra"), later, isLive: false)) == [Self.drifted(by: nil)])
  }

  /// An entry that the mirror doesn't have.
  static let meetings: [(name: String, csn: String, origin: StampOrigin, isFirst: Bool, isMade: Bool, isOurs: Bool)] = [
    ("made outside Buzón", "20", .unknown, false, true, false),
    ("the directory is read for the first time", "20", .unknown, true, true, true),
    ("our create, before its answer", "20", .open, false, true, true),
    ("our create, done since the backup", "20", .settled, false, true, true),
    ("of a time before it went", "15", .unknown, false, false, true),
  ]

  @Test("An entry that isn't known", arguments: meetings.indices)
  func met(_ index: Int) throws {
    let row = Self.meetings[index]
    let model = Self.model(nil) {
      $0.origins["1#0"] = row.origin
      $0.tombstones[Self.uuid] = "15"
    }
    let snapshot = try Self.snapshot(row.csn)
    var effects: [MirrorEffect] = row.isMade ? [.write(snapshot, expected: nil)] : []
    if row.isOurs, row.origin == .settled { effects.append(.forgetVanished(address: Self.address)) }
    if !row.isOurs {
      effects += [
        .noteDrift(attribute: "entry", address: Self.address, by: "cn=maker", request: "1#0"),
        .report(.appeared(address: Self.address, by: "cn=maker", request: "1#0")),
      ]
    }
    #expect(try Self.seen(snapshot, model, isFirst: row.isFirst) == effects, "\(row.name)")
  }

  @Test("An entry that had gone is there again, and is compared with what the procedure left")
  func back() throws {
    let standard = try Self.snapshot().image
    let model = Self.model(nil) {
      $0.vanished[Self.uuid] = standard
      $0.drifts[Self.uuid] = ["entry"]
    }
    let effects = try Self.seen(Self.snapshot(title: "Otra"), model)
    #expect(Self.news(effects) == [.mended(address: Self.address, attribute: "entry"), Self.drifted()])
    #expect(effects.contains(.endDrift(attribute: "entry")))
    var adopted = model
    adopted.origins["2#0"] = .open
    let ours = try Self.seen(Self.snapshot("20", "2#0", title: "Otra"), adopted)
    #expect(Self.news(ours) == [.mended(address: Self.address, attribute: "entry")], "our adopt isn't judged")
  }

  @Test("An adopt takes the entry for the one that went")
  func adopted() throws {
    let model = Self.model(try Self.known()) { $0.drifts[Self.uuid] = ["entry"] }
    let effects = try Self.settled(Self.snapshot("10"), model, claims: .all).before
    #expect(effects.contains(.endDrift(attribute: "entry")))
    #expect(effects.contains(.forgetVanished(address: Self.address)))
  }

  // MARK: Gone

  /// It is told with all that the procedure had left there.
  private static let vanished = MirrorNews.vanished(
    address: address,
    fields: ManagedImage(Entry(dn: Fixture.dn("ana"), attributes: [])).differences(
      from: ManagedImage(Fixture.entry(address, ["title": ["Jefa"], "buzonRequest": ["1#0"]]))), request: "1#0")

  /// Who may have removed an entry.
  static let goings:
    [(name: String, csn: String?, change: @Sendable (inout MirrorModel) -> Void, news: [MirrorNews]?)] =
      [
        ("removed outside Buzón", "20", { _ in }, [vanished]),
        ("not seen any more", nil, { _ in }, [vanished]),
        ("before what is known of it", "09", { _ in }, nil),
        ("our delete", "20", { $0.deleting = [uuid] }, []),
        ("what we made and took back", "20", { $0.takenBack = ["1#0"] }, []),
        (
          "made outside Buzón too", "20", { $0.drifts[uuid] = ["entry"] },
          [.mended(address: address, attribute: "entry")]
        ),
        ("not known", "20", { $0.accounts = [:] }, nil),
      ]

  @Test("An entry goes", arguments: goings.indices)
  func gone(_ index: Int) throws {
    let row = Self.goings[index]
    let model = Self.model(try Self.known(), row.change)
    let effects = try MirrorJudgement(model, at: 1).gone(Self.uuid, csn: row.csn)
    guard let news = row.news else { return #expect(effects.isEmpty, "\(row.name)") }
    #expect(effects.first == .remove(entryUUID: Self.uuid, csn: row.csn), "\(row.name)")
    #expect(Self.news(effects) == news, "\(row.name)")
  }

  // MARK: Passwords

  /// The temporary password of request 7 is on its way, and the entry showed that the password was changed at 11:00.
  static let passwords:
    [(
      name: String, mustChange: Bool, wasTemporary: Bool, changed: String?, modifier: String, isLive: Bool,
      state: HandoverState?, news: [MirrorNews]
    )] = [
      (
        "the user set his own", false, true, "20261122110500Z", own, true, .closed,
        [.closed(address: address, number: "7", isCertain: true)]
      ),
      (
        "within the second", false, true, "20261122110000Z", own, true, .closed,
        [.closed(address: address, number: "7", isCertain: true)]
      ),
      (
        "nobody saw who", false, true, "20261122110500Z", "cn=admin", false, .closed,
        [.closed(address: address, number: "7", isCertain: false)]
      ),
      (
        "a portal set one that the user chose", false, true, "20261122110500Z", portal, true, .closed,
        [.closed(address: address, number: "7", isCertain: true, portal: portal)]
      ),
      (
        "a portal set a temporary one", true, true, "20261122110500Z", portal, true, .expired,
        [.overridden(address: address, number: "7", by: portal)]
      ),
      (
        "a portal took the duty away", false, true, "20261122110000Z", portal, true, nil,
        [.released(address: address, number: "7", by: portal)]
      ),
      (
        "a portal, and nobody saw it", false, true, "20261122110500Z", portal, false, .closed,
        [.closed(address: address, number: "7", isCertain: false)]
      ),
      (
        "somebody else set one", false, true, "20261122110500Z", "cn=admin", true, .expired,
        [.overridden(address: address, number: "7", by: "cn=admin")]
      ),
      (
        "somebody else set a temporary one", true, true, "20261122110500Z", "cn=admin", true, .expired,
        [.overridden(address: address, number: "7", by: "cn=admin")]
      ),
      (
        "the duty was taken away", false, true, "20261122110000Z", "cn=admin", true, nil,
        [.released(address: address, number: "7", by: "cn=admin")]
      ),
      ("told already", false, false, "20261122110000Z", "cn=admin", true, nil, []),
      (
        "the user after that", false, false, "20261122110500Z", own, true, .closed,
        [.closed(address: address, number: "7", isCertain: true)]
      ),
      ("a failed login", true, true, "20261122110000Z", "cn=admin", true, nil, []),
    ]
  private static let own = Fixture.dn("ana").description
  private static let portal = "cn=Portal,ou=services,dc=x"

  @Test("A password changes", arguments: passwords.indices)
  func password(_ index: Int) throws {
    let row = Self.passwords[index]
    var known = try Self.known(mustChange: row.wasTemporary, open: "7")
    known.passwordChanged = try Self.snapshot(changed: "20261122110000Z").passwordChanged
    let snapshot = try Self.snapshot(mustChange: row.mustChange, changed: row.changed, modifier: row.modifier)
    let effects = try Self.seen(snapshot, Self.model(known), isLive: row.isLive)
    #expect(Self.news(effects) == row.news, "\(row.name)")
    let ended = effects.compactMap { if case .endHandover(let state, _, _) = $0 { state } else { nil } }
    #expect(ended == (row.state.map { [$0] } ?? []), "\(row.name)")
    let isReleased = row.news.contains { if case .released = $0 { true } else { false } }
    #expect(effects.contains(.releaseHandover(by: row.modifier)) == isReleased, "\(row.name)")
    known.openHandover = nil
    #expect(try Self.news(Self.seen(snapshot, Self.model(known))).isEmpty, "\(row.name): no hand-over, no news")
  }

  // MARK: Our own answers

  private static func settled(
    _ snapshot: EntrySnapshot, _ model: MirrorModel, claims: ManagedValues = .stamp, _ handover: HandoverEffect = .none,
    isNew: Bool = false, isClock: Bool = false
  ) throws -> (before: [MirrorEffect], after: [MirrorEffect]) {
    try MirrorJudgement(model, at: Fixture.now * 1_000).settled(
      snapshot, claims: claims, handover: handover, state: handover == .none ? .none : .open, isNew: isNew,
      isClock: isClock)
  }

  @Test("Our answer writes its own values, and leaves visible what was changed outside Buzón")
  func merged() throws {
    let model = Self.model(try Self.known())
    let effects = try Self.settled(Self.snapshot("20", "2#0", title: "Otra"), model).before
    let standard = try Self.snapshot("20", "2#0", title: "Jefa").image.encoded
    #expect(effects.first == .write(try Self.snapshot("20", "2#0", title: "Otra"), expected: standard))
    #expect(Self.news(effects).count == 1)
  }

  @Test("Where the directory told something later, that stays, and is judged now")
  func later() throws {
    var known = try Self.known(title: "Otra")
    known.csn = "30"
    let effects = try Self.settled(Self.snapshot("20", "1#0"), Self.model(known), claims: .all).before
    #expect(effects.first == .expect(try Self.snapshot("20", "1#0").image.encoded))
    #expect(Self.news(effects) == [Self.drifted(by: nil)])
  }

  @Test("A create finds that its address stood under an entry that was removed outside Buzón")
  func vacated() throws {
    var other = try Self.known()
    other.entryUUID = "other"
    let model = Self.model(nil) { $0.accounts["other"] = other }
    let effects = try Self.settled(Self.snapshot(), model, claims: .all, isNew: true).before
    #expect(
      effects.prefix(3) == [
        .remove(entryUUID: "other", csn: "10"),
        .detach(address: Self.address, from: "other", due: Fixture.now), .forgetVanished(address: Self.address),
      ])
  }

  @Test("An entry that went between our operation and its outcome is not brought back")
  func buried() throws {
    let model = Self.model(nil) { $0.tombstones[Self.uuid] = "25" }
    let effects = try Self.settled(Self.snapshot(), model, claims: .all, .granted(ends: 5), isNew: true)
    #expect(Self.news(effects.before) == [Self.vanished])
    #expect(effects.after == [.showHandover])
  }

  /// What a change does to the hand-over once its outcome is written.
  static let handovers: [(HandoverEffect, isQuick: Bool, [MirrorEffect])] = [
    (.none, false, []), (.granted(ends: 5), false, [.showHandover]),
    (.granted(ends: 5), true, [.endHandover(.closed, by: nil, next: .at(Fixture.now)), .showHandover]),
    (.postponed(ends: 6), false, [.postpone(ends: 6)]),
    (.scrambled, false, [.endHandover(.expired, by: "clock", next: .never), .endClock]), (.settled, false, [.endClock]),
  ]

  @Test("The hand-over after an outcome", arguments: handovers.indices)
  func handover(_ index: Int) throws {
    let (effect, isQuick, effects) = Self.handovers[index]
    let snapshot = try Self.snapshot(mustChange: !isQuick)
    #expect(try Self.settled(snapshot, Self.model(nil), effect).after == effects)
    let retained = try Self.snapshot(status: "retained", mustChange: true)
    #expect(
      try Self.settled(retained, Self.model(nil), effect).before.last
        == .endHandover(.expired, by: "delete", next: .kept))
  }

  @Test("What the clock couldn't do it doesn't try again for its own writing")
  func clock() throws {
    let model = Self.model(try Self.known())
    #expect(try Self.settled(Self.snapshot(), model).before.contains(.retryClock))
    #expect(try !Self.settled(Self.snapshot(), model, isClock: true).before.contains(.retryClock))
    #expect(try Self.seen(Self.snapshot(title: "Otra"), model).contains(.retryClock))
  }

  @Test("Our delete buries the entry for longer than two clocks may differ")
  func removed() throws {
    let effects = try MirrorJudgement(MirrorModel(), at: Fixture.now * 1_000).removed(Self.uuid)
    #expect(effects == [.remove(entryUUID: Self.uuid, csn: "20261122111523Z"), .endClock])
  }

  // MARK: Addresses

  private static let memory: Int64 = 86_400
  private static let until = Fixture.now + memory

  private static func retired(_ effects: [MirrorEffect]) -> [String] {
    effects.flatMap { effect -> [String] in
      guard case .retire(let addresses, let holder, until) = effect, holder == uuid else { return [] }
      return addresses
    }
  }

  @Test("An address that leaves an account is remembered, whoever took it away")
  func left() throws {
    var known = try Self.known()
    known.addresses = [Self.address, "jefe@example.org"]
    let model = Self.model(known)
    let judgement = MirrorJudgement(model, at: Fixture.now * 1_000, addressMemory: Self.memory)
    #expect(try Self.retired(judgement.seen(Self.snapshot(title: "Otra"))) == ["jefe@example.org"])
    #expect(
      try Self.retired(
        judgement.settled(
          Self.snapshot("20", "2#0"), claims: .stamp, handover: .none, state: .none, isNew: false, isClock: false
        ).before) == ["jefe@example.org"])
    let forgetful = MirrorJudgement(model, at: Fixture.now * 1_000)
    #expect(try Self.retired(forgetful.seen(Self.snapshot(title: "Otra"))).isEmpty, "policy.address_memory: 0 d")
  }

  @Test("The addresses of an account that goes are remembered, unless it was never handed over, or we take it back")
  func addressesOfTheGone() throws {
    for (isHandedOver, isTakenBack) in [(true, false), (false, false), (true, true)] {
      let model = Self.model(try Self.known()) {
        $0.handedOver = isHandedOver ? [Self.uuid] : []
        $0.takenBack = isTakenBack ? ["1#0"] : []
      }
      let judgement = MirrorJudgement(model, at: Fixture.now * 1_000, addressMemory: Self.memory)
      let isRemembered = isHandedOver && !isTakenBack
      #expect(try Self.retired(judgement.gone(Self.uuid, csn: "20")) == (isRemembered ? [Self.address] : []))
      #expect(try Self.retired(judgement.removed(Self.uuid)) == (isHandedOver ? [Self.address] : []))
      #expect(try Self.retired(judgement.vacated(Self.address)) == (isHandedOver ? [Self.address] : []))
    }
  }
}
