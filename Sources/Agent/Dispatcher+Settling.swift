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
        if fault == .directory { ours = ours ?? trouble }
      case .lost(let trouble):
        sendAgain(work)
        lost = lost ?? trouble
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
    // An atomic request comes alone: others that got through since it was refused speak for the directory. Whom it
    // refused while it took others says nothing new.
    let speaksForItself = refused.first.map { isSuspect($0.work) } ?? false
    let news = link.trouble == nil ? refused.first { suspicions[$0.work.ticket]?.isKnown != true } : refused.first
    if applied == 0, !speaksForItself { ours = ours ?? news?.trouble }
    try await tell(lost: lost, ours: ours, refused: refused, over: connection)
    guard let settlements = try await commit?.value() else { return }
    for work in finished { finish(work) }
    await record(completed, settled: settled, settlements, now: now)
  }

  private func isSuspect(_ work: Work) -> Bool {
    guard case .atomic = work else { return false }
    let known = suspicions[work.ticket]
    suspicions[work.ticket, default: Suspicion()].applied = applied
    return known.map { $0.applied < applied } ?? false
  }

  /// Notes outcomes of a request, and whether it is done with them.
  private func note(
    _ results: [(ChangeResult, SettledChange.Mirror)], of request: Int64, _ settled: inout [SettledChange],
    _ completed: inout [CompletedRequest]
  ) {
    guard let index = requests.index(forKey: request) else { return }
    for (result, mirror) in results {
      requests.values[index].results[result.place] = result
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

  /// Refused while others were applied. It waits for itself, and is tried now and then; where access to its entry is
  /// wanting it is set aside at the third time.
  private func suspect(_ refused: Refused) async throws {
    let (work, trouble) = (refused.work, refused.trouble)
    works[work.ticket] = work
    suspicions[work.ticket, default: Suspicion()].isKnown = true
    if refused.fault == .entry {
      suspicions[work.ticket, default: Suspicion()].refusals += 1
      if let refusals = suspicions[work.ticket]?.refusals, refusals >= Self.refusals {
        return try await setAside(work, trouble)
      }
    } else {
      if suspicions[work.ticket]?.isTold != true {
        log.warning(
          "change.waiting",
          [("request", work.name), ("address", work.address ?? "-"), ("why", trouble.what), ("do", trouble.remedy)])
        suspicions[work.ticket]?.isTold = true
        hurryStatus()
      }
      _ = register.note(reason: "\(trouble.what); \(trouble.remedy)", of: work.request)
    }
    suspects.append(work.ticket)
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
      parked.insert(work.ticket)
      forgetSuspicion(of: work)
      return
    }
    // Known not to be applied, so others may pass.
    if case .change(let item) = work { _ = register.withdraw(item.id) }
    finish(work)
  }

  private func forgetSuspicion(of work: Work) {
    guard suspicions.removeValue(forKey: work.ticket)?.isKnown == true else { return }
    let others = requests[work.request]?.tickets ?? []
    if !others.contains(where: { suspicions[$0]?.isKnown == true }) {
      _ = register.note(reason: nil, of: work.request)
    }
    if !suspicions.values.contains(where: \.isKnown) { suspectsBackoff.reset() }
  }

  func finish(_ work: Work) {
    works[work.ticket] = nil
    forgetSuspicion(of: work)
    requests[work.request]?.tickets.remove(work.ticket)
    parked.remove(work.ticket)
    order.finish(work.ticket)
  }

  func record(_ completed: [CompletedRequest], settled: [SettledChange], _ settlements: [Settlement], now: Int64) async
  {
    var last: [Int64: [UInt8]] = [:]
    for (change, settlement) in zip(settled, settlements) {
      last[change.request] = settlement.hash
      log.told(settlement.news)
      if settlement.orphans.isEmpty { continue }
      requests[change.request]?.results[change.result.place]?.orphans = settlement.orphans
      log.warning(
        "owner.gone",
        [
          ("request", "\(change.number)#\(change.result.place)"), ("address", change.result.address),
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

/// What is known of a work that the directory refused while it took others.
struct Suspicion {
  /// How often access was wanting.
  var refusals = 0
  /// How many changes had been applied at the last time.
  var applied = 0
  /// Whether it was refused while others were taken.
  var isKnown = false
  /// Whether the log told that it waits.
  var isTold = false
}
