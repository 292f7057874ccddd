internal import Accounts
internal import Configuration
internal import LDAP

/// Compares what two providers show of the accounts. Replication takes a moment: what differs is looked at twice.
///
/// Memory: some 40 bytes an account.
struct ProviderComparison: Sendable {
  private static let pause = Duration.seconds(2)

  let container: DN

  /// - Returns: how many accounts the two don't show alike.
  func count(_ one: Connection, _ other: Connection) async throws(LDAPError) -> Int {
    let first = try await differing(one, other)
    if first.isEmpty { return 0 }
    try? await Task.sleep(for: Self.pause)
    return try await first.intersection(differing(one, other)).count
  }

  private func differing(_ one: Connection, _ other: Connection) async throws(LDAPError) -> Set<SyncUUID> {
    let (left, right) = (try await states(one), try await states(other))
    return Set(left.filter { right[$0.key] != $0.value }.keys).union(right.keys.filter { left[$0] == nil })
  }

  /// A digest of the entryCSN of each account.
  private func states(_ connection: Connection) async throws(LDAPError) -> [SyncUUID: Int] {
    var states: [SyncUUID: Int] = [:]
    let entries = try await connection.search(
      base: container, scope: .oneLevel, filter: .equal("objectClass", "buzonAccount"),
      attributes: [Schema.entryUUID, Schema.entryCSN])
    for try await entry in entries {
      guard let uuid = entry.text(Schema.entryUUID).flatMap({ SyncUUID($0) }) else { continue }
      states[uuid] = entry.text(Schema.entryCSN).hashValue
    }
    return states
  }
}
