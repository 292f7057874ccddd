public import Forms
public import LDAP

/// The attributes and values that a request is responsible for once its change is applied, whoever wrote them.
///
/// If a form names values, it is responsible for these values only: a request that adds a forward is not responsible for
/// another one that was added outside Buzón.
public struct ManagedValues: Sendable, Hashable {
  private var isAll = false
  private var whole: Set<String> = []
  /// By attribute, in lower case.
  private var values: [String: Set<[UInt8]>] = [:]

  /// Nothing.
  public init() {}

  /// The whole entry: what a create makes, and what an adopt takes as it is.
  public static let all: ManagedValues = {
    var claims = ManagedValues()
    claims.isAll = true
    return claims
  }()

  /// What every operation that was applied leaves.
  public static let stamp: ManagedValues = {
    var claims = ManagedValues()
    claims.whole = [Schema.stamp]
    return claims
  }()

  /// What a change claims besides the stamp.
  public init(_ change: Change) {
    switch change {
    case .create, .adopt: self = .all
    case .delete: whole = Self.standing
    case .forgotten: break
    case .modify(let modify):
      switch modify.reset {
      case nil, .password: claim(modify)
      case .expired, .settled: break
      }
    }
  }

  /// What a change wrote of owner and lists besides what it names: they follow an address that left its account.
  public mutating func claimReferences(_ operation: Operation) {
    guard case .modify(_, let modifications) = operation else { return }
    for one in modifications where [Schema.owner, Schema.list].contains(one.attribute) {
      if one.kind == .replace {
        whole.insert(one.attribute)
      } else {
        claim(one.attribute, one.values.compactMap(\.foldedText))
      }
    }
  }

  public mutating func formUnion(_ other: ManagedValues) {
    isAll = isAll || other.isAll
    whole.formUnion(other.whole)
    values.merge(other.values) { $0.union($1) }
  }

  /// What comes and goes with a delete.
  private static let standing: Set<String> = [Schema.status, Schema.retainedSince, Schema.lockedTime]

  private mutating func claim(_ modify: Change.Modify) {
    let fields = modify.fields
    claim(Schema.localAddress, [modify.address.text])
    if let address = fields.address {
      whole.insert(Schema.mail)
      claim(Schema.localAddress, [address.text])
      claim(Schema.uid, [address.local])
    }
    switch fields.status {
    case .suspended: whole.formUnion([Schema.status, Schema.lockedTime])
    case .active, .retained: whole.formUnion(Self.standing)
    case nil: break
    }
    if fields.name != nil {
      whole.formUnion([Schema.commonName, Schema.surname, Schema.givenName, Schema.displayName])
    }
    if fields.department != nil { whole.insert(Schema.department) }
    claim(Schema.document, fields.document)
    claim(Schema.position, fields.position)
    claim(Schema.phone, fields.phone)
    claim(Schema.owner, fields.owner)
    claim(Schema.keepCopy, fields.keepCopy)
    claim(Schema.quota, fields.quota)
    claim(Schema.expires, fields.expires)
    claim(Schema.localAddress, fields.aliases)
    claim(Schema.forward, fields.forward)
    claim(Schema.list, fields.lists)
    claim(Schema.member, fields.members)
  }

  private mutating func claim<T>(_ name: String, _ setting: Change.Setting<T>) {
    if setting != .keep { whole.insert(name) }
  }

  private mutating func claim(_ name: String, _ setting: Change.ListSetting<some Mailbox>) {
    if setting.replacement != nil { whole.insert(name) }
    claim(name, setting.added.map(\.text) + setting.removed.map(\.text))
  }

  private mutating func claim(_ name: String, _ texts: [String]) {
    if !texts.isEmpty { values[name, default: []].formUnion(texts.map { Value($0).folded }) }
  }

  // MARK: Merging

  fileprivate func isClaimed(_ value: ImageValue, of name: String) -> Bool {
    // Values under options are nobody's: no form can name them.
    if value.isTagged { return false }
    if whole.contains(name) { return true }
    guard let plain = value.plain else { return false }
    return values[name]?.contains(plain.bytes) ?? false
  }

  func touches(_ name: String) -> Bool { whole.contains(name) || values[name] != nil }

  /// Whether the procedure answers for the entry as a whole.
  public var isWholeEntry: Bool { isAll }
}

extension ManagedImage {
  /// What is to be expected of an entry after a change: what the change claims is as this image of the entry afterwards
  /// shows it, and all else as it was expected before, so that changes outside Buzón stay visible.
  public func merged(over expected: ManagedImage, claims: ManagedValues) -> ManagedImage {
    if claims.isWholeEntry || self == expected { return self }
    var writer = ImageWriter()
    for (slot, records) in zip(records, expected.records).enumerated() {
      let name = Self.attributes[slot]
      if records.0 == records.1 || !claims.touches(name) {
        writer.append(slot, record: records.1)
        continue
      }
      let (present, expected) = (ImageReader.values(records.0), ImageReader.values(records.1))
      if (present + expected).contains(where: \.isSum) {
        writer.append(slot, present)
      } else {
        writer.append(
          slot,
          expected.filter { !claims.isClaimed($0, of: name) } + present.filter { claims.isClaimed($0, of: name) })
      }
    }
    return ManagedImage(writer)
  }
}
