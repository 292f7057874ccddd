internal import Accounts
internal import Forms
internal import Providers
internal import Register

/// Outcomes: what a batch means for its entries and for the directory as a whole.
extension RequestQueue {
  /// The outcomes of a batch. They are posted to the register before anything else: a request must not be completed before
  /// the outcomes that complete it.
  struct Returned: Sendable {
    var settled: [SettledChange] = []
    var completed: [CompletedRequest] = []
    /// The rehearsal that shows whether the directory refuses everything; `nil`: none is needed.
    var rehearsal: Rehearsal.Scope?
  }

  // MARK: Events

  /// A batch returned.
  mutating func returned(_ batch: Int, _ endings: [(QueueEntry, Ending)]) -> Returned {
    guard var flight = flights[batch] else { return Returned() }
    var returned = Returned()
    for (entry, ending) in endings {
      switch ending {
      case .settled(let results):
        flight.finished.append(entry)
        note(results, of: entry.request, &returned)
      case .refused(let trouble, .server):
        retry(entry)
        flight.ours = flight.ours ?? trouble
        flight.mustLeave = true
      case .refused(let trouble, let fault):
        flight.refused.append(Refused(entry: entry, trouble: trouble, fault: fault))
      case .lost(let trouble):
        if isLostAlone(entry) {
          flight.lostAlone.append((entry, trouble))
        } else {
          retry(entry)
          flight.lost = flight.lost ?? trouble
        }
      case .unhashed(let trouble):
        // It is sent first: no other password may be stored as clear text.
        entries[entry.ticket] = entry
        recovering.append(entry.ticket)
        flight.ours = flight.ours ?? trouble
      case .stale, .paused: retry(entry)
      }
    }
    let applied = returned.settled.count { $0.result.outcome == .applied }
    self.applied += applied
    if flight.lost == nil, flight.ours == nil, isUnclear(flight.refused, applied: applied) {
      returned.rehearsal = flight.refused.contains { $0.entry.grantsPassword } ? .entryAndPassword : .entry
    }
    flights[batch] = flight
    return returned
  }

  /// The rehearsal has ended, or none was needed.
  ///
  /// - Parameter rehearsal: `nil`: none was needed.
  mutating func judged(_ batch: Int, rehearsal: Rehearsal.Outcome?, at now: Instant) {
    guard var flight = flights[batch] else { return }
    switch rehearsal {
    case .passed, nil: break
    case .refused:
      flight.ours = (flight.refused.first { $0.fault == .directory } ?? flight.refused.first)?.trouble
    case .lost(let error):
      flight.lost = Trouble(what: "\(error)", remedy: "check that the directory runs; the queue continues by itself")
    }
    if let lost = flight.lost {
      for refused in flight.refused { retry(refused.entry) }
      // All batches of one connection are lost together. They count as one failure.
      if isConnected, flight.connection == connection {
        lostInARow += 1
        fail(lost, isAway: true, at: now)
      }
    } else if let ours = flight.ours {
      lostInARow = 0
      for refused in flight.refused { retry(refused.entry) }
      if flight.mustLeave, flight.connection == connection { emit(.leave(ours)) }
      // Retried on a new connection: this one keeps the identity that was refused.
      fail(ours, isAway: false, at: now)
    } else {
      lostInARow = 0
      if link.succeeded() { emit(.directoryBack(because: nil)) }
      for refused in flight.refused { deferRefused(refused, at: now) }
    }
    for (entry, trouble) in flight.lostAlone { deferLost(entry, trouble, at: now) }
  }

  /// The outcomes of a batch are durable. Its addresses are free.
  mutating func stored(_ batch: Int) {
    let finished = flights[batch]?.finished ?? []
    for entry in finished { finish(entry) }
    // What waited for the clock may go on.
    if finished.contains(where: \.isClocked) { tryDeferredNow() }
    flights[batch]?.finished = []
  }

  /// A batch has ended.
  mutating func left(_ batch: Int) {
    guard let flight = flights.removeValue(forKey: batch) else { return }
    for entry in flight.entries { requests[entry.request]?.inFlight -= 1 }
  }

  /// A settled change took away the owner of these accounts.
  mutating func note(_ settlement: Settlement, of change: SettledChange) {
    requests[change.request]?.results[change.result.index]?.orphans = settlement.orphans
    requests[change.request]?.results[change.result.index]?.handoverEvents = settlement.handoverEvents
  }

  /// Removes a completed request, which goes to the recorder. A cancelled one has entries left.
  mutating func leave(_ id: Int64) -> OpenRequest? {
    withdrawUnsent(of: id)
    return requests.removeValue(forKey: id)
  }

  // MARK: Judgement

  /// Whether a rehearsal is needed. None is if changes of the same batch were applied, unless a code names a setting of the
  /// directory; nor if all refused entries are known to be refused alone.
  private func isUnclear(_ refused: [Refused], applied: Int) -> Bool {
    if refused.isEmpty { return false }
    if applied > 0, !refused.contains(where: { $0.fault == .directory }) { return false }
    return link.trouble != nil
      || refused.contains { ![.clock, .lag].contains($0.fault) && refusalCounts[$0.entry.ticket]?.isAlone != true }
  }

  /// Counts a loss of the connection.
  ///
  /// - Returns: whether this entry causes the losses: there were three, and others were applied since the first.
  private mutating func isLostAlone(_ entry: QueueEntry) -> Bool {
    var count = refusalCounts[entry.ticket] ?? RefusalCount(applied: applied)
    defer { refusalCounts[entry.ticket] = count }
    count.losses += 1
    return count.losses >= Self.losses.alone && applied > count.applied
  }

  /// Stores outcomes in the request, and completes it with the last one.
  mutating func note(_ results: [(ChangeResult, SettledChange.Mirror)], of request: Int64, _ returned: inout Returned) {
    guard let index = requests.index(forKey: request) else { return }
    for (result, mirror) in results {
      requests.values[index].results[result.index] = result
      requests.values[index].remaining -= 1
      let open = requests.values[index]
      returned.settled.append(
        SettledChange(
          request: open.id, number: open.request.number, digest: open.digest, result: result, mirror: mirror))
    }
    let open = requests.values[index]
    if open.remaining == 0 {
      returned.completed.append(
        CompletedRequest(id: open.id, outcome: RequestOutcome(of: open.results.compactMap { $0?.outcome })))
    }
  }

  mutating func retry(_ entry: QueueEntry) {
    entries[entry.ticket] = entry
    if case .atomic = entry { groups.append(entry.ticket) } else { retrying.append(entry.ticket) }
  }

  /// Defers an entry that was refused while the directory takes others. Its request is held at the third refusal of
  /// access.
  private mutating func deferRefused(_ refused: Refused, at now: Instant) {
    let (entry, trouble) = (refused.entry, refused.trouble)
    var count = refusalCounts[entry.ticket] ?? RefusalCount(applied: applied)
    // What waits for the clock waits as long as that gets on.
    if refused.fault == .clock, count.waitsFor != trouble.what { (count.refusals, count.waitsFor) = (0, trouble.what) }
    count.refusals += 1
    count.isAlone = true
    refusalCounts[entry.ticket] = count
    let isStubborn =
      switch refused.fault {
      case .entry: count.refusals >= Self.refusals
      case .clock: count.refusals >= Self.corrections
      case .directory, .unclear, .server, .lag: false
      }
    if isStubborn { return setAside(entry, trouble) }
    // There is no room for more stuck entries.
    if isCrowded, !entry.isInDoubt { return setAside(entry, trouble) }
    if refused.fault != .entry { reportWaiting(entry, trouble) }
    if refused.fault == .clock { order.yield(entry.ticket) }
    postpone(entry, in: \.deferred, at: now)
  }

  /// Isolates an entry that causes losses of the connection. Its request is held at the tenth loss.
  private mutating func deferLost(_ entry: QueueEntry, _ trouble: Trouble, at now: Instant) {
    refusalCounts[entry.ticket]?.isAlone = true
    refusalCounts[entry.ticket]?.applied = applied
    if let losses = refusalCounts[entry.ticket]?.losses, losses >= Self.losses.setAside {
      return setAside(
        entry,
        Trouble(
          what: "it was sent \(losses) times without an answer, while other requests were applied: \(trouble.what)",
          remedy: "check the directory's log"))
    }
    reportWaiting(entry, trouble)
    postpone(entry, in: \.isolated, at: now)
  }

  private mutating func reportWaiting(_ entry: QueueEntry, _ trouble: Trouble) {
    if refusalCounts[entry.ticket]?.isReported != true {
      emit(.waits(name: entry.name, address: entry.address, trouble))
      refusalCounts[entry.ticket]?.isReported = true
    }
    emit(.note(request: entry.request, reason: trouble))
  }

  private mutating func postpone(_ entry: QueueEntry, in queue: WritableKeyPath<Self, Queue<Ticket>>, at now: Instant) {
    entries[entry.ticket] = entry
    stick(entry.ticket)
    self[keyPath: queue].append(entry.ticket)
    if deferredUntil.map({ $0 > now }) ?? false { return }
    deferredUntil = now + deferredBackoff.next(jitter: jitter())
  }

  private mutating func setAside(_ entry: QueueEntry, _ trouble: Trouble) {
    entries[entry.ticket] = entry
    hold(entry, trouble)
    if entry.isInDoubt {
      // It may have been applied, whole or in part: it keeps its addresses.
      keepInDoubt(entry.ticket)
      forgetRefusals(of: entry)
      return
    }
    withdraw(entry)
  }

  /// Removes an entry of a held request that was not applied, so that others may pass. Its intent is deleted: the next run
  /// would take it for in doubt.
  mutating func withdraw(_ entry: QueueEntry) {
    if case .change(let item) = entry, item.stored != nil || item.sent != nil { emit(.withdraw(item.id)) }
    finish(entry)
  }

  mutating func hold(_ entry: QueueEntry, _ trouble: Trouble) {
    // One that is being released is held only here.
    if requests[entry.request]?.isHeld == true, releasing.remove(entry.request) == nil { return }
    requests[entry.request]?.isHeld = true
    emit(.hold(request: entry.request, number: entry.number, address: entry.address, trouble))
    withdrawUnsent(of: entry.request)
  }

  /// The request is held: its entries that are neither in doubt nor in flight leave at once. Otherwise one that waits behind
  /// another held request would keep its addresses from unrelated requests.
  mutating func withdrawUnsent(of id: Int64) {
    guard let open = requests[id], open.isHeld else { return }
    let sent = open.inFlight > 0 ? Set(flights.values.flatMap { $0.entries.map(\.ticket) }) : []
    for ticket in open.tickets where !sent.contains(ticket) {
      if let entry = entries[ticket], !entry.isInDoubt { withdraw(entry) }
    }
  }

  private mutating func forgetRefusals(of entry: QueueEntry) {
    guard refusalCounts.removeValue(forKey: entry.ticket)?.isAlone == true else { return }
    let others = requests[entry.request]?.tickets ?? []
    if !others.contains(where: { refusalCounts[$0]?.isAlone == true }) {
      emit(.note(request: entry.request, reason: nil))
    }
    if !refusalCounts.values.contains(where: \.isAlone) { deferredBackoff.reset() }
  }

  mutating func finish(_ entry: QueueEntry) {
    entries[entry.ticket] = nil
    forgetRefusals(of: entry)
    requests[entry.request]?.tickets.remove(entry.ticket)
    heldInDoubt.remove(entry.ticket)
    stuck.remove(entry.ticket)
    movedSinceBarred += 1
    order.finish(entry.ticket)
    if releasing.contains(entry.request), requests[entry.request]?.tickets.isEmpty != false { readmit(entry.request) }
  }
}

/// How an entry left its batch.
enum Ending: Sendable {
  /// Each of its changes has an outcome; in the order in which they happened.
  case settled([(ChangeResult, SettledChange.Mirror)])
  /// The directory refused it, and the change is not at fault. It was not applied.
  case refused(Trouble, Fault)
  /// No answer came, or nothing could be sent. What was sent may have been applied.
  case lost(Trouble)
  /// Applied, but not settled: the directory stored its password as clear text.
  case unhashed(Trouble)
  /// The entry changed after it was read. The change was not applied, and is planned again. After too many rounds it fails
  /// with this error.
  case stale(ChangeError)
  /// The agent stopped between two operations.
  case paused

  /// The outcome of one change.
  static func settled(_ result: ChangeResult, _ mirror: SettledChange.Mirror) -> Ending {
    .settled([(result, mirror)])
  }
}
