internal import Accounts
internal import Forms
internal import Register

/// What comes of a batch.
extension RequestQueue {
  /// What a batch that returned wants: outcomes to be posted before anything else is, for a request's completion must not
  /// overtake the outcomes it stands on.
  struct Returned: Sendable {
    var settled: [SettledChange] = []
    var completed: [CompletedRequest] = []
    /// What must be tried to find out whether the directory refuses everybody; `nil`: that is known.
    var rehearsal: Rehearsal.Scope?
  }

  // MARK: Events

  /// A batch has come back.
  mutating func returned(_ batch: Int, _ endings: [(Work, Ending)]) -> Returned {
    guard var flight = flights[batch] else { return Returned() }
    var returned = Returned()
    for (work, ending) in endings {
      switch ending {
      case .settled(let results):
        flight.finished.append(work)
        note(results, of: work.request, &returned)
      case .refused(let trouble, let fault):
        flight.refused.append(Refused(work: work, trouble: trouble, fault: fault))
      case .lost(let trouble):
        if isLostAlone(work) {
          flight.lostAlone.append((work, trouble))
        } else {
          sendAgain(work)
          flight.lost = flight.lost ?? trouble
        }
      case .unhashed(let trouble):
        // It goes first, so that no other password follows its way.
        works[work.ticket] = work
        inherited.append(work.ticket)
        flight.ours = flight.ours ?? trouble
      case .stale, .paused: sendAgain(work)
      }
    }
    let applied = returned.settled.count { $0.result.outcome == .applied }
    self.applied += applied
    if flight.lost == nil, flight.ours == nil, isUnclear(flight.refused, applied: applied) {
      returned.rehearsal = flight.refused.contains { $0.work.grantsPassword } ? .entryAndPassword : .entry
    }
    flights[batch] = flight
    return returned
  }

  /// It is known what the batch says of the directory as a whole, and of those it refused.
  ///
  /// - Parameter rehearsal: `nil` where none was wanted.
  mutating func judged(_ batch: Int, rehearsal: Rehearsal.Outcome?, at now: Instant) {
    guard var flight = flights[batch] else { return }
    switch rehearsal {
    case .passed, nil: break
    case .refused:
      flight.ours = (flight.refused.first { $0.fault == .directory } ?? flight.refused.first)?.trouble
    case .lost(let error):
      flight.lost = Trouble(what: "\(error)", remedy: "see that the directory runs; the queue goes on by itself")
    }
    if let lost = flight.lost {
      for refused in flight.refused { sendAgain(refused.work) }
      // Batches that were in flight together are lost together: that is one failure.
      if isConnected, flight.connection == connection { fail(lost, isAway: true, at: now) }
    } else if let ours = flight.ours {
      for refused in flight.refused { sendAgain(refused.work) }
      // On a new connection, for this one keeps the identity that was refused.
      fail(ours, isAway: false, at: now)
    } else {
      if link.succeeded() { want(.directoryBack) }
      for refused in flight.refused { suspect(refused, at: now) }
    }
    for (work, trouble) in flight.lostAlone { suspectOfLosses(work, trouble, at: now) }
  }

  /// The outcomes of a batch are durable: those that wait behind it move up.
  mutating func stored(_ batch: Int) {
    for work in flights[batch]?.finished ?? [] { finish(work) }
    flights[batch]?.finished = []
  }

  /// Nothing of a batch is under way any more.
  mutating func left(_ batch: Int) {
    guard let flight = flights.removeValue(forKey: batch) else { return }
    for work in flight.works { requests[work.request]?.inFlight -= 1 }
  }

  /// The register knows which accounts lost their owner by a change.
  mutating func note(orphans: [String], of change: SettledChange) {
    requests[change.request]?.results[change.result.index]?.orphans = orphans
  }

  /// A request that is done is recorded, and leaves.
  mutating func leave(_ id: Int64) -> OpenRequest? { requests.removeValue(forKey: id) }

  // MARK: What it means

  /// Whether it must be found out if the directory refuses everybody. What was applied beside them speaks for it, but not
  /// where a code says that something is set up wrong; those that are known to be refused alone say nothing new.
  private func isUnclear(_ refused: [Refused], applied: Int) -> Bool {
    if refused.isEmpty { return false }
    if applied > 0, !refused.contains(where: { $0.fault == .directory }) { return false }
    return link.trouble != nil || refused.contains { refusalCounts[$0.work.ticket]?.isAlone != true }
  }

  /// Counts a loss of the connection under this work.
  ///
  /// - Returns: whether others were applied meanwhile, so that it is the work that costs the connection.
  private mutating func isLostAlone(_ work: Work) -> Bool {
    var count = refusalCounts[work.ticket] ?? RefusalCount(applied: applied)
    defer { refusalCounts[work.ticket] = count }
    count.losses += 1
    return count.losses >= Self.losses.alone && applied > count.applied
  }

  /// Notes outcomes of a request, and whether it is done with them.
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

  mutating func sendAgain(_ work: Work) {
    works[work.ticket] = work
    if case .atomic = work { atomics.append(work.ticket) } else { again.append(work.ticket) }
  }

  /// Refused though the directory takes others. It waits alone, and is tried now and then; where access to its entry is
  /// wanting it is set aside at the third time.
  private mutating func suspect(_ refused: Refused, at now: Instant) {
    let (work, trouble) = (refused.work, refused.trouble)
    var count = refusalCounts[work.ticket] ?? RefusalCount(applied: applied)
    count.refusals += 1
    count.isAlone = true
    refusalCounts[work.ticket] = count
    if refused.fault == .entry, count.refusals >= Self.refusals { return setAside(work, trouble) }
    // Where there is no room for more that is stuck, it gives way to others.
    if isCrowded, !work.isInDoubt { return setAside(work, trouble) }
    if refused.fault != .entry { reportWaiting(work, trouble) }
    deferAlone(work, in: \.suspects, at: now)
  }

  /// It took the connection away again and again, while others were applied. From now on it is sent alone.
  private mutating func suspectOfLosses(_ work: Work, _ trouble: Trouble, at now: Instant) {
    refusalCounts[work.ticket]?.isAlone = true
    refusalCounts[work.ticket]?.applied = applied
    if let losses = refusalCounts[work.ticket]?.losses, losses >= Self.losses.setAside {
      return setAside(
        work,
        Trouble(
          what: "\(losses) times no answer came, while others were applied: \(trouble.what)",
          remedy: "see the directory's log"))
    }
    reportWaiting(work, trouble)
    deferAlone(work, in: \.solitary, at: now)
  }

  private mutating func reportWaiting(_ work: Work, _ trouble: Trouble) {
    if refusalCounts[work.ticket]?.isReported != true {
      want(.waits(name: work.name, address: work.address, trouble))
      refusalCounts[work.ticket]?.isReported = true
    }
    want(.note(request: work.request, reason: trouble))
  }

  private mutating func deferAlone(_ work: Work, in queue: WritableKeyPath<Self, Queue<Ticket>>, at now: Instant) {
    works[work.ticket] = work
    stick(work.ticket)
    self[keyPath: queue].append(work.ticket)
    if suspectsAt.map({ $0 > now }) ?? false { return }
    suspectsAt = now + suspectsBackoff.next(jitter: jitter())
  }

  private mutating func setAside(_ work: Work, _ trouble: Trouble) {
    works[work.ticket] = work
    hold(work, trouble)
    if work.isInDoubt {
      // It may stand, or half of it: it keeps its addresses.
      park(work.ticket)
      forgetRefusals(of: work)
      return
    }
    leaveToOthers(work)
  }

  /// Its request is set aside, and it is known not to be applied: others may pass. What was intended is forgotten, or the
  /// next run would take it for in doubt, beside others that share its addresses and may be.
  mutating func leaveToOthers(_ work: Work) {
    if case .change(let item) = work, item.stored != nil || item.sent != nil { want(.withdraw(item.id)) }
    finish(work)
  }

  mutating func hold(_ work: Work, _ trouble: Trouble) {
    if requests[work.request]?.isHeld == true { return }
    requests[work.request]?.isHeld = true
    want(.hold(request: work.request, number: work.number, address: work.address, trouble))
  }

  private mutating func forgetRefusals(of work: Work) {
    guard refusalCounts.removeValue(forKey: work.ticket)?.isAlone == true else { return }
    let others = requests[work.request]?.tickets ?? []
    if !others.contains(where: { refusalCounts[$0]?.isAlone == true }) {
      want(.note(request: work.request, reason: nil))
    }
    if !refusalCounts.values.contains(where: \.isAlone) { suspectsBackoff.reset() }
  }

  mutating func finish(_ work: Work) {
    works[work.ticket] = nil
    forgetRefusals(of: work)
    requests[work.request]?.tickets.remove(work.ticket)
    parked.remove(work.ticket)
    stuck.remove(work.ticket)
    movedSinceBarred += 1
    order.finish(work.ticket)
    if releasing.contains(work.request), requests[work.request]?.tickets.isEmpty != false { comeBack(work.request) }
  }
}

/// How a piece of work left its batch.
enum Ending: Sendable {
  /// Each of its changes has its outcome; in the order in which they happened.
  case settled([(ChangeResult, SettledChange.Mirror)])
  /// The directory said no through no fault of the change; it is known not to have been applied.
  case refused(Trouble, Fault)
  /// No answer came, or the directory could not be asked: what was sent may have been applied.
  case lost(Trouble)
  /// Applied, and not to be settled yet: its password rests as clear text.
  case unhashed(Trouble)
  /// Planned against what wasn't so any more, and known not to have been applied: it is planned again. Told as this error
  /// where that is no use.
  case stale(ChangeError)
  /// The agent stops between two operations.
  case paused

  /// Of one change.
  static func settled(_ result: ChangeResult, _ mirror: SettledChange.Mirror) -> Ending {
    .settled([(result, mirror)])
  }
}
