internal import Accounts
internal import Configuration
internal import Forms
internal import LDAP
internal import Providers
internal import Register

/// Where there are several servers, the one in use may show an account as it was before, however long ago that was: one that
/// was killed may never tell the others of its last changes (OpenLDAP stores contextCSN now and then).
extension Applier {
  /// Which accounts of these changes, and of what they refer to, are older than what the register knows. One that a request
  /// deleted is deleted again: what names its addresses waits this time, and finds them free the next.
  func lag(_ changes: some Sequence<Change>, _ holders: AddressIndex, over connection: Connection) async throws -> Lag {
    guard directory.uris.count > 1 else { return Lag() }
    let entries = holders.all
    let known = try register.knownAccounts(
      entries: entries.compactMap { $0.text(Schema.entryUUID) }, addresses: Set(changes.flatMap(\.allAddresses)))
    let lag = Lag(known, shown: entries)
    var again = lag
    // Where that fails it is tried with the next plan.
    _ = try? await again.deleteAgain(over: connection)
    return lag
  }
}

extension Lag {
  /// Deletes again what a request of ours deleted and a server has still, or has again: one that was killed may get it back
  /// from another that never heard of the delete. Only the very state that was shown is deleted.
  ///
  /// - Returns: the addresses of what was.
  mutating func deleteAgain(over connection: Connection) async throws(LDAPError) -> [String] {
    var addresses: [String] = []
    for (uuid, entry) in deleted {
      guard let csn = entry[Schema.entryCSN].first else { continue }
      do throws(LDAPError) {
        try await connection.delete(
          entry.dn,
          controls: [.assertion(.and([.equal(Schema.entryUUID, Value(uuid)), .equal(Schema.entryCSN, csn)]))])
      } catch {
        guard let code = error.code else { throw error }
        // It is left out, and compared again.
        guard code == .noSuchObject else { continue }
      }
      if let account = accounts[uuid] { addresses.append(account.known.address) }
      remove(uuid)
    }
    return addresses
  }
}
