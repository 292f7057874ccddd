internal import Register

/// What is sent together.
extension RequestQueue {
  enum Next {
    case works([Work])
    case count(Work)
  }

  /// Whether something could be sent now.
  func hasWork(_ now: Instant) -> Bool {
    cleared != nil || !inherited.isEmpty || !again.isEmpty || isDue(suspects, now) || isDue(solitary, now)
      || !atomics.isEmpty || order.readyCount > 0 || hasBacklog || areBarriersDue
  }

  /// What may be sent now; `nil` where nothing may before a batch comes back.
  mutating func nextBatch(_ now: Instant) -> Next? {
    if flights.count >= limits.batches { return nil }
    // What goes alone goes when all others are back.
    if let ticket = cleared {
      if !flights.isEmpty { return nil }
      cleared = nil
      if let work = works[ticket] { return .works([work]) }
    }
    if !inherited.isEmpty {
      if !flights.isEmpty { return nil }
      while let ticket = inherited.popFirst() {
        if let work = works[ticket] { return .count(work) }
      }
    }
    if isDue(solitary, now) {
      if !flights.isEmpty { return nil }
      while let ticket = solitary.popFirst() {
        if let work = take(ticket) { return .works([work]) }
      }
    }
    if link.trouble != nil, !flights.isEmpty { return nil }
    repeat {
      let works = link.trouble == nil ? nextWorks(now) : nextProbe(now)
      if !works.isEmpty { return .works(works) }
      // What was set aside has left meanwhile, and those behind it have moved up; or an atomic request has come to the others.
    } while order.readyCount > 0 || !atomics.isEmpty
    return nil
  }

  /// An atomic request; else changes that were tried before, and new ones behind them.
  private mutating func nextWorks(_ now: Instant) -> [Work] {
    if let atomic = takeAtomic() { return [atomic] }
    var batch: [Work] = []
    while batch.count < limits.batch, let work = takeAgain() { batch.append(work) }
    // They may be refused again, so others go with them.
    let room = min(limits.batch, batch.count + max(1, (limits.batch - batch.count) / 4))
    while batch.count < room, let work = takeSuspect(now) { batch.append(work) }
    while batch.count < limits.batch, let work = takeNew() { batch.append(work) }
    return batch.isEmpty ? takeAtomic().map { [$0] } ?? [] : batch
  }

  /// What a directory in trouble is tried with: one piece of work, or two changes where it answers. All that could be sent
  /// take turns, so that no bad one passes for a bad directory for ever; and what takes the connection away doesn't take
  /// another with it each time.
  private mutating func nextProbe(_ now: Instant) -> [Work] {
    var batch: [Work] = []
    var turn = link.failures
    var misses = 0
    while batch.count < (isAway ? 1 : 2), misses < 4 {
      let work: Work? =
        switch turn % 4 {
        case 0: batch.isEmpty ? takeAtomic() : nil
        case 1: takeAgain()
        case 2: takeNew()
        default: takeSuspect(now)
        }
      turn += 1
      misses = work == nil ? misses + 1 : 0
      if let work { batch.append(work) }
      if case .atomic? = work { break }
    }
    return batch
  }

  private mutating func takeAgain() -> Work? {
    while let ticket = again.popFirst() { if let work = take(ticket) { return work } }
    return nil
  }

  private mutating func takeAtomic() -> Work? {
    while let ticket = atomics.popFirst() { if let work = take(ticket) { return work } }
    return nil
  }

  /// A change; an atomic request goes to the others of its kind.
  private mutating func takeSuspect(_ now: Instant) -> Work? {
    guard isDue(suspects, now) else { return nil }
    while let ticket = suspects.popFirst() {
      if suspects.isEmpty, solitary.isEmpty { suspectsAt = nil }
      if case .atomic? = works[ticket] {
        atomics.append(ticket)
      } else if let work = take(ticket) {
        return work
      }
    }
    return nil
  }

  /// A change that was not tried before; an atomic request goes to the others of its kind.
  private mutating func takeNew() -> Work? {
    while let ticket = order.take() {
      guard let work = works[ticket] else { continue }
      if isParked(work) {
        park(ticket)
      } else if case .atomic = work {
        atomics.append(ticket)
      } else if let work = take(ticket) {
        return work
      }
    }
    return nil
  }

  private func isDue(_ queue: Queue<Ticket>, _ now: Instant) -> Bool {
    !queue.isEmpty && suspectsAt.map { $0 <= now } ?? true
  }

  /// - Returns: `nil` where it has gone, or others may pass: its request was set aside or cancelled, and nothing of it can
  ///   have been applied.
  private mutating func take(_ ticket: Ticket) -> Work? {
    guard let work = works[ticket] else { return nil }
    if work.isInDoubt || requests[work.request]?.isHeld == false { return work }
    leaveToOthers(work)
    return nil
  }

  mutating func park(_ ticket: Ticket) {
    parked.insert(ticket)
    stick(ticket)
  }

  /// In doubt, and an operator must decide: it holds its addresses and is not sent.
  func isParked(_ work: Work) -> Bool { work.isInDoubt && requests[work.request]?.isHeld == true }

  /// It is stored that this work is alone in work now. What was so again and again when the agent died is set aside: it may
  /// be what kills it.
  mutating func counted(_ ticket: Ticket, deaths: Int) {
    guard let work = works[ticket] else { return }
    if deaths <= deathsAllowed {
      cleared = ticket
      return
    }
    // It stays in the order: whether it was applied isn't known, so nobody may pass it.
    park(ticket)
    hold(
      work,
      Trouble(
        what: "the agent died \(deathsAllowed) times while it carried out \(work.name)",
        remedy: "look into the log of those runs, and report it"))
  }
}
