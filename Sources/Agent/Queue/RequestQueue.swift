internal import Forms
internal import Register

/// Which work is sent, held, tried again or set aside, and when the directory is tried. Pure: events come in as calls,
/// the time with them; what is to be done goes out as a ``Step`` (one that needs an answer) and as ``Effect``s (which need
/// none). The ``Dispatcher`` carries them out.
///
/// Several batches are under way at once, so that one is planned and stored while another is in flight. Work that is
/// begun is in exactly one place: a batch, `parked`, or one of five queues.
///
/// | queue | who waits there | sent |
/// |---|---|---|
/// | `inherited` | may have been sent by a run that died, or its password rests as clear text | first, alone, in order |
/// | `again` | got no answer, or was refused together with all others | next |
/// | `suspects` | was refused though the directory takes others | now and then; held at the third refusal of access |
/// | `solitary` | lost the connection three times while others were applied | now and then, alone; held at the tenth time |
/// | `atomics` | an atomic request, whatever became of it before | as a batch of its own |
///
/// No request keeps unrelated ones waiting. What the directory refuses without saying whose fault it is, is followed by a
/// ``Rehearsal``: where that passes, the change waits alone. What waits behind it by its addresses doesn't count as
/// admitted, and requests that share no address with these are admitted past them.
///
/// A batch goes this way; nothing between two of these calls can fail:
///
/// | call | by then | what follows |
/// |---|---|---|
/// | ``next(at:isUsable:)`` said `send` | its works are in flight | it is carried out |
/// | ``returned(_:_:)`` | outcomes are known | they are posted to the register, before anything else is |
/// | ``judged(_:rehearsal:at:)`` | it is known whether the directory refuses everybody | refused works are queued or set aside |
/// | ``stored(_:)`` | outcomes are durable | their addresses are free |
/// | ``left(_:)`` | records are on their way | the batch is gone |
///
/// Memory: about `admitted` changes are held that can move, and `most` in all. The intake waits while there are as many;
/// while the directory is away it does not, and what is beyond stays in the register and is read from there in its turn.
struct RequestQueue {
  typealias Ticket = AddressOrder.Ticket
  typealias Instant = ContinuousClock.Instant
  /// The further addresses of the accounts that have these.
  typealias Companions = (_ of: [String]) throws -> [String: [String]]

  struct Limits: Sendable {
    /// Changes that can move.
    var admitted = 4_096
    /// Admitted changes, those that are stuck and those behind them included.
    var most = 4 * 4_096
    var batches = 4
    /// Changes that share a search and two commits. More than are in flight at once, for those are dear.
    var batch = 256

    /// So many changes come in or are done before barriers are made anew while others are under way: each time costs what
    /// was admitted, and a reading of the backlog.
    var fewMoves: Int { admitted / 4 }
  }
  /// So often an entry is refused, while others pass, before its request is set aside.
  static let refusals = 3
  /// Losses of the connection after which a change is sent alone, and after which its request is set aside.
  static let losses = (alone: 3, setAside: 10)
  /// So often a directory that may know what is in doubt is tried before another is.
  static let loyalty = 3
  /// A directory that doesn't answer is asked this often at least: to ask whether a server listens costs nothing. A
  /// refused password that is sent again may lock the agent out.
  static let longestAway = Duration.seconds(2)

  /// What is to be done now, and told with an event.
  enum Step: Sendable {
    /// ``connected()`` or ``connectFailed(_:isAway:at:)``. Not to another server than before where `isBound`: this one may
    /// know what is in doubt, and another not have heard of it yet.
    case connect(isBound: Bool)
    /// ``read(_:last:at:_:)`` with what the register has behind this request.
    case read(after: Int64)
    /// ``counted(_:deaths:)``, once it is stored that this is alone in work now.
    case count(Work)
    /// ``returned(_:_:)`` and the rest of the batch's way.
    case send(Batch)
    /// Nothing before an event, or this time.
    case wait(until: Instant?)
    /// Nothing is left to do, or nothing may be begun.
    case end
  }

  /// What is to be done at once, in this order, and needs no answer.
  enum Effect: Sendable {
    /// The register sets the request aside.
    case hold(request: Int64, number: String, address: String?, Trouble)
    /// The register forgets an intent that is known not to be applied.
    case withdraw(ChangeID)
    /// The register knows why a request waits; `nil`: it doesn't any more.
    case note(request: Int64, reason: Trouble?)
    /// A change begins to wait alone: news.
    case waits(name: String, address: String?, Trouble)
    /// The connection is of no use any more.
    case disconnect
    /// The whole queue waits for the directory: news.
    case directoryFailed(Trouble, retry: Duration)
    /// It does no longer: news.
    case directoryBack
  }

  struct Batch: Sendable {
    let id: Int
    let works: [Work]
  }

  /// A batch under way, and what came of it so far.
  struct Flight {
    let works: [Work]
    /// Which connection it was sent over.
    let connection: Int
    var finished: [Work] = []
    var refused: [Refused] = []
    var lostAlone: [(work: Work, trouble: Trouble)] = []
    var lost: Trouble?
    /// What is wrong for all of them, whatever got through.
    var ours: Trouble?
  }

  let limits: Limits
  /// Whether this is a run that ends when all is done (`run --once`).
  let once: Bool
  /// From 0 to 1.
  let jitter: @Sendable () -> Double

  var order = AddressOrder()
  var works: [Ticket: Work] = [:]
  var requests: [Int64: OpenRequest] = [:]
  var nextTicket = 0
  /// The last request that was admitted; the backlog lies behind it in the register.
  var lastAdmitted: Int64 = 0 { didSet { lastSeen = max(lastSeen, lastAdmitted) } }
  /// Up to this one all have been admitted, passed over, or done.
  private(set) var lastSeen: Int64 = 0
  var hasBacklog = true
  /// Some of their changes have no places: they come with the backlog. An earlier run may have sent the others, or people
  /// held the request meanwhile.
  var incomplete: Set<Int64> = []
  /// A hold or cancel of them is being carried out: nothing brings them in.
  var overruled: Set<Int64> = []
  /// Held or cancelled before they were seen: what the intake still brings of them is out of date.
  var outdated: Set<Int64> = []
  /// Released while some of their changes had left and some had places: those leave too, so that all come back in order.
  var releasing: Set<Int64> = []

  /// Of works; a ticket whose work has gone is passed over.
  var inherited = Queue<Ticket>()
  var again = Queue<Ticket>()
  var suspects = Queue<Ticket>()
  var solitary = Queue<Ticket>()
  var atomics = Queue<Ticket>()
  /// In doubt and held: taken from the order, and in no queue.
  var parked: Set<Ticket> = []
  /// It was counted as alone in work, and goes next.
  var cleared: Ticket?
  var flights: [Int: Flight] = [:]
  var nextBatchID = 0

  var link: Link
  /// Whether the trouble of the link is that no answer comes, rather than a refusal.
  var isAway = false
  /// Counts connections; 0: there was none. A batch is lost with its own.
  var connection = 0
  var isConnected = false
  /// Whether anything was sent over it. One that wasn't is sent over even where it has ended, so that it counts as lost.
  var isUsed = false

  var isStopping = false
  var isFed = true
  /// How many changes were applied in this run.
  var applied = 0
  /// Of works that the directory refused, or that got no answer, through no fault of theirs that is known.
  var refusalCounts: [Ticket: RefusalCount] = [:]
  /// Parked, or refused while others are taken: not done in any known time.
  var stuck: Set<Ticket> = []
  /// How many changes were stuck or waited when the barriers were made; 0 where there are none.
  var barred = 0
  /// How many changes came in or were done since.
  var movedSinceBarred = 0
  /// The first request that was passed over because it shares an address with one that is stuck or waits. It is in the
  /// register, and comes in with the backlog when the barriers are made anew.
  var firstPassedOver: Int64?
  /// Suspects are tried again not before; `nil`: at once.
  var suspectsAt: Instant?
  var suspectsBackoff: Backoff
  private var effects: [Effect] = []

  /// - Parameters:
  ///   - backoff: of the directory as a whole, and of what waits alone.
  ///   - once: whether this is a run that ends when all is done.
  ///   - jitter: from 0 to 1.
  init(
    backoff: Backoff, once: Bool, limits: Limits = Limits(),
    jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
  ) {
    self.limits = limits
    self.once = once
    self.jitter = jitter
    suspectsBackoff = backoff
    link = Link(backoff)
  }

  /// What came of the events since the last time.
  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  mutating func want(_ effect: Effect) { effects.append(effect) }

  // MARK: Events

  /// Nothing more will be accepted; the run ends when all is settled.
  mutating func endOfInput() { isFed = false }

  /// Begins nothing more; the run ends when what is in flight is settled.
  mutating func stop() { isStopping = true }

  /// The wait for the directory is off: there is reason to think that it is better now.
  mutating func tryNow() { link.tryNow() }

  /// Suspects are tried at once: an operator may have changed what they wait for.
  mutating func trySuspectsNow() { suspectsAt = nil }

  mutating func connected() {
    connection += 1
    isConnected = true
    isUsed = false
  }

  /// The connection was given up for another.
  mutating func disconnected() { isConnected = false }

  /// - Parameter isAway: there was no answer, rather than a refusal.
  mutating func connectFailed(_ trouble: Trouble, isAway: Bool, at now: Instant) {
    fail(trouble, isAway: isAway, at: now)
  }

  // MARK: What is next

  /// What is to be done now.
  ///
  /// - Parameter isUsable: whether the connection is there and can be sent over.
  mutating func next(at now: Instant, isUsable: Bool) -> Step {
    if isFinished(now) { return .end }
    guard !link.isWaiting(now), !isStopping, hasWork(now) else { return .wait(until: nextTime(after: now)) }
    guard isConnected, isUsable || !isUsed else {
      isConnected = false
      return .connect(isBound: isInDoubt && link.failures < Self.loyalty)
    }
    while true {
      if let after = nextReading() { return .read(after: after) }
      let count = order.count
      switch nextBatch(now) {
      case .works(let works)?: return .send(sent(works))
      case .count(let work)?: return .count(work)
      case nil: break
      }
      // What was held has left: there may be room for more.
      if order.count == count { break }
    }
    return isFinished(now) ? .end : .wait(until: nextTime(after: now))
  }

  /// Whether something is left for a later run.
  var hasLeft: Bool { order.count > 0 || hasBacklog }

  private func isFinished(_ now: Instant) -> Bool {
    guard flights.isEmpty else { return false }
    if isStopping { return true }
    if isFed { return false }
    // A run that ends gives a directory that is away a few tries, not for ever.
    if hasWork(now) { return once && link.failures >= 3 }
    return suspects.isEmpty && solitary.isEmpty || suspectsBackoff.failures >= 3
  }

  private func nextTime(after now: Instant) -> Instant? {
    if isStopping { return nil }
    let isAlone = !suspects.isEmpty || !solitary.isEmpty
    return [link.retryAt, isAlone ? suspectsAt : nil].compactMap(\.self).filter { $0 > now }.min()
  }

  /// A server that may know what is in doubt is given time.
  private var isInDoubt: Bool {
    cleared != nil || !inherited.isEmpty || again.contains { works[$0]?.isInDoubt == true }
      || atomics.contains { works[$0]?.isInDoubt == true }
  }

  private mutating func sent(_ works: [Work]) -> Batch {
    nextBatchID += 1
    isUsed = true
    flights[nextBatchID] = Flight(works: works, connection: connection)
    for work in works { requests[work.request]?.inFlight += 1 }
    return Batch(id: nextBatchID, works: works)
  }

  // MARK: The directory as a whole

  mutating func fail(_ trouble: Trouble, isAway: Bool, at now: Instant) {
    isConnected = false
    want(.disconnect)
    self.isAway = isAway
    let longest = isAway ? Self.longestAway : .seconds(3_600)
    guard let wait = link.failed(trouble, now: now, atMost: longest, jitter: jitter()) else { return }
    want(.directoryFailed(trouble, retry: wait))
  }
}

/// What is known of a work that was refused, or got no answer, through no fault of its own that is known.
struct RefusalCount {
  /// How many changes had been applied in this run when it was counted first, or, alone, at the last time.
  var applied: Int
  /// While others were taken.
  var refusals = 0
  /// How often no answer came.
  var losses = 0
  /// Whether it is known that others are taken meanwhile.
  var isAlone = false
  /// Whether the log says that it waits.
  var isReported = false
}

/// What the directory refused through no fault of the change.
struct Refused {
  var work: Work
  var trouble: Trouble
  var fault: Fault
}
