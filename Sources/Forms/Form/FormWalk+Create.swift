internal import Text

/// `create`: an account is opened.
extension FormWalk {
  private static let keys = Keys(
    "create",
    [
      "address", "kind", "name", "document", "position", "department", "phone", "owner", "aliases", "forward",
      "keep_copy", "lists", "members", "quota", "expires", "reuse",
    ])

  /// The keys that an account of a kind can't have.
  private static func keysWithoutMeaning(_ kind: Kind) -> [StaticString] {
    switch kind {
    case .person: ["members"]
    case .functional: ["document", "members"]
    case .list: ["document", "position", "phone", "forward", "keep_copy", "quota"]
    }
  }

  mutating func create(_ field: Field, _ index: Int) -> Change.Create? {
    guard walk.isMapping(field, Self.keys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let address = walk.required(field, "address", "write the account's address").flatMap { ourAddress($0) }
    let kindField = walk.field(field, "kind")
    // `nil`: it is there and no kind.
    let kind: Kind? = kindField == nil ? .person : kindField.flatMap { walk.word($0) }
    if let kind { judgeKeys(of: field, kind) }
    let remedy = kind ?? .person == .person ? "write name: {given: …, family: …}" : "write name: {display: …}"
    let name = walk.required(field, "name", remedy).flatMap { self.name($0, kind: kind) }
    if let address, let field = walk.field(field, "address") { claim(address, field, by: index) }
    return rest(of: field, index, address: address, kind: kind, name: name)
  }

  private mutating func judgeKeys(of mapping: Field, _ kind: Kind) {
    for key in Self.keysWithoutMeaning(kind) {
      guard let field = walk.field(mapping, key) else { continue }
      walk.report(field, "an account of kind \(kind.rawValue) has no \(key)", "delete the key")
    }
    if kind != .person, walk.field(mapping, "owner") == nil {
      _ = walk.required(mapping, "owner", "write who answers for it: owner: name@…")
    }
  }

  /// What may be left out. It is read even if nothing will come of it, so that all that is wrong is reported.
  private mutating func rest(
    of field: Field, _ index: Int, address: Address?, kind: Kind?, name: Change.Name?
  ) -> Change.Create? {
    let document = walk.field(field, "document").flatMap { self.document($0) }
    let position = walk.field(field, "position").flatMap { text($0) }
    let department = walk.field(field, "department").flatMap { text($0) }
    let phone = walk.field(field, "phone").flatMap { self.phone($0) }
    let owner = walk.field(field, "owner").flatMap { self.owner($0, of: address) }
    let aliases = walk.field(field, "aliases").flatMap { ours($0) } ?? []
    let forward: [(address: ExternalAddress, field: Field)] =
      walk.field(field, "forward").flatMap { walk.addresses($0) } ?? []
    let keepCopy = walk.field(field, "keep_copy").flatMap { self.keepCopy($0, forwards: !forward.isEmpty) }
    let lists = walk.field(field, "lists").flatMap { ours($0) } ?? []
    let members = walk.field(field, "members").flatMap { self.members($0) } ?? []
    let quota = walk.field(field, "quota").flatMap { walk.size($0) }
    let expires = walk.field(field, "expires").flatMap { self.expires($0) }
    let reuse = walk.field(field, "reuse").flatMap { walk.flag($0) } ?? false
    refuse(aliases, [address], "is the account's address already")
    refuse(forward, [address], "is the account itself: mail would go round")
    refuse(lists, [address], "is the list itself")
    refuse(members, [address], "is the list itself")
    for (alias, field) in aliases where alias != address { claim(alias, field, by: index) }
    guard let address, let kind, let name else { return nil }
    return Change.Create(
      address: address, kind: kind, name: name, document: document, position: position, department: department,
      phone: phone, owner: owner, aliases: aliases.map(\.address), forward: forward.map(\.address), keepCopy: keepCopy,
      lists: lists.map(\.address), members: members.map(\.address), quota: quota, expires: expires,
      reuse: reuse)
  }

  private mutating func owner(_ field: Field, of address: Address?) -> Address? {
    let owner = ourAddress(field)
    if let owner, owner == address {
      walk.report(field, "an account can't be its own owner", "write a person's address")
    }
    return owner
  }

  private mutating func keepCopy(_ field: Field, forwards: Bool) -> Bool? {
    let keep = walk.flag(field)
    if keep == false, !forwards {
      walk.report(field, "nothing would be kept and nothing forwarded", "write forward: [name@…], or delete the key")
    }
    return keep
  }

  /// An address can be given once in a form.
  private mutating func claim(_ address: Address, _ field: Field, by index: Int) {
    guard let first = claimed.updateValue(index, forKey: address), first != index else { return }
    walk.report(field, "changes[\(first)] gives the address \(address.text.quoted()) already", "give each address once")
  }
}
