public import Forms
internal import LDAP

/// Rings of accounts that forward mail to one another and keep none of it: A forwards to B, B to A. Their mail would reach
/// nobody. An operation that would close such a ring is refused. Pure.
///
/// Mail arrives where an account on its way keeps it, or forwards it to an address that is none of the entries that were
/// read. The operations of a batch are judged one after the other, each with those before it.
public struct ForwardRings {
  /// How many accounts behind one another are read at most: a longer ring is not found.
  public static let hops = 8

  private var entries: AddressIndex

  public init(_ entries: AddressIndex) { self.entries = entries }

  /// Takes in what an operation makes of its entry.
  ///
  /// - Returns: why it is refused; then it is not taken in.
  public mutating func closed(by intent: Intent) -> ChangeError? {
    guard let after = intent.imageOfForwards else { return nil }
    if let refusal = refusal(of: intent) { return refusal }
    if let before = intent.preImage { entries.replace(before, with: after) } else { entries.insert(after) }
    return nil
  }

  /// Why an operation is refused; it is not taken in.
  public func refusal(of intent: Intent) -> ChangeError? {
    guard let after = intent.imageOfForwards, !arrives(from: after) else { return nil }
    return ChangeError(
      code: .constraintViolation,
      diagnostic: "mail for \(after.primaryAddress) would be forwarded in a ring of accounts that keep no copy",
      remedy: "set keep_copy: true on one of them, or forward to an address outside the ring")
  }

  private func arrives(from first: Entry) -> Bool {
    var seen = first.addresses
    var waiting = first.passedTo
    if waiting.isEmpty { return true }
    while let address = waiting.popLast() {
      guard seen.insert(address).inserted else { continue }
      let holders = Address(address).map { entries.entries($0) } ?? []
      if holders.isEmpty || holders.contains(where: { $0.passedTo.isEmpty }) { return true }
      for holder in holders {
        seen.formUnion(holder.addresses)
        waiting += holder.passedTo
      }
    }
    return false
  }

  /// The addresses of ours that mail of these changes' accounts may be passed on to, of which no entry was read.
  public static func unread(_ changes: some Sequence<Change>, _ read: AddressIndex, _ context: PlanContext)
    -> Set<String>
  {
    var waiting: [String] = []
    for change in changes {
      switch change {
      case .create(let create) where create.keepCopy == false: waiting += create.forward.map(\.text)
      case .modify(let modify) where modify.fields.mayPassOn:
        waiting += ((modify.fields.forward.replacement ?? []) + modify.fields.forward.added).map(\.text)
        for entry in read.entries(modify.address) { waiting += entry[Schema.forward].compactMap(\.foldedText) }
      default: continue
      }
    }
    var (seen, unread): (Set<String>, Set<String>) = ([], [])
    while let text = waiting.popLast() {
      guard seen.insert(text).inserted, let address = Address(text),
        context.domains.isEmpty || context.domains.contains(address.domain)
      else { continue }
      let holders = read.entries(address)
      if holders.isEmpty { unread.insert(text) }
      for holder in holders { waiting += holder.passedTo }
    }
    return unread
  }
}

extension Entry {
  /// Where mail goes of which the account keeps no copy; empty where it keeps one.
  fileprivate var passedTo: [String] {
    guard self[Schema.keepCopy].contains(where: { $0.isSame(as: "FALSE") }) else { return [] }
    return self[Schema.forward].compactMap(\.foldedText)
  }
}

extension Change.Fields {
  /// Whether mail may be forwarded otherwise from then on, and not be kept.
  fileprivate var mayPassOn: Bool {
    switch keepCopy {
    case .set(true), .clear: false
    case .set(false): true
    case .keep: forward != Change.ListSetting()
    }
  }
}

extension Intent {
  /// The entry as the operation makes it, where it changes what is kept or forwarded.
  fileprivate var imageOfForwards: Entry? {
    let names = [Schema.forward, Schema.keepCopy]
    switch operation {
    case .add(let dn, let attributes):
      return attributes.contains { names.contains($0.name) } ? Entry(dn: dn, attributes: attributes) : nil
    case .modify(_, let modifications):
      return modifications.contains { names.contains($0.attribute) } ? preImage?.applying(modifications) : nil
    case .delete: return nil
    }
  }
}
