internal import Forms
internal import LDAP

/// The changes of an atomic request on their way into one operation for each account.
struct AccountMerge {
  /// An account that the request touches.
  struct Account {
    /// The entry as it was read; `nil` where the request creates it.
    var read: Entry?
    /// The entry as the changes so far leave it.
    var image: Entry
    var indices: [Int]
  }

  private var holders: AddressIndex
  /// In the order of their first indices.
  private(set) var accounts: [Account] = []
  /// By entryUUID, an invented one where the request creates the account.
  private var byUUID: [String: Int] = [:]
  /// The names of the entries that the request creates.
  private var names: Set<String> = []
  private var unchanged: [Int: Entry?] = [:]
  /// For an address the last change that gives it to its account.
  private(set) var givenAt: [String: Int] = [:]
  /// Addresses that may be given although they are remembered.
  private var reusable: Set<String> = []
  /// By the change that gives them.
  private var reused: [Int: [String]] = [:]
  private let context: PlanContext

  init(holders: AddressIndex, context: PlanContext) {
    self.holders = holders
    self.context = context
  }

  mutating func fold(
    _ change: Change, index: Int, namesTaken: Int, plan: (AddressIndex, Int) -> Plan
  ) throws(ChangeError) {
    var namesTaken = namesTaken
    while true {
      switch plan(holders, namesTaken) {
      case .refuse(let error): throw error
      case .unchanged(let entry): unchanged[index] = .some(entry.map(Self.withoutInvention))
      case .send(let intent):
        if !intent.reused.isEmpty { reused[index] = intent.reused }
        switch intent.operation {
        case .add(let dn, let attributes):
          guard names.insert(dn.string).inserted else {
            namesTaken += 1
            continue
          }
          add(dn, attributes, index: index)
        case .modify(_, let modifications):
          guard !intent.grantsPassword, intent.condition == nil, let before = intent.preImage else {
            throw Self.noUndo(change)
          }
          modify(before, modifications, index: index)
        case .delete: throw Self.noUndo(change)
        }
      }
      break
    }
    for address in change.newAddresses {
      givenAt[address.text] = index
      if change.reuses { reusable.insert(address.text) }
    }
  }

  private mutating func add(_ dn: DN, _ attributes: [Attribute], index: Int) {
    let uuid = Self.invention + String(index)
    let image = Entry(dn: dn, attributes: attributes + [Attribute(Schema.entryUUID, [Value(uuid)])])
    byUUID[uuid] = accounts.count
    accounts.append(Account(read: nil, image: image, indices: [index]))
    holders.insert(image)
  }

  private mutating func modify(_ before: Entry, _ modifications: [Modification], index: Int) {
    let after = before.applying(modifications)
    holders.replace(before, with: after)
    let uuid = before.uuid ?? ""
    if let account = byUUID[uuid] {
      accounts[account].image = after
      accounts[account].indices.append(index)
    } else {
      byUUID[uuid] = accounts.count
      accounts.append(Account(read: before, image: after, indices: [index]))
    }
  }

  /// By address, an account that names it as its owner or list, and did before.
  private var namedStill: [String: String] {
    var named: [String: String] = [:]
    for account in accounts { for address in account.namedStill { named[address] = account.image.primaryAddress } }
    return named
  }

  mutating func plan(number: String) -> AtomicPlan {
    let order: AddressMoves.Order
    switch AddressMoves(accounts).order(givenAt: givenAt) {
    case .failure(let cycle): return .refuse(index: cycle.index, cycle.error)
    case .success(let found): order = found
    }
    let named = order.moved.isEmpty ? [:] : namedStill
    for address in order.moved.values.joined().sorted() {
      let index = givenAt[address] ?? 0
      if let account = named[address] { return .refuse(index: index, .inherited(address, namedBy: account)) }
      // An address that moves from one account to another within the request is another's as well.
      if context.addressMemory == 0 { continue }
      guard reusable.contains(address) else {
        return .refuse(
          index: index, AddressMemory.remembered(address, until: context.now + context.addressMemory, context))
      }
      reused[index, default: []].append(address)
    }
    let intents = order.accounts.map { index in
      let taken = (order.moved[index] ?? []).map { ($0, givenAt[$0] ?? 0) }
      return MergedIntent(
        indices: accounts[index].indices, intent: accounts[index].intent(number: number),
        taken: Dictionary(taken) { first, _ in first })
    }
    return .send(intents, unchanged: unchanged, reused: reused)
  }

  // MARK: Invented entries

  private static let invention = "new:"

  /// An account that the request itself creates has no entryUUID yet.
  private static func withoutInvention(_ entry: Entry) -> Entry {
    guard entry.uuid?.hasPrefix(invention) == true else { return entry }
    var entry = entry
    entry.put(Schema.entryUUID, [])
    entry.put(Schema.password, [])
    return entry
  }

  private static func noUndo(_ change: Change) -> ChangeError {
    ChangeError(
      code: .unwillingToPerform, diagnostic: "this \(change.name) of \(change.address.text) can't be undone",
      remedy: "write a form of its own for it, which isn't atomic")
  }
}

extension AccountMerge.Account {
  /// What it names as its owner or lists, and named before, in lower case.
  fileprivate var namedStill: Set<String> {
    func names(_ entry: Entry) -> Set<String> {
      Set((entry[Schema.owner] + entry[Schema.list]).compactMap(\.foldedText))
    }
    return read.map { names($0).intersection(names(image)) } ?? []
  }

  /// All changes of the account as one operation: what differs between the entry as it was read and as it shall be.
  fileprivate func intent(number: String) -> Intent {
    guard let read else {
      let attributes = image.attributes.filter { $0.name != Schema.entryUUID }
      return Intent(operation: .add(image.dn, attributes), grantsPassword: !image[Schema.password].isEmpty)
    }
    let stamp = Stamp(number: number, index: indices.last ?? 0)
    var modifications: [Modification] = []
    for name in Schema.foldable { modifications += EntryEdit.difference(name, read[name], image[name]) }
    modifications.append(.replace(Schema.stamp, [Value(stamp.description)]))
    return Intent(
      operation: .modify(read.dn, modifications), entryUUID: read.uuid, stampRead: read.text(Schema.stamp),
      preImage: read)
  }
}

extension Schema {
  /// What changes that can be undone may write besides the stamp.
  fileprivate static let foldable = [objectClass] + managed + [lockedTime]
}
