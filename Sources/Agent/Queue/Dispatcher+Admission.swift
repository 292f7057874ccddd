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

  /// How many more changes may be admitted. Stuck changes and those that wait behind others can't be sent, so they don't
  /// count, up to `most`.
  var room: Int { min(Self.admitted - (order.count - barred), Self.most - order.count) }

  /// So many changes come in or are done before barriers are made anew while others are under way: each time costs what
  /// was admitted, and a reading of the backlog.
  private static let fewMoves = admitted / 4

  /// Whether it is worth to make the barriers anew: something has moved, and little can be sent.
  var areBarriersDue: Bool {
    // Most of them are done.
    if barred > order.count { return true }
    if firstPassedOver == nil, room > Self.admitted / 2 { return false }
    if order.readyCount >= Self.batch || movedSinceBarred == 0 { return false }
    return movedSinceBarred >= Self.fewMoves || order.readyCount == 0 && batchesInFlight == 0
  }

  /// Admits requests past those that are stuck or wait. Requests that were passed over are read again, in order.
  func makeRoom() {
    guard areBarriersDue else { return }
    movedSinceBarred = 0
    barred = order.bar(stuck)
    if let first = firstPassedOver {
      firstPassedOver = nil
      lastAdmitted = min(lastAdmitted, first - 1)
      hasBacklog = true
    }
    if room > 0 { letIn() }
  }

  /// Not done in any known time.
  func stick(_ ticket: AddressOrder.Ticket) {
    if stuck.insert(ticket).inserted { movedSinceBarred += 1 }
  }

  /// Whether stuck changes, with those that wait behind them, leave no room for others.
  var isCrowded: Bool { !stuck.isEmpty && barred >= Self.most / 2 && room <= Self.admitted / 2 }

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
      try enter(admissible(accepted.filter { !overruled.contains($0.id) }))
      lastAdmitted = last.id
      overruled = overruled.filter { $0 > lastAdmitted }
    }
    wakeup.yield()
  }

  func admitBacklog() throws {
    makeRoom()
    while hasBacklog, room > Self.admitted / 2 {
      let stored = try register.ready(after: lastAdmitted, changes: Self.admitted / 2)
      guard let last = stored.last else {
        hasBacklog = false
        return
      }
      // What is here already was in doubt, or is being cancelled.
      try enter(admissible(stored.filter { requests[$0.id] == nil }.compactMap(open)))
      lastAdmitted = last.id
    }
  }

  /// The requests that share no address with a stuck or waiting change. The others are passed over: they stay in the
  /// register until the barriers are made anew.
  func admissible(_ accepted: [OpenRequest]) throws -> [OpenRequest] {
    if barred == 0 { return accepted }
    let known = try companions(of: accepted)
    return accepted.filter { open in
      let touches = open.request.changes.map { touch($0, known) }
      guard order.isBarred(touches) else { return true }
      order.passOver(touches)
      firstPassedOver = min(firstPassedOver ?? open.id, open.id)
      return false
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
    let known = try companions(of: accepted)
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
      for index in open.request.changes.indices where open.results[index] == nil && !present.contains(index) {
        if open.isHeld, open.intents[index] == nil { continue }
        enter(open, index, known)
      }
    }
  }

  /// The further addresses of the accounts that these requests name.
  private func companions(of accepted: [OpenRequest]) throws -> [String: [String]] {
    let named = accepted.flatMap { open in
      // A create names all its addresses; the others may have more than they name.
      open.request.changes.compactMap { change -> String? in
        if case .create = change { nil } else { change.address.text }
      }
    }
    return named.isEmpty ? [:] : try register.companions(of: named)
  }

  private func enter(_ open: OpenRequest, _ index: Int, _ known: [String: [String]]) {
    let change = open.request.changes[index]
    nextTicket += 1
    var item = Item(
      ticket: nextTicket, id: ChangeID(request: open.id, index: index), number: open.request.number, change: change,
      department: open.request.department)
    item.stored = open.intents[index]
    item.isInDoubt = item.stored != nil
    enter(.change(item), [touch(change, known)])
  }

  private func enter(_ work: Work, _ touches: [AddressOrder.Touch]) {
    works[work.ticket] = work
    requests[work.request]?.tickets.insert(work.ticket)
    movedSinceBarred += 1
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
    _ = register.forgetDeaths(besides: Set(works.values.lazy.filter(\.isInDoubt).map(\.attempt)))
    while let ticket = order.take() {
      guard let work = works[ticket] else { continue }
      if isParked(work) {
        park(ticket)
        continue
      }
      if work.isInDoubt { inherited.append(ticket) } else { sendAgain(work) }
    }
  }
}
