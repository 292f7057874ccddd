internal import Accounts
public import Configuration
public import Forms
internal import Installation
internal import LDAP
internal import Providers
public import Register
internal import Text

extension FormPlan {
  /// Plans forms in their order, each on what those before it leave. Nothing is written, neither here nor there.
  ///
  /// - Parameters:
  ///   - register: `nil`: it can't be read, and `reason` says why.
  /// - Throws: ``DirectorySearch/Failure`` where the directory can't be read, `RegisterError`, ``AgentError`` where the
  ///   configuration is no good.
  public init(
    _ sources: [Source], _ register: Register?, reason: String?, _ configuration: Configuration, rules: Rules
  ) async throws {
    let zone = try RecordStyle(configuration).zone
    let context = configuration.planContext(zone: zone, now: WallClock.now())
    let changes = sources.flatMap(\.request.changes)
    do {
      let (connection, place) = try await configuration.connect()
      let reading = PlanReading(connection, context)
      let identity = try await DirectorySearch.requireRights(
        connection, context.container, accounts: (try? register?.accountCount()) ?? 0)
      let holders = try await HolderSearch(context).holders(of: changes, over: connection)
      var planning = try FormPlanning(
        holders, changes, register, reason: reason, configuration, rules, context,
        NoOpJudge(
          connection, container: context.container,
          password: TemporaryPassword(
            key: (0..<32).map { _ in UInt8.random(in: 0...255) }, length: configuration.policy.password.length,
            areHashed: configuration.policy.password.hash == .yescrypt)))
      for source in sources { try await planning.plan(source) }
      self = planning.finished()
      server = configuration.directory.uris[place].description
      self.identity = identity.isEmpty ? "nobody (anonymous)" : identity
      try await reading.findNames(of: &accounts)
      await connection.close()
    } catch let error as LDAPError {
      throw DirectorySearch.failure(error)
    }
  }
}

/// What a plan reads of the directory besides the entries that the changes name.
private struct PlanReading {
  let connection: Connection
  let context: PlanContext

  init(_ connection: Connection, _ context: PlanContext) {
    self.connection = connection
    self.context = context
  }

  /// What names accounts that are renamed, closed or gone as its owner or list.
  func findNames(of accounts: inout [FormPlan.Account]) async throws(LDAPError) {
    var places: [String: Int] = [:]
    for (place, account) in accounts.enumerated() {
      if let address = account.planned.namedBefore { places[address] = place }
    }
    let addresses = places.keys.sorted()
    for first in stride(from: 0, to: addresses.count, by: 200) {
      let some = addresses[first..<min(first + 200, addresses.count)].map { Value($0) }
      let entries = try await connection.search(
        base: context.container, scope: .oneLevel,
        filter: .or(some.flatMap { [Filter.equal("buzonOwner", $0), .equal("buzonList", $0)] }),
        attributes: [Schema.mail, "buzonOwner", "buzonList", "buzonStatus"])
      var iterator = entries.makeAsyncIterator()
      while let entry = try await iterator.next() {
        let isRetained = entry["buzonStatus"].contains("retained")
        for owner in entry["buzonOwner"].compactMap(\.text) where !isRetained {
          guard let place = places[owner], accounts[place].owned.count < FormPlan.most else { continue }
          accounts[place].owned.append(entry.text(Schema.mail) ?? entry.dn.description)
        }
        for list in entry["buzonList"].compactMap(\.text) {
          if let place = places[list] { accounts[place].members += 1 }
        }
      }
    }
    for place in accounts.indices { accounts[place].owned.sort() }
  }
}
