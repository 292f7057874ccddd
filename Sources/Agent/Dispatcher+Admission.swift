internal import Accounts
internal import Forms
internal import LDAP
internal import Register

/// How accepted requests come in, and take their places in the order.
extension Dispatcher {
  /// Admits requests just accepted, in the order of acceptance. Where too much waits already they stay in the register.
  ///
  /// Waits for room, so that a spool is emptied no faster than the directory takes it.
  func admit(_ accepted: [OpenRequest]) async throws {
    try admitNow(accepted)
    while room <= 0, link.trouble == nil, !isStopping, failure == nil {
      await withCheckedContinuation { roomWaiters.append($0) }
    }
  }

  /// How many changes more may be admitted. What is parked may stay for long, and doesn't count.
  var room: Int { Self.admitted - (order.count - parked.count) }

  /// Whoever waits for room looks again.
  func letIn() {
    let waiters = roomWaiters
    roomWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  func admitNow(_ accepted: [OpenRequest]) throws {
    // What was committed a moment ago may have been read with the backlog already.
    let accepted = accepted.filter { $0.id > lastAdmitted }
    guard let last = accepted.last else { return }
    if hasBacklog || room <= 0 {
      hasBacklog = true
    } else {
      try enter(accepted.filter { !overruled.contains($0.id) })
      lastAdmitted = last.id
      overruled = overruled.filter { $0 > lastAdmitted }
    }
    wakeup.yield()
  }

  func admitBacklog() throws {
    while hasBacklog, room > Self.admitted / 2 {
      let stored = try register.ready(after: lastAdmitted, changes: Self.admitted / 2)
      guard let last = stored.last else {
        hasBacklog = false
        return
      }
      // What is here already was in doubt, or is being cancelled.
      try enter(stored.filter { requests[$0.id] == nil }.compactMap(open))
      lastAdmitted = last.id
    }
  }

  /// A request of the register; one whose form can't be read any more is set aside, and harms nobody else.
  func open(_ stored: StoredRequest) -> OpenRequest? {
    do {
      return try OpenRequest(stored)
    } catch {
      let trouble = Trouble(what: "the stored form can't be read", remedy: "restore the register from a backup")
      log.error("request.held", [("request", stored.number), ("why", trouble.what), ("do", trouble.remedy)])
      _ = register.hold(stored.id, reason: "\(trouble.what); \(trouble.remedy)")
      return nil
    }
  }

  /// Gives each change of these requests its place in the order; of an atomic request all of them one.
  ///
  /// - Parameter present: places that have theirs already.
  func enter(_ accepted: [OpenRequest], except present: Set<Int> = []) throws {
    let named = accepted.flatMap { open in
      // A create names all its addresses; the others may have more than they name.
      open.request.changes.compactMap { change -> String? in
        if case .create = change { nil } else { change.address.text }
      }
    }
    let known = named.isEmpty ? [:] : try register.companions(of: named)
    for open in accepted {
      requests[open.id] = open
      // From now on the work knows what is intended.
      requests[open.id]?.intents = [:]
      requests[open.id]?.atomic = nil
      if open.request.atomic {
        // Of a request that was set aside only what is in doubt takes part: it holds its addresses.
        if open.isHeld, open.atomic == nil { continue }
        nextTicket += 1
        enter(.atomic(AtomicWork(open, ticket: nextTicket)), open.request.changes.map { touch($0, known) })
        continue
      }
      for place in open.request.changes.indices where open.results[place] == nil && !present.contains(place) {
        if open.isHeld, open.intents[place] == nil { continue }
        enter(open, place, known)
      }
    }
  }

  private func enter(_ open: OpenRequest, _ place: Int, _ known: [String: [String]]) {
    let change = open.request.changes[place]
    nextTicket += 1
    var item = Item(
      ticket: nextTicket, id: ChangeID(request: open.id, place: place), number: open.request.number, change: change,
      department: open.request.department)
    item.stored = open.intents[place]
    item.isInDoubt = item.stored != nil
    enter(.change(item), [touch(change, known)])
  }

  private func enter(_ work: Work, _ touches: [AddressOrder.Touch]) {
    works[work.ticket] = work
    requests[work.request]?.tickets.insert(work.ticket)
    order.admit(work.ticket, touches)
  }

  private func touch(_ change: Change, _ known: [String: [String]]) -> AddressOrder.Touch {
    var addresses = Set(change.ownAddresses.map(\.text))
    if let companions = known[change.address.text] { addresses.formUnion(companions) }
    return AddressOrder.Touch(
      primary: change.address.text, renamedTo: change.newAddress?.text, addresses: addresses,
      references: Set(change.references.map(\.text)))
  }

  /// Takes up what an earlier run left: what it may have sent is resumed first, alone and in order.
  func inherit() throws {
    // Whatever an earlier run waited for is found out anew.
    _ = register.note(nil, at: live.now())
    _ = register.forgetReasons()
    let held = try register.heldInDoubt().compactMap(open)
    try enter(
      held.map { request in
        var request = request
        request.isHeld = true
        return request
      })
    try admitBacklog()
    _ = register.forgetDeaths(besides: Set(works.values.lazy.filter(\.isInDoubt).map(\.name)))
    while let ticket = order.take() {
      guard let work = works[ticket] else { continue }
      if isParked(work) {
        parked.insert(ticket)
        continue
      }
      if work.isInDoubt { inherited.append(ticket) } else { sendAgain(work) }
    }
  }
}
