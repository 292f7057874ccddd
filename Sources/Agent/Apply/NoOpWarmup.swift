internal import Accounts
internal import LDAP

/// An entry with every attribute that an operation of ours can name, stored and deleted again before the first no-op.
///
/// slapd's mdb numbers attribute types as it meets them. A no-op with a type that this database never stored takes a
/// number in memory and forgets to store it; the next real type gets the same number on the disk, and entries can't be
/// read any more ("mdb_entry_decode", 80; slapd 2.5.13 and 2.6). Whether the database was restored or rebuilt since the
/// last time can't be known, so this is done before each preflight: two writes of a request that is rare.
struct NoOpWarmup {
  /// What became of it.
  enum Ending {
    case stored
    /// The directory doesn't take it: then nothing may be asked with No-Op.
    case refused
    case lost(LDAPError)
  }

  /// No local part has an `@`, and nobody's mail has this domain (RFC 2606).
  private static let name = "@prime"

  static func dn(_ container: DN) -> DN { .rdn("uid", name).under(container) }

  /// The entries that the agent itself makes for a moment: nobody's accounts.
  static func passing(_ container: DN) -> Set<DN> { [dn(container), RehearsedAccount.dn(under: container)] }

  let container: DN
  let password: Value

  func store(over connection: Connection) async -> Ending {
    let add = Schema.fullEntry(Self.name, under: container, address: "prime@buzon.invalid", password: password)
    // One that a crash left is deleted first.
    for _ in 0..<2 {
      var wasStored = true
      do throws(LDAPError) {
        try await connection.perform(add)
      } catch {
        guard let code = error.code else { return .lost(error) }
        guard code == .entryAlreadyExists else { return .refused }
        wasStored = false
      }
      do throws(LDAPError) {
        try await connection.delete(Self.dn(container))
      } catch {
        guard let code = error.code else { return .lost(error) }
        // Another atomic request at work beside this one may have deleted it.
        guard code == .noSuchObject else { return .refused }
      }
      if wasStored { return .stored }
    }
    return .refused
  }
}
