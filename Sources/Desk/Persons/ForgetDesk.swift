internal import Accounts
public import Configuration
internal import Installation
internal import LDAP
public import Register

/// Decides whether an address may be forgotten, on what the register and the directory know (`buzon forget`).
public struct ForgetDesk: Sendable {
  private let configuration: Configuration
  private let register: Register

  public init(_ configuration: Configuration, _ register: Register) {
    self.configuration = configuration
    self.register = register
  }

  /// The agent's time, milliseconds since 1970 UTC.
  public static var now: Int64 { WallClock.now() }

  /// - Parameter address: lower case.
  /// - Throws: ``DirectorySearch/Failure`` where the directory can't be read, `RegisterError`.
  public func decide(_ address: String) async throws -> ForgetDecision {
    let found = try register.forgettable(address)
    let gone = found.accounts.filter { !$0.isThere }.map(\.entryUUID)
    var present: Set<String> = []
    if !gone.isEmpty {
      try await DirectorySearch.requireRights(configuration, accounts: try register.accountCount())
      // One that was moved out of the container is there still.
      present = Set(try await DirectorySearch.moved(uuids: gone, configuration).keys)
      let entries = try await DirectorySearch.entries(uuids: gone, addresses: [], configuration)
      present.formUnion(entries.compactMap { $0.text(Schema.entryUUID) })
    }
    return ForgetDecision(
      found, present: present, archive: configuration.policy.archive.components.seconds, now: Self.now)
  }
}
