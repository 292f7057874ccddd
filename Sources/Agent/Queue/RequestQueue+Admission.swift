internal import Accounts
internal import Forms
internal import Register

/// How accepted requests come in, and take their places in the order.
extension RequestQueue {
  /// How many more changes may be admitted. Stuck changes and those that wait behind others can't be sent, so they don't
  /// count, up to `most`.
  var room: Int { min(limits.admitted - (order.count - barred), limits.most - order.count) }

  /// Whether who brings requests should wait, so that a spool is emptied no faster than the directory takes it. While that
  /// is away, they are accepted all the same.
  var isFull: Bool { room <= 0 && link.trouble == nil && !isStopping }

  /// Whether stuck changes, with those that wait behind them, leave no room for others.
  var isCrowded: Bool { !stuck.isEmpty && barred >= limits.most / 2 && room <= limits.admitted / 2 }

  // MARK: Events

  /// Requests were accepted just now, in the order of acceptance. Where too much waits already they stay in the register.
  mutating func accepted(_ accepted: [OpenRequest], _ companions: Companions) rethrows {
    // What was committed a moment ago may have been read with the backlog already, and be done.
    let accepted = accepted.filter { $0.id > lastSeen }
    guard let last = accepted.last else { return }
    if hasBacklog || room <= 0 {
      hasBacklog = true
      return
    }
    let wanted = accepted.filter { outdated.remove($0.id) == nil && !overruled.contains($0.id) }
    try enter(admissible(wanted, companions), companions)
    lastAdmitted = last.id
  }

  /// A part of the backlog was read from the register.
  ///
  /// - Parameters:
  ///   - read: what could be read, in the order of acceptance.
  ///   - last: the last request that was looked at; `nil`: there is none.
  mutating func read(_ read: [OpenRequest], last: Int64?, _ companions: Companions) rethrows {
    guard let last else {
      hasBacklog = false
      return
    }
    let admissible = try admissible(read.filter { isWanted($0.id) }, companions)
    if incomplete.isEmpty {
      try enter(admissible, companions)
    } else {
      for open in admissible {
        if incomplete.remove(open.id) == nil {
          try enter([open], companions)
        } else {
          try enterRest(of: open.id, companions)
        }
      }
    }
    lastAdmitted = last
    if !outdated.isEmpty { outdated = outdated.filter { $0 > lastSeen } }
  }

  /// Whether a request of the backlog is to be read: one that isn't here, or in part, and that nobody holds or cancels.
  func isWanted(_ id: Int64) -> Bool {
    !overruled.contains(id) && (requests[id] == nil || incomplete.contains(id))
  }

  /// What an earlier run left and may have sent: it takes its places before all others, or a request that was released
  /// since could pass it. No two of them share an address.
  ///
  /// - Parameter inDoubt: requests of which something was to be sent and has no outcome, the held ones marked so.
  mutating func inherit(_ inDoubt: [OpenRequest], _ companions: Companions) rethrows {
    for open in inDoubt {
      let rest = open.request.changes.indices.filter { open.intents[$0] == nil }
      try enter([open], except: Set(rest), companions)
      if !open.isHeld, !open.request.atomic { incomplete.insert(open.id) }
    }
    while let ticket = order.take() {
      guard let work = works[ticket] else { continue }
      if isParked(work) { park(ticket) } else { inherited.append(ticket) }
    }
  }

  /// A request is held no longer: what has left comes in anew with the backlog, what was parked goes on.
  mutating func takeUp(_ id: Int64) {
    overruled.remove(id)
    guard let open = requests[id] else { return readAgain(from: id) }
    for ticket in open.tickets where parked.remove(ticket) != nil {
      guard let work = works[ticket] else { continue }
      stuck.remove(ticket)
      movedSinceBarred += 1
      sendAgain(work)
    }
    let present = places(of: open)
    let haveLeft =
      open.request.atomic
      ? open.tickets.isEmpty && open.remaining > 0
      : open.request.changes.indices.contains { open.results[$0] == nil && !present.contains($0) }
    if haveLeft, open.tickets.contains(where: { works[$0]?.isInDoubt == false }) {
      // Those would come before the ones that have left.
      releasing.insert(id)
    } else if haveLeft {
      comeBack(id)
    } else {
      requests[id]?.isHeld = false
    }
  }

  /// What has left of a request that is held no longer comes in again, in the order of acceptance.
  mutating func comeBack(_ id: Int64) {
    releasing.remove(id)
    requests[id]?.isHeld = false
    incomplete.insert(id)
    readAgain(from: id)
  }

  /// A request is ready in the register, and all or some of its changes have no places here.
  private mutating func readAgain(from id: Int64) {
    lastAdmitted = min(lastAdmitted, id - 1)
    hasBacklog = true
  }

  /// The indices of a request's changes that have places.
  private func places(of open: OpenRequest) -> Set<Int> {
    Set(
      open.tickets.compactMap { ticket in
        if case .change(let item)? = works[ticket] { item.id.index } else { nil }
      })
  }

  /// Gives those changes of a request their places that have none and no outcome.
  private mutating func enterRest(of id: Int64, _ companions: Companions) rethrows {
    guard let open = requests[id] else { return }
    if open.request.atomic, !open.tickets.isEmpty { return }
    try enter([open], except: places(of: open), companions)
  }

  // MARK: Barriers

  /// Whether it is worth to make the barriers anew: something has moved, and little can be sent.
  var areBarriersDue: Bool {
    // Most of them are done.
    if barred > order.count { return true }
    if firstPassedOver == nil, room > limits.admitted / 2 { return false }
    if order.readyCount >= limits.batch || movedSinceBarred == 0 { return false }
    return movedSinceBarred >= limits.fewMoves || order.readyCount == 0 && flights.isEmpty
  }

  /// Admits requests past those that are stuck or wait. Requests that were passed over are read again, in order.
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

  /// Behind which request the register is to be read; `nil`: not now.
  mutating func nextReading() -> Int64? {
    makeRoom()
    return hasBacklog && room > limits.admitted / 2 ? lastAdmitted : nil
  }

  /// Not done in any known time.
  mutating func stick(_ ticket: Ticket) {
    if stuck.insert(ticket).inserted { movedSinceBarred += 1 }
  }

  /// The requests that share no address with a stuck or waiting change. The others are passed over: they stay in the
  /// register until the barriers are made anew.
  private mutating func admissible(_ accepted: [OpenRequest], _ companions: Companions) rethrows -> [OpenRequest] {
    if barred == 0 { return accepted }
    let known = try Self.companions(of: accepted, companions)
    return accepted.filter { open in
      let touches = open.request.changes.map { Self.touch($0, known) }
      guard order.isBarred(touches) else { return true }
      order.passOver(touches)
      firstPassedOver = min(firstPassedOver ?? open.id, open.id)
      return false
    }
  }

  // MARK: Places in the order

  /// Gives each change of these requests its place in the order; of an atomic request all of them one.
  mutating func enter(_ accepted: [OpenRequest], except present: Set<Int> = [], _ companions: Companions) rethrows {
    let known = try Self.companions(of: accepted, companions)
    for open in accepted {
      requests[open.id] = open
      // From now on the work knows what is intended.
      requests[open.id]?.intents = [:]
      requests[open.id]?.atomic = nil
      if open.request.atomic {
        // Of a request that was set aside only what is in doubt takes part: it holds its addresses.
        if open.isHeld, open.atomic == nil { continue }
        nextTicket += 1
        enter(.atomic(AtomicWork(open, ticket: nextTicket)), open.request.changes.map { Self.touch($0, known) })
        continue
      }
      for index in open.request.changes.indices where open.results[index] == nil && !present.contains(index) {
        if open.isHeld, open.intents[index] == nil { continue }
        nextTicket += 1
        enter(.change(Item(open, index, ticket: nextTicket)), [Self.touch(open.request.changes[index], known)])
      }
    }
  }

  private mutating func enter(_ work: Work, _ touches: [AddressOrder.Touch]) {
    works[work.ticket] = work
    requests[work.request]?.tickets.insert(work.ticket)
    movedSinceBarred += 1
    order.admit(work.ticket, touches)
  }

  /// The further addresses of the accounts that these requests name.
  private static func companions(of accepted: [OpenRequest], _ companions: Companions) rethrows -> [String: [String]] {
    let named = accepted.flatMap { open in
      // A create names all its addresses; the others may have more than they name.
      open.request.changes.compactMap { $0.isCreate ? nil : $0.address.text }
    }
    return named.isEmpty ? [:] : try companions(named)
  }

  private static func touch(_ change: Change, _ known: [String: [String]]) -> AddressOrder.Touch {
    var addresses = Set(change.ownAddresses.map(\.text))
    if let companions = known[change.address.text] { addresses.formUnion(companions) }
    return AddressOrder.Touch(
      primary: change.address.text, renamedTo: change.newAddress?.text, addresses: addresses,
      references: Set(change.references.map(\.text)))
  }
}
