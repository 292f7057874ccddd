@testable import LDAP

/// LDIF, in which the register keeps what was intended and what stood there before: read and written it is the same.
enum LDIFTarget {
  @Sendable static func check(_ input: [UInt8]) throws {
    if let changes = try accepted({ () throws(LDAPError) in try LDIF.changes(input) }) {
      let written = changes.flatMap { LDIF.bytes(of: $0.operation, controls: $0.controls) }
      let again = try? LDIF.changes(written)
      try promise(again == changes, "\(changes) are others when they are read again")
      try promise(again?.map(\.operation.dn.string) == changes.map(\.operation.dn.string), "a name is spelled anew")
    }
    if let entries = try accepted({ () throws(LDAPError) in try LDIF.entries(input) }) {
      let again = try? LDIF.entries(entries.flatMap { LDIF.bytes(of: $0) })
      try promise(again == entries, "\(entries) are others when they are read again")
      try promise(again?.map(\.dn.string) == entries.map(\.dn.string), "a name is spelled anew")
    }
    var choices = Choices(input)
    var attributes: [Attribute] = []
    let names = ["cn", "sn;lang-es", "jpegPhoto", "dn", "changetype", "control", "version"]
    for name in names.prefix(Int(choices.byte() % 8)) {
      attributes.append(
        Attribute(name, (0...choices.byte() % 3).map { _ in Value(bytes: choices.bytes()) }))
    }
    let name = DN.rdn("uid", Value(bytes: choices.bytes())).under(DN())
    let modifications = attributes.map { Modification(choices.of([.add, .delete, .replace]), $0.name, $0.values) }
    let operation: Operation = choices.byte() & 1 == 0 ? .add(name, attributes) : .modify(name, modifications)
    let controls = [Control(oid: "1.2.3", isCritical: choices.byte() & 1 == 0, value: choices.all())]
    let change = LDIF.Change(operation, controls: controls)
    let bytes = LDIF.bytes(of: operation, controls: controls)
    try promise((try? LDIF.changes(bytes)) == [change], "\(change) is another one when it is read")
    try promise(bytes.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) }, "LDIF that isn't printable ASCII")
    let entry = Entry(dn: name, attributes: attributes)
    try promise((try? LDIF.entries(LDIF.bytes(of: entry))) == [entry], "\(entry) is another one when it is read")
  }
}
