internal import Accounts
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// What the directory has of what changes name.
extension Applier {
  /// The entries that hold any address or name of these changes, or that they refer to (``HolderSearch``).
  func holders(of changes: some Collection<Change>, over connection: Connection) async throws(LDAPError)
    -> AddressIndex
  {
    try await HolderSearch(context).holders(of: changes, over: connection)
  }

  /// How a batch ends whose entries can't be read.
  func unread(_ error: LDAPError) -> Ending {
    let trouble = Trouble(what: "reading entries: \(error)", remedy: error.remedy(for: directory))
    return error.code == nil ? .lost(trouble) : .refused(trouble, .directory)
  }
}
