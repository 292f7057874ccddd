import Accounts
import Forms
import LDAP
import Providers
import Register
import Text

@testable import Agent

/// A register, a directory and a clock as small as they can be around a ``RequestQueue``, and what must hold of them at
/// any moment. A value: a test copies it, goes on with one copy, and comes back to the other.
///
/// What it does to the queue is what the ``Dispatcher`` does, in the same order.
struct World: CustomStringConvertible {
  /// Something that can happen, beside the steps that the queue asks for.
  enum Event: Hashable, CustomStringConvertible {
    /// The oldest batch but so many comes back, and all of it is answered alike.
    case answer(flight: Int, Answer)
    /// Its outcomes become durable.
    case commit(flight: Int)
    case hold(Int64)
    case release(Int64)
    case cancel(Int64)
    case retry(Int64)
    /// The directory stops answering, or answers again.
    case down, up
    /// A further form is accepted: it is in the register.
    case accept
    /// The intake hands over what it accepted.
    case admit
    /// Time passes until the queue wants to be called.
    case wait
    /// The agent dies and starts again; so many of the writes that weren't durable are.
    case die(kept: Int)

    var description: String {
      switch self {
      case .answer(let flight, let answer): "answer \(flight): \(answer)"
      case .commit(let flight): "commit \(flight)"
      case .hold(let id): "hold \(id)"
      case .release(let id): "release \(id)"
      case .cancel(let id): "cancel \(id)"
      case .retry(let id): "retry \(id)"
      case .down: "down"
      case .up: "up"
      case .accept: "accept"
      case .admit: "admit"
      case .wait: "wait"
      case .die(let kept): "die, \(kept) kept"
      }
    }
  }

  enum Answer: CaseIterable {
    case applied
    /// For good.
    case failed
    /// For want of rights on the entry.
    case refused
    /// With a code that doesn't say whose fault it is, while all others are taken.
    case refusedAlone
    /// Not sent: the clock has to correct another account first.
    case refusedForClock
    /// As everything is.
    case refusedWithAll
    /// No answer, and not applied.
    case lost
    /// No answer, and applied.
    case appliedAndLost
    /// The entries could not even be read.
    case unread
    /// Applied, and its password rests as clear text.
    case unhashed
  }

  /// What must never be.
  struct Violation: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }

  private enum Cause { case person, trouble }

  /// A request in the register.
  private struct Row {
    let form: OpenRequest
    var outcomes: [ChangeOutcome?]
    var intended: Set<Int> = []
    var cause: Cause?
    var isDone = false
    /// Others may have passed it.
    var wasHeld = false
  }

  private enum Write {
    case intend(ChangeID)
    case settle([SettledChange], completed: [Int64])
    case hold(Int64, Cause)
    case withdraw(ChangeID)
  }

  private struct Flight {
    let id: Int
    let entries: [QueueEntry]
    /// It has come back, and its outcomes wait to be durable.
    var returned: RequestQueue.Returned?
  }

  private(set) var queue: RequestQueue
  private var now: ContinuousClock.Instant
  private let start: ContinuousClock.Instant
  private var rows: [Int64: Row] = [:]
  /// Posted, and not durable yet.
  private var writes: [Write] = []
  private var deaths: [Attempt: Int] = [:]
  /// What the directory has applied, whether anybody knows it or not.
  private var applied: Set<ChangeID> = []
  private var flights: [Flight] = []
  /// Not accepted yet.
  private var late: [Request]
  /// Accepted, and not handed over yet.
  private var arrived: [OpenRequest] = []
  private var isDown = false
  private var isUsable = false
  private var cancelling: [Int64] = []
  private var until: ContinuousClock.Instant?
  private let limits: RequestQueue.Limits
  /// How some requests are answered whatever happens, while others are answered well.
  private let bad: [Int64: Answer]
  /// What a rule that is broken on purpose does, after each event.
  private let sabotage: (@Sendable (inout RequestQueue) -> Void)?

  /// - Parameters:
  ///   - forms: accepted in this order; their ids are 1, 2, 3 and so on.
  ///   - late: accepted as the events say.
  ///   - bad: how the directory answers to these, whatever happens.
  init(
    _ forms: [Request], late: [Request] = [], bad: [Int64: Answer] = [:], limits: RequestQueue.Limits = .init(),
    sabotage: (@Sendable (inout RequestQueue) -> Void)? = nil
  ) throws {
    start = .now
    now = start
    self.bad = bad
    self.limits = limits
    self.sabotage = sabotage
    queue = Self.newQueue(limits)
    self.late = late
    for form in forms { _ = accept(form) }
    restart()
    try drive()
  }

  private mutating func accept(_ form: Request) -> OpenRequest {
    let open = OpenRequest(id: Int64(rows.count + 1), request: form, bytes: [], digest: [], received: 0)
    rows[open.id] = Row(form: open, outcomes: Array(repeating: nil, count: open.remaining))
    return open
  }

  private static func newQueue(_ limits: RequestQueue.Limits) -> RequestQueue {
    RequestQueue(
      backoff: Backoff(first: .milliseconds(500), longest: .seconds(60)), once: false, limits: limits, jitter: { 0 })
  }

  /// Its requests, e.g. `1: a+b (atomic), 2: a (bad: lost)`.
  var description: String {
    rows.sorted { $0.key < $1.key }.map { id, row in
      let accounts = row.form.request.changes.map { String($0.address.text.prefix { $0 != "@" }) }
      let signs = (row.form.request.atomic ? ["group"] : []) + (bad[id].map { ["bad: \($0)"] } ?? [])
      return "\(id): \(accounts.joined(separator: "+"))\(signs.isEmpty ? "" : " (\(signs.joined(separator: ", ")))")"
    }.joined(separator: ", ")
  }

  /// Where the first change of a request is, or the atomic request, in one word or two.
  func place(of id: Int64) -> String {
    guard let row = rows[id] else { return "-" }
    if row.isDone { return row.outcomes.compactMap { $0.map { "\($0)" } }.first ?? "-" }
    let cause = row.cause.map { $0 == .person ? "held" : "set aside" }
    guard let entry = queue.entries.values.filter({ $0.request == id }).min(by: { $0.ticket < $1.ticket }) else {
      return cause ?? "in the register"
    }
    let queues = [
      ("recovering", queue.recovering), ("retrying", queue.retrying), ("deferred", queue.deferred),
      ("isolated", queue.isolated),
      ("group", queue.groups),
    ]
    let place =
      flights.contains { underWay($0).contains { $0.ticket == entry.ticket } }
      ? "sent"
      : queue.heldInDoubt.contains(entry.ticket)
        ? "kept" : queues.first { $0.1.contains { $0 == entry.ticket } }?.0 ?? "in order"
    return [place, entry.isInDoubt && place != "sent" ? "in doubt" : nil, cause].compactMap(\.self)
      .joined(separator: ", ")
  }

  // MARK: What may happen

  /// All that may happen next.
  var events: [Event] {
    var events: [Event] = []
    for (place, flight) in flights.prefix(2).enumerated() {
      if flight.returned == nil {
        events += Answer.allCases.map { .answer(flight: place, $0) }
      } else {
        events.append(.commit(flight: place))
      }
    }
    for (id, row) in rows.sorted(by: { $0.key < $1.key }) where !row.isDone {
      events += row.cause == nil ? [.hold(id)] : [.release(id), .retry(id)]
      if !cancelling.contains(id) { events.append(.cancel(id)) }
    }
    if !late.isEmpty { events.append(.accept) }
    if !arrived.isEmpty { events.append(.admit) }
    events.append(isDown ? .up : .down)
    if until != nil { events.append(.wait) }
    events.append(.die(kept: 0))
    if !writes.isEmpty { events.append(.die(kept: writes.count)) }
    return events
  }

  mutating func happen(_ event: Event) throws {
    switch event {
    case .answer(let place, let answer):
      if flights.indices.contains(place) { try come(back: place, answer) }
    case .commit(let place): if flights.indices.contains(place) { try commit(place) }
    case .hold(let id): hold(id)
    case .release(let id): try release(id)
    case .retry(let id):
      queue.tryNow()
      queue.tryDeferredNow()
      if rows[id]?.cause == .trouble { try release(id) }
    case .cancel(let id):
      queue.beginHold(id)
      rows[id]?.wasHeld = true
      cancelling.append(id)
      try cancelOrdered()
    case .accept:
      if late.isEmpty { break }
      flush(writes.count)
      arrived.append(accept(late.removeFirst()))
    case .admit:
      queue.accepted(arrived) { _ in [:] }
      arrived = []
    case .down, .up: isDown = event == .down
    case .wait: if let until { now = max(now, until) }
    case .die(let kept):
      flush(kept)
      restart()
    }
    try drive()
  }

  /// From now on all goes well, but for what is bad. Everything must come to its end.
  mutating func calm() throws {
    isDown = false
    queue.accepted(arrived) { _ in [:] }
    try drive()
    let end = now + .seconds(600)
    for _ in 0..<2_000 {
      if let place = flights.firstIndex(where: { $0.returned == nil }) {
        try come(back: place, .applied)
        try drive()
      } else if !flights.isEmpty {
        try commit(0)
        try drive()
      } else if let until, until < end {
        now = max(now, until)
        try drive()
      } else {
        break
      }
    }
    flush(writes.count)
    for (id, row) in rows where !row.isDone && row.cause == nil && bad[id] == nil {
      if !isBehindBad(id) { throw Violation("\(id) waits for ever") }
    }
    for (id, row) in rows where row.isDone {
      for index in row.outcomes.indices {
        let isApplied = applied.contains(ChangeID(request: id, index: index))
        if isApplied != (row.outcomes[index] == .applied) {
          throw Violation("\(id)#\(index) is \(row.outcomes[index].map { "\($0)" } ?? "-"), and applied: \(isApplied)")
        }
      }
    }
  }

  /// Whether it waits, by its addresses and those of others that wait, for one that is bad, or held and in doubt.
  private func isBehindBad(_ id: Int64) -> Bool {
    var waiting = rows.filter { other, row in
      !row.isDone && (bad[other] != nil || row.cause != nil && !row.intended.isEmpty)
    }.map(\.key)
    var reached = Set(waiting)
    while let other = waiting.popLast() {
      for (next, row) in rows where !row.isDone && !reached.contains(next) && share(.init(other), .init(next)) {
        reached.insert(next)
        waiting.append(next)
      }
    }
    return reached.contains(id)
  }

  // MARK: The dispatcher's part

  private mutating func drive() throws {
    carryOut(queue.takeEffects())
    for _ in 0..<200 {
      sabotage?(&queue)
      until = nil
      let (effects, step) = queue.next(at: now, isUsable: isUsable)
      carryOut(effects)
      switch step {
      case .connect:
        isUsable = !isDown
        if isDown {
          queue.connectFailed(Trouble(what: "down", remedy: ""), isAway: true, at: now)
        } else {
          queue.connected()
        }
      case .read(let after): read(after: after)
      case .count(let entry):
        deaths[entry.attempt, default: 0] += 1
        queue.counted(entry.ticket, deaths: deaths[entry.attempt] ?? 0)
      case .send(let batch): try send(batch)
      case .wait(let until):
        self.until = until
        return carryOut(queue.takeEffects())
      case .end: return carryOut(queue.takeEffects())
      }
      carryOut(queue.takeEffects())
    }
    throw Violation("the queue turns in a circle")
  }

  private mutating func carryOut(_ effects: [RequestQueue.Effect]) {
    for effect in effects {
      switch effect {
      case .hold(let id, _, _, _):
        writes.append(.hold(id, .trouble))
        rows[id]?.wasHeld = true
      case .withdraw(let change): writes.append(.withdraw(change))
      case .disconnect: isUsable = false
      case .note, .waits, .leave, .directoryFailed, .directoryBack: break
      }
    }
  }

  /// As many as have so many changes together, and at least one.
  private mutating func read(after: Int64) {
    var room = limits.admitted / 2
    let ready = rows.filter { $0.key > after && !$0.value.isDone && $0.value.cause == nil }.sorted { $0.key < $1.key }
      .prefix { _, row in
        defer { room -= row.outcomes.count }
        return room > 0
      }
    let wanted = ready.filter { queue.isWanted($0.key) }.map { open($0.value) }
    queue.read(wanted, last: ready.last?.key) { _ in [:] }
  }

  /// A request as it is read from the register.
  private func open(_ row: Row) -> OpenRequest {
    var open = row.form
    for index in row.outcomes.indices {
      guard let outcome = row.outcomes[index] else { continue }
      open.results[index] = Self.result(open, index, outcome)
      open.remaining -= 1
    }
    for index in row.intended { open.intents[index] = Self.intent }
    if open.request.atomic, !row.intended.isEmpty {
      open.atomic = AtomicState(folds: open.request.changes.indices.map { [$0] })
    }
    return open
  }

  private mutating func restart() {
    queue = Self.newQueue(limits)
    flights = []
    writes = []
    arrived = []
    cancelling = []
    isUsable = false
    let inDoubt = rows.values.filter { !$0.isDone && !$0.intended.isEmpty }.map { row in
      var open = open(row)
      open.isHeld = row.cause != nil
      return open
    }
    queue.inherit(inDoubt.sorted { $0.id < $1.id }) { _ in [:] }
    while let after = queue.nextReading() { read(after: after) }
  }

  // MARK: Batches

  private mutating func send(_ batch: RequestQueue.Batch) throws {
    for entry in batch.entries { try check(entry, in: batch) }
    flights.append(Flight(id: batch.id, entries: batch.entries))
  }

  /// The batch is planned, stored, sent and answered.
  private mutating func come(back place: Int, _ general: Answer) throws {
    var answers = flights[place].entries.map { bad[$0.request] ?? general }
    // What takes the connection away takes it from all.
    if answers.contains(.lost) { answers = answers.map { $0 == .applied || $0 == .refusedAlone ? .lost : $0 } }
    let endings = zip(flights[place].entries, answers).map { ending($0, $1) }
    if let entry = flights[place].entries.first, flights[place].entries.count == 1, entry.isInDoubt {
      deaths[entry.attempt] = nil
    }
    let returned = queue.returned(flights[place].id, endings)
    for change in returned.settled { try check(change) }
    if !returned.settled.isEmpty {
      writes.append(.settle(returned.settled, completed: returned.completed.map(\.id)))
    }
    let rehearsal: Rehearsal.Outcome? = returned.rehearsal.map { _ in
      general == .refusedWithAll ? .refused(step: "add", Trouble(what: "all", remedy: "")) : .passed
    }
    queue.judged(flights[place].id, rehearsal: rehearsal, at: now)
    flights[place].returned = returned
    if returned.settled.isEmpty { try leave(place) }
  }

  private mutating func commit(_ place: Int) throws {
    guard flights[place].returned != nil else { return }
    flush(writes.count)
    queue.stored(flights[place].id)
    try leave(place)
  }

  private mutating func leave(_ place: Int) throws {
    for done in flights[place].returned?.completed ?? [] { _ = queue.leave(done.id) }
    queue.left(flights.remove(at: place).id)
    try cancelOrdered()
  }

  private mutating func ending(_ entry: QueueEntry, _ answer: Answer) -> (QueueEntry, Ending) {
    let trouble = Trouble(what: "\(answer)", remedy: "")
    if answer == .unread { return (entry, .lost(trouble)) }
    if answer == .refusedForClock, !entry.hasIntent { return (entry, .refused(trouble, .clock)) }
    var entry = entry
    let changes = self.changes(of: entry)
    let wasApplied = changes.allSatisfy(applied.contains)
    // Of an atomic request nothing is stored before the directory has said that it would take it.
    let isStored =
      !entry.isAtomic || entry.isInDoubt
      || [.applied, .lost, .appliedAndLost, .unhashed, .refusedForClock].contains(answer)
    if isStored, !entry.hasIntent {
      writes += changes.map { .intend($0) }
      // With all that was posted before it.
      flush(writes.count)
    }
    let form = rows[entry.request]?.form
    let settled = { (outcome: ChangeOutcome) -> Ending in
      .settled(changes.compactMap { change in form.map { (Self.result($0, change.index, outcome), .keep) } })
    }
    let wasBegun = entry.isAtomic && entry.isInDoubt
    entry.intend(isInDoubt: wasBegun)
    switch answer {
    // What was planned earlier doesn't ask for that.
    case .applied, .refusedForClock:
      applied.formUnion(changes)
      return (entry, settled(.applied))
    // Its stamp is there.
    case .failed where wasApplied, .refused where wasApplied, .refusedAlone where wasApplied,
      .refusedWithAll where wasApplied:
      return (entry, settled(.applied))
    case .failed: return (entry, settled(.failed))
    case .refused, .refusedAlone, .refusedWithAll:
      return (entry, .refused(trouble, answer == .refused ? .entry : .unclear))
    case .lost, .appliedAndLost:
      if answer == .appliedAndLost { applied.formUnion(changes) }
      entry.intend(isInDoubt: true)
      return (entry, .lost(trouble))
    case .unhashed:
      applied.formUnion(changes)
      entry.intend(isInDoubt: true)
      return (entry, .unhashed(trouble))
    case .unread: return (entry, .lost(trouble))
    }
  }

  // MARK: Orders

  private mutating func hold(_ id: Int64) {
    let wasHeld = queue.beginHold(id)
    writes.append(.hold(id, .person))
    flush(writes.count)
    if rows[id]?.isDone == true { queue.abandonHold(id, isHeld: wasHeld) } else { queue.endHold(id) }
    queue.tryDeferredNow()
  }

  private mutating func release(_ id: Int64) throws {
    flush(writes.count)
    guard let row = rows[id], row.cause != nil, !row.isDone else { return }
    rows[id]?.cause = nil
    queue.resume(id)
    queue.tryDeferredNow()
  }

  private mutating func cancelOrdered() throws {
    for id in cancelling where !queue.isInFlight(id) {
      cancelling.removeAll { $0 == id }
      flush(writes.count)
      defer { queue.endHold(id) }
      guard let row = rows[id], !row.isDone else { continue }
      let read = open(row)
      if queue.isInDoubt(queue.requests[id] ?? read) {
        if row.cause == nil { queue.resume(id) }
        continue
      }
      var returned = RequestQueue.Returned()
      guard queue.cancel(read, at: 0, &returned) != nil else { continue }
      for change in returned.settled { try check(change) }
      writes.append(.settle(returned.settled, completed: returned.completed.map(\.id)))
      flush(writes.count)
      _ = queue.leave(id)
      queue.tryDeferredNow()
    }
  }

  // MARK: The register

  private mutating func flush(_ count: Int) {
    for write in writes.prefix(count) {
      switch write {
      case .intend(let change): rows[change.request]?.intended.insert(change.index)
      case .settle(let changes, let completed):
        for change in changes {
          rows[change.request]?.outcomes[change.result.index] = change.result.outcome
          rows[change.request]?.intended.remove(change.result.index)
        }
        for id in completed { rows[id]?.isDone = true }
      case .hold(let id, let cause):
        if rows[id]?.isDone != false { continue }
        rows[id]?.cause = cause
        rows[id]?.wasHeld = true
      case .withdraw(let change): rows[change.request]?.intended.remove(change.index)
      }
    }
    writes.removeFirst(min(count, writes.count))
  }

  // MARK: What must hold

  /// A change, or an atomic request as a whole.
  private struct Unit: Hashable {
    let request: Int64
    var index: Int?
    init(_ request: Int64, _ index: Int? = nil) {
      self.request = request
      self.index = index
    }
  }

  private func unit(_ entry: QueueEntry) -> Unit {
    if case .change(let item) = entry { Unit(item.id.request, item.id.index) } else { Unit(entry.request) }
  }

  private func changes(of entry: QueueEntry) -> [ChangeID] {
    if case .change(let item) = entry { return [item.id] }
    return (rows[entry.request]?.form.request.changes.indices ?? 0..<0).map {
      ChangeID(request: entry.request, index: $0)
    }
  }

  private func addresses(_ unit: Unit) -> (alone: Set<String>, shared: Set<String>) {
    let changes = rows[unit.request]?.form.request.changes ?? []
    let some = unit.index.map { [changes[$0]] } ?? changes
    return (
      Set(some.flatMap { $0.ownAddresses.map(\.text) }), Set(some.flatMap { $0.references.map(\.text) })
    )
  }

  private func share(_ one: Unit, _ other: Unit) -> Bool {
    let (a, b) = (addresses(one), addresses(other))
    return !a.alone.isDisjoint(with: b.alone.union(b.shared)) || !b.alone.isDisjoint(with: a.shared)
  }

  private func check(_ entry: QueueEntry, in batch: RequestQueue.Batch) throws {
    let mine = unit(entry)
    if rows[entry.request]?.isDone == true { throw Violation("\(entry.name) is done, and sent") }
    let others = flights.flatMap(underWay) + batch.entries.filter { $0.ticket != entry.ticket }
    for other in others {
      if unit(other) == mine { throw Violation("\(entry.name) is in flight twice") }
      if share(mine, unit(other)) { throw Violation("\(entry.name) goes beside \(other.name)") }
    }
    for (id, row) in rows where !row.isDone {
      let units = row.form.request.atomic ? [Unit(id)] : row.outcomes.indices.map { Unit(id, $0) }
      for unit in units where unit != mine && share(unit, mine) {
        let indices = unit.index.map { [$0] } ?? Array(row.outcomes.indices)
        if indices.allSatisfy({ row.outcomes[$0] != nil }) { continue }
        if indices.contains(where: { applied.contains(ChangeID(request: id, index: $0)) }) {
          throw Violation("\(entry.name) passes \(id), which is in doubt")
        }
        if unit.request != mine.request, row.wasHeld || rows[entry.request]?.wasHeld == true { continue }
        if (unit.request, unit.index ?? 0) < (mine.request, mine.index ?? 0) {
          throw Violation("\(entry.name) passes \(id), which is open")
        }
      }
    }
  }

  /// Of a batch that has come back those whose outcomes aren't durable.
  private func underWay(_ flight: Flight) -> [QueueEntry] {
    guard let returned = flight.returned else { return flight.entries }
    let settled = Set(returned.settled.map { ChangeID(request: $0.request, index: $0.result.index) })
    return flight.entries.filter { !settled.isDisjoint(with: changes(of: $0)) }
  }

  private func check(_ change: SettledChange) throws {
    let id = ChangeID(request: change.request, index: change.result.index)
    let pending = writes.contains { write in
      guard case .settle(let changes, _) = write else { return false }
      return changes.contains { $0.request == id.request && $0.result.index == id.index }
    }
    if pending || rows[id.request]?.outcomes[id.index] != nil {
      throw Violation("\(id.request)#\(id.index) is settled twice")
    }
    if change.result.outcome == .skipped, applied.contains(id) {
      throw Violation("\(id.request)#\(id.index) is cancelled, and applied")
    }
  }

  // MARK: Values

  private static func result(_ open: OpenRequest, _ index: Int, _ outcome: ChangeOutcome) -> ChangeResult {
    let change = open.request.changes[index]
    return ChangeResult(
      index: index, operation: change.name, address: change.address.text, outcome: outcome, at: 0)
  }

  static let intent = StoredIntent(intent: Intent(operation: .delete(DN())), salt: nil)
}

extension QueueEntry {
  fileprivate var isAtomic: Bool { if case .atomic = self { true } else { false } }

  fileprivate var hasIntent: Bool {
    switch self {
    case .change(let item): item.stored != nil
    case .atomic(let atomic): atomic.steps != nil
    }
  }

  fileprivate mutating func intend(isInDoubt: Bool) {
    switch self {
    case .change(var item):
      item.stored = World.intent
      item.isInDoubt = isInDoubt
      self = .change(item)
    case .atomic(var atomic):
      atomic.steps = isInDoubt ? atomic.changes.indices.map { .init(indices: [$0], stored: World.intent) } : nil
      self = .atomic(atomic)
    }
  }
}
