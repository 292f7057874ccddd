/// `adopt` and `delete`.
extension FormWalk {
  private static let adoptKeys = Keys("adopt", ["address"])
  private static let deleteKeys = Keys("delete", ["address", "reason", "immediately"])

  mutating func adopt(_ field: Field) -> Change.Adopt? {
    guard walk.isMapping(field, Self.adoptKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let address = walk.required(field, "address", "write the entry's address").flatMap { ourAddress($0) }
    return address.map { Change.Adopt(address: $0) }
  }

  mutating func delete(_ field: Field) -> Change.Delete? {
    guard walk.isMapping(field, Self.deleteKeys) else { return nil }
    walk.enter(field)
    defer { walk.leave(field) }
    let address = walk.required(field, "address", "write the account's address").flatMap { ourAddress($0) }
    let reason = walk.field(field, "reason").flatMap { text($0, most: 256) }
    let immediately = walk.field(field, "immediately").flatMap { self.immediately($0) } ?? false
    return address.map { Change.Delete(address: $0, reason: reason, immediately: immediately) }
  }

  private mutating func immediately(_ field: Field) -> Bool? {
    let immediately = walk.flag(field)
    if immediately == true, isAtomic {
      walk.report(field, "can't be undone, so it can't be in an atomic form", "write a form of its own for it")
    }
    return immediately
  }
}
