/// `modify`: fields are set, cleared, added to and removed from, or a new temporary password is asked for.
extension FormWalk {
  private static let keys = Keys("modify", ["address", "set", "add", "remove", "reset", "reuse"])
  private static let clockKeys = Keys("modify", keys.names + ["follow"])
  private static let followKeys = Keys("follow", ["from", "to"])
  static let setKeys = Keys(
    "set",
    [
      "address", "status", "name", "document", "position", "department", "phone", "owner", "aliases", "forward",
      "keep_copy", "lists", "members", "quota", "expires",
    ])

  mutating func modify(_ field: Field) -> Change.Modify? {
    guard walk.isMapping(field, isOfClock ? Self.clockKeys : Self.keys, hint: Self.misplaced) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let address = walk.required(field, "address", "write the account's address").flatMap { ourAddress($0) }
    let set = walk.field(field, "set")
    let add = walk.field(field, "add")
    let remove = walk.field(field, "remove")
    let resetField = walk.field(field, "reset")
    var fields = Change.Fields()
    if let set { self.set(set, &fields, of: address) }
    if let add { lists(add, Self.addKeys, &fields, of: address) }
    if let remove { lists(remove, Self.removeKeys, &fields, of: address) }
    judgeTogether(set: set, add: add, remove: remove)
    let reset = resetField.flatMap { self.reset($0, isAlone: set == nil && add == nil && remove == nil) }
    let followField = isOfClock ? walk.field(field, "follow") : nil
    let follow = followField.flatMap { self.follow($0) }
    let reuseField = walk.field(field, "reuse")
    let reuse = reuseField.flatMap { walk.flag($0) } ?? false
    if let reuseField, !fields.givesAddresses {
      walk.report(reuseField, "the change gives no address", "delete the key")
    }
    // Where another key stands instead, that has been reported.
    let isAlone = walk.document.count(field.node) < (reuseField == nil ? 2 : 3)
    if set == nil, add == nil, remove == nil, resetField == nil, followField == nil, isAlone {
      walk.report(Field(node: field.node, key: ""), "changes nothing", "write set, add, remove or reset")
    }
    return address.map { Change.Modify(address: $0, fields: fields, reset: reset, follow: follow, reuse: reuse) }
  }

  private mutating func follow(_ field: Field) -> Change.Follow? {
    guard walk.isMapping(field, Self.followKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let from = walk.required(field, "from", "write the address that is followed").flatMap { ourAddress($0) }
    let to = walk.field(field, "to").flatMap { ourAddress($0) }
    return from.map { Change.Follow(from: $0, to: to) }
  }

  /// A field of an account that stands beside `set` instead of in it.
  private static func misplaced(_ key: String) -> String? {
    setKeys.names.contains { "\($0)" == key } ? "write it under set: set: {\(key): …}" : nil
  }

  private mutating func reset(_ field: Field, isAlone: Bool) -> Change.Reset? {
    guard let reset: Change.Reset = walk.word(field, isOfClock ? Change.Reset.allCases : [.password]) else {
      return nil
    }
    if !isAlone {
      walk.report(field, "is not allowed beside set, add or remove", "write the reset as a change of its own")
    }
    if isAtomic {
      walk.report(field, "can't be undone, so it can't be in an atomic form", "write a form of its own for it")
    }
    return reset
  }

  // MARK: set

  private enum Settable: String, CaseIterable { case active, suspended }

  private mutating func set(_ field: Field, _ fields: inout Change.Fields, of address: Address?) {
    guard walk.isMapping(field, Self.setKeys) else { return }
    if walk.document.count(field.node) == 0 {
      walk.report(field, "sets nothing", "write the fields to set, or delete it")
    }
    walk.enter(field)
    defer { walk.leave(field) }
    fields.address = walk.field(field, "address").flatMap { newAddress($0, address) }
    fields.status = walk.field(field, "status").flatMap { status($0) }
    fields.name = walk.field(field, "name").flatMap { isCleared($0) ? reportKept($0) : name($0, kind: nil) }
    fields.department = walk.field(field, "department").flatMap { isCleared($0) ? reportKept($0) : text($0) }
    fields.document = setting(field, "document") { $0.document($1) }
    fields.position = setting(field, "position") { $0.text($1) }
    fields.phone = setting(field, "phone") { $0.phone($1) }
    let own = [address, fields.address]
    fields.owner = setting(field, "owner") { form, field in
      let owner = form.ourAddress(field)
      if let owner, own.contains(owner) {
        form.walk.report(field, "an account can't be its own owner", "write a person's address")
      }
      return owner
    }
    fields.keepCopy = setting(field, "keep_copy") { $0.walk.flag($1) }
    fields.quota = setting(field, "quota") { $0.walk.size($1) }
    fields.expires = setting(field, "expires") { $0.expires($1) }
    replacements(field, &fields, own)
    if fields.keepCopy == .set(false), fields.forward.replacement?.isEmpty == true,
      let keep = walk.field(field, "keep_copy")
    {
      walk.report(keep, "nothing would be kept and nothing forwarded", "write forward: [name@…], or delete the key")
    }
  }

  private mutating func newAddress(_ field: Field, _ address: Address?) -> Address? {
    if isCleared(field) { return reportKept(field) }
    let new = ourAddress(field)
    if let new, new == address {
      walk.report(field, "is the address that the account has", "write the new address, or delete the key")
    }
    return new
  }

  private mutating func status(_ field: Field) -> Status? {
    if isCleared(field) { return reportKept(field) }
    if walk.document.isText(field.node, "retained") {
      walk.report(field, "an account is retained by its deletion", "write a delete, or status: suspended")
      return nil
    }
    let status: Settable? = walk.word(field)
    return status.flatMap { Status(rawValue: $0.rawValue) }
  }

  private func isCleared(_ field: Field) -> Bool { walk.document.kind(field.node) == .scalar && walk.isNull(field) }

  private mutating func reportKept<Value>(_ field: Field) -> Value? {
    walk.report(field, "can't be cleared", "write its new value, or delete the key")
    return nil
  }

  private mutating func setting<Value>(
    _ mapping: Field, _ key: StaticString, _ read: (inout FormWalk, Field) -> Value?
  ) -> Change.Setting<Value> {
    guard let field = walk.field(mapping, key) else { return .keep }
    if isCleared(field) { return .clear }
    return read(&self, field).map { .set($0) } ?? .keep
  }

  private mutating func replacements(_ mapping: Field, _ fields: inout Change.Fields, _ own: [Address?]) {
    if let field = walk.field(mapping, "aliases") {
      let aliases = isCleared(field) ? [] : ours(field) ?? []
      // The old address may stand among the aliases of a rename: it becomes one.
      refuse(aliases, own[1] == nil ? own : [own[1]], "is the account's address already")
      fields.aliases.replacement = aliases.map(\.address)
    }
    if let field = walk.field(mapping, "forward") {
      let forward: [(address: ExternalAddress, field: Field)] = isCleared(field) ? [] : walk.addresses(field) ?? []
      refuse(forward, own, "is the account itself: mail would go round")
      fields.forward.replacement = forward.map(\.address)
    }
    if let field = walk.field(mapping, "lists") {
      let lists = isCleared(field) ? [] : ours(field) ?? []
      refuse(lists, own, "is the list itself")
      fields.lists.replacement = lists.map(\.address)
    }
    if let field = walk.field(mapping, "members") {
      let members = isCleared(field) ? [] : members(field) ?? []
      refuse(members, own, "is the list itself")
      fields.members.replacement = members.map(\.address)
    }
  }
}
