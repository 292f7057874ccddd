internal import Forms
internal import LDAP
internal import Text

/// The directory as the changes of a repair so far would leave it: each is read and planned as it will be when it stands
/// in a form.
struct RepairPlanner {
  private var holders: AddressIndex
  private var retired: [String: RetiredAddress]
  private let references: References?
  private var rules: Rules
  private let context: PlanContext
  /// How many entries were made.
  private var made = 0

  /// A rename leaves an alias behind, a create is active: some drift takes several changes, one after the other.
  private static let most = 10

  init(
    entries: [Entry], retired: [String: RetiredAddress], references: References?, rules: Rules, context: PlanContext
  ) {
    holders = AddressIndex(entries)
    self.retired = retired
    self.references = references
    self.rules = rules.ofChangesAlone
    self.context = context
  }

  /// The next change towards what an account should be; `nil` where there is none now, and why.
  mutating func next(_ account: inout RepairedAccount) -> Change? {
    account.refusals = []
    guard account.changes < Self.most else { return nil }
    if account.mustAdopt || account.entry?.isAccount == false { return adopt(&account) }
    guard let expected = account.expected else { return nil }
    let wish = DesiredState(expected: expected, present: account.entry.map { ManagedImage($0) }, context: context)
    guard account.entry != nil else {
      guard wish.status != .retained, let create = wish.create else { return nil }
      if case .failure(let refusal) = outcome(of: reusing(.create(create), nil), on: nil) {
        account.refuse(refusal.why)
        return nil
      }
      return take(pieces: wish.createPieces, of: create, for: &account) { .create($0) }
    }
    guard let address = wish.address else { return nil }
    let modify = take(pieces: wish.modifyPieces, of: Change.Fields(), for: &account) {
      .modify(.init(address: address, fields: $0))
    }
    if let modify { return modify }
    let delete = Change.delete(.init(address: address))
    return wish.status == .retained && take(delete, for: &account) ? delete : nil
  }

  /// An adopt says that the entry is the account's, also where it changes nothing in it.
  private mutating func adopt(_ account: inout RepairedAccount) -> Change? {
    let mails = account.entry?[Schema.mail].compactMap { $0.text.flatMap { Address($0) } } ?? []
    let expected = account.expected?.text(Schema.mail)
    guard let address = mails.first(where: { $0.text == expected }) ?? mails.first else { return nil }
    let adopt = Change.adopt(.init(address: address))
    switch outcome(of: adopt, on: account.entry) {
    case .success(let after):
      if let after { put(after, for: &account) }
      account.changes += 1
      account.mustAdopt = false
      return adopt
    case .failure(let refusal):
      account.refuse(refusal.why)
      return nil
    }
  }

  /// Renames one of the accounts that hold each other's primary address to an address of its own, or to one made for
  /// that; `nil` where there are none.
  mutating func makeRoom(_ accounts: inout [RepairedAccount], among waiting: [Int]) -> Change? {
    for index in waiting where !accounts[index].hasMadeRoom {
      guard let entry = accounts[index].entry, entry.isAccount, let expected = accounts[index].expected,
        let wanted = expected.text(Schema.mail).flatMap({ Address($0) }),
        let present = entry.text(Schema.mail).flatMap({ Address($0) }), present != wanted,
        holders.entries(wanted).contains(where: { $0.holdsAsPrimary(wanted) && $0.uuid != entry.uuid })
      else { continue }
      accounts[index].hasMadeRoom = true
      let own = entry.addresses.compactMap { Address($0) }.filter { $0 != present }.sorted()
      let new = (2...9).compactMap { Address("\(present.local)-\($0)@\(present.domain)") }
      for address in own + new where holders.entries(address).allSatisfy({ $0.uuid == entry.uuid }) {
        var fields = Change.Fields()
        fields.address = address
        let rename = reusing(.modify(.init(address: present, fields: fields)), entry)
        guard take(rename, for: &accounts[index]) else { continue }
        accounts[index].hints.append(
          "is \(address.text) for a moment, for another account has its address; that stays as a name to log in by")
        return rename
      }
    }
    return nil
  }

  // MARK: Taking a change

  /// Carries a change out, if it can be carried out and is of any use.
  private mutating func take(_ change: Change, for account: inout RepairedAccount) -> Bool {
    switch outcome(of: change, on: account.entry) {
    case .success(let after):
      guard let after else { return false }
      put(after, for: &account)
      account.changes += 1
      return true
    case .failure(let refusal):
      account.refuse(refusal.why)
      return false
    }
  }

  /// All pieces together, or else as many of them as can stand together.
  private mutating func take<Subject>(
    pieces: [DesiredState.Piece<Subject>], of empty: Subject, for account: inout RepairedAccount,
    _ change: (Subject) -> Change
  ) -> Change? {
    let entry = account.entry
    var whole = empty
    for piece in pieces { piece(&whole) }
    let all = reusing(change(whole), entry)
    if case .success(let after) = outcome(of: all, on: entry) {
      guard let after else { return nil }
      put(after, for: &account)
      account.changes += 1
      return all
    }
    var some = empty
    var after: Entry?
    if case .success(let made) = outcome(of: reusing(change(empty), entry), on: entry) { after = made }
    for piece in pieces {
      var more = some
      piece(&more)
      switch outcome(of: reusing(change(more), entry), on: entry) {
      case .success(let made?): (some, after) = (more, made)
      case .success(nil): break
      case .failure(let refusal): account.refuse(refusal.why)
      }
    }
    guard let after else { return nil }
    put(after, for: &account)
    account.changes += 1
    return reusing(change(some), entry)
  }

  /// Puts an entry in the place of what it was. The addresses that it gave up are remembered as its own.
  private mutating func put(_ after: Entry, for account: inout RepairedAccount) {
    if let before = account.entry {
      holders.replace(before, with: after)
      if context.addressMemory > 0 {
        for address in before.addresses.subtracting(after.addresses) {
          retired[address] = RetiredAddress(until: .max, holder: before.uuid ?? "")
        }
      }
    } else {
      holders.insert(after)
      made += 1
    }
    account.entry = after
  }

  /// The change with `reuse: true` where it gives an address back that is remembered as another's by now.
  private func reusing(_ change: Change, _ entry: Entry?) -> Change {
    let memory = AddressMemory(retired: retired, context: context)
    let remembered = try? memory.reused(change.newAddresses, by: entry, reuse: true)
    if remembered?.isEmpty ?? true { return change }
    switch change {
    case .create(var create):
      create.reuse = true
      return .create(create)
    case .modify(var modify):
      modify.reuse = true
      return .modify(modify)
    case .adopt, .delete, .forgotten: return change
    }
  }

  // MARK: One change

  private struct Refusal: Error { var why: String }

  /// The entry after a change; `nil` where it changes nothing.
  private func outcome(of change: Change, on entry: Entry?) -> Result<Entry?, Refusal> {
    let request = Request(
      number: "repair", department: "-", requester: .init(name: "-"), approval: .init(by: "-", date: rules.today),
      changes: [change])
    switch FormReader.read(FormWriter.write(request), rules: rules) {
    case .invalid(let findings):
      // Never empty; the key says which field it is.
      let why = findings.first.map { "\($0.key): \($0.problem)".neutralized() } ?? "no form can hold it"
      let place = "changes[0]."
      return .failure(Refusal(why: why.hasPrefix(place) ? String(why.dropFirst(place.count)) : why))
    case .request(let read):
      let plan = Plan.make(
        read.changes[0], department: "-", stamp: Stamp(number: "repair", index: 0), holders: holders, retired: retired,
        references: references, context: context)
      switch plan {
      case .refuse(let error): return .failure(Refusal(why: error.diagnostic.neutralized()))
      case .unchanged: return .success(nil)
      case .send(let intent): return .success(after(intent.operation, on: entry))
      }
    }
  }

  private func after(_ operation: Operation, on entry: Entry?) -> Entry? {
    switch operation {
    case .add(let dn, let attributes):
      Entry(dn: dn, attributes: attributes + [Attribute(Schema.entryUUID, [Value("repair-\(made)")])])
    case .modify(_, let modifications): entry?.applying(modifications)
    case .delete: nil
    }
  }
}

extension ManagedImage {
  /// The values of an attribute that stand under no option.
  func untagged(_ name: String) -> [ImageValue] {
    guard let slot = Self.attributes.firstIndex(of: name) else { return [] }
    return values[slot].filter { !$0.isTagged }
  }
}
