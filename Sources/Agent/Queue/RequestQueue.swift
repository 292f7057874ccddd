internal import Forms
internal import Providers
internal import Register

/// Decides which entries are sent, retried, deferred or held, and when the directory is tried. It is pure. Events come in
/// as calls, with the time. What must be done goes out as a ``Step``, which needs an answer, or as ``Effect``s, which need
/// none. The ``Dispatcher`` carries both out.
///
/// Several batches are in flight at once: one is planned and stored while another is sent. An entry that was taken from
/// the order is in exactly one place: a batch, `heldInDoubt`, or one of five queues.
///
/// | queue | which entries wait there | when they are sent |
/// |---|---|---|
/// | `recovering` | an earlier run may have sent it, or its password is stored as clear text | first, alone, in order |
/// | `retrying` | it got no answer, or was refused together with all others | next |
/// | `deferred` | the directory refused it and takes others | after a backoff; held at the third refusal of access, at the tenth wait for the clock |
/// | `isolated` | the connection was lost with it three times while others were applied | alone, after a backoff; held at the tenth loss |
/// | `groups` | an atomic request | as a batch of its own |
///
/// No request delays unrelated ones. When a refusal does not say whose fault it is, a ``Rehearsal`` follows. When the
/// rehearsal passes, only the refused entry is deferred. Entries that wait behind it do not count as admitted, and
/// requests that share no address with them are admitted past them.
///
/// A batch goes through these calls. Between two of them nothing can fail.
///
/// | call | what is known by then | what follows |
/// |---|---|---|
/// | ``next(at:isUsable:)`` | its entries are in flight | it is planned, stored and sent |
/// | ``returned(_:_:)`` | the outcomes | they are posted to the register, before anything else is |
/// | ``judged(_:rehearsal:at:)`` | whether the directory refuses everything | refused entries are deferred or held |
/// | ``stored(_:)`` | the outcomes are durable | their addresses are free |
/// | ``left(_:)`` | the recorder has them | the batch is gone |
///
/// Errors: none. A trouble of the directory is a state of ``link``.
///
/// Limits: ``Limits``. The intake waits while ``isFull``. While the directory is away it does not wait; requests beyond
/// the limit stay in the register and are read from there in order.
struct RequestQueue {
  typealias Ticket = AddressOrder.Ticket
  typealias Instant = ContinuousClock.Instant
  /// Looks up the other addresses of the accounts that have these.
  typealias Lookup = (_ addresses: [String]) throws -> [String: [String]]
  /// The other addresses of accounts, by one of their addresses.
  typealias Companions = [String: [String]]

  struct Limits: Sendable {
    /// Changes that can be sent.
    var admitted = 4_096
    /// All admitted changes, with those that are stuck and those behind them.
    var most = 4 * 4_096
    /// Batches in flight.
    var batches = 4
    /// Changes of a batch. They share one search and two commits, which are expensive, so there are more of them than
    /// operations in flight.
    var batch = 256

    /// After this many changes have come or gone the barriers are rebuilt, even while batches are in flight. A rebuild costs
    /// time for each admitted change, and reads the backlog.
    var fewMoves: Int { admitted / 4 }
  }
  /// After this many refusals of access, while others are applied, the request is held.
  static let refusals = 3
  /// After this many tries a request is held that waits for the clock to correct another account.
  static let corrections = 10
  /// After this many losses of the connection an entry is sent alone, or its request is held.
  static let losses = (alone: 3, setAside: 10)
  /// The longest pause while no server answers: a connect costs the directory nothing. A refused bind pauses longer,
  /// because repeating it may lock the agent out.
  static let longestAway = Duration.seconds(2)

  /// What must be done now. Each is answered by an event.
  enum Step: Sendable {
    /// Connect; answered by ``connected()`` or ``connectFailed(_:isAway:at:)``.
    case connect
    /// Read the requests after this one from the register; answered by ``read(_:last:_:)``.
    case read(after: Int64)
    /// Store that this entry is in flight alone; answered by ``counted(_:deaths:)``.
    case count(QueueEntry)
    /// Plan, store and send; answered by ``returned(_:_:)`` and the calls after it.
    case send(Batch)
    /// Wait for an event, or until this time.
    case wait(until: Instant?)
    /// End the run: nothing is left, or nothing more may be started.
    case end
  }

  /// What must be done at once, in this order. It has no answer.
  enum Effect: Sendable {
    /// Hold the request in the register.
    case hold(request: Int64, number: String, address: String?, Trouble)
    /// Delete an intent from the register. It is known not to be applied.
    case withdraw(ChangeID)
    /// Store why a request waits; `nil`: it no longer does.
    case note(request: Int64, reason: Trouble?)
    /// Log that a change is deferred.
    case waits(name: String, address: String?, Trouble)
    /// Drop the connection.
    case disconnect
    /// Use another server: this one takes no writes.
    case leave(Trouble)
    /// Log and store that the whole queue waits for the directory.
    case directoryFailed(Trouble, retry: Duration)
    /// Log and store that it no longer waits.
    ///
    /// - because: `nil`: the directory takes changes.
    case directoryBack(because: String?)
  }

  struct Batch: Sendable {
    let id: Int
    let entries: [QueueEntry]
  }

  /// A batch in flight, and what is known of it so far.
  struct Flight {
    let entries: [QueueEntry]
    /// The number of the connection that it was sent over.
    let connection: Int
    var finished: [QueueEntry] = []
    var refused: [Refused] = []
    var lostAlone: [(entry: QueueEntry, trouble: Trouble)] = []
    var lost: Trouble?
    /// A trouble of the directory as a whole.
    var ours: Trouble?
    /// The server takes no writes.
    var mustLeave = false
  }

  let limits: Limits
  /// Whether this is a run that ends when all is done (`run --once`).
  let once: Bool
  /// From 0 to 1.
  let jitter: @Sendable () -> Double

  var order = AddressOrder()
  var entries: [Ticket: QueueEntry] = [:]
  var requests: [Int64: OpenRequest] = [:]
  var nextTicket = 0
  /// The last request that was admitted; the backlog lies behind it in the register.
  var lastAdmitted: Int64 = 0 { didSet { lastSeen = max(lastSeen, lastAdmitted) } }
  /// Every request up to this one was admitted, passed over or done.
  private(set) var lastSeen: Int64 = 0
  var hasBacklog = true
  /// Requests that have changes without an entry. These changes come with the backlog. The others were sent by an earlier
  /// run, or the request was held and released.
  var incomplete: Set<Int64> = []
  /// Requests that are being held or cancelled. They are not admitted.
  var beingHeld: Set<Int64> = []
  /// Requests that were held or cancelled before admission. What the intake still delivers of them is out of date.
  var outdated: Set<Int64> = []
  /// Released requests of which some changes have an entry and others lost theirs. The entries leave first, then all
  /// changes are admitted again, in the order of the form.
  var releasing: Set<Int64> = []

  /// Tickets of `entries`; a ticket without an entry is skipped.
  var recovering = Queue<Ticket>()
  var retrying = Queue<Ticket>()
  var deferred = Queue<Ticket>()
  var isolated = Queue<Ticket>()
  var groups = Queue<Ticket>()
  /// Held entries in doubt. They keep their addresses and are in no queue.
  var heldInDoubt: Set<Ticket> = []
  /// It is stored that this entry is in flight alone; it is sent next.
  var cleared: Ticket?
  var flights: [Int: Flight] = [:]
  var nextBatchID = 0

  var link: Link
  /// Whether the trouble of the link is a missing answer, not a refusal.
  var isAway = false
  /// The number of the last connection; 0: there was none. A lost batch is a failure of its own connection only.
  var connection = 0
  var isConnected = false
  /// Connections that were lost with a batch since the last answer. After ``losses`` of them the cause may be what was sent.
  var lostInARow = 0
  var isSentSuspected: Bool { lostInARow >= Self.losses.alone }
  /// Whether a batch was sent over the connection. The first batch is sent even if the connection has ended: then it is
  /// lost, and the next connect waits for the backoff.
  var isUsed = false

  var isStopping = false
  var isFed = true
  /// How many changes were applied in this run.
  var applied = 0
  /// Of entries that were refused or got no answer, where the fault may be elsewhere.
  var refusalCounts: [Ticket: RefusalCount] = [:]
  /// Entries that end at an unknown time: held in doubt, deferred or isolated.
  var stuck: Set<Ticket> = []
  /// How many changes were stuck or waited when the barriers were built; 0: there are no barriers.
  var barred = 0
  /// How many changes came or went since then.
  var movedSinceBarred = 0
  /// The first request that was passed over, because it shares an address with a stuck or waiting change. It stays in the
  /// register. It is read again when the barriers are rebuilt.
  var firstPassedOver: Int64?
  /// When deferred and isolated entries are tried again; `nil`: now.
  var deferredUntil: Instant?
  var deferredBackoff: Backoff
  private var effects: [Effect] = []

  /// - Parameters:
  ///   - backoff: for the directory as a whole, and for deferred entries.
  ///   - once: whether this is a run that ends when all is done.
  ///   - jitter: from 0 to 1.
  init(
    backoff: Backoff, once: Bool, limits: Limits = Limits(),
    jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
  ) {
    self.limits = limits
    self.once = once
    self.jitter = jitter
    deferredBackoff = backoff
    link = Link(backoff)
  }

  /// Returns and forgets the effects of all events since the last call.
  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  mutating func emit(_ effect: Effect) { effects.append(effect) }

  // MARK: Events

  /// No more requests will be accepted; the run ends when all are settled.
  mutating func endOfInput() { isFed = false }

  /// Starts nothing more; the run ends when the batches in flight are settled.
  mutating func stop() { isStopping = true }

  /// Ends the pause before the next connect.
  mutating func tryNow() { link.tryNow() }

  /// From now on the pauses are as long as this one's.
  mutating func use(_ backoff: Backoff) {
    link.use(backoff)
    (deferredBackoff.first, deferredBackoff.longest) = (backoff.first, backoff.longest)
  }

  /// Deferred entries are tried now: an operator may have fixed what they wait for.
  mutating func tryDeferredNow() { deferredUntil = nil }

  mutating func connected() {
    connection += 1
    isConnected = true
    isUsed = false
  }

  /// The connection was dropped on purpose.
  mutating func disconnected() { isConnected = false }

  /// - Parameter isAway: there was no answer, rather than a refusal.
  mutating func connectFailed(_ trouble: Trouble, isAway: Bool, at now: Instant) {
    fail(trouble, isAway: isAway, at: now)
  }

  // MARK: What is next

  /// Returns what must be done now: first the effects, then the step. An entry that leaves is withdrawn before the batch
  /// that takes its addresses is stored.
  ///
  /// - Parameter isUsable: whether there is a connection, and it is open.
  mutating func next(at now: Instant, isUsable: Bool) -> (effects: [Effect], step: Step) {
    let step = nextStep(at: now, isUsable: isUsable)
    return (takeEffects(), step)
  }

  private mutating func nextStep(at now: Instant, isUsable: Bool) -> Step {
    if isFinished(now) { return .end }
    guard !link.isWaiting(now), !isStopping, hasWork(now) else { return .wait(until: nextTime(after: now)) }
    guard isConnected, isUsable || !isUsed else {
      isConnected = false
      return .connect
    }
    while true {
      if let after = nextReading() { return .read(after: after) }
      let count = order.count
      if let step = nextBatch(now) { return step }
      // Held entries have left: there may be room for more.
      if order.count == count { break }
    }
    return isFinished(now) ? .end : .wait(until: nextTime(after: now))
  }

  /// Whether something is left for a later run.
  var hasLeft: Bool { order.count > 0 || hasBacklog }

  private func isFinished(_ now: Instant) -> Bool {
    guard flights.isEmpty else { return false }
    return isStopping || !isFed && isAtRest(now)
  }

  /// Whether all that was admitted is settled or held, or a run that ends gives it up.
  func isAtRest(_ now: Instant) -> Bool {
    guard flights.isEmpty else { return false }
    // `run --once` gives up after three failures.
    if hasWork(now) { return once && link.failures >= 3 }
    return deferred.isEmpty && isolated.isEmpty || deferredBackoff.failures >= 3
  }

  private func nextTime(after now: Instant) -> Instant? {
    if isStopping { return nil }
    let isAlone = !deferred.isEmpty || !isolated.isEmpty
    return [link.retryAt, isAlone ? deferredUntil : nil].compactMap(\.self).filter { $0 > now }.min()
  }

  mutating func sent(_ entries: [QueueEntry]) -> Batch {
    nextBatchID += 1
    isUsed = true
    flights[nextBatchID] = Flight(entries: entries, connection: connection)
    for entry in entries { requests[entry.request]?.inFlight += 1 }
    return Batch(id: nextBatchID, entries: entries)
  }

  // MARK: The directory as a whole

  mutating func fail(_ trouble: Trouble, isAway: Bool, at now: Instant) {
    isConnected = false
    emit(.disconnect)
    self.isAway = isAway
    let longest = isAway ? Self.longestAway : .seconds(3_600)
    guard let wait = link.failed(trouble, now: now, atMost: longest, jitter: jitter()) else { return }
    emit(.directoryFailed(trouble, retry: wait))
  }
}

/// The refusals and losses of one entry.
struct RefusalCount {
  /// How many changes this run had applied at the first count, or at the last one since `isAlone`.
  var applied: Int
  /// Refusals while others were applied.
  var refusals = 0
  /// What the clock has to correct first.
  var waitsFor: String?
  /// Losses of the connection.
  var losses = 0
  /// Whether others are applied while this one is not.
  var isAlone = false
  /// Whether `change.waiting` was logged.
  var isReported = false
}

/// An entry that the directory refused, where the change itself is not at fault.
struct Refused {
  var entry: QueueEntry
  var trouble: Trouble
  var fault: Fault
}
