import Forms
import LDAP

/// What PRODUCT says of an account, without an entry: what a modify makes of it. Kept apart from the product's code, and
/// from LDAP: each field is text or a set of texts.
struct AccountModel: Equatable {
  var texts: [String: String] = [:]
  var addresses: Set<String>
  var logins: Set<String>
  var forward: Set<String>
  var lists: Set<String>
  var members: Set<String>

  enum Refusal: Error { case retained, kind, losesMail }

  init(_ entry: Entry) {
    func folded(_ name: String) -> Set<String> { Set(entry[name].compactMap { $0.text?.lowercased() }) }
    addresses = folded("mailLocalAddress").union(folded("mail"))
    logins = folded("uid")
    forward = folded("buzonForward")
    lists = folded("buzonList")
    members = folded("buzonMember")
    for (field, attribute) in Self.fields { texts[field] = entry.text(attribute) }
    texts["address"] = texts["address"]?.lowercased()
  }

  private static let fields = [
    "address": "mail", "status": "buzonStatus", "kind": "buzonKind", "given": "givenName", "family": "sn",
    "display": "displayName", "common": "cn", "document": "employeeNumber", "position": "title", "department": "ou",
    "phone": "telephoneNumber", "owner": "buzonOwner", "keep_copy": "buzonKeepCopy", "quota": "buzonQuota",
    "expires": "buzonExpires", "lock": "pwdAccountLockedTime", "since": "buzonRetainedSince", "reset": "pwdReset",
  ]

  mutating func apply(_ modify: Change.Modify) throws(Refusal) {
    let fields = modify.fields
    let status = texts["status"]
    if status == "retained", fields.status != .active { throw .retained }
    try judge(modify)

    if let name = fields.name {
      switch name {
      case .person(let given, let family):
        texts["given"] = given
        texts["family"] = family
        texts["display"] = given + " " + family
      case .display(let display):
        texts["given"] = nil
        texts["family"] = display
        texts["display"] = display
      }
      texts["common"] = texts["display"]
    }
    set("document", fields.document) { $0 }
    set("position", fields.position) { $0 }
    set("phone", fields.phone) { $0 }
    set("owner", fields.owner) { $0.text }
    set("keep_copy", fields.keepCopy) { $0 ? "TRUE" : "FALSE" }
    set("quota", fields.quota) { String($0.bytes) }
    if fields.quota == .clear { texts["quota"] = "5368709120" }
    set("expires", fields.expires) { "\($0)".split(separator: "-").joined() + "235959Z" }
    if let department = fields.department { texts["department"] = department }
    change(&forward, fields.forward) { $0.text }
    let touchesMail = fields.keepCopy != .keep || fields.forward != .init()
    if touchesMail, texts["keep_copy"] == "FALSE", forward.isEmpty { throw .losesMail }
    change(&lists, fields.lists) { $0.text }
    change(&members, fields.members) { $0.text }

    let old = texts["address"]
    change(&addresses, fields.aliases) { $0.text }
    if let address = fields.address {
      texts["address"] = address.text
      addresses.insert(address.text)
      logins.insert(address.local)
    }
    // The old address stays as an alias, and an account keeps its primary.
    if let old { addresses.insert(old) }

    switch fields.status {
    case .suspended:
      texts["status"] = "suspended"
      texts["lock"] = "000001010000Z"
    case .active:
      if status != "active" {
        texts["lock"] = nil
        texts["since"] = nil
      }
      texts["status"] = "active"
    case .retained, nil: break
    }
    if modify.reset == .password {
      texts["reset"] = "TRUE"
      texts["lock"] = texts["status"] == "active" ? nil : "000001010000Z"
    }
  }

  private func judge(_ modify: Change.Modify) throws(Refusal) {
    let fields = modify.fields
    let kind = texts["kind"] ?? "person"
    switch fields.name {
    case .display where kind == "person": throw .kind
    case .person where kind != "person": throw .kind
    default: break
    }
    if kind != "list", fields.members != .init() { throw .kind }
    if kind == "list", fields.quota != .keep || modify.reset == .password { throw .kind }
    if kind != "person", fields.owner == .clear { throw .kind }
  }

  private mutating func set<T>(_ field: String, _ setting: Change.Setting<T>, _ text: (T) -> String) {
    switch setting {
    case .keep: break
    case .clear: texts[field] = nil
    case .set(let value): texts[field] = text(value)
    }
  }

  private func change<T>(_ set: inout Set<String>, _ setting: Change.ListSetting<T>, _ text: (T) -> String) {
    if let replacement = setting.replacement { set = Set(replacement.map(text)) }
    set.subtract(setting.removed.map(text))
    set.formUnion(setting.added.map(text))
  }
}
