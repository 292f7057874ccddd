internal import Accounts
internal import LDAP
internal import Register
internal import Text

/// A plan as LDIF change records, its words as their comments: what ldapmodify reads.
extension FormPlan {
  /// Each account's changes are one record. A password stands in none.
  public var ldif: [UInt8] {
    var text = PlanLines()
    head(&text)
    for form in forms { append(form, to: &text) }
    for account in accounts {
      append(account, to: &text)
      if let operation = account.planned.operation { LDIF.append(operation, to: &text.bytes) } else { text.end() }
    }
    return text.bytes
  }

  private func head(_ text: inout PlanLines) {
    text.comment("Nothing of this is done. Read from \(server) as \(identity).")
    if unasked.isEmpty {
      if isAny { text.comment("The directory says of each operation that it would take it (No-Op control).") }
    } else {
      text.comment("Where a line says 'compared', Buzón compared entries itself. The directory was not asked, because:")
      for why in unasked { text.comment("- \(why)") }
    }
    if isExchange {
      text.comment("Accounts exchange addresses: no order of these records is one that the directory takes.")
    }
    for why in unjudged { text.comment("Not judged: \(why)") }
    text.end()
  }

  private func append(_ form: Form, to text: inout PlanLines) {
    let count = form.changes.count
    let changes = count == 0 ? "" : count == 1 ? ": 1 change" : ": \(count) changes"
    text.comment("\(form.number) (\(form.file))\(changes)")
    if let rejection = form.rejection { text.comment("  REJECTED: \(rejection)") }
    for note in form.notes { text.comment("  note: \(note)") }
    for change in form.changes {
      var line = "  #\(change.index) \(change.operation) \(change.address): \(change.outcome.rawValue)"
      if change.judge == .comparison { line += " (compared)" }
      if let error = change.error { line += ": \(error.code): \(error.diagnostic); \(error.remedy)" }
      text.comment(line)
    }
    text.end()
  }

  private func append(_ account: Account, to text: inout PlanLines) {
    let planned = account.planned
    let name = planned.name.map { " (\($0))" } ?? ""
    text.comment("\(planned.address)\(name): \(planned.changes.map(\.description).joined(separator: ", "))")
    if planned.operation == nil { text.comment("  nothing is left to do: what was created is deleted again") }
    for value in planned.values.map({ $0.stated(in: zone) }) {
      let before = planned.before == nil ? "" : "\(Self.list(value.before)) → "
      text.comment("  \(value.key): \(before)\(Self.list(value.after))")
    }
    if planned.grantsPassword {
      text.comment("  a temporary password is granted; the agent makes it, so userPassword is not in the record below")
    }
    for address in planned.reused { text.comment("  \(address) is given although it is remembered (reuse: true)") }
    for (address, day) in account.remembered {
      text.comment("  \(address) leaves it, and is given to nobody else until \(day)")
    }
    if !account.owned.isEmpty {
      let names = account.owned.joined(separator: ", ")
      text.comment(planned.isRenamed ? "  owner of, and they follow: \(names)" : "  without an owner then: \(names)")
    }
    if account.members > 0 {
      let count = account.members == 1 ? "1 account is a member" : "\(account.members) accounts are members"
      let fate = planned.isRenamed ? ", and they follow" : planned.after == nil ? ", and leave it" : ""
      text.comment("  \(count) of it\(fate)")
    }
  }

  private static func list(_ values: [String]) -> String { values.isEmpty ? "nothing" : values.joined(separator: ", ") }
}

/// Lines of a comment, one harmless line each.
private struct PlanLines {
  var bytes: [UInt8] = []

  mutating func comment(_ line: String) { bytes += Array("# \(displayed(line.utf8))\n".utf8) }

  /// The empty line between blocks.
  mutating func end() { bytes.append(UInt8(ascii: "\n")) }
}

// MARK: JSON

extension FormPlan {
  /// The same for programs (docs/formats.md).
  public var json: [UInt8] {
    JSONWriter.document { json in
      json.field("server", server)
      json.field("identity", identity)
      json.field("unasked", unasked)
      json.field("unjudged", unjudged)
      json.field("exchange", isExchange)
      json.field("forms", objects: forms) { json, form in
        json.field("file", form.file)
        json.field("number", form.number)
        json.field("rejection", form.rejection)
        json.field("notes", form.notes)
        json.field("changes", objects: form.changes) { json, change in
          json.field("index", change.index)
          json.field("operation", change.operation)
          json.field("address", change.address)
          json.field("outcome", change.outcome.rawValue)
          json.field("judge", change.judge?.rawValue)
          json.field("values", objects: change.values) { $0.write($1.stated(in: zone)) }
          json.field("password", change.grantsPassword)
          json.field("reused", change.reused)
          json.field("error", object: change.error) { json, error in
            json.field("code", Int(error.code.rawValue))
            json.field("name", error.code.name)
            json.field("diagnostic", error.diagnostic)
            json.field("remedy", error.remedy)
          }
        }
      }
      json.field("accounts", objects: accounts) { json, account in
        let planned = account.planned
        json.field("address", planned.address)
        json.field("name", planned.name)
        json.field("dn", planned.dn?.description)
        json.field("entryUUID", planned.before?.text(Schema.entryUUID))
        json.field("operation", planned.operation?.name)
        json.field("changes", planned.changes.map(\.description))
        json.field("values", objects: planned.values) { $0.write($1.stated(in: zone)) }
        json.field("password", planned.grantsPassword)
        json.field("reused", planned.reused)
        json.field("remembered", objects: account.remembered) { json, one in
          json.field("address", one.address)
          json.field("until", "\(one.until)")
        }
        json.field("owned", account.owned)
        json.field("members", account.members)
        json.field("ldif", planned.operation.map { String(decoding: LDIF.bytes(of: $0), as: UTF8.self) })
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ value: ChangedValue) {
    field("key", value.key)
    field("before", value.before)
    field("after", value.after)
  }
}
