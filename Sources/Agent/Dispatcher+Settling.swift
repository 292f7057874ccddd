internal import Forms
internal import LDAP
internal import Register

/// What comes of a batch.
extension Dispatcher {
  func settle(_ endings: [(Work, Ending)], over connection: Connection) async throws {
    var settled: [SettledChange] = []
    var finished: [Work] = []
    var completed: [CompletedRequest] = []
    var refused: [(Work, Trouble)] = []
    var lost: Trouble?
    // What is wrong for all of them, whatever got through.
    var ours: Trouble?
    for (work, ending) in endings {
      switch ending {
      case .settled(let results):
        finished.append(work)
        note(results, of: work.request, &settled, &completed)
      case .refused(let trouble, let ofEntry):
        refused.append((work, trouble))
        if !ofEntry { ours = ours ?? trouble }
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
    // An atomic request comes alone: others that got through since it was refused speak for the directory.
    let speaksForItself = refused.first.map { isSuspect($0.0) } ?? false
    if applied == 0, !speaksForItself { ours = ours ?? refused.first?.1 }
    try await tell(lost: lost, ours: ours, refused: refused, over: connection)
    guard let settlements = try await commit?.value() else { return }
    for work in finished { finish(work) }
    await record(completed, settled: settled, settlements, now: now)
  }

  private func isSuspect(_ work: Work) -> Bool {
    guard case .atomic = work else { return false }
    let known = suspicions[work.ticket]
    suspicions[work.ticket] = (known?.refusals ?? 0, applied)
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
  private func tell(lost: Trouble?, ours: Trouble?, refused: [(Work, Trouble)], over connection: Connection)
    async throws
  {
    if let lost {
      for (work, _) in refused { sendAgain(work) }
      // Batches that were in flight together are lost together: that is one failure.
      if self.connection === connection { fail(lost, isAway: true) }
    } else if let ours {
      for (work, _) in refused { sendAgain(work) }
      // On a new connection, for this one keeps the identity that was refused.
      fail(ours, isAway: false)
    } else {
      if link.succeeded() {
        log.info("directory.back", [])
        _ = register.note(nil, at: live.now())
      }
      for (work, trouble) in refused { try await suspect(work, trouble) }
    }
  }

  func sendAgain(_ work: Work) {
    works[work.ticket] = work
    if case .atomic = work { atomics.append(work.ticket) } else { again.append(work.ticket) }
  }

  /// Refused while others were applied: at the third time it is set aside.
  private func suspect(_ work: Work, _ trouble: Trouble) async throws {
    works[work.ticket] = work
    suspicions[work.ticket, default: (0, applied)].refusals += 1
    guard let refusals = suspicions[work.ticket]?.refusals, refusals >= Self.refusals else {
      if case .atomic = work { atomics.append(work.ticket) } else { suspects.append(work.ticket) }
      return
    }
    try await hold(work, trouble)
    if case .change(let item) = work {
      // Known not to be applied, so others may pass.
      _ = register.withdraw(item.id)
      finish(work)
    } else if work.isInDoubt {
      // Half of it may stand: it keeps its addresses.
      parked.insert(work.ticket)
    } else {
      finish(work)
    }
  }

  func finish(_ work: Work) {
    works[work.ticket] = nil
    suspicions[work.ticket] = nil
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
          id: open.id, request: open.request, bytes: open.bytes, digest: open.digest, received: open.received,
          completed: now, outcome: done.outcome, results: open.results.compactMap(\.self), ledger: last[done.id] ?? []))
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
