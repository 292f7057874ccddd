internal import Accounts
internal import Crypto
internal import Foundation
internal import GRDB

/// That an account of an address was forgotten.
public struct ForgottenAddress: Sendable, Hashable {
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// The operator who did it.
  public var by: String
  /// The operator's reason.
  public var because: String
  /// Nobody else gets the address before; seconds since 1970 UTC; `nil`: anybody may have it.
  public var until: Int64?

  public init(at: Int64, by: String, because: String, until: Int64?) {
    self.at = at
    self.by = by
    self.because = because
    self.until = until
  }
}

/// The addresses of forgotten accounts: HMAC-SHA256 under a key that stands in the register alone. So an address can be
/// asked for, by who has the register, and nobody can read it there.
struct ForgottenAddresses {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// The oldest first.
  func find(_ address: String) throws -> [ForgottenAddress] {
    guard let digest = try digest(address) else { return [] }
    return try Row.fetchAll(
      database.cachedStatement(
        sql: "SELECT at, actor, because, until FROM forgotten_address WHERE digest = ? ORDER BY at"),
      arguments: [digest]
    ).map { ForgottenAddress(at: $0[0], by: $0[1], because: $0[2], until: $0[3]) }
  }

  /// Until when nobody gets the address; `nil`: it was never forgotten, or anybody may have it.
  func retired(_ address: String) throws -> RetiredAddress? {
    try find(address).compactMap(\.until).max().map { RetiredAddress(until: $0, holder: "") }
  }

  func add(_ address: String, _ forgotten: ForgottenAddress) throws {
    try database.execute(sql: "INSERT OR IGNORE INTO forgotten_key (id, key) VALUES (1, randomblob(32))")
    try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO forgotten_address (digest, at, actor, because, until) VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [try digest(address), forgotten.at, forgotten.by, forgotten.because, forgotten.until])
  }

  /// `nil`: nothing was ever forgotten.
  private func digest(_ address: String) throws -> Data? {
    guard
      let key = try Data.fetchOne(database.cachedStatement(sql: "SELECT key FROM forgotten_key WHERE id = 1"))
    else { return nil }
    return Data(HMAC<SHA256>.authenticationCode(for: Array(address.utf8), using: SymmetricKey(data: key)))
  }
}

extension Register {
  /// What is left of the accounts of an address that were forgotten, the oldest first.
  ///
  /// - Parameter address: lower case.
  public func forgotten(_ address: String) throws -> [ForgottenAddress] {
    try read { try ForgottenAddresses($0).find(address) }
  }

  /// Those of some addresses whose accounts were forgotten.
  public func areForgotten(_ addresses: [String]) throws -> Set<String> {
    try read { database in
      let forgotten = ForgottenAddresses(database)
      return try Set(addresses.filter { try !forgotten.find($0).isEmpty })
    }
  }
}
