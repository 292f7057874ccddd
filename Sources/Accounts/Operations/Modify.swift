internal import Forms
internal import LDAP
internal import Text

extension Plan {
  /// A modify is one modify of the entry, with no more in it than differs.
  ///
  /// A rename is a modify too: the new primary joins the addresses and the old one stays as an alias; `uid` gains a value
  /// for logging in where no other entry has it, the RDN stays. A retained account can only be brought back.
  static func modify(
    _ modify: Change.Modify, stamp: Stamp, holders: AddressIndex, memory: AddressMemory, references: References?,
    context: PlanContext
  ) throws(ChangeError) -> Plan {
    let entry = try holders.account(modify.address)
    if let reset = modify.reset, reset != .password {
      return try ofClock(reset, entry, stamp: stamp, context: context)
    }
    if modify.follow != nil { return try follow(entry, stamp: stamp, references: references) }
    let fields = modify.fields
    if entry.status == .retained, fields.status != .active {
      throw ChangeError(
        code: .unwillingToPerform, diagnostic: "\(modify.address.text) is retained after a delete",
        remedy: "bring it back first with `set: {status: active}`")
    }
    try requireKind(modify, of: entry)
    let given = (fields.aliases.replacement ?? []) + fields.aliases.added + (fields.address.map { [$0] } ?? [])
    for address in given { try holders.requireFree(address, besides: entry.dn) }
    let reused = try memory.reused(given, by: entry, reuse: modify.reuse)
    try require(
      references, owner: fields.owner.value, lists: (fields.lists.replacement ?? []) + fields.lists.added,
      leaving: fields.lists.removed, of: entry, in: holders)

    try requireTime(modify, of: entry, context: context)
    var edit = EntryEdit(entry)
    edit.follow(references?.moved ?? [:])
    let isTaken = fields.address.map { holders.isTaken(name: $0.local, besides: entry.dn) } ?? false
    edit.apply(fields, isNameTaken: isTaken, context: context)
    if fields.keepCopy != .keep || fields.forward != Change.ListSetting(), edit.losesMail {
      throw ChangeError(
        code: .constraintViolation,
        diagnostic: "mail for \(modify.address.text) would be neither kept nor forwarded",
        remedy: "set keep_copy: true in the same change, or leave it a forward")
    }
    if modify.reset != nil { edit.grantPassword(context) }
    guard var intent = try edit.intent(stamp: stamp) else { return .unchanged(entry) }
    intent.reused = reused
    return .send(intent)
  }

  /// The clock's. A closed account follows too: it may be brought back.
  private static func follow(_ entry: Entry, stamp: Stamp, references: References?) throws(ChangeError) -> Plan {
    var edit = EntryEdit(entry)
    edit.follow(references?.moved ?? [:])
    return try edit.intent(stamp: stamp).map(Plan.send) ?? .unchanged(entry)
  }

  /// An account whose last day is over would be suspended again at the clock's next look.
  private static func requireTime(_ modify: Change.Modify, of entry: Entry, context: PlanContext) throws(ChangeError) {
    guard modify.fields.status == .active, entry.status != .active, modify.fields.expires == .keep,
      let expires = entry[Schema.expires].first.flatMap(GeneralizedTime.seconds), expires <= context.now
    else { return }
    throw ChangeError(
      code: .unwillingToPerform,
      diagnostic: "the last day of \(modify.address.text) is over, so it would be suspended again at once",
      remedy: "set `expires` in the same change, to a later day or to null")
  }

  /// What a form can't know by itself: whether the fields suit the account's kind.
  private static func requireKind(_ modify: Change.Modify, of entry: Entry) throws(ChangeError) {
    let kind = entry.kind ?? .person
    let fields = modify.fields
    func refuse(_ what: String, _ remedy: String) -> ChangeError {
      ChangeError(
        code: .objectClassViolation, diagnostic: "\(modify.address.text) is a \(kind.rawValue): \(what)", remedy: remedy
      )
    }
    switch fields.name {
    case .display where kind == .person:
      throw refuse("its name has two parts", "write `name: {given: …, family: …}`")
    case .person where kind != .person:
      throw refuse("its name has one part", "write `name: {display: …}`")
    default: break
    }
    if kind != .list, fields.members != Change.ListSetting() {
      throw refuse("only lists have members", "leave `members` out; an account joins a list by `lists` on the account")
    }
    if kind == .list, modify.reset != nil {
      throw refuse("nobody logs in to it", "leave `reset` out")
    }
    if kind == .list, fields.quota != .keep {
      throw refuse("a list keeps no mail", "leave `quota` out")
    }
    if kind != .person, fields.owner == .clear {
      throw refuse("it needs an owner", "set another owner instead of null")
    }
  }
}
