internal import Crypto
public import Forms
internal import LDAP

/// What the plan of a form depended on, change by change. A request that came with it is carried out only while none of that
/// has moved. Pure.
///
/// The version of an account is its stamp and a digest of what the procedure manages of it. entryCSN is not: with lockout on, a
/// mistyped password changes it. It says when an entry changed.
public struct BoundPlan: Sendable, Hashable {
  /// An entry as a plan read it, or as an earlier change of the same form would leave it.
  public struct Reading: Sendable, Hashable {
    /// `nil`: a change of the same form creates the entry.
    public var entryUUID: String?
    /// When it was written last, as the directory says (entryCSN); `nil`: a change of the same form writes it.
    public var csn: String?
    /// The request that wrote it last (``Stamp``).
    public var stamp: String?
    /// SHA-256 of what the plan depends on in it.
    public var state: [UInt8]
    /// The same without owner and lists, which follow a rename of what they name; `nil` of what is only named.
    public var rest: [UInt8]?

    public init(entryUUID: String?, csn: String?, stamp: String?, state: [UInt8], rest: [UInt8]? = nil) {
      self.rest = rest
      self.entryUUID = entryUUID
      self.csn = csn
      self.stamp = stamp
      self.state = state
    }
  }

  /// What a change comes to.
  public enum Result: Sendable, Hashable {
    /// With the digest of its operation; `nil`: that of a later change of an atomic request carries it out.
    case applied([UInt8]?)
    case unchanged
    case refused(ChangeError)
  }

  /// A change of the form, in the form's order.
  public struct Change: Sendable, Hashable {
    public var result: Result
    /// How many candidates for a new entry's RDN were taken.
    public var namesTaken: Int
    /// The change's own entry; of a create one that has an address which it asks for. `nil`: there is none.
    public var own: Reading?
    /// What it names as owner and lists, in the order of ``Forms/Change/references``; `nil`: there is none.
    public var references: [Reading?]

    public init(result: Result, namesTaken: Int = 0, own: Reading?, references: [Reading?]) {
      self.result = result
      self.namesTaken = namesTaken
      self.own = own
      self.references = references
    }
  }

  public var changes: [Change]

  public init(changes: [Change]) { self.changes = changes }
}

// MARK: Reading

extension BoundPlan.Change {
  /// A change as it stands on these entries.
  public init(_ change: Change, _ result: BoundPlan.Result, namesTaken: Int = 0, holders: AddressIndex) {
    self.init(
      result: result, namesTaken: namesTaken, own: holders.own(of: change).map { BoundPlan.Reading(own: $0) },
      references: change.references.map { address in
        holders.holder(of: address).map { BoundPlan.Reading(reference: $0) }
      })
  }
}

extension AddressIndex {
  /// The entry that a change is about: what the plan found, or what stands in the way of a create.
  fileprivate func own(of change: Change) -> Entry? {
    if case .create = change { return change.newAddresses.lazy.compactMap { holder(of: $0) }.first }
    return holder(of: change.address)
  }

  /// Who has an address as primary address, else who has it at all.
  fileprivate func holder(of address: Address) -> Entry? {
    let all = entries(address)
    return all.first { $0.holdsAsPrimary(address) } ?? all.first
  }
}

extension BoundPlan.Reading {
  /// Of the account that is changed all that the procedure manages counts. Passwords don't.
  fileprivate init(own entry: Entry) {
    var managed = entry
    managed.put(Schema.stamp, [])
    // A change that closes an account writes the time at which it does.
    if !managed[Schema.retainedSince].isEmpty { managed.put(Schema.retainedSince, [Self.anyTime]) }
    self.init(entry, state: ManagedImage(managed).encoded)
    for name in [Schema.owner, Schema.list] { managed.put(name, []) }
    rest = Array(SHA256.hash(data: ManagedImage(managed).encoded))
  }

  /// Of what is only named it counts that it is there, as what, and under which address.
  fileprivate init(reference entry: Entry) {
    var named = Entry(dn: entry.dn, attributes: [])
    for name in [Schema.mail, Schema.kind, Schema.status] { named.put(name, entry[name]) }
    self.init(entry, state: ManagedImage(named).encoded + [entry.isAccount ? 1 : 0])
    stamp = nil
  }

  private init(_ entry: Entry, state: [UInt8]) {
    let isInvented = entry.uuid?.hasPrefix(FormPlanner.invention) != false
    self.init(
      entryUUID: isInvented ? nil : entry.uuid, csn: isInvented ? nil : entry.text(Schema.entryCSN),
      stamp: entry.text(Schema.stamp), state: Array(SHA256.hash(data: state)))
  }

  private static let anyTime: Value = "*"
}

extension BoundPlan.Result {
  /// What a change comes to, by itself.
  public init(_ plan: Plan) {
    switch plan {
    case .unchanged: self = .unchanged
    case .refuse(let error): self = .refused(error)
    case .send(let intent): self = .applied(intent)
    }
  }

  /// A change that this intent carries out.
  ///
  /// - Parameter reused: the addresses that are given though they are remembered.
  public static func applied(_ intent: Intent, reused: [String]? = nil) -> Self {
    .applied(BoundPlan.digest(of: intent.operation, reused: reused ?? intent.reused))
  }
}

extension BoundPlan {
  /// SHA-256 of an operation as LDIF, whenever it is planned: its times are left out, and values stand in one order. Owner and
  /// lists of an account that is there are left out too: what the form says of them, its own digest binds, and the rest follows
  /// renames.
  static func digest(of operation: Operation, reused: [String]) -> [UInt8] {
    func values(_ name: String, _ values: [Value]) -> [Value] {
      if !values.isEmpty, [Schema.passwordEnd, Schema.retainedSince].contains(name) { return ["*"] }
      return values.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
    let timeless: Operation =
      switch operation {
      case .add(let dn, let attributes): .add(dn, attributes.map { Attribute($0.name, values($0.name, $0.values)) })
      case .modify(let dn, let modifications):
        .modify(
          dn,
          modifications.filter { ![Schema.owner, Schema.list].contains($0.attribute) }
            .map { Modification($0.kind, $0.attribute, values($0.attribute, $0.values)) })
      case .delete: operation
      }
    var hash = SHA256()
    hash.update(data: LDIF.bytes(of: timeless))
    for address in reused.sorted() { hash.update(data: Array("reused: \(address)\n".utf8)) }
    return Array(hash.finalize())
  }
}
