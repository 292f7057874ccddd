internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// Gives the directory its work: admits accepted requests, orders their changes by the addresses they share, sends
/// batches over one connection, and settles what comes of them.
///
/// Several batches are under way at once, so that one is planned and stored while another is in flight. A change that is
/// begun is in exactly one place: a batch, or one of four queues.
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
/// ``Rehearsal``: where that passes, the change waits alone. What waits behind it by its addresses doesn't count as admitted,
/// and requests that share no address with these are admitted past them.
///
/// Memory: about `admitted` changes are held that can move, and `most` in all. The intake waits while there are as many;
/// while the directory is away it does not, and what is beyond stays in the register and is read from there in its turn.
actor Dispatcher {
  static let admitted = 4_096
  /// Admitted changes, those that are stuck and those behind them included.
  static let most = 4 * admitted
  static let batches = 4
  /// Changes that share a search and two commits. More than are in flight at once, for those are dear.
  static let batch = 256
  /// So often an entry is refused, while others pass, before its request is set aside.
  static let refusals = 3
  /// Losses of the connection after which a change is sent alone, and after which its request is set aside.
  static let losses = (alone: 3, setAside: 10)
  /// So often a directory that may know what is in doubt is tried before another is.
  static let loyalty = 3

  let register: Register
  let recorder: Recorder
  let log: EventLog
  let live: Live
  /// Whether this is a run that ends when all is done (`run --once`).
  let once: Bool

  var order = AddressOrder()
  var works: [AddressOrder.Ticket: Work] = [:]
  var requests: [Int64: OpenRequest] = [:]
  var nextTicket = 0
  /// The last request that was admitted; the backlog lies behind it in the register.
  var lastAdmitted: Int64 = 0
  var hasBacklog = true

  /// Of works; a ticket whose work has gone is passed over.
  var inherited = Queue<AddressOrder.Ticket>()
  var again = Queue<AddressOrder.Ticket>()
  var suspects = Queue<AddressOrder.Ticket>()
  var solitary = Queue<AddressOrder.Ticket>()
  var atomics = Queue<AddressOrder.Ticket>()
  var batchesInFlight = 0

  var link: Link
  /// Whether the trouble of the link is that no answer comes, rather than a refusal.
  var isAway = false
  var connection: Connection?
  /// Which of `directory.uris` is written to.
  var provider = 0
  var mustReconnect = false
  /// Of `connection`: another one may lead to a server that was configured anew.
  var proof = PasswordProof()
  var hasWarnedOfUnreadable = false

  var isStopping = false { didSet { if isStopping { stopping.ask() } } }
  /// The same for who works elsewhere.
  let stopping = Stopping()
  var isFed = true
  var failure: (any Error)?
  var roomWaiters: [CheckedContinuation<Void, Never>] = []
  /// In doubt and held: taken from the order, and in no queue.
  var parked: Set<AddressOrder.Ticket> = []
  var isCarryingOutOrders = false
  /// Orders wait, perhaps for a batch to come back.
  var hasOpenOrders = false
  /// Held or cancelled before they were admitted: what the intake brings of them is out of date.
  var overruled: Set<Int64> = []
  /// How many changes were applied in this run.
  var applied = 0
  /// Of works that the directory refused, or that got no answer, through no fault of theirs that is known.
  var refusalCounts: [AddressOrder.Ticket: RefusalCount] = [:]
  /// Parked, or refused while others are taken: not done in any known time.
  var stuck: Set<AddressOrder.Ticket> = []
  /// How many changes were stuck or waited when the barriers were made; 0 where there are none.
  var barred = 0
  /// How many changes came in or were done since.
  var movedSinceBarred = 0
  /// The first request that was passed over because it shares an address with one that is stuck or waits. It is in the
  /// register, and comes in with the backlog when the barriers are made anew.
  var firstPassedOver: Int64?
  /// The one under way: they use one entry, so there is one at a time.
  var rehearsing: (task: Task<Rehearsal.Outcome, Never>, withPassword: Bool)?
  /// Suspects are tried again not before; `nil`: at once.
  var suspectsAt: ContinuousClock.Instant?
  var suspectsBackoff: Backoff
  let wakeups: AsyncStream<Void>
  let wakeup: AsyncStream<Void>.Continuation

  init(register: Register, recorder: Recorder, live: Live, log: EventLog, once: Bool) {
    self.register = register
    self.recorder = recorder
    self.live = live
    self.log = log
    self.once = once
    suspectsBackoff = Backoff(first: live.settings.firstRetry, longest: live.settings.longestRetry)
    self.link = Link(suspectsBackoff)
    (self.wakeups, self.wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: The loop

  /// Nothing more will be admitted; the run ends when all is settled.
  func endOfInput() {
    isFed = false
    wakeup.yield()
  }

  /// Begins nothing more; the run ends when what is in flight is settled.
  func stop() {
    isStopping = true
    letIn()
    wakeup.yield()
  }

  /// Connects again with the configuration as it is now.
  func reconnect() {
    connection = nil
    mustReconnect = true
    provider = 0
    link.tryNow()
    wakeup.yield()
  }

  /// Runs until stopped, or in a run that ends until all is settled.
  ///
  /// - Returns: whether something had to be left for later.
  /// - Throws: ``RegisterError``.
  func run() async throws -> Bool {
    defer {
      isStopping = true
      letIn()
    }
    // What was ordered while nobody listened.
    try await carryOutOrders()
    try inherit()
    var woken = wakeups.makeAsyncIterator()
    try await withThrowingDiscardingTaskGroup { group in
      var timer: ContinuousClock.Instant?
      // Cancelled: another part of the agent failed.
      while !isFinished, !Task.isCancelled {
        if link.isWaiting(.now) {
          if let retryAt = link.retryAt, timer != retryAt {
            timer = retryAt
            group.addTask {
              guard (try? await Task.sleep(until: retryAt, clock: .continuous)) != nil else { return }
              self.wakeup.yield()
            }
          }
        } else if !isStopping, hasWork {
          guard let connection = await connected() else { continue }
          try admitBacklog()
          if let batch = try await nextBatch() {
            batchesInFlight += 1
            for work in batch { requests[work.request]?.inFlight += 1 }
            group.addTask { [proof] in await self.carryOut(batch, over: connection, proof) }
            continue
          }
          if isFinished { break }
        }
        // `nil`: cancelled.
        if await woken.next(isolation: self) == nil { break }
      }
      group.cancelAll()
    }
    if let failure { throw failure }
    await connection?.close()
    return order.count > 0 || hasBacklog
  }

  private var isFinished: Bool {
    if failure != nil { return true }
    guard batchesInFlight == 0, !isCarryingOutOrders else { return false }
    // A run that ends gives a directory that is away a few tries, not for ever.
    if isStopping { return true }
    if isFed { return false }
    if hasWork { return once && link.failures >= 3 }
    return suspects.isEmpty && solitary.isEmpty || suspectsBackoff.failures >= 3
  }

  // MARK: The directory

  private func connected() async -> Connection? {
    if let connection, connection.isUsable { return connection }
    connection = nil
    mustReconnect = false
    let settings = live.settings
    // A server that may know what is in doubt is given time: another may not have heard of it yet.
    let isBound =
      !inherited.isEmpty || again.contains { works[$0]?.isInDoubt == true }
      || atomics.contains { works[$0]?.isInDoubt == true }
    let tries = isBound && link.failures < Self.loyalty ? 1 : settings.providers
    var last: LDAPError?
    for offset in 0..<tries {
      let candidate = (provider + offset) % settings.providers
      do throws(LDAPError) {
        let opened = try await settings.connect(to: candidate)
        if mustReconnect { return nil }
        provider = candidate
        connection = opened
        proof = PasswordProof()
        return opened
      } catch {
        last = last ?? error
      }
    }
    if !mustReconnect, let last {
      fail(
        Trouble(
          what: "\(last)", remedy: "see that the directory runs and that directory.uris and directory.bind fit it"),
        isAway: last.code == nil)
    }
    return nil
  }

  /// - Parameter isAway: there was no answer, rather than a refusal.
  func fail(_ trouble: Trouble, isAway: Bool) {
    // Another part of the agent has failed, which tells why by itself.
    if Task.isCancelled { return }
    connection = nil
    self.isAway = isAway
    letIn()
    // To ask whether a server listens costs nothing; a refused password that is sent again may lock the agent out.
    let longest: Duration = isAway ? .seconds(2) : .seconds(3_600)
    guard let wait = link.failed(trouble, now: .now, atMost: longest, jitter: .random(in: 0...1)) else { return }
    log.warning(
      "directory.waiting", [("why", trouble.what), ("do", trouble.remedy), ("retry_ms", "\(wait.milliseconds)")])
    _ = register.note(trouble, at: live.now())
    hurryStatus()
  }

  /// The operator's page says soon how it stands. Not waited for: the recorder may be syncing.
  func hurryStatus() { Task { [recorder] in await recorder.hurryStatus() } }
}
