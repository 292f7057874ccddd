import Forms
import Providers
import Register
import Testing

@testable import Agent

/// Where a change goes from each place by each event, and the faults that were found once.
@Suite struct RequestQueueTests {
  typealias Event = World.Event

  /// A place, the way there, and where each event leads from it: time passes, hold, release, cancel, retry, death.
  struct Row {
    var place: String
    var way: [Event]
    var next: [String]
    init(_ place: String, _ way: [Event], _ next: String...) { (self.place, self.way, self.next) = (place, way, next) }
  }

  static let single: [Row] = [
    Row("sent", [], "sent", "sent, held", "sent", "sent", "sent", "sent"),
    Row(
      "retrying", [.answer(flight: 0, .unread)], "sent", "held", "retrying", "skipped", "sent", "sent"),
    Row(
      "retrying, in doubt", [.answer(flight: 0, .lost)], "sent", "retrying, in doubt, held", "retrying, in doubt",
      "retrying, in doubt", "sent", "sent"),
    Row("deferred", [.answer(flight: 0, .refusedAlone)], "sent", "held", "deferred", "skipped", "sent", "sent"),
    Row(
      "recovering, in doubt", [.answer(flight: 0, .lost), .down, .die(kept: 0)], "recovering, in doubt",
      "recovering, in doubt, held", "recovering, in doubt", "recovering, in doubt", "recovering, in doubt",
      "recovering, in doubt"),
    Row(
      "kept, in doubt, held", [.answer(flight: 0, .lost), .hold(1), .die(kept: 0)], "kept, in doubt, held",
      "kept, in doubt, held", "sent", "kept, in doubt, held", "kept, in doubt, held", "kept, in doubt, held"),
    Row(
      "held", [.answer(flight: 0, .unread), .hold(1), .die(kept: 0)], "held", "held", "sent", "skipped", "held", "held"),
  ]

  static let events: [Event] = [.wait, .hold(1), .release(1), .cancel(1), .retry(1), .die(kept: 0)]

  static let atomic: [Row] = [
    Row("sent", [], "sent", "sent, held", "sent", "sent", "sent", "sent"),
    Row("group", [.answer(flight: 0, .unread)], "sent", "held", "group", "skipped", "sent", "sent"),
    Row(
      "group, in doubt", [.answer(flight: 0, .lost)], "sent", "group, in doubt, held", "group, in doubt",
      "group, in doubt", "sent", "sent"),
    Row("deferred", [.answer(flight: 0, .refusedAlone)], "sent", "held", "deferred", "skipped", "sent", "sent"),
  ]

  @Test(arguments: [false, true]) func everyPlaceAndEvent(isAtomic: Bool) throws {
    for row in isAtomic ? Self.atomic : Self.single {
      let world = try Self.world([Worlds.form(1, ["a"], isAtomic: isAtomic)], row.way)
      #expect(world.place(of: 1) == row.place)
      for (event, next) in zip(Self.events, row.next) {
        var after = world
        try after.happen(event)
        #expect(after.place(of: 1) == next, "\(row.place), \(event)")
      }
    }
  }

  @Test(arguments: [(World.Answer.applied, "applied"), (.failed, "failed"), (.unhashed, "recovering, in doubt")])
  func whatASentChangeBecomes(_ answer: World.Answer, _ place: String) throws {
    var world = try Self.world([Worlds.form(1, ["a"])], [.answer(flight: 0, answer)])
    if answer != .unhashed { try world.happen(.commit(flight: 0)) }
    #expect(world.place(of: 1) == place)
  }

  @Test func theTroubleIsOverWhenNothingWaitsForTheDirectoryAnyMore() throws {
    var world = try Self.world([Worlds.form(1, ["a"])], [.answer(flight: 0, .unread)])
    var waiting = world.queue
    waiting.endTroubleOfNobody()
    #expect(waiting.takeEffects().isEmpty && waiting.link.trouble != nil)
    try world.happen(.cancel(1))
    var queue = world.queue
    queue.endTroubleOfNobody()
    let effects = queue.takeEffects()
    #expect(effects.contains { if case .directoryBack = $0 { true } else { false } } && queue.link.trouble == nil)
  }

  @Test func aRefusalOfAccessIsSetAsideAtTheThirdTimeWhileOthersAreTaken() throws {
    var world = try World([Worlds.form(1, ["a"])], bad: [1: .refused])
    for _ in 1...2 {
      try world.happen(.answer(flight: 0, .refused))
      #expect(world.place(of: 1) == "deferred")
      try world.happen(.wait)
    }
    try world.happen(.answer(flight: 0, .refused))
    try world.happen(.die(kept: 2))
    #expect(world.place(of: 1) == "set aside")
  }

  @Test func whatWaitsForTheClockIsHeldAtTheTenthTime() throws {
    var world = try World([Worlds.form(1, ["a"])], bad: [1: .refusedForClock])
    for _ in 1..<RequestQueue.corrections {
      try world.happen(.answer(flight: 0, .refusedForClock))
      #expect(world.place(of: 1) == "deferred")
      try world.happen(.wait)
    }
    try world.happen(.answer(flight: 0, .refusedForClock))
    try world.happen(.die(kept: 20))
    #expect(world.place(of: 1) == "set aside")
  }

  // MARK: Faults that were found once

  /// Found by exploring: nothing woke the queue.
  @Test func whatWaitsBehindAHeldAtomicRequestMovesUpAtOnce() throws {
    let forms = [Worlds.form(1, ["a", "b"], isAtomic: true), Worlds.form(2, ["a"])]
    let world = try Self.world(forms, [.answer(flight: 0, .refusedWithAll), .hold(1), .wait])
    #expect(world.place(of: 2) == "sent")
  }

  /// Found by exploring: a cancelled request that waited behind a held one kept its addresses from unrelated requests.
  @Test func whatIsCancelledKeepsNobodyWaiting() throws {
    let forms = [Worlds.form(1, ["a"]), Worlds.form(2, ["a", "b"], isAtomic: true), Worlds.form(3, ["b"])]
    let world = try Self.world(forms, [.answer(flight: 0, .lost), .hold(1), .die(kept: 0), .cancel(2)])
    #expect(world.place(of: 1) == "kept, in doubt, held")
    #expect(world.place(of: 3) == "sent")
  }

  /// Found by exploring: changes that cost the connection each time, so many that nothing else came in, were tried for ever.
  @Test func manyThatCostTheConnectionKeepNobodyWaiting() throws {
    let forms = [Worlds.form(1, ["a", "b", "c", "d"]), Worlds.form(2, ["e"])]
    var world = try World(forms, bad: [1: .lost], limits: .init(admitted: 4, most: 8, batches: 2, batch: 2))
    try world.calm()
    #expect(world.place(of: 2) == "applied")
  }

  /// Found by exploring: the next run took an intent that was known not to be applied for in doubt.
  @Test func anIntentIsForgottenWhenOthersMayPass() throws {
    let world = try Self.world(
      [Worlds.form(1, ["a"])], [.answer(flight: 0, .refusedWithAll), .hold(1), .wait, .die(kept: 1)])
    #expect(world.place(of: 1) == "held")
  }

  /// Found by exploring: after a death a request that was released took its place before one that had passed it and was
  /// in doubt.
  @Test func whatIsInDoubtComesBeforeAllOthersAfterADeath() throws {
    let way: [Event] = [
      .answer(flight: 0, .unread), .hold(1), .wait, .answer(flight: 0, .appliedAndLost), .release(1), .down,
      .die(kept: 0),
    ]
    let world = try Self.world([Worlds.form(1, ["a"]), Worlds.form(2, ["a"])], way)
    #expect(world.place(of: 2) == "recovering, in doubt")
    #expect(world.place(of: 1) == "in order")
  }

  /// Found by exploring: a change that takes the connection away each time was tried for ever before any other.
  @Test func whatWaitsAloneHasItsTurnInTrouble() throws {
    var world = try World([Worlds.form(1, ["a"]), Worlds.form(2, ["b"])], bad: [1: .lost])
    for event in [Event.answer(flight: 0, .unread), .die(kept: 0), .answer(flight: 1, .refused)] {
      try world.happen(event)
    }
    #expect(world.place(of: 2) == "deferred")
    try world.calm()
    #expect(world.place(of: 2) == "applied")
  }

  /// Whatever the number of failures is when the directory comes back.
  @Test func anAtomicRequestThatIsAloneIsTriedAfterAnyNumberOfFailures() throws {
    for failures in 1...9 {
      var world = try Self.world([Worlds.form(1, ["a"], isAtomic: true)], [.down, .die(kept: 0)])
      for _ in 1..<failures { try world.happen(.wait) }
      try world.calm()
      #expect(world.place(of: 1) == "applied", "\(failures) failures")
    }
  }

  @Test func whereHeldWorkLeavesTheBacklogIsRead() throws {
    let forms = [Worlds.form(1, ["a", "b", "c"]), Worlds.form(2, ["a"])]
    var world = try World(forms, limits: .init(admitted: 4, most: 8, batches: 2, batch: 2))
    for event in [Event.down, .die(kept: 0), .hold(1)] { try world.happen(event) }
    try world.calm()
    #expect(world.place(of: 2) == "applied")
  }

  /// The first change left while the request was held. The second moved up, but the only place went to another request.
  @Test func aReleasedRequestKeepsItsOwnOrder() throws {
    var world = try Self.world(
      [Worlds.form(1, ["a", "a"]), Worlds.form(2, ["b"])],
      [.answer(flight: 0, .unread), .hold(1), .wait, .release(1)])
    #expect(world.place(of: 1) == "in order, held" || world.place(of: 1) == "in order")
    #expect(world.place(of: 2) == "sent")
    // The world sees to the order.
    try world.calm()
    #expect(world.place(of: 1) == "applied")
  }

  /// The backlog delivers a request before the intake does, and it is done by then.
  @Test func whatIsDoneIsNotAdmittedAgain() throws {
    var world = try World([Worlds.form(1, ["a"])], late: [Worlds.form(2, ["b"])], bad: [1: .refusedAlone])
    for event in [
      Event.answer(flight: 0, .applied), .hold(1), .accept, .release(1), .answer(flight: 0, .applied),
      .commit(flight: 0),
    ] { try world.happen(event) }
    #expect(world.place(of: 2) == "applied")
    // Lowers the place where the backlog goes on.
    for event in [Event.hold(1), .release(1), .admit] { try world.happen(event) }
    #expect(world.place(of: 2) == "applied")
  }

  /// What was sent before it was planned again has an intent in the register too.
  @Test func anIntentThatWasSentBeforeIsForgottenToo() throws {
    var queue = Self.queue(accepted: ["a"])
    guard case .change(var item)? = queue.entries.values.first else { throw World.Violation("no change") }
    item.sent = World.intent
    queue.withdraw(.change(item))
    #expect(queue.takeEffects().contains { if case .withdraw(item.id) = $0 { true } else { false } })
  }

  /// The next entry of the address is stored behind the withdrawal, so no run finds two intents.
  @Test func anEntryIsWithdrawnBeforeTheNextOfItsAddressIsSent() throws {
    var queue = Self.queue(accepted: ["a"], ["a"])
    queue.connected()
    guard case .send(let batch) = queue.next(at: .now, isUsable: true).step,
      case .change(var item)? = batch.entries.first
    else { throw World.Violation("not sent") }
    item.stored = World.intent
    let trouble = Trouble(what: "refused", remedy: "")
    _ = queue.returned(batch.id, [(.change(item), .refused(trouble, .unclear))])
    queue.judged(batch.id, rehearsal: .passed, at: .now)
    queue.left(batch.id)
    queue.beginHold(1)
    queue.tryDeferredNow()
    _ = queue.takeEffects()
    let (effects, step) = queue.next(at: .now, isUsable: true)
    #expect(effects.contains { if case .withdraw(item.id) = $0 { true } else { false } })
    guard case .send(let next) = step else { throw World.Violation("not sent") }
    #expect(next.entries.map(\.request) == [2])
  }

  @Test func theProviderThatMayKnowWhatIsInDoubtIsKept() throws {
    var queue = RequestQueue(backoff: Backoff(first: .seconds(1), longest: .seconds(1)), once: false)
    var open = OpenRequest(id: 1, request: Worlds.form(1, ["a"]), bytes: [], digest: [], received: 0)
    open.intents = [0: World.intent]
    queue.inherit([open]) { _ in [:] }
    queue.connected()
    queue.read([], last: nil) { _ in [:] }
    guard case .count(let entry) = queue.next(at: .now, isUsable: true).step else {
      throw World.Violation("not counted")
    }
    queue.counted(entry.ticket, deaths: 1)
    queue.disconnected()
    guard case .connect = queue.next(at: .now, isUsable: false).step else {
      throw World.Violation("another provider is tried")
    }
  }

  /// The change is not at fault, and in doubt it stays so: another server may know it.
  @Test func aServerThatTakesNoWritesIsLeftAndTheChangeSentAgain() throws {
    var queue = Self.queue(accepted: ["a"])
    queue.connected()
    let now = ContinuousClock.now
    guard case .send(let batch) = queue.next(at: now, isUsable: true).step else { throw World.Violation("not sent") }
    let trouble = Trouble(what: "53", remedy: "")
    let returned = queue.returned(batch.id, batch.entries.map { ($0, .refused(trouble, .server)) })
    #expect(returned.settled.isEmpty && returned.rehearsal == nil)
    queue.judged(batch.id, rehearsal: nil, at: now)
    queue.left(batch.id)
    let isLeft = queue.takeEffects().contains { if case .leave(trouble) = $0 { true } else { false } }
    #expect(isLeft)
    queue.disconnected()
    queue.tryNow()
    guard case .connect = queue.next(at: now, isUsable: false).step else { throw World.Violation("not connected") }
    queue.connected()
    guard case .send(let again) = queue.next(at: now, isUsable: true).step else {
      throw World.Violation("not sent again")
    }
    #expect(again.entries.map(\.ticket) == batch.entries.map(\.ticket))
  }

  /// What lags waits without ever being held, and the others go on.
  @Test func aChangeOfAnAccountThatLagsIsNeverHeld() throws {
    var queue = Self.queue(accepted: ["a"])
    queue.connected()
    var now = ContinuousClock.now
    for _ in 0..<20 {
      guard case .send(let batch) = queue.next(at: now, isUsable: true).step else { throw World.Violation("not sent") }
      let returned = queue.returned(
        batch.id, batch.entries.map { ($0, .refused(Trouble(what: "lag", remedy: ""), .lag)) })
      #expect(returned.rehearsal == nil)
      queue.judged(batch.id, rehearsal: nil, at: now)
      queue.left(batch.id)
      let isHeld = queue.takeEffects().contains { if case .hold = $0 { true } else { false } }
      #expect(!isHeld)
      now += .seconds(3_600)
    }
  }

  /// A server that takes the bind and closes at once would be connected to without a pause.
  @Test func aConnectionThatEndsAtOnceCountsAsLost() throws {
    var queue = Self.queue(accepted: ["a"])
    queue.connected()
    let now = ContinuousClock.now
    guard case .send(let batch) = queue.next(at: now, isUsable: false).step else { throw World.Violation("not sent") }
    _ = queue.returned(batch.id, batch.entries.map { ($0, .lost(Trouble(what: "lost", remedy: ""))) })
    queue.judged(batch.id, rehearsal: nil, at: now)
    queue.left(batch.id)
    guard case .wait(until: .some) = queue.next(at: now, isUsable: false).step else {
      throw World.Violation("no pause")
    }
  }

  private static func queue(accepted forms: [String]...) -> RequestQueue {
    var queue = RequestQueue(backoff: Backoff(first: .seconds(1), longest: .seconds(1)), once: false)
    queue.read([], last: nil) { _ in [:] }
    let accepted = forms.enumerated().map { index, accounts in
      OpenRequest(
        id: Int64(index + 1), request: Worlds.form(index + 1, accounts), bytes: [], digest: [], received: 0)
    }
    queue.accepted(accepted) { _ in [:] }
    return queue
  }

  /// While its other changes leave, one of them may turn out to be the fault: the register must know.
  @Test func aRequestThatIsBeingReleasedCanBeHeldAgain() throws {
    var queue = Self.queue(accepted: ["a"])
    let entry = try #require(queue.entries.values.first)
    queue.beginHold(1)
    queue.endHold(1)
    queue.releasing.insert(1)
    queue.hold(entry, Trouble(what: "lost", remedy: "see the log"))
    let effects = queue.takeEffects()
    #expect(effects.contains { if case .hold(1, _, _, _) = $0 { true } else { false } })
    #expect(queue.releasing.isEmpty)
  }

  @Test func nothingBringsInWhatIsBeingHeldOrCancelled() throws {
    var queue = RequestQueue(backoff: Backoff(first: .seconds(1), longest: .seconds(1)), once: false)
    queue.beginHold(1)
    #expect(!queue.isWanted(1))
    queue.endHold(1)
    #expect(queue.isWanted(1))
    // What the intake had accepted before.
    queue.read([], last: nil) { _ in [:] }
    queue.accepted([OpenRequest(id: 1, request: Worlds.form(1, ["a"]), bytes: [], digest: [], received: 0)]) { _ in [:]
    }
    #expect(queue.entries.isEmpty)
  }

  private static func world(_ forms: [Request], _ events: [Event]) throws -> World {
    var world = try World(forms)
    for event in events { try world.happen(event) }
    return world
  }
}
