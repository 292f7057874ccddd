internal import Accounts
internal import Configuration
internal import Forms
internal import LDAP
internal import Providers
internal import Register

/// Where there are several servers, the one in use may show an account as it was before, however long ago that was: one that
/// was killed may never tell the others of its last changes (OpenLDAP stores contextCSN now and then).
extension Applier {
  /// Which accounts of these changes, and of what they refer to, are older than what the register knows.
  func lag(_ changes: some Sequence<Change>, _ holders: AddressIndex) throws -> Lag {
    guard directory.uris.count > 1 else { return Lag() }
    let entries = holders.all
    let known = try register.knownAccounts(
      entries: entries.compactMap { $0.text(Schema.entryUUID) }, addresses: Set(changes.flatMap(\.allAddresses)))
    return Lag(known, shown: entries)
  }
}
