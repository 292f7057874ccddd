public import LDAP

/// A made-up account whose short life needs every class, attribute and right that requests need. Whether the directory
/// takes it tells a directory that is set up wrong from one account that alone is refused. Pure.
public enum RehearsedAccount {
  /// No local part has an `@`, and nobody's mail has this domain (RFC 2606).
  private static let name = "@rehearsal"
  private static let address = "rehearsal@buzon.invalid"
  private static let newAddress = "rehearsed@buzon.invalid"

  public static func dn(under container: DN) -> DN { .rdn(Schema.uid, name).under(container) }

  /// The account's entry, with a temporary password where one is rehearsed too.
  public static func add(under container: DN, withPassword: Bool) -> Intent {
    let full = Schema.fullEntry(name, under: container, address: address, password: Intent.temporaryPassword)
    guard case .add(let dn, let attributes) = full, !withPassword else {
      return Intent(operation: full, grantsPassword: withPassword)
    }
    return Intent(operation: .add(dn, attributes.filter { !passwordAttributes.contains($0.name) }))
  }

  /// What finds it, as a plan finds an account.
  public static let filter = AddressIndex.filter([Value(address), Value(newAddress)])

  /// Every attribute is written once more, under the guard of a request's own changes.
  ///
  /// - Parameter entry: as it was read.
  /// - Throws: 50, where the agent can't see whose entry it is.
  public static func modify(_ entry: Entry, withPassword: Bool) throws(ChangeError) -> Intent {
    try entry.requireReadable()
    var modifications: [Modification] = []
    // The name of the entry stays: a changed RDN is 67.
    for name in Schema.modifiable where name != Schema.uid && !passwordAttributes.contains(name) {
      let isAddress = name == Schema.mail || name == Schema.localAddress
      modifications.append(.replace(name, isAddress ? [Value(newAddress)] : entry[name]))
    }
    if withPassword {
      modifications += [
        .replace(Schema.password, [Intent.temporaryPassword]), .replace(Schema.passwordReset, ["TRUE"]),
        .replace(Schema.passwordEnd, ["20000101000000Z"]),
      ]
    }
    modifications.append(.replace(Schema.lockedTime, [Schema.lockedForGood]))
    modifications.append(.replace(Schema.stamp, [Value(newAddress)]))
    return Intent(
      operation: .modify(entry.dn, modifications), entryUUID: entry.uuid, stampRead: entry.text(Schema.stamp),
      preImage: entry, grantsPassword: withPassword)
  }

  /// Its end, under the same guard.
  public static func delete(_ entry: Entry) -> Intent {
    Intent(operation: .delete(entry.dn), entryUUID: entry.uuid, stampRead: newAddress, preImage: entry)
  }

  private static let passwordAttributes: Set = [Schema.password, Schema.passwordReset, Schema.passwordEnd]
}
