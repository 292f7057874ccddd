import Text

extension Model.Change {
  /// What the change calls its account.
  var address: String {
    switch self {
    case .create(let address, _), .modify(let address, _), .reset(let address), .adopt(let address),
      .delete(let address, _):
      address
    }
  }

  /// The change as a form spells it, a flow mapping on one line.
  var yaml: String {
    switch self {
    case .create(let address, let account): Self.create(address, account)
    case .modify(let address, let edit): Self.modify(address, edit)
    case .reset(let address): "modify: {address: \(address), reset: password}"
    case .adopt(let address): "adopt: {address: \(address)}"
    case .delete(let address, let immediately):
      "delete: {address: \(address), reason: Retiro\(immediately ? ", immediately: true" : "")}"
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  private static func name(_ given: String, _ family: String) -> String {
    given.isEmpty
      ? "name: {display: \(quoted(family))}" : "name: {given: \(quoted(given)), family: \(quoted(family))}"
  }

  private static func create(_ address: String, _ account: Model.Account) -> String {
    var fields = ["address: \(address)", name(account.given, account.family)]
    if account.kind != "person" { fields.append("kind: \(account.kind)") }
    if let owner = account.owner { fields.append("owner: \(owner)") }
    if let position = account.position { fields.append("position: \(quoted(position))") }
    if let phone = account.phone { fields.append("phone: \(quoted(phone))") }
    if let quota = account.quota { fields.append("quota: \(quota >> 20) MiB") }
    if let expires = account.expires { fields.append("expires: \(expires)") }
    for (key, values) in [
      ("aliases", account.aliases), ("forward", account.forward), ("lists", account.lists),
      ("members", account.members),
    ] where !values.isEmpty {
      fields.append("\(key): [\(values.sorted().joined(separator: ", "))]")
    }
    // The model gives any address again at once.
    return "create: {\(fields.joined(separator: ", ")), reuse: true}"
  }

  private static func modify(_ address: String, _ edit: Model.Edit) -> String {
    var set: [String] = []
    if let rename = edit.rename { set.append("address: \(rename)") }
    if let status = edit.status { set.append("status: \(status)") }
    if let position = edit.position { set.append("position: \(position.map(quoted) ?? "null")") }
    if let phone = edit.phone { set.append("phone: \(phone.map(quoted) ?? "null")") }
    if let department = edit.department { set.append("department: \(quoted(department))") }
    if let quota = edit.quota { set.append("quota: \(quota.map { "\($0 >> 20) MiB" } ?? "null")") }
    if let owner = edit.owner { set.append("owner: \(owner)") }
    if let expires = edit.expires { set.append("expires: \(expires ?? "null")") }
    if let (given, family) = edit.name { set.append(name(given, family)) }
    if let aliases = edit.replaceAliases { set.append("aliases: [\(aliases.joined(separator: ", "))]") }
    func several(_ aliases: [String], _ forward: String?, _ list: String?, _ member: String?) -> [String] {
      var parts = aliases.isEmpty ? [] : ["aliases: [\(aliases.joined(separator: ", "))]"]
      for (key, value) in [("forward", forward), ("lists", list), ("members", member)] {
        if let value { parts.append("\(key): [\(value)]") }
      }
      return parts
    }
    let add = several(edit.addAliases, edit.addForward, edit.addList, edit.addMember)
    let remove = several(edit.removeAliases, edit.removeForward, edit.removeList, edit.removeMember)
    var parts = ["address: \(address)"]
    for (key, fields) in [("set", set), ("add", add), ("remove", remove)] where !fields.isEmpty {
      parts.append("\(key): {\(fields.joined(separator: ", "))}")
    }
    if edit.rename != nil || edit.replaceAliases != nil || !edit.addAliases.isEmpty { parts.append("reuse: true") }
    return "modify: {\(parts.joined(separator: ", "))}"
  }
}
