internal import Forms
internal import LDAP
internal import Register

/// What comes of a batch.
extension Dispatcher {
  func settle(_ endings: [(Work, Ending)], over connection: Connection) async throws {
    var settled: [SettledChange] = []
    var finished: [Work] = []
    var completed: [CompletedRequest] = []
    var refused: [Refused] = []
    var lostAlone: [(work: Work, trouble: Trouble)] = []
    var lost: Trouble?
    // What is wrong for all of them, whatever got through.
    var ours: Trouble?
    for (work, ending) in endings {
      switch ending {
      case .settled(let results):
        finished.append(work)
        note(results, of: work.request, &settled, &completed)
      case .refused(let trouble, let fault):
        refused.append(Refused(work: work, trouble: trouble, fault: fault))
      case .lost(let trouble):
        if isLostAlone(work) {
          lostAlone.append((work, trouble))
        } else {
          sendAgain(work)
          lost = lost ?? trouble
        }
      case .unhashed(let trouble):
        // It goes first, so that no other password follows its way.
        works[work.ticket] = work
        inherited.append(work.ticket)
        ours = ours ?? trouble
      case .paused: sendAgain(work)
      }
    }
    // Posted before anything is awaited: a request's completion must not overtake the outcomes it stands on.
    let now = live.now()
    let commit = settled.isEmpty ? nil : register.settle(settled, completed: completed, at: now)
    let applied = settled.count { $0.result.outcome == .applied }
    self.applied += applied
    if lost == nil, ours == nil, isUnclear(refused, applied: applied) {
      switch await rehearsal(of: refused, over: connection) {
      case .passed: break
      case .refused:
        ours = (refused.first { $0.fault == .directory } ?? refused.first)?.trouble
      case .lost(let error):
        lost = Trouble(what: "\(error)", remedy: "see that the directory runs; the queue goes on by itself")
      }
    }
    try await tell(lost: lost, ours: ours, refused: refused, over: connection)
    for (work, trouble) in lostAlone { try await suspectOfLosses(work, trouble) }
    guard let settlements = try await commit?.value() else { return }
    for work in finished { finish(work) }
    await record(completed, settled: settled, settlements, now: now)
  }

  /// Whether it must be found out if the directory refuses everybody. What was applied beside them speaks for it, but not
  /// where a code says that something is set up wrong; those that are known to be refused alone say nothing new.
  private func isUnclear(_ refused: [Refused], applied: Int) -> Bool {
    if refused.isEmpty { return false }
    if applied > 0, !refused.contains(where: { $0.fault == .directory }) { return false }
    return link.trouble != nil || refused.contains { refusalCounts[$0.work.ticket]?.isAlone != true }
  }

  private func rehearsal(of refused: [Refused], over connection: Connection) async -> Rehearsal.Outcome {
    let withPassword = refused.contains { $0.work.grantsPassword }
    let earlier = rehearsing
    if let earlier, earlier.withPassword || !withPassword { return await earlier.task.value }
    let rehearsal = Rehearsal(
      applier: live.settings.applier(register: register, proof: proof, now: live.now), withPassword: withPassword)
    let task = Task {
      _ = await earlier?.task.value
      return await rehearsal.run(over: connection)
    }
    rehearsing = (task, withPassword)
    let outcome = await task.value
    if rehearsing?.task == task { rehearsing = nil }
    switch outcome {
    case .passed:
      if withPassword { await proof.end(.hashed) }
      log.debug("directory.rehearsed", [("result", "passed")])
    case .refused(let step, let trouble):
      log.debug("directory.rehearsed", [("result", "refused"), ("step", step), ("why", trouble.what)])
    case .lost(let error): log.debug("directory.rehearsed", [("result", "lost"), ("why", "\(error)")])
    }
    return outcome
  }

  /// Counts a loss of the connection under this work.
  ///
  /// - Returns: whether others were applied meanwhile, so that it is the work that costs the connection.
  private func isLostAlone(_ work: Work) -> Bool {
    var count = refusalCounts[work.ticket] ?? RefusalCount(applied: applied)
    defer { refusalCounts[work.ticket] = count }
    count.losses += 1
    return count.losses >= Self.losses.alone && applied > count.applied
  }

  /// Notes outcomes of a request, and whether it is done with them.
  private func note(
    _ results: [(ChangeResult, SettledChange.Mirror)], of request: Int64, _ settled: inout [SettledChange],
    _ completed: inout [CompletedRequest]
  ) {
    guard let index = requests.index(forKey: request) else { return }
    for (result, mirror) in results {
      requests.values[index].results[result.index] = result
      requests.values[index].remaining -= 1
      let open = requests.values[index]
      settled.append(
        SettledChange(
          request: open.id, number: open.request.number, digest: open.digest, result: result, mirror: mirror))
    }
    let open = requests.values[index]
    if open.remaining == 0 {
      completed.append(
        CompletedRequest(id: open.id, outcome: RequestOutcome(of: open.results.compactMap { $0?.outcome })))
    }
  }

  /// What a batch says of the directory as a whole, and of those it refused.
  private func tell(lost: Trouble?, ours: Trouble?, refused: [Refused], over connection: Connection) async throws {
    if let lost {
      for refused in refused { sendAgain(refused.work) }
      // Batches that were in flight together are lost together: that is one failure.
      if self.connection === connection { fail(lost, isAway: true) }
    } else if let ours {
      for refused in refused { sendAgain(refused.work) }
      // On a new connection, for this one keeps the identity that was refused.
      fail(ours, isAway: false)
    } else {
      if link.succeeded() {
        log.info("directory.back", [])
        _ = register.note(nil, at: live.now())
        hurryStatus()
      }
      for refused in refused { try await suspect(refused) }
    }
  }

  func sendAgain(_ work: Work) {
    works[work.ticket] = work
    if case .atomic = work { atomics.append(work.ticket) } else { again.append(work.ticket) }
  }

  /// Refused though the directory takes others. It waits alone, and is tried now and then; where access to its entry is
  /// wanting it is set aside at the third time.
  private func suspect(_ refused: Refused) async throws {
    let (work, trouble) = (refused.work, refused.trouble)
    var count = refusalCounts[work.ticket] ?? RefusalCount(applied: applied)
    count.refusals += 1
    count.isAlone = true
    refusalCounts[work.ticket] = count
    if refused.fault == .entry, count.refusals >= Self.refusals {
      works[work.ticket] = work
      return try await setAside(work, trouble)
    }
    // Where there is no room for more that is stuck, it gives way to others.
    if isCrowded, !work.isInDoubt {
      works[work.ticket] = work
      return try await setAside(work, trouble)
    }
    if refused.fault != .entry { reportWaiting(work, trouble) }
    deferAlone(work, in: &suspects)
  }

  /// It took the connection away again and again, while others were applied. From now on it is sent alone.
  private func suspectOfLosses(_ work: Work, _ trouble: Trouble) async throws {
    refusalCounts[work.ticket]?.isAlone = true
    refusalCounts[work.ticket]?.applied = applied
    if let losses = refusalCounts[work.ticket]?.losses, losses >= Self.losses.setAside {
      works[work.ticket] = work
      return try await setAside(
        work,
        Trouble(
          what: "\(losses) times no answer came, while others were applied: \(trouble.what)",
          remedy: "see the directory's log"))
    }
    reportWaiting(work, trouble)
    deferAlone(work, in: &solitary)
  }

  private func reportWaiting(_ work: Work, _ trouble: Trouble) {
    if refusalCounts[work.ticket]?.isReported != true {
      log.warning(
        "change.waiting",
        [("request", work.name), ("address", work.address ?? "-"), ("why", trouble.what), ("do", trouble.remedy)])
      refusalCounts[work.ticket]?.isReported = true
      hurryStatus()
    }
    _ = register.note(reason: "\(trouble.what); \(trouble.remedy)", of: work.request)
  }

  private func deferAlone(_ work: Work, in queue: inout Queue<AddressOrder.Ticket>) {
    works[work.ticket] = work
    stick(work.ticket)
    queue.append(work.ticket)
    if suspectsAt.map({ $0 > .now }) ?? false { return }
    let retryAt = ContinuousClock.now + suspectsBackoff.next(jitter: .random(in: 0...1))
    suspectsAt = retryAt
    Task { [wakeup] in
      try? await Task.sleep(until: retryAt, clock: .continuous)
      wakeup.yield()
    }
  }

  private func setAside(_ work: Work, _ trouble: Trouble) async throws {
    try await hold(work, trouble)
    if work.isInDoubt {
      // It may stand, or half of it: it keeps its addresses.
      park(work.ticket)
      forgetRefusals(of: work)
      return
    }
    // Known not to be applied, so others may pass.
    if case .change(let item) = work { _ = register.withdraw(item.id) }
    finish(work)
  }

  private func forgetRefusals(of work: Work) {
    guard refusalCounts.removeValue(forKey: work.ticket)?.isAlone == true else { return }
    let others = requests[work.request]?.tickets ?? []
    if !others.contains(where: { refusalCounts[$0]?.isAlone == true }) {
      _ = register.note(reason: nil, of: work.request)
    }
    if !refusalCounts.values.contains(where: \.isAlone) { suspectsBackoff.reset() }
  }

  func finish(_ work: Work) {
    works[work.ticket] = nil
    forgetRefusals(of: work)
    requests[work.request]?.tickets.remove(work.ticket)
    parked.remove(work.ticket)
    stuck.remove(work.ticket)
    movedSinceBarred += 1
    order.finish(work.ticket)
  }

  func record(_ completed: [CompletedRequest], settled: [SettledChange], _ settlements: [Settlement], now: Int64) async
  {
    var last: [Int64: [UInt8]] = [:]
    for (change, settlement) in zip(settled, settlements) {
      last[change.request] = settlement.hash
      log.told(settlement.news)
      if settlement.orphans.isEmpty { continue }
      requests[change.request]?.results[change.result.index]?.orphans = settlement.orphans
      log.warning(
        "owner.gone",
        [
          ("request", "\(change.number)#\(change.result.index)"), ("address", change.result.address),
          ("orphans", settlement.orphans.joined(separator: " ")),
          ("do", "give them another owner (modify, set: {owner: …})"),
        ])
    }
    log.settled(settled)
    var finished: [FinishedRequest] = []
    for done in completed {
      guard let open = requests.removeValue(forKey: done.id) else { continue }
      finished.append(
        FinishedRequest(
          id: open.id, request: open.request, bytes: open.bytes, digest: open.digest,
          submitted: open.submitted, received: open.received, completed: now, outcome: done.outcome,
          results: open.results.compactMap(\.self), ledger: last[done.id] ?? []))
    }
    await recorder.add(finished)
  }

  func hold(_ work: Work, _ trouble: Trouble) async throws {
    if requests[work.request]?.isHeld == true { return }
    log.error(
      "request.held",
      [
        ("request", work.number), ("address", work.address ?? "-"), ("why", trouble.what), ("do", trouble.remedy),
      ])
    requests[work.request]?.isHeld = true
    _ = try await register.hold(work.request, reason: "\(trouble.what); \(trouble.remedy)").value()
  }
}

/// What the directory refused through no fault of the change.
private struct Refused {
  var work: Work
  var trouble: Trouble
  var fault: Fault
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
