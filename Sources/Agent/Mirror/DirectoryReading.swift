internal import Accounts
internal import Configuration
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// Reads every account of the directory into the register's mirror.
struct DirectoryReading {
  private static let batch = 500
  /// Stands in the register for a question that no cookie belongs to.
  private static let what = "compared"

  let current: CurrentSettings

  /// What the server shows counts, also where it is older than what was heard: a person asked for it.
  ///
  /// - Parameters:
  ///   - place: of the server in `directory.uris` that is asked first.
  ///   - progress: how many were read.
  /// - Returns: how many accounts there are, and what that changed.
  /// - Throws: ``AgentError``, `RegisterError`.
  func fill(_ register: Register, from place: Int, progress: (Int) -> Void) async throws -> (
    count: Int, change: MirrorChange
  ) {
    do {
      let connection = try await current.settings.configuration.directory.connect(from: place).connection
      try await register.forgetCookie().value()
      let result = try await fill(register, over: connection, progress: progress)
      await connection.close()
      return result
    } catch let error as LDAPError {
      let what = "\(error); \(current.settings.remedy(for: error))"
      throw error.code == nil ? AgentError.directory(what) : .refused(what)
    }
  }

  /// - Throws: as ``fill(_:from:progress:)``, and `LDAPError`.
  func fill(_ register: Register, over connection: Connection, progress: (Int) -> Void) async throws
    -> (count: Int, change: MirrorChange)
  {
    let container = current.settings.container
    var seen: Set<String> = []
    var change = MirrorChange()
    var batch = MirrorUpdate(isLive: false, isFirst: try !register.hasListened())
    func store() async throws {
      let part = try await register.observe(
        batch, what: Self.what, at: current.now(), addressMemory: current.settings.addressMemory
      ).value()
      change.add(part)
      batch.items = []
    }
    let entries = try await connection.search(
      base: container, scope: .oneLevel, filter: .equal("objectClass", "buzonAccount"), attributes: Schema.synced)
    let passing = NoOpWarmup.passing(container)
    for try await entry in entries {
      if passing.contains(entry.dn) { continue }
      guard let sighting = EntrySnapshot(entry) else {
        throw AgentError.refused(
          "\(entry.dn) is shown without objectClass, mail or entryUUID; check the agent's access rights "
            + "(config/slapd/access.ldif), or the entry")
      }
      seen.insert(sighting.account.entryUUID)
      batch.items.append(.seen(sighting))
      guard batch.items.count >= Self.batch else { continue }
      try await store()
      progress(seen.count)
    }
    try await store()
    let gone = try await Absence(container: container).gone(register.accounts { seen.contains($0) }, over: connection)
    guard !seen.isEmpty || gone.isEmpty else {
      throw AgentError.refused(
        "the directory shows no account, and the register knows \(gone.count); check the access rights, and "
          + "directory.accounts")
    }
    batch.items = gone.map { .gone(entryUUID: $0) }
    try await store()
    try await register.setListened(Self.what).value()
    return (seen.count, change)
  }
}
