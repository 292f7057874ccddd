internal import Accounts
internal import Forms
internal import Providers
internal import Register

/// Admission: accepted requests become entries of the order.
extension RequestQueue {
  /// How many more changes may be admitted. Changes that are stuck or wait behind others do not count, up to `most`: they
  /// cannot be sent. Where what was sent may cost the connection, others must come in, or nothing would show that.
  var room: Int {
    let most = limits.most - order.count
    return isSentSuspected ? most : min(limits.admitted - (order.count - barred), most)
  }

  /// Whether the intake should wait, so that it takes forms no faster than the directory applies them. It does not wait
  /// while the directory is away.
  var isFull: Bool { room <= 0 && link.trouble == nil && !isStopping }

  /// Whether stuck changes and those behind them leave no room for others.
  var isCrowded: Bool { !stuck.isEmpty && barred >= limits.most / 2 && room <= limits.admitted / 2 }

  // MARK: Events

  /// The intake accepted these requests, in this order. When there is no room they stay in the register.
  mutating func accepted(_ accepted: [OpenRequest], _ lookup: Lookup) rethrows {
    // The backlog is read from the register, so it may have delivered them before the intake does.
    let accepted = accepted.filter { $0.id > lastSeen }
    guard let last = accepted.last else { return }
    if hasBacklog || room <= 0 {
      hasBacklog = true
      return
    }
    let wanted = accepted.filter { outdated.remove($0.id) == nil && !beingHeld.contains($0.id) }
    let companions = try Self.companions(of: wanted, lookup)
    enter(admissible(wanted, companions), companions)
    lastAdmitted = last.id
  }

  /// The dispatcher read a part of the backlog.
  ///
  /// - Parameters:
  ///   - read: the readable requests, in the order of acceptance.
  ///   - last: the last request that was read; `nil`: there is no backlog.
  mutating func read(_ read: [OpenRequest], last: Int64?, _ lookup: Lookup) rethrows {
    guard let last else {
      hasBacklog = false
      return
    }
    let wanted = read.filter { isWanted($0.id) }
    let companions = try Self.companions(of: wanted, lookup)
    for open in admissible(wanted, companions) {
      if incomplete.remove(open.id) != nil, let present = requests[open.id] {
        enter(present, except: places(of: present), companions)
      } else {
        enter(open, companions)
      }
    }
    lastAdmitted = last
    if !outdated.isEmpty { outdated = outdated.filter { $0 > lastSeen } }
  }

  /// Whether a request of the backlog has changes to admit.
  func isWanted(_ id: Int64) -> Bool {
    !beingHeld.contains(id) && (requests[id] == nil || incomplete.contains(id))
  }

  /// Admits the changes that an earlier run may have sent, before all others: otherwise a request that was released since
  /// could pass them. No two of them share an address.
  ///
  /// - Parameter inDoubt: the requests with stored intents and without an outcome; held ones have `isHeld` set.
  mutating func inherit(_ inDoubt: [OpenRequest], _ lookup: Lookup) rethrows {
    let companions = try Self.companions(of: inDoubt, lookup)
    for open in inDoubt {
      let rest = open.request.changes.indices.filter { open.intents[$0] == nil }
      enter(open, except: Set(rest), companions)
      if !open.isHeld, !open.request.atomic { incomplete.insert(open.id) }
    }
    while let ticket = order.take() {
      guard let entry = entries[ticket] else { continue }
      if isHeldInDoubt(entry) { keepInDoubt(ticket) } else { recovering.append(ticket) }
    }
  }

  /// A request was released: entries that were held in doubt are sent, and changes that left are admitted again.
  mutating func resume(_ id: Int64) {
    beingHeld.remove(id)
    guard let open = requests[id] else { return readAgain(from: id) }
    for ticket in open.tickets where heldInDoubt.remove(ticket) != nil {
      guard let entry = entries[ticket] else { continue }
      stuck.remove(ticket)
      movedSinceBarred += 1
      retry(entry)
    }
    let present = places(of: open)
    let haveLeft =
      open.request.atomic
      ? open.tickets.isEmpty && open.remaining > 0
      : open.request.changes.indices.contains { open.results[$0] == nil && !present.contains($0) }
    if haveLeft, open.tickets.contains(where: { entries[$0]?.isInDoubt == false }) {
      // They would come before the changes that left.
      releasing.insert(id)
    } else if haveLeft {
      readmit(id)
    } else {
      requests[id]?.isHeld = false
    }
  }

  /// Lets the backlog deliver the changes that left, in the order of acceptance.
  mutating func readmit(_ id: Int64) {
    releasing.remove(id)
    requests[id]?.isHeld = false
    incomplete.insert(id)
    readAgain(from: id)
  }

  /// Reads the backlog again from this request on.
  private mutating func readAgain(from id: Int64) {
    lastAdmitted = min(lastAdmitted, id - 1)
    hasBacklog = true
  }

  /// The indices of the changes that have an entry.
  private func places(of open: OpenRequest) -> Set<Int> {
    Set(
      open.tickets.compactMap { ticket in
        if case .change(let item)? = entries[ticket] { item.id.index } else { nil }
      })
  }

  // MARK: Barriers

  /// Whether the barriers should be rebuilt: changes came or went, and few can be sent.
  var areBarriersDue: Bool {
    // Most of the barred changes are done.
    if barred > order.count { return true }
    if firstPassedOver == nil, room > limits.admitted / 2 { return false }
    if order.readyCount >= limits.batch || movedSinceBarred == 0 { return false }
    return movedSinceBarred >= limits.fewMoves || order.readyCount == 0 && flights.isEmpty
  }

  /// Rebuilds the barriers. Requests that were passed over are read again, in order.
  private mutating func makeRoom() {
    guard areBarriersDue else { return }
    movedSinceBarred = 0
    barred = order.bar(stuck)
    if let first = firstPassedOver {
      firstPassedOver = nil
      lastAdmitted = min(lastAdmitted, first - 1)
      hasBacklog = true
    }
  }

  /// Returns after which request the register must be read; `nil`: not now.
  mutating func nextReading() -> Int64? {
    makeRoom()
    return hasBacklog && room > limits.admitted / 2 ? lastAdmitted : nil
  }

  /// Marks an entry that ends at an unknown time.
  mutating func stick(_ ticket: Ticket) {
    if stuck.insert(ticket).inserted { movedSinceBarred += 1 }
  }

  /// Returns the requests that share no address with a stuck or waiting change. The others are passed over: they stay in
  /// the register until the barriers are rebuilt.
  private mutating func admissible(_ accepted: [OpenRequest], _ companions: Companions) -> [OpenRequest] {
    if barred == 0 { return accepted }
    return accepted.filter { open in
      let touches = open.request.changes.map { Self.touch($0, companions) }
      guard !touches.allSatisfy(\.isAside), order.isBarred(touches) else { return true }
      order.passOver(touches)
      firstPassedOver = min(firstPassedOver ?? open.id, open.id)
      return false
    }
  }

  // MARK: Entries

  /// Makes an entry for each change that has no outcome, or one for an atomic request.
  ///
  /// - Parameter present: the indices of changes that have an entry, or get none now.
  private mutating func enter(_ open: OpenRequest, except present: Set<Int> = [], _ companions: Companions) {
    requests[open.id] = open
    // From now on the entries have the intents.
    requests[open.id]?.intents = [:]
    requests[open.id]?.atomic = nil
    let changes = open.request.changes
    if open.request.atomic {
      // It has an entry. Of a held request only the changes in doubt get entries, so that they keep their addresses.
      if !open.tickets.isEmpty || open.isHeld && open.atomic == nil { return }
      nextTicket += 1
      enter(.atomic(PendingGroup(open, ticket: nextTicket)), changes.map { Self.touch($0, companions) })
      return
    }
    for index in changes.indices where open.results[index] == nil && !present.contains(index) {
      if open.isHeld, open.intents[index] == nil { continue }
      nextTicket += 1
      enter(.change(PendingChange(open, index, ticket: nextTicket)), [Self.touch(changes[index], companions)])
    }
  }

  private mutating func enter(_ accepted: [OpenRequest], _ companions: Companions) {
    for open in accepted { enter(open, companions) }
  }

  private mutating func enter(_ entry: QueueEntry, _ touches: [AddressOrder.Touch]) {
    entries[entry.ticket] = entry
    requests[entry.request]?.tickets.insert(entry.ticket)
    movedSinceBarred += 1
    order.admit(entry.ticket, touches)
  }

  /// Looks up the other addresses of the accounts that these requests name.
  private static func companions(of accepted: [OpenRequest], _ lookup: Lookup) rethrows -> Companions {
    let named = accepted.flatMap { open in
      // A create names all its addresses. Another change names one, and its account may have more.
      open.request.changes.compactMap { $0.isCreate ? nil : $0.address.text }
    }
    return named.isEmpty ? [:] : try lookup(named)
  }

  private static func touch(_ change: Change, _ companions: Companions) -> AddressOrder.Touch {
    var addresses = Set(change.ownAddresses.map(\.text))
    addresses.formUnion(companions[change.address.text] ?? [])
    let isAside = if case .modify(let modify) = change { modify.follow != nil } else { false }
    return AddressOrder.Touch(
      primary: change.address.text, renamedTo: change.newAddress?.text, addresses: addresses,
      references: Set(change.references.map(\.text)), isAside: isAside)
  }
}
