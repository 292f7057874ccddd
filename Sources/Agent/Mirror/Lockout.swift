internal import LDAP

/// How long failed logins lock an account, as the directory's password policies say (slapo-ppolicy(5)).
enum Lockout {
  /// - Parameter base: `directory.base`; the policies are below `ou=policies` there, as in `config/slapd`.
  /// - Returns: seconds, the longest of several policies; 0: until it is lifted, also where no policy can be read.
  /// - Throws: `LDAPError` where the connection was lost.
  static func seconds(over connection: Connection, base: DN) async throws -> Int64 {
    let policies: [Entry]
    do {
      policies = try await connection.searchAll(
        base: DN.rdn("ou", "policies").under(base),
        filter: .and([.equal("objectClass", "pwdPolicy"), .equal("pwdLockout", "TRUE")]),
        attributes: ["pwdLockoutDuration"])
    } catch {
      guard error.code != nil else { throw error }
      return 0
    }
    return longest(policies.map { $0["pwdLockoutDuration"].first?.text.flatMap { Int64($0) } ?? 0 })
  }

  /// 0 is longer than any other.
  static func longest(_ seconds: [Int64]) -> Int64 { seconds.contains { $0 <= 0 } ? 0 : seconds.max() ?? 0 }
}
