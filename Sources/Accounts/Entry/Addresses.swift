public import Forms

extension Change {
  /// The addresses that the change gives to its account or takes from it, the account's own name for itself among them:
  /// while it is under way nobody else may touch them.
  public var ownAddresses: [Address] {
    switch self {
    case .create(let create): [create.address] + create.aliases
    case .modify(let modify):
      [modify.address] + (modify.fields.address.map { [$0] } ?? []) + (modify.fields.aliases.replacement ?? [])
        + modify.fields.aliases.added + modify.fields.aliases.removed
    case .adopt(let adopt): [adopt.address]
    case .delete(let delete): [delete.address]
    case .forgotten: []
    }
  }

  /// The addresses that the change speaks of as its account's owner and lists.
  public var references: [Address] {
    switch self {
    case .create(let create): (create.owner.map { [$0] } ?? []) + create.lists
    case .modify(let modify):
      (modify.fields.owner.value.map { [$0] } ?? []) + (modify.fields.lists.replacement ?? [])
        + modify.fields.lists.added + modify.fields.lists.removed + (modify.follow?.to.map { [$0] } ?? [])
    case .adopt, .delete, .forgotten: []
    }
  }

  /// The addresses that the change would give to its account, which may have them already: nobody else may hold them,
  /// and none may be one that is not given again yet (``Plan/make(_:department:stamp:holders:namesTaken:retired:byClock:context:)``).
  public var newAddresses: [Address] {
    switch self {
    case .create(let create): [create.address] + create.aliases
    case .modify(let modify):
      (modify.fields.address.map { [$0] } ?? []) + (modify.fields.aliases.replacement ?? [])
        + modify.fields.aliases.added
    case .adopt, .delete, .forgotten: []
    }
  }

  /// Whether an address is given although it is remembered (`reuse: true`).
  var reuses: Bool {
    switch self {
    case .create(let create): create.reuse
    case .modify(let modify): modify.reuse
    case .adopt, .delete, .forgotten: false
    }
  }

  /// The account's new primary address, where the change renames it.
  public var newAddress: Address? {
    if case .modify(let modify) = self { modify.fields.address } else { nil }
  }
}

extension Change.Setting {
  /// The value set; `nil` where the field is kept or cleared.
  var value: Value? { if case .set(let value) = self { value } else { nil } }
}
