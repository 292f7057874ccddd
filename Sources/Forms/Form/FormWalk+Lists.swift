internal import Text

/// `add` and `remove` of a modify, and what they may not say together with `set`.
extension FormWalk {
  static let addKeys = Keys("add", ["aliases", "forward", "lists", "members"])
  static let removeKeys = Keys("remove", addKeys.names)

  mutating func lists(_ field: Field, _ keys: Keys, _ fields: inout Change.Fields, of address: Address?) {
    let isAdd = keys.owner.utf8CodeUnitCount == 3
    guard
      walk.isMapping(
        field, keys,
        hint: { key in
          Self.setKeys.names.contains { "\($0)" == key } ? "it has one value: write it under set" : nil
        })
    else { return }
    if walk.document.count(field.node) == 0 { walk.report(field, "names nothing", "write values, or delete it") }
    walk.enter(field)
    defer { walk.leave(field) }
    let own = [address, fields.address]
    if let field = walk.field(field, "aliases") {
      let aliases: [(address: Address, field: Field)] = values(field) ?? []
      if isAdd {
        for (alias, field) in aliases { judge(ours: alias, field) }
        refuse(aliases, own[1] == nil ? own : [own[1]], "is the account's address already")
        fields.aliases.added = aliases.map(\.address)
      } else {
        refuse(aliases, fields.address == nil ? own : [], "is the account's address and no alias")
        fields.aliases.removed = aliases.map(\.address)
      }
    }
    if let field = walk.field(field, "forward") {
      let forward: [(address: ExternalAddress, field: Field)] = values(field) ?? []
      if isAdd { refuse(forward, own, "is the account itself: mail would go round") }
      fields.forward.take(forward.map(\.address), isAdd)
    }
    if let field = walk.field(field, "lists") {
      let lists: [(address: Address, field: Field)] = values(field) ?? []
      if isAdd {
        for (list, field) in lists { judge(ours: list, field) }
        refuse(lists, own, "is the list itself")
      }
      fields.lists.take(lists.map(\.address), isAdd)
    }
    if let field = walk.field(field, "members") {
      let members: [(address: ExternalAddress, field: Field)] = values(field) ?? []
      if isAdd {
        for (member, field) in members { judge(member: member, field) }
        refuse(members, own, "is the list itself")
      }
      fields.members.take(members.map(\.address), isAdd)
    }
  }

  /// The values of a list that may not be empty. What is removed isn't judged: the policy may have changed since.
  private mutating func values<Box: Mailbox>(_ field: Field) -> [(address: Box, field: Field)]? {
    let values: [(address: Box, field: Field)]? = walk.addresses(field)
    if walk.document.kind(field.node) == .sequence, walk.document.count(field.node) == 0 {
      walk.report(field, "is an empty list", "write values, or delete the key")
    }
    return values
  }

  // MARK: Fields that say two things

  /// A field is either replaced or added to and removed from, and a value isn't both added and removed.
  mutating func judgeTogether(set: Field?, add: Field?, remove: Field?) {
    for key in Self.addKeys.names {
      let replaced = set.flatMap { fieldOfMapping($0, key) }
      let added = add.flatMap { fieldOfMapping($0, key) }
      let removed = remove.flatMap { fieldOfMapping($0, key) }
      if replaced != nil {
        for (part, field) in [(add, added), (remove, removed)] {
          guard let part, let field else { continue }
          walk.enter(part)
          walk.report(field, "set replaces \(key) as a whole", "write it under set alone, or under add and remove")
          walk.leave(part)
        }
      }
      guard let added, let removed, let remove else { continue }
      walk.enter(remove)
      judgeBoth(added, removed)
      walk.leave(remove)
    }
  }

  private mutating func judgeBoth(_ added: Field, _ removed: Field) {
    guard walk.document.kind(added.node) == .sequence, walk.document.kind(removed.node) == .sequence else { return }
    func addresses(_ field: Field) -> [Address?] {
      walk.document.elements(field.node).map { node in
        guard walk.document.kind(node) == .scalar else { return nil }
        return walk.document.withText(node) { try? Address.parse($0).get() }
      }
    }
    let here = Set(addresses(added).compactMap(\.self))
    for (index, (address, node)) in zip(addresses(removed), Array(walk.document.elements(removed.node))).enumerated() {
      guard let address, here.contains(address) else { continue }
      walk.report(
        Field(node: node, key: removed.key, element: index), "\(address.text.quoted()) is added and removed",
        "write it under one of the two")
    }
  }

  private func fieldOfMapping(_ mapping: Field, _ key: StaticString) -> Field? {
    walk.document.kind(mapping.node) == .mapping ? walk.field(mapping, key) : nil
  }
}

extension Change.ListSetting {
  fileprivate mutating func take(_ values: [Value], _ isAdd: Bool) {
    if isAdd { added = values } else { removed = values }
  }
}
