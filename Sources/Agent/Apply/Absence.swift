internal import Accounts
internal import LDAP

/// Finds out which accounts have gone that a reading of the directory didn't name. Accounts stand directly below the
/// container: one that was moved deeper has gone.
///
/// What was made while it was read isn't named either, so those are asked for once more, by entryUUID: whom the register
/// knew before that question, and whom the directory doesn't know after it, has gone.
struct Absence {
  /// Asked for with one search: about 20 KB of filter.
  static let chunk = 200

  let container: DN

  /// - Parameter accounts: by their entryUUIDs.
  /// - Returns: those of them that aren't there.
  func gone(_ accounts: [String], over connection: Connection) async throws(LDAPError) -> [String] {
    var gone: [String] = []
    for first in stride(from: 0, to: accounts.count, by: Self.chunk) {
      let some = accounts[first..<min(first + Self.chunk, accounts.count)]
      let entries = try await connection.searchAll(
        base: container, scope: .oneLevel,
        filter: .and([
          .equal("objectClass", "buzonAccount"), .or(some.map { .equal(Schema.entryUUID, Value($0)) }),
        ]), attributes: [Schema.entryUUID], limit: some.count + 1)
      let there = Set(entries.compactMap { $0.text(Schema.entryUUID) })
      gone += some.filter { !there.contains($0) }
    }
    return gone
  }
}
