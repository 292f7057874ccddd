internal import Forms
internal import LDAP
internal import Text

extension Plan {
  /// An adopt is one modify. It makes an entry from outside Buzón an account of ours, or completes one of ours.
  ///
  /// It takes nothing away but further values of `mail`, which become aliases, and touches no password: whoever can log
  /// in goes on doing so. A locked entry becomes a suspended account.
  static func adopt(
    _ adopt: Change.Adopt, department: String, stamp: Stamp, holders: AddressIndex, context: PlanContext
  ) throws(ChangeError) -> Plan {
    let entry = try adoptable(adopt.address, holders: holders, context: context)
    let addresses = try addresses(of: entry, primary: adopt.address, context: context)
    for address in addresses { try holders.requireFree(address, besides: entry.dn) }
    var edit = EntryEdit(entry)
    let name = adopt.address.local
    edit.adopt(
      addresses, name: holders.isTaken(name: name, besides: entry.dn) ? nil : name, department: department,
      context: context)
    let isUnmarked = entry[Schema.stamp].isEmpty
    guard let intent = try edit.intent(stamp: stamp, evenAlone: isUnmarked) else { return .unchanged(entry) }
    return .send(intent)
  }

  /// The entry, where it can be made an account.
  private static func adoptable(_ address: Address, holders: AddressIndex, context: PlanContext) throws(ChangeError)
    -> Entry
  {
    let entries = holders.entries(address)
    guard !entries.isEmpty else {
      throw ChangeError(
        code: .noSuchObject, diagnostic: "no entry below \(context.container) has the mail address \(address.text)",
        remedy: "check the address against the directory, or create the account")
    }
    // One that has it as its only sort of address gets it as its mail.
    let isWithoutMail = entries.count == 1 && entries.allSatisfy { $0[Schema.mail].isEmpty }
    let entry = isWithoutMail ? entries[0] : try holders.named(address)
    try entry.requireLevel(below: context.container)
    try entry.requireReadable()
    if entry.isAccount, entry.status == .retained {
      throw ChangeError(
        code: .unwillingToPerform, diagnostic: "\(address.text) is retained after a delete",
        remedy: "bring it back with `modify: {address: \(address.text), set: {status: active}}`")
    }
    guard entry.isOf(Schema.personClass) || entry.isOf(Schema.personClassOID) else {
      let classes = entry[Schema.objectClass].map { ($0.text ?? "?").neutralized() }
      throw ChangeError(
        code: .objectClassViolation,
        diagnostic: "\(entry.dn) is not an inetOrgPerson (\(classes.joined(separator: ", "))), and a directory "
          + "does not change the structural class of an entry",
        remedy: "have the entry made again as inetOrgPerson, or delete it there and create the account")
    }
    return entry
  }

  /// The addresses that the entry has, the primary first. What an account can't have as an address isn't left behind
  /// silently: mail might be lost.
  private static func addresses(of entry: Entry, primary: Address, context: PlanContext) throws(ChangeError)
    -> [Address]
  {
    var addresses = [primary]
    var seen: Set<Address> = [primary]
    for name in [Schema.mail, Schema.localAddress] {
      for value in entry[name] {
        guard let address = value.text.flatMap({ Address($0) }) else {
          throw ChangeError(
            code: .constraintViolation,
            diagnostic: "\(name) of \(entry.dn) holds \((value.text ?? "bytes that are no text").quoted()), "
              + "which is not an address that an account can have",
            remedy: "take the value from the entry, then submit the change under a new number")
        }
        guard context.isOurs(address) else {
          throw ChangeError(
            code: .constraintViolation,
            diagnostic: "\(name) of \(entry.dn) holds \(address.text), which is in no domain of ours",
            remedy: "take the value from the entry (buzonForward can hold it once it is an account), or name the "
              + "domain under domains in the configuration; then submit the change under a new number")
        }
        if seen.insert(address).inserted { addresses.append(address) }
      }
    }
    return addresses
  }
}

extension PlanContext {
  fileprivate func isOurs(_ address: Address) -> Bool { domains.isEmpty || domains.contains(address.domain) }
}

extension Schema {
  /// inetOrgPerson by its number (RFC 2798), as an entry may spell its class too.
  fileprivate static let personClassOID: Value = "2.16.840.1.113730.3.2.2"
}
