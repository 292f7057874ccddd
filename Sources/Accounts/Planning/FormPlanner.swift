public import Forms
public import LDAP

/// The directory as planned changes would leave it: each change is planned on what those before it leave, and an account's
/// changes are folded into one operation. Pure: whoever plans asks the directory in between.
///
/// | step | then |
/// |---|---|
/// | ``Step/unchanged(_:)`` | the next change |
/// | ``Step/refuse(_:)`` | the next change: nothing is done |
/// | ``Step/apply(_:)`` | ``accept(_:)``, unless the directory would refuse it |
public struct FormPlanner: Sendable {
  /// A change that can be done: what its account comes to.
  public struct Candidate: Sendable {
    /// With the earlier changes of the account.
    public internal(set) var account: PlannedAccount
    /// What the change itself does.
    public let intent: Intent
    /// Whether it leans on what an earlier planned change of another account frees, so that the directory as it is now can't
    /// judge it.
    public let dependsOnEarlier: Bool
    /// Where the account stands among the planned ones; `nil`: it is new among them.
    let place: Int?
    /// The changes that it carries out.
    let references: [PlannedAccount.Reference]
    /// The addresses that it gives although they are remembered.
    let reused: [String]
  }

  public enum Step: Sendable {
    case unchanged(Entry?)
    case apply(Candidate)
    case refuse(ChangeError)
  }

  /// What an atomic request comes to: all of it, or the first change that can't be.
  public enum AtomicStep: Sendable {
    /// Its operations in the order in which they are sent, and the indices that change nothing.
    case apply([Candidate], unchanged: Set<Int>)
    case refuse(index: Int, ChangeError)
  }

  /// In the order of their first changes.
  public private(set) var accounts: [PlannedAccount] = []
  private(set) var holders: AddressIndex
  private var retired: [String: RetiredAddress]?
  private let moved: [String: String?]
  private let handedOver: Set<String>
  private let context: PlanContext
  /// Places in ``accounts`` by entryUUID, an invented one where a change creates the account.
  private var byUUID: [String: Int] = [:]
  private var invented = 0
  /// What the entryUUID of an account begins with that a planned change creates.
  static let invention = "plan:"
  /// Addresses, and names of entries, that planned changes freed: the directory has them at other entries still.
  private var freed: Set<String> = []

  /// - Parameters:
  ///   - holders: the entries that hold any address that the changes name, or that they refer to.
  ///   - retired: by address in lower case, those that left an account and are given to nobody else for a time; `nil`: it
  ///     isn't known.
  ///   - moved: as ``References/moved``.
  ///   - handedOver: the entryUUIDs of accounts whose password somebody had.
  public init(
    holders: AddressIndex, retired: [String: RetiredAddress]?, moved: [String: String?] = [:],
    handedOver: Set<String> = [], context: PlanContext
  ) {
    self.holders = holders
    self.retired = retired
    self.moved = moved
    self.handedOver = handedOver
    self.context = context
  }

  /// Plans a change of a form.
  ///
  /// - Parameters:
  ///   - promised: what later changes of the form create.
  ///   - namesTaken: how many candidates for a new entry's RDN turned out to be taken by entries that can't be seen.
  public func step(
    _ change: Change, of request: Request, at index: Int, promised: References, namesTaken: Int = 0
  ) -> Step {
    var references = promised
    references.moved = moved
    let plan = Plan.make(
      change, department: request.department, stamp: Stamp(number: request.number, index: index), holders: holders,
      namesTaken: namesTaken, retired: retired ?? [:], references: references, context: context)
    switch plan {
    case .unchanged(let entry): return .unchanged(entry)
    case .refuse(let error): return .refuse(error)
    case .send(let intent):
      if let ring = ForwardRings(holders).refusal(of: intent) { return .refuse(ring) }
      return .apply(candidate(intent, [.init(number: request.number, index: index)], reused: intent.reused))
    }
  }

  /// Plans an atomic request.
  ///
  /// - Parameter promised: of each change what later ones create.
  public func step(atomic request: Request, promised: [References]) -> AtomicStep {
    let references = promised.map { own in
      var own = own
      own.moved = moved
      return own
    }
    let plan = AtomicPlan.make(
      number: request.number, changes: request.changes, department: request.department, holders: holders,
      retired: retired ?? [:], references: references, context: context)
    switch plan {
    case .refuse(let index, let error): return .refuse(index: index, error)
    case .send(let merged, let unchanged, let reused):
      var rings = ForwardRings(holders)
      var candidates: [Candidate] = []
      for one in merged {
        if let ring = rings.closed(by: one.intent) { return .refuse(index: one.indices.last ?? 0, ring) }
        let references = one.indices.map { PlannedAccount.Reference(number: request.number, index: $0) }
        candidates.append(
          candidate(
            one.intent, references, reused: one.indices.flatMap { reused[$0] ?? [] },
            dependsOnEarlier: one.dependsOnEarlier))
      }
      return .apply(candidates, unchanged: Set(unchanged.keys))
    }
  }

  private func candidate(
    _ intent: Intent, _ references: [PlannedAccount.Reference], reused: [String], dependsOnEarlier: Bool = false
  ) -> Candidate {
    let place = intent.entryUUID.flatMap { byUUID[$0] }
    var account = place.map { accounts[$0] } ?? PlannedAccount(before: intent.preImage, after: intent.preImage)
    switch intent.operation {
    case .add(let dn, let attributes): account.after = Entry(dn: dn, attributes: attributes)
    case .modify(_, let modifications): account.after = account.after?.applying(modifications)
    case .delete: account.after = nil
    }
    account.changes += references
    account.reused += reused
    account.grantsPassword = account.after?[Schema.password].isEmpty == false
    return Candidate(
      account: account, intent: intent, dependsOnEarlier: dependsOnEarlier || !account.gained.isDisjoint(with: freed),
      place: place, references: references, reused: reused)
  }

  /// From now on the change counts as done.
  public mutating func accept(_ candidate: Candidate) {
    var account = candidate.account
    let present = candidate.intent.preImage
    if present == nil {
      // Later changes are planned on it as on any entry.
      let uuid = Self.invention + "\(invented)"
      invented += 1
      account.after?.put(Schema.entryUUID, [Value(uuid)])
      byUUID[uuid] = accounts.count
    } else if candidate.place == nil, let uuid = present?.uuid {
      byUUID[uuid] = accounts.count
    }
    if let place = candidate.place { accounts[place] = account } else { accounts.append(account) }
    let left = (present?.addresses ?? []).subtracting(account.after?.addresses ?? [])
    freed.formUnion(left)
    if let present, account.after == nil { freed.insert(present.dn.string) }
    remember(left, of: present, isGone: account.after == nil)
    switch (present, account.after) {
    case (let present?, let after?): holders.replace(present, with: after)
    // What has gone holds nothing.
    case (let present?, nil): holders.replace(present, with: Entry(dn: present.dn, attributes: present.identity))
    case (nil, let after?): holders.insert(after)
    case (nil, nil): break
    }
  }

  /// An address that leaves an account is given to nobody else for a time. Where nobody ever had the password of one that
  /// goes, nobody had the address.
  private mutating func remember(_ addresses: Set<String>, of entry: Entry?, isGone: Bool) {
    guard context.addressMemory > 0, retired != nil, let uuid = entry?.uuid else { return }
    if isGone, !handedOver.contains(uuid) { return }
    for address in addresses {
      retired?[address] = RetiredAddress(until: context.now + context.addressMemory, holder: uuid)
    }
  }
}

extension Entry {
  fileprivate var identity: [Attribute] { attributes.filter { $0.name == Schema.entryUUID } }
}

extension PlannedAccount {
  /// The addresses that it gets, and the name of its entry where that is new.
  fileprivate var gained: Set<String> {
    guard let after else { return [] }
    return before.map { after.addresses.subtracting($0.addresses) } ?? after.addresses.union([after.dn.string])
  }
}
