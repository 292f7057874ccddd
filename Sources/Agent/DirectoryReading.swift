internal import Accounts
internal import LDAP
internal import Register

/// Reads every account of the directory into the register's mirror.
struct DirectoryReading {
  private static let batch = 500

  let settings: Settings

  /// - Parameter progress: how many were read.
  /// - Returns: how many accounts there are.
  /// - Throws: ``AgentError``, `RegisterError`.
  func fill(_ register: Register, progress: (Int) -> Void) async throws -> Int {
    do {
      return try await read(into: register, progress: progress)
    } catch let error as LDAPError {
      let what = "\(error); see that the directory runs and that the agent may read it"
      throw error.code == nil ? AgentError.directory(what) : .refused(what)
    }
  }

  private func read(into register: Register, progress: (Int) -> Void) async throws -> Int {
    let connection = try await settings.connectToAny()
    var seen: Set<String> = []
    var batch: [Account] = []
    let entries = try await connection.search(
      base: settings.container, scope: .subtree, filter: .equal("objectClass", "buzonAccount"),
      attributes: Schema.mirrored)
    for try await entry in entries {
      guard entry.dn != Prime.dn(settings.container), let account = Account(entry) else { continue }
      seen.insert(account.entryUUID)
      batch.append(account)
      guard batch.count >= Self.batch else { continue }
      try await register.mirror(batch).value()
      batch = []
      progress(seen.count)
    }
    let known = try register.accountCount()
    guard !seen.isEmpty || known == 0 else {
      throw AgentError.refused(
        "the directory shows no account, and the register knows \(known); check the access rights, and "
          + "directory.accounts")
    }
    try await register.mirror(batch).value()
    try await register.mirror(only: seen).value()
    await connection.close()
    return seen.count
  }
}
