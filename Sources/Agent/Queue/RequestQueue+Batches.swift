internal import Providers
internal import Register

/// Batches: which entries are sent together.
extension RequestQueue {
  /// Whether an entry could be sent now.
  func hasWork(_ now: Instant) -> Bool {
    cleared != nil || !recovering.isEmpty || !retrying.isEmpty || isDue(deferred, now) || isDue(isolated, now)
      || !groups.isEmpty || order.readyCount > 0 || hasBacklog || areBarriersDue
  }

  /// Returns the batch that may be sent now, or an entry that must be counted first; `nil`: nothing before a batch returns.
  mutating func nextBatch(_ now: Instant) -> Step? {
    if flights.count >= limits.batches { return nil }
    // An entry that is sent alone waits until all batches are back.
    if let ticket = cleared {
      if !flights.isEmpty { return nil }
      cleared = nil
      if let entry = entries[ticket] { return .send(sent([entry])) }
    }
    if !recovering.isEmpty {
      if !flights.isEmpty { return nil }
      while let ticket = recovering.popFirst() {
        if let entry = entries[ticket] { return .count(entry) }
      }
    }
    if isDue(isolated, now) {
      if !flights.isEmpty { return nil }
      while let ticket = isolated.popFirst() {
        if let entry = take(ticket) { return .send(sent([entry])) }
      }
    }
    if link.trouble != nil, !flights.isEmpty { return nil }
    repeat {
      let entries = link.trouble == nil ? nextEntries(now) : nextProbe(now)
      if !entries.isEmpty { return .send(sent(entries)) }
      // Held entries have left and those behind them are ready, or an atomic request was moved to the groups.
    } while order.readyCount > 0 || !groups.isEmpty
    return nil
  }

  /// One atomic request, or a batch: retried changes, some deferred ones, then new ones.
  private mutating func nextEntries(_ now: Instant) -> [QueueEntry] {
    if let atomic = takeGroup() { return [atomic] }
    var batch: [QueueEntry] = []
    while batch.count < limits.batch, let entry = takeRetrying() { batch.append(entry) }
    // Deferred changes may be refused again, so most of the batch is others.
    let room = min(limits.batch, batch.count + max(1, (limits.batch - batch.count) / 4))
    while batch.count < room, let entry = takeDeferred(now) { batch.append(entry) }
    while batch.count < limits.batch, let entry = takeNew() { batch.append(entry) }
    return batch.isEmpty ? takeGroup().map { [$0] } ?? [] : batch
  }

  /// Returns what a directory in trouble is tried with: one entry, or two changes if it answers. The queues take turns:
  /// otherwise one bad entry could look like a bad directory for ever. Only one entry is risked while no answer comes,
  /// because each loss of the connection counts against all entries of the batch.
  private mutating func nextProbe(_ now: Instant) -> [QueueEntry] {
    if isSentSuspected { putBackSuspects() }
    var batch: [QueueEntry] = []
    var turn = link.failures
    var misses = 0
    while batch.count < (isAway ? 1 : 2), misses < 4 {
      let entry: QueueEntry? =
        switch turn % 4 {
        case 0: batch.isEmpty ? takeGroup() : nil
        case 1: takeRetrying()
        case 2: takeNew()
        default: takeDeferred(now)
        }
      turn += 1
      misses = entry == nil ? misses + 1 : 0
      if let entry { batch.append(entry) }
      if case .atomic? = entry { break }
    }
    return batch
  }

  /// Moves changes that were not sent behind those that were, where another change of their request was lost with its
  /// connection: an unrelated request is tried next.
  private mutating func putBackSuspects() {
    let suspects = Set(refusalCounts.filter { $0.value.losses > 0 }.compactMap { entries[$0.key]?.request })
    var others: [Ticket] = []
    while let ticket = order.take() {
      guard let entry = entries[ticket] else { continue }
      if suspects.contains(entry.request), case .change = entry, !isHeldInDoubt(entry) {
        retrying.append(ticket)
      } else {
        others.append(ticket)
      }
    }
    for ticket in others { order.putBack(ticket) }
  }

  private mutating func takeRetrying() -> QueueEntry? {
    while let ticket = retrying.popFirst() { if let entry = take(ticket) { return entry } }
    return nil
  }

  private mutating func takeGroup() -> QueueEntry? {
    while let ticket = groups.popFirst() { if let entry = take(ticket) { return entry } }
    return nil
  }

  /// A deferred change. Atomic requests are moved to `groups`.
  private mutating func takeDeferred(_ now: Instant) -> QueueEntry? {
    guard isDue(deferred, now) else { return nil }
    var passed: [Ticket] = []
    defer { for ticket in passed { deferred.append(ticket) } }
    while let ticket = deferred.popFirst() {
      guard order.resume(ticket) else {
        passed.append(ticket)
        continue
      }
      if deferred.isEmpty, isolated.isEmpty { deferredUntil = nil }
      if case .atomic? = entries[ticket] {
        groups.append(ticket)
      } else if let entry = take(ticket) {
        return entry
      }
    }
    return nil
  }

  /// A change that was not sent before. Atomic requests are moved to `groups`.
  private mutating func takeNew() -> QueueEntry? {
    while let ticket = order.take() {
      guard let entry = entries[ticket] else { continue }
      if isHeldInDoubt(entry) {
        keepInDoubt(ticket)
      } else if case .atomic = entry {
        groups.append(ticket)
      } else if let entry = take(ticket) {
        return entry
      }
    }
    return nil
  }

  private func isDue(_ queue: Queue<Ticket>, _ now: Instant) -> Bool {
    !queue.isEmpty && deferredUntil.map { $0 <= now } ?? true
  }

  /// - Returns: `nil` if the entry has left, or leaves now: its request is held, and it was not applied.
  private mutating func take(_ ticket: Ticket) -> QueueEntry? {
    guard let entry = entries[ticket] else { return nil }
    if entry.isInDoubt || requests[entry.request]?.isHeld == false { return entry }
    withdraw(entry)
    return nil
  }

  mutating func keepInDoubt(_ ticket: Ticket) {
    heldInDoubt.insert(ticket)
    stick(ticket)
  }

  /// Whether only an operator can decide: the entry is in doubt and its request is held. It keeps its addresses.
  func isHeldInDoubt(_ entry: QueueEntry) -> Bool { entry.isInDoubt && requests[entry.request]?.isHeld == true }

  /// It is stored that this entry is in flight alone. If the agent died with it too often, its request is held: the entry
  /// may be the cause.
  mutating func counted(_ ticket: Ticket, deaths: Int) {
    guard let entry = entries[ticket] else { return }
    if deaths <= deathsAllowed {
      cleared = ticket
      return
    }
    // It may have been applied, so no other entry of its addresses may pass it.
    keepInDoubt(ticket)
    hold(
      entry,
      Trouble(
        what: "the agent died \(deathsAllowed) times while it applied \(entry.name)",
        remedy: "check the log of those runs, and report it"))
  }
}
