internal import Forms
internal import LDAP
internal import Text

/// What a form would have to say of an account, piece by piece: a piece that is refused is left out, and the others
/// stand.
struct DesiredState {
  typealias Piece<Subject> = (inout Subject) -> Void

  let expected: ManagedImage
  /// `nil` where the entry has gone.
  let present: ManagedImage?
  let context: PlanContext

  var status: Status? { expected.text(Schema.status).flatMap(Status.init(rawValue:)) }

  /// The address that a form can name the entry by. Where it has one that it shouldn't have as its primary, by that one:
  /// it can be renamed then.
  var address: Address? {
    let addresses = present?.texts(Schema.mail).compactMap { Address($0) } ?? []
    return addresses.first { $0.text != expected.text(Schema.mail) } ?? addresses.first
  }

  private func differs(_ name: String) -> Bool {
    guard let present, let rule = ManagedImage.rule(of: name) else { return true }
    let (there, wanted) = (present.untagged(name), expected.untagged(name))
    return there != wanted
      && !(there.unmatched(by: wanted, rule).isEmpty && wanted.unmatched(by: there, rule).isEmpty)
  }

  // MARK: Create

  /// What a create can't be without; `nil` where no create could make the account.
  var create: Change.Create? {
    guard let address = expected.text(Schema.mail).flatMap({ Address($0) }),
      let kind = expected.text(Schema.kind).flatMap(Kind.init(rawValue:)), let name = name(kind)
    else { return nil }
    return Change.Create(address: address, kind: kind, name: name, owner: owner)
  }

  var createPieces: [Piece<Change.Create>] {
    var pieces: [Piece<Change.Create>] = []
    func add<T>(_ path: WritableKeyPath<Change.Create, T?>, _ value: T?) {
      if let value { pieces.append { $0[keyPath: path] = value } }
    }
    func add<T>(_ path: WritableKeyPath<Change.Create, [T]>, _ values: [T]) {
      if !values.isEmpty { pieces.append { $0[keyPath: path] = values } }
    }
    add(\.document, expected.text(Schema.document))
    add(\.position, expected.text(Schema.position))
    add(\.department, expected.text(Schema.department))
    add(\.phone, expected.text(Schema.phone))
    add(\.aliases, aliases(expected).compactMap { Address($0) })
    add(\.forward, expected.texts(Schema.forward).compactMap { ExternalAddress($0) })
    add(\.keepCopy, flag)
    add(\.lists, expected.texts(Schema.list).compactMap { Address($0) })
    add(\.members, expected.texts(Schema.member).compactMap { ExternalAddress($0) })
    add(\.quota, quota)
    add(\.expires, expires)
    return pieces
  }

  // MARK: Modify

  var modifyPieces: [Piece<Change.Fields>] {
    guard let present else { return [] }
    var pieces: [Piece<Change.Fields>] = []
    if let status = statusToSet(present) { pieces.append { $0.status = status } }
    let primary = expected.text(Schema.mail).flatMap { Address($0) }
    let isRename = differs(Schema.mail) && primary != nil && primary != address
    if isRename { pieces.append { $0.address = primary } }
    if Self.name.contains(where: differs), let kind = present.text(Schema.kind).flatMap(Kind.init(rawValue:)),
      let name = name(kind), isExact(name)
    {
      pieces.append { $0.name = name }
    }
    if differs(Schema.department), let department = expected.text(Schema.department) {
      pieces.append { $0.department = department }
    }
    add(\.document, Schema.document, to: &pieces) { expected.text(Schema.document) }
    add(\.position, Schema.position, to: &pieces) { expected.text(Schema.position) }
    add(\.phone, Schema.phone, to: &pieces) { expected.text(Schema.phone) }
    add(\.owner, Schema.owner, to: &pieces) { owner }
    // Together first: one without the other may leave mail neither kept nor forwarded.
    var copies: [Piece<Change.Fields>] = []
    add(\.keepCopy, Schema.keepCopy, to: &copies) { flag }
    add(\.forward, Schema.forward, to: &copies) { ExternalAddress($0) }
    if copies.count > 1 { pieces.append { [copies] fields in for piece in copies { piece(&fields) } } }
    pieces += copies
    if differs(Schema.quota), let quota { pieces.append { $0.quota = .set(quota) } }
    add(\.expires, Schema.expires, to: &pieces) { expires }
    add(\.lists, Schema.list, to: &pieces) { Address($0) }
    add(\.members, Schema.member, to: &pieces) { ExternalAddress($0) }
    if let setting = aliasSetting(present, isRename: isRename) {
      // What goes goes also where what comes belongs to another account still: two may have exchanged their aliases.
      if !setting.added.isEmpty, !setting.removed.isEmpty {
        pieces.append { $0.aliases = Change.ListSetting(removed: setting.removed) }
      }
      pieces.append { $0.aliases = setting }
    }
    return pieces
  }

  private func add<T: Sendable & Hashable>(
    _ path: WritableKeyPath<Change.Fields, Change.Setting<T>>, _ name: String,
    to pieces: inout [Piece<Change.Fields>], _ value: () -> T?
  ) {
    guard differs(name) else { return }
    if expected.untagged(name).isEmpty {
      pieces.append { $0[keyPath: path] = .clear }
    } else if let value = value() {
      pieces.append { $0[keyPath: path] = .set(value) }
    }
  }

  /// Values are added and removed one by one; where one that must go is no address, all are replaced.
  private func add<T: Sendable & Hashable>(
    _ path: WritableKeyPath<Change.Fields, Change.ListSetting<T>>, _ name: String,
    to pieces: inout [Piece<Change.Fields>], _ address: (String) -> T?
  ) {
    guard differs(name), let present else { return }
    let setting = setting(
      expected.texts(name), present.texts(name), isWhole: present.isWhole(name), keeping: [], address)
    if let setting { pieces.append { $0[keyPath: path] = setting } }
  }

  private func setting<T: Sendable & Hashable>(
    _ expected: [String], _ present: [String], isWhole: Bool, keeping: Set<String>, _ address: (String) -> T?
  ) -> Change.ListSetting<T>? {
    let (wanted, there) = (Set(expected), Set(present))
    let removed = present.filter { !wanted.contains($0) && !keeping.contains($0) }
    let goodRemoved = removed.compactMap(address)
    if isWhole, goodRemoved.count == removed.count {
      let added = expected.filter { !there.contains($0) }.compactMap(address)
      return added.isEmpty && removed.isEmpty ? nil : Change.ListSetting(added: added, removed: goodRemoved)
    }
    return Change.ListSetting(replacement: expected.compactMap(address))
  }

  private func aliasSetting(_ present: ManagedImage, isRename: Bool) -> Change.ListSetting<Address>? {
    guard differs(Schema.localAddress) || isRename else { return nil }
    let primary = expected.text(Schema.mail)
    // The primary of before stays as an alias by itself, and can be taken away once it isn't the primary any more.
    let kept = Set(present.texts(Schema.mail) + (primary.map { [$0] } ?? []))
    let there = present.texts(Schema.localAddress)
    // Only what replaces the aliases puts a primary among them that isn't there.
    let isWhole = present.isWhole(Schema.localAddress) && (isRename || primary.map(there.contains) ?? true)
    return setting(aliases(expected), there, isWhole: isWhole, keeping: kept) { Address($0) }
  }

  private func aliases(_ image: ManagedImage) -> [String] {
    let primary = expected.text(Schema.mail)
    return image.texts(Schema.localAddress).filter { $0 != primary }
  }

  /// A retained account comes back active first; one that should be retained is deleted, which is a change of its own.
  private func statusToSet(_ present: ManagedImage) -> Status? {
    guard let status, status != .retained else { return nil }
    if present.text(Schema.status) == Status.retained.rawValue { return .active }
    return differs(Schema.status) || differs(Schema.lockedTime) ? status : nil
  }

  // MARK: Values

  private static let name = [Schema.commonName, Schema.surname, Schema.givenName, Schema.displayName]

  private func name(_ kind: Kind) -> Change.Name? {
    switch kind {
    case .person:
      guard let given = expected.text(Schema.givenName), let family = expected.text(Schema.surname) else { return nil }
      return .person(given: given, family: family)
    case .functional, .list: return expected.text(Schema.commonName).map { .display($0) }
    }
  }

  /// Whether this is all of the name: an entry that was adopted may have another one in each attribute.
  private func isExact(_ name: Change.Name) -> Bool {
    let name = EntryName(name)
    return zip(Self.name, [name.common, name.surname, name.given, name.common]).allSatisfy { attribute, text in
      let values = expected.untagged(attribute)
      guard let text else { return values.isEmpty }
      return values.count == 1 && expected.text(attribute)?.utf8.elementsEqual(text.utf8) == true
    }
  }

  private var owner: Address? { expected.text(Schema.owner).flatMap { Address($0) } }
  private var quota: ByteCount? { expected.text(Schema.quota).flatMap { UInt64($0) }.flatMap { ByteCount(bytes: $0) } }

  private var flag: Bool? {
    switch expected.text(Schema.keepCopy) {
    case "TRUE": true
    case "FALSE": false
    default: nil
    }
  }

  /// The day that ends at the instant that is expected.
  private var expires: Day? {
    guard let seconds = expected.text(Schema.expires).flatMap({ GeneralizedTime.seconds(Value($0)) }) else {
      return nil
    }
    let day = context.zone.day(at: Timestamp(seconds: seconds))
    return context.zone.end(of: day) == seconds ? day : nil
  }
}
