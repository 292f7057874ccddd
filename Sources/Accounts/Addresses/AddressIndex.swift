public import Forms
public import LDAP

/// The entries of a fresh read, by the addresses and the names (`uid`) that they hold. Both compare in lower case.
public struct AddressIndex: Sendable {
  private var known: [Entry] = []
  private var byAddress: [String: [Int]] = [:]
  private var byName: [String: [Int]] = [:]
  /// What accounts stand directly below; `nil`: it doesn't matter where they stand.
  private let container: DN?

  /// - Parameters:
  ///   - entries: what was read. Of an entry that several searches found the last image counts.
  ///   - container: what accounts stand directly below.
  public init(_ entries: [Entry] = [], container: DN? = nil) {
    self.container = container
    known.reserveCapacity(entries.count)
    add(entries)
  }

  /// Takes in what was read later.
  public mutating func add(_ entries: [Entry]) { for entry in entries { put(entry) } }

  /// Takes an entry in, in the place of an earlier image of it that shares an address with this one.
  private mutating func put(_ entry: Entry) {
    if let place = place(of: entry) { put(entry, in: place) } else { insert(entry) }
  }

  /// Takes in an entry that isn't known.
  mutating func insert(_ entry: Entry) {
    for address in entry.addresses { byAddress[address, default: []].append(known.count) }
    for name in entry.names { byName[name, default: []].append(known.count) }
    known.append(entry)
  }

  /// Puts a later image of an entry in the place of the earlier one.
  mutating func replace(_ before: Entry, with after: Entry) {
    if let place = place(of: before) { put(after, in: place) } else { insert(after) }
  }

  private func place(of entry: Entry) -> Int? {
    for value in entry.addressValues {
      guard let address = value.foldedText else { continue }
      if let place = byAddress[address]?.first(where: { known[$0].isSameEntry(as: entry) }) { return place }
    }
    return nil
  }

  /// Costs what differs in the addresses, but for a look over them.
  private mutating func put(_ entry: Entry, in place: Int) {
    let (old, new) = (known[place].addressValues, entry.addressValues)
    let (oldNames, newNames) = (known[place].names, entry.names)
    known[place] = entry
    for name in oldNames.subtracting(newNames) { byName[name]?.removeAll { $0 == place } }
    for name in newNames.subtracting(oldNames) { byName[name, default: []].append(place) }
    if old == new { return }
    let head = old.countOfCommonHead(new)
    for address in Set(old[head...].without(new).compactMap(\.foldedText)) {
      byAddress[address]?.removeAll { $0 == place }
    }
    for address in Set(new[head...].without(old).compactMap(\.foldedText)) {
      byAddress[address, default: []].append(place)
    }
  }

  /// What finds the entries that hold any of these addresses.
  public static func filter(_ addresses: some Sequence<Value>) -> Filter { .or(filters(addresses: addresses)) }

  /// The parts of ``filter(_:)``.
  public static func filters(addresses: some Sequence<Value>) -> [Filter] {
    addresses.flatMap { [Filter.equal(Schema.localAddress, $0), .equal(Schema.mail, $0)] }
  }

  /// The entry, among those of the change's own addresses, that bears the change's stamp: it was applied to it.
  public func entry(stamped stamp: Stamp, of change: Change) -> Entry? {
    for address in change.ownAddresses {
      if let entry = entries(address).first(where: { Intent.wasApplied(stamp, to: $0) }) { return entry }
    }
    return nil
  }

  /// Whether the entry is among them; costs how many there are.
  public func hasEntry(uuid: String) -> Bool { known.contains { $0.uuid == uuid } }

  /// All entries that have the name among their values of `uid`.
  func entries(named name: String) -> [Entry] { byName[name]?.map { known[$0] } ?? [] }

  /// All that were read.
  public var all: [Entry] { known }

  /// All entries that hold the address, as primary or as alias.
  func entries(_ address: Address) -> [Entry] { byAddress[address.text]?.map { known[$0] } ?? [] }

  /// The one account of ours whose primary address this is.
  public func account(_ address: Address) throws(ChangeError) -> Entry {
    let entry = try named(address)
    // Of one that stands deeper the agent reads no more than that.
    if let container { try entry.requireLevel(below: container) }
    try entry.requireReadable()
    guard entry.isAccount else {
      throw ChangeError(
        code: .unwillingToPerform, diagnostic: "the entry \(entry.dn) of \(address.text) was made outside Buzón",
        remedy: "adopt it first (a form with `adopt: {address: \(address.text)}`)")
    }
    return entry
  }

  /// The one entry, whoever made it, whose primary address this is.
  func named(_ address: Address) throws(ChangeError) -> Entry {
    let entries = entries(address)
    let primary = entries.filter { $0.holdsAsPrimary(address) }
    guard let entry = primary.first else {
      if let other = entries.first {
        throw ChangeError(
          code: .noSuchObject, diagnostic: "\(address.text) is an alias of \(other.primaryAddress)",
          remedy: "name the account by its primary address, \(other.primaryAddress)")
      }
      throw ChangeError(
        code: .noSuchObject, diagnostic: "there is no account \(address.text)",
        remedy: "check the address against the corporate account list (buzon accounts)", missing: address.text)
    }
    guard primary.count == 1 else {
      throw ChangeError(
        code: .constraintViolation,
        diagnostic: "\(primary.count) entries have the mail address \(address.text): "
          + primary.map(\.dn.description).joined(separator: " and "),
        remedy: "leave the address to one of them, then submit the change under a new number")
    }
    return entry
  }

  /// Refuses an address that an entry other than `dn` holds.
  func requireFree(_ address: Address, besides dn: DN? = nil) throws(ChangeError) {
    guard let holder = entries(address).first(where: { $0.dn != dn }) else { return }
    if let container, !holder.dn.isChild(of: container) {
      throw ChangeError(
        code: .entryAlreadyExists, diagnostic: "\(address.text) belongs to \(holder.dn), deeper than the accounts",
        remedy: "move that entry directly below \(container) (ldapmodrdn -s) and adopt it, or choose another address")
    }
    guard holder.holdsAsPrimary(address) else {
      let isRetained = holder.isAccount && holder.status == .retained
      throw ChangeError(
        code: .constraintViolation,
        diagnostic: "\(address.text) is an alias of \(holder.primaryAddress)"
          + (isRetained ? ", which is retained" : ""),
        remedy: isRetained
          ? "delete that account with `immediately: true`, or choose another address"
          : "take the alias from that account first, or choose another address")
    }
    let remedy =
      if !holder.isAccount {
        "adopt the entry \(holder.dn) instead of creating one, or choose another address"
      } else if holder.status == .retained {
        "bring the retained account back with `set: {status: active}`, delete it with `immediately: true`, "
          + "or choose another address"
      } else {
        "modify the account that is there, or choose another address"
      }
    throw ChangeError(
      code: .entryAlreadyExists, diagnostic: "\(address.text) belongs to the entry \(holder.dn) already", remedy: remedy
    )
  }
}

extension Entry {
  /// All values of `uid`, in lower case.
  fileprivate var names: Set<String> { Set(self[Schema.uid].compactMap(\.foldedText)) }

  fileprivate func isSameEntry(as other: Entry) -> Bool { dn.string == other.dn.string && uuid == other.uuid }

  /// What stands deeper is no account: the account list doesn't have it, and the agent has no rights to change it.
  func requireLevel(below container: DN) throws(ChangeError) {
    if dn.isChild(of: container) { return }
    throw ChangeError(
      code: .unwillingToPerform, diagnostic: "\(dn) is deeper than the accounts",
      remedy: "move it directly below \(container) (ldapmodrdn -s), then submit the change under a new number")
  }

  /// Without its entryUUID no operation can be guarded, and without its classes nobody knows whose it is. Each entry has
  /// both.
  func requireReadable() throws(ChangeError) {
    guard uuid == nil || self[Schema.objectClass].isEmpty else { return }
    throw ChangeError(
      code: .insufficientAccessRights,
      diagnostic: "the agent can't read the \(uuid == nil ? "entryUUID" : "objectClass") of \(dn)",
      remedy: "give the agent the access rights of config/slapd (buzon init)")
  }
}

extension DN {
  fileprivate func isChild(of container: DN) -> Bool { parent?.matches(container) == true }
}
