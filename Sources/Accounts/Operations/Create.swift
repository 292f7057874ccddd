internal import Forms
internal import LDAP
internal import Text

extension Plan {
  /// A create is one add of a whole entry.
  ///
  /// The RDN is chosen here and never changes: the local part, or `LOCAL-2`, `LOCAL-3`… where other entries have it
  /// (`namesTaken` counts those that can't be seen). Persons and functional accounts get a temporary password that must be changed;
  /// a list has none, for nobody logs in to it.
  static func create(
    _ create: Change.Create, department: String, stamp: Stamp, holders: AddressIndex, namesTaken: Int,
    memory: AddressMemory, context: PlanContext
  ) throws(ChangeError) -> Plan {
    for address in [create.address] + create.aliases { try holders.requireFree(address) }
    let reused = try memory.reused([create.address] + create.aliases, reuse: create.reuse)

    let name = holders.freeName(create.address.local, taken: namesTaken)
    let logsIn = create.kind != .list

    var attributes: [Attribute] = []
    attributes.reserveCapacity(24)
    func put(_ name: String, _ value: String?) {
      if let value { attributes.append(Attribute(name, [Value(value)])) }
    }
    func put(_ name: String, _ values: [String]) {
      if !values.isEmpty { attributes.append(Attribute(name, values.map { Value($0) })) }
    }
    attributes.append(Attribute(Schema.objectClass, Schema.classes))
    put(Schema.uid, name)
    let names = EntryName(create.name)
    put(Schema.commonName, names.common)
    put(Schema.surname, names.surname)
    put(Schema.givenName, names.given)
    put(Schema.displayName, names.common)
    put(Schema.mail, create.address.text)
    put(Schema.localAddress, [create.address.text] + create.aliases.map(\.text))
    put(Schema.document, create.document)
    put(Schema.position, create.position)
    put(Schema.department, create.department ?? department)
    put(Schema.phone, create.phone)
    put(Schema.kind, create.kind.rawValue)
    put(Schema.status, Status.active.rawValue)
    if logsIn { put(Schema.quota, String(create.quota?.bytes ?? context.quota)) }
    put(Schema.forward, create.forward.map(\.text))
    put(Schema.keepCopy, create.keepCopy.map { $0 ? "TRUE" : "FALSE" })
    put(Schema.owner, create.owner?.text)
    put(Schema.list, create.lists.map(\.text))
    put(Schema.member, create.members.map(\.text))
    if let expires = create.expires {
      attributes.append(Attribute(Schema.expires, [GeneralizedTime.value(context.zone.end(of: expires))]))
    }
    put(Schema.stamp, stamp.description)
    if logsIn {
      attributes.append(Attribute(Schema.password, [Intent.temporaryPassword]))
      put(Schema.passwordReset, "TRUE")
      attributes.append(Attribute(Schema.passwordEnd, [context.passwordEnd]))
    }
    return .send(
      Intent(
        operation: .add(.rdn(Schema.uid, name).under(context.container), attributes), grantsPassword: logsIn,
        reused: reused))
  }
}

/// A name as inetOrgPerson spells it: `sn` and `cn` are required, so what has no family name repeats what it is called.
struct EntryName {
  var common: String
  var surname: String
  var given: String?

  init(_ name: Change.Name) {
    common = name.text
    switch name {
    case .person(let given, let family):
      self.surname = family
      self.given = given
    case .display(let display):
      self.surname = display
      self.given = nil
    }
  }
}
