/// Which changes may be in flight together: those that share no address.
///
/// A change holds its own addresses (primary and aliases) alone; an address that it only refers to (owner, lists) it
/// shares with others that refer to it. Lanes are first come, first served, so changes that share an address happen in
/// the order in which they were admitted, and nobody starves. Pure; every operation costs what the change names.
struct AddressOrder {
  /// A change's place in the order, given out by whoever admits.
  typealias Ticket = Int

  private struct Lane {
    var holders = 0
    /// The one that holds it alone.
    var alone: Ticket?
    /// Those behind the holders.
    var waiting = Queue<(ticket: Ticket, alone: Bool, isAside: Bool)>()
  }

  private struct Claim {
    var alone: [String]
    var shared: [String]
    /// Lanes in which it still waits, and those that came before it although it was admitted first.
    var blockers: Int
    /// Those that it came before so.
    var delays: [Ticket] = []
  }

  private var lanes: [String: Lane] = [:]
  private var claims: [Ticket: Claim] = [:]
  private var ready = Queue<Ticket>()
  /// Those that were taken and let pass what goes aside.
  private var yielding: Set<Ticket> = []
  /// For the primary address of accounts with changes under way: the further addresses that those changes name.
  private var companions: [String: Set<String>] = [:]

  /// How many were admitted and are not finished.
  var count: Int { claims.count }
  /// How many may be taken.
  var readyCount: Int { ready.count }

  /// What a change does to one account, in addresses.
  struct Touch {
    /// The address that the change names its account by.
    var primary: String
    /// The account's new primary, where the change renames it.
    var renamedTo: String?
    /// All addresses that the change gives or takes, and those the account is known to have. A delete names only the
    /// primary but frees the aliases too, so it also gets those that earlier changes under way have named.
    var addresses: Set<String> = []
    /// Addresses that the change only refers to.
    var references: Set<String> = []
    /// Whether the change goes beside those that refer to its account, and before all that can't be taken yet. So the clock
    /// corrects what an account names: others wait for that.
    var isAside = false
  }

  /// Admits a change, or several that go together, behind all that were admitted before.
  mutating func admit(_ ticket: Ticket, _ touches: [Touch]) {
    let (alone, shared) = addresses(of: touches)
    let isAside = touches.allSatisfy(\.isAside)
    for touch in touches {
      let own = self.own(touch)
      if own.count > 1 {
        companions[touch.primary, default: []].formUnion(own)
        // Added to what is known of the new name: the rename may fail, and whoever has the name now keeps it.
        if let renamedTo = touch.renamedTo { companions[renamedTo, default: []].formUnion(own) }
      }
    }
    var claim = Claim(alone: Array(alone), shared: Array(shared), blockers: 0)
    for address in alone where !enter(address, ticket, alone: true) { claim.blockers += 1 }
    for address in shared {
      let isIn = isAside ? enterAside(address, ticket, &claim) : enter(address, ticket, alone: false)
      if !isIn { claim.blockers += 1 }
    }
    claims[ticket] = claim
    if claim.blockers == 0 { ready.append(ticket) }
  }

  private func own(_ touch: Touch) -> Set<String> {
    var own = touch.addresses
    own.insert(touch.primary)
    if let known = companions[touch.primary] { own.formUnion(known) }
    return own
  }

  private func addresses(of touches: [Touch]) -> (alone: Set<String>, shared: Set<String>) {
    var alone: Set<String> = []
    var references: Set<String> = []
    for touch in touches {
      if touch.isAside {
        // Two of them on one account go one after the other.
        alone.insert("@" + touch.primary)
        references.formUnion(own(touch))
      } else {
        alone.formUnion(own(touch))
      }
      references.formUnion(touch.references)
    }
    return (alone, references.subtracting(alone))
  }

  private mutating func enter(_ address: String, _ ticket: Ticket, alone: Bool) -> Bool {
    var lane = lanes.removeValue(forKey: address) ?? Lane()
    defer { lanes[address] = lane }
    if lane.holders == 0 || (!alone && lane.alone == nil && lane.waiting.isEmpty) {
      lane.holders += 1
      lane.alone = alone ? ticket : nil
      return true
    }
    lane.waiting.append((ticket, alone, false))
    return false
  }

  /// Enters before all that wait. One that holds the lane alone and can't be taken yet, or yields, waits for this one too. So
  /// what goes aside waits only for what is ready or under way, and none of that waits for it.
  private mutating func enterAside(_ address: String, _ ticket: Ticket, _ claim: inout Claim) -> Bool {
    var lane = lanes.removeValue(forKey: address) ?? Lane()
    defer { lanes[address] = lane }
    if let holder = lane.alone {
      guard claims[holder].map({ $0.blockers > 0 }) ?? false || yielding.contains(holder) else {
        lane.waiting.prepend((ticket, false, true))
        return false
      }
      claims[holder]?.blockers += 1
      claim.delays.append(holder)
    }
    lane.holders += 1
    return true
  }

  // MARK: What waits for others to go aside

  /// A change that was taken, and was not sent, lets pass what goes aside until ``resume(_:)``.
  mutating func yield(_ ticket: Ticket) {
    guard let claim = claims[ticket], yielding.insert(ticket).inserted else { return }
    for address in claim.alone {
      guard var lane = lanes.removeValue(forKey: address) else { continue }
      while lane.alone == ticket, lane.waiting.head?.isAside == true, let aside = lane.waiting.popFirst() {
        lane.holders += 1
        claims[ticket]?.blockers += 1
        claims[aside.ticket]?.delays.append(ticket)
        advance(aside.ticket)
      }
      lanes[address] = lane
    }
  }

  /// - Returns: whether a change that yielded may be sent: nothing that passed it is under way.
  mutating func resume(_ ticket: Ticket) -> Bool {
    if let claim = claims[ticket], claim.blockers > 0 { return false }
    yielding.remove(ticket)
    return true
  }

  // MARK: Barriers

  /// Bars the addresses of changes that are stuck, and of all that wait, so that others may be admitted past them:
  /// whatever isn't barred (``isBarred(_:)``) shares no address with these.
  ///
  /// Costs what was admitted.
  ///
  /// - Parameter stuck: taken, and not to be done in any known time.
  /// - Returns: how many changes are stuck or wait.
  mutating func bar(_ stuck: Set<Ticket>) -> Int {
    barriers = Barriers()
    var count = 0
    for (ticket, claim) in claims where claim.blockers > 0 || stuck.contains(ticket) {
      count += 1
      barriers.add(claim.alone, claim.shared)
    }
    return count
  }

  /// Whether a change would wait behind one that was stuck or waited when the barriers were made, or behind one that was
  /// passed over since.
  func isBarred(_ touches: [Touch]) -> Bool {
    if barriers.isEmpty { return false }
    let (alone, shared) = addresses(of: touches)
    return barriers.stop(alone, shared)
  }

  /// Passes over a change that isn't admitted yet: none that shares an address with it may come before it.
  mutating func passOver(_ touches: [Touch]) {
    let (alone, shared) = addresses(of: touches)
    barriers.add(alone, shared)
  }

  private struct Barriers {
    private var alone: Set<String> = []
    private var shared: Set<String> = []

    var isEmpty: Bool { alone.isEmpty && shared.isEmpty }

    func stop(_ alone: some Sequence<String>, _ shared: some Sequence<String>) -> Bool {
      alone.contains { self.alone.contains($0) || self.shared.contains($0) }
        || shared.contains { self.alone.contains($0) }
    }

    mutating func add(_ alone: some Sequence<String>, _ shared: some Sequence<String>) {
      self.alone.formUnion(alone)
      self.shared.formUnion(shared)
    }
  }

  private var barriers = Barriers()

  /// Takes a change that nothing stands in the way of; the one that was ready first.
  mutating func take() -> Ticket? { ready.popFirst() }

  /// Takes back a change that was taken and not sent, as the last that is ready.
  mutating func putBack(_ ticket: Ticket) { ready.append(ticket) }

  /// A change is done, or leaves before its turn: those behind it move up. One that leaves before its turn costs what waits
  /// in its lanes.
  mutating func finish(_ ticket: Ticket) {
    guard let claim = claims.removeValue(forKey: ticket) else { return }
    yielding.remove(ticket)
    for address in claim.alone { leave(address, ticket, waits: claim.blockers > 0) }
    for address in claim.shared { leave(address, ticket, waits: claim.blockers > 0) }
    for delayed in claim.delays { advance(delayed) }
  }

  /// - Parameter waits: whether the ticket may still wait in this lane.
  private mutating func leave(_ address: String, _ ticket: Ticket, waits: Bool) {
    guard var lane = lanes.removeValue(forKey: address) else { return }
    if !waits || !lane.waiting.remove(where: { $0.ticket == ticket }) {
      lane.holders -= 1
      if lane.alone == ticket { lane.alone = nil }
    }
    if lane.holders == 0 {
      guard let next = lane.waiting.popFirst() else {
        companions[address] = nil
        return
      }
      lane.holders = 1
      lane.alone = next.alone ? next.ticket : nil
      advance(next.ticket)
    }
    while lane.alone == nil, lane.waiting.head?.alone == false, let companion = lane.waiting.popFirst() {
      lane.holders += 1
      advance(companion.ticket)
    }
    lanes[address] = lane
  }

  private mutating func advance(_ ticket: Ticket) {
    claims[ticket]?.blockers -= 1
    if claims[ticket]?.blockers == 0, !yielding.contains(ticket) { ready.append(ticket) }
  }
}
