internal import Text

/// A request as the form that says it: what ``FormReader`` reads back as the same request.
///
/// The form is YAML in UTF-8 and NFC, laid out as a person would: a line for a key, each change an item of its own, short
/// lists and short changes in one line. The same request gives the same bytes. A value that no form may hold (a control
/// character, an address outside our domains) is written as it is, and the reader reports it.
public enum FormWriter {
  /// The form's bytes.
  public static func write(_ request: Request) -> [UInt8] {
    var layout = FormLayout()
    layout.block(head(of: request), indent: 0)
    layout.heading("changes")
    for change in request.changes {
      switch change {
      case .create(let create): layout.item("create", node(create), indent: 2)
      case .modify(let modify): layout.item("modify", node(modify), indent: 2)
      case .adopt(let adopt): layout.item("adopt", .line([("address", .text(adopt.address.text))]), indent: 2)
      case .delete(let delete): layout.item("delete", node(delete), indent: 2)
      case .forgotten(let forgotten):
        layout.item("forgotten", .line([("operation", .word(forgotten.operation))]), indent: 2)
      }
    }
    return layout.bytes
  }

  private static func head(of request: Request) -> [(key: StaticString, value: FormNode)] {
    var head = Pairs()
    head.add("form", request.form)
    head.add("number", request.number)
    head.add("department", request.department)
    var requester = Pairs()
    requester.add("name", request.requester.name)
    requester.add("address", request.requester.address?.text)
    head.add("requester", .block(requester.list))
    var approval = Pairs()
    approval.add("by", request.approval.by)
    approval.add("date", .word(request.approval.date.description))
    approval.add("reference", request.approval.reference)
    head.add("approval", .block(approval.list))
    if request.atomic { head.add("atomic", .word("true")) }
    return head.list
  }

  private static func node(_ create: Change.Create) -> FormNode {
    var keys = Pairs()
    keys.add("address", create.address.text)
    if create.kind != .person { keys.add("kind", .word(create.kind.rawValue)) }
    keys.add("name", node(create.name))
    keys.add("document", create.document)
    keys.add("position", create.position)
    keys.add("department", create.department)
    keys.add("phone", create.phone)
    keys.add("owner", create.owner?.text)
    keys.add("aliases", of: create.aliases)
    keys.add("forward", of: create.forward)
    if let keep = create.keepCopy { keys.add("keep_copy", .word("\(keep)")) }
    keys.add("lists", of: create.lists)
    keys.add("members", of: create.members)
    if let quota = create.quota { keys.add("quota", .word(quota.description)) }
    if let expires = create.expires { keys.add("expires", .word(expires.description)) }
    if create.reuse { keys.add("reuse", .word("true")) }
    return .block(keys.list)
  }

  private static func node(_ name: Change.Name) -> FormNode {
    switch name {
    case .person(let given, let family): .line([("given", .text(given)), ("family", .text(family))])
    case .display(let display): .line([("display", .text(display))])
    }
  }

  private static func node(_ delete: Change.Delete) -> FormNode {
    var keys = Pairs()
    keys.add("address", delete.address.text)
    keys.add("reason", delete.reason)
    if delete.immediately { keys.add("immediately", .word("true")) }
    return .line(keys.list)
  }

  // MARK: modify

  private static func node(_ modify: Change.Modify) -> FormNode {
    var keys = Pairs()
    keys.add("address", modify.address.text)
    if let reset = modify.reset {
      keys.add("reset", .word(reset.rawValue))
      return .line(keys.list)
    }
    if let follow = modify.follow {
      var parts = Pairs()
      parts.add("from", follow.from.text)
      parts.add("to", follow.to?.text)
      keys.add("follow", .line(parts.list))
      return .block(keys.list)
    }
    let fields = modify.fields
    for (key, list) in [
      ("set", set(fields)), ("add", lists(fields, added: true)), ("remove", lists(fields, added: false)),
    ] as [(StaticString, Pairs)] where !list.list.isEmpty {
      keys.add(key, .line(list.list))
    }
    if modify.reuse { keys.add("reuse", .word("true")) }
    return .block(keys.list)
  }

  private static func set(_ fields: Change.Fields) -> Pairs {
    var keys = Pairs()
    keys.add("address", fields.address?.text)
    if let status = fields.status { keys.add("status", .word(status.rawValue)) }
    if let name = fields.name { keys.add("name", node(name)) }
    keys.add("document", fields.document) { .text($0) }
    keys.add("position", fields.position) { .text($0) }
    keys.add("department", fields.department)
    keys.add("phone", fields.phone) { .text($0) }
    keys.add("owner", fields.owner) { .text($0.text) }
    keys.add("aliases", replacing: fields.aliases)
    keys.add("forward", replacing: fields.forward)
    keys.add("keep_copy", fields.keepCopy) { .word("\($0)") }
    keys.add("lists", replacing: fields.lists)
    keys.add("members", replacing: fields.members)
    keys.add("quota", fields.quota) { .word($0.description) }
    keys.add("expires", fields.expires) { .word($0.description) }
    return keys
  }

  private static func lists(_ fields: Change.Fields, added: Bool) -> Pairs {
    var keys = Pairs()
    keys.add("aliases", of: added ? fields.aliases.added : fields.aliases.removed)
    keys.add("forward", of: added ? fields.forward.added : fields.forward.removed)
    keys.add("lists", of: added ? fields.lists.added : fields.lists.removed)
    keys.add("members", of: added ? fields.members.added : fields.members.removed)
    return keys
  }
}

/// Keys and values in their order; what isn't there is left out.
private struct Pairs {
  var list: [(key: StaticString, value: FormNode)] = []

  mutating func add(_ key: StaticString, _ value: FormNode) { list.append((key, value)) }

  mutating func add(_ key: StaticString, _ text: String?) {
    if let text { add(key, .text(text)) }
  }

  mutating func add(_ key: StaticString, of addresses: [some Mailbox]) {
    if !addresses.isEmpty { add(key, .texts(addresses.map(\.text))) }
  }

  mutating func add(_ key: StaticString, replacing setting: Change.ListSetting<some Mailbox>) {
    if let replacement = setting.replacement { add(key, .texts(replacement.map(\.text))) }
  }

  mutating func add<Value>(_ key: StaticString, _ setting: Change.Setting<Value>, _ node: (Value) -> FormNode) {
    switch setting {
    case .keep: break
    case .clear: add(key, .word("null"))
    case .set(let value): add(key, node(value))
    }
  }
}
