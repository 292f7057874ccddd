internal import Accounts
internal import Configuration
internal import LDAP
internal import Providers
internal import SlapdFiles

/// Reads what ``DirectoryFindings`` judge. It writes nothing: what would be written is asked with the No-Op control, and
/// only where the directory has stored all of its attributes before (``NoOpJudge`` says why).
struct DirectoryReader: Sendable {
  let configuration: Configuration
  let isAgent: Bool
  /// The policy that accounts have, where `cn=config` names it.
  let policy: DN?

  private var directory: Configuration.Directory { configuration.directory }

  func facts() async -> DirectoryFacts {
    var facts = DirectoryFacts(servers: [], isAgent: isAgent)
    var first: Connection?
    var others: [(place: Int, connection: Connection)] = []
    for place in directory.uris.indices {
      var server = DirectoryFacts.Server(url: directory.uris[place])
      do throws(LDAPError) {
        let connection = try await directory.connect(from: place, tries: 1).connection
        server.certificateEnds = await certificateEnd(connection)
        if first == nil { first = connection } else { others.append((place, connection)) }
      } catch {
        server.failure = error
      }
      facts.servers.append(server)
    }
    guard let first else { return facts }
    do throws(LDAPError) {
      facts.identity = try await first.whoAmI()
      try await read(first, &facts)
    } catch {
      // The server went away under way: nothing of it is known.
      facts.identity = nil
      if let place = facts.servers.firstIndex(where: { $0.url == first.url }) { facts.servers[place].failure = error }
    }
    for (place, other) in others {
      let comparison = ProviderComparison(container: directory.accounts)
      if facts.identity != nil { facts.servers[place].differences = try? await comparison.count(first, other) }
      await other.close()
    }
    await first.close()
    return facts
  }

  /// - Throws: where the connection was lost.
  private func read(_ connection: Connection, _ facts: inout DirectoryFacts) async throws(LDAPError) {
    let root = try await connection.entry(DN(), attributes: ["supportedControl", "subschemaSubentry"])
    facts.hasRoot = root != nil
    facts.controls = Set(root?["supportedControl"].compactMap(\.text) ?? [])
    facts.definitions = try await definitions(connection, root?.text("subschemaSubentry"))
    facts.base = try await presence(directory.base, connection)
    facts.container = try await presence(directory.accounts, connection)
    for dn in entriesOfTree { facts.entries.append((dn, try await presence(dn, connection))) }
    facts.policy = try await answer { () throws(LDAPError) in
      try await connection.entry(
        policy ?? PolicyFindings.usualPolicy(directory.base), filter: .equal("objectClass", "pwdPolicy"))
    }
    facts.syncFailure = try await syncFailure(connection)
    // slapd complains in its log of each attribute that it does not know.
    if case .success(let known) = facts.definitions, !known.isEmpty, facts.container == .there {
      facts.trial = try await trial(connection)
    }
    facts.isLimited = try await isLimited(connection)
    facts.clock = try await clock(connection)
    facts.newestWrite = try await newestWrite(connection)
  }

  /// - Throws: where the connection was lost; a refusal is an answer.
  private func answer<Value: Sendable>(
    _ ask: () async throws(LDAPError) -> Value
  ) async throws(LDAPError) -> Result<Value, LDAPError> {
    do throws(LDAPError) {
      return .success(try await ask())
    } catch {
      if error.code == nil { throw error }
      return .failure(error)
    }
  }

  private func certificateEnd(_ connection: Connection) async -> Int64? {
    guard let certificate = await connection.serverCertificate.flatMap({ Certificate($0) }) else { return nil }
    return GeneralizedTime.seconds(Value(certificate.end))
  }

  private func definitions(
    _ connection: Connection, _ place: String?
  ) async throws(LDAPError) -> Result<Set<SchemaDefinition>, LDAPError> {
    let dn = place.flatMap { try? DN(parsing: $0) } ?? DN.rdn("cn", "Subschema").under(DN())
    return try await answer { () throws(LDAPError) in
      guard let entry = try await connection.entry(dn, attributes: ["attributeTypes", "objectClasses"]) else {
        throw .refused(LDAPError.Refusal(operation: "search", dn: dn, response: Response(code: .noSuchObject)))
      }
      return Set(
        (entry["attributeTypes"] + entry["objectClasses"]).compactMap(\.text).filter { $0.contains("'buzon") }
          .map { SchemaDefinition($0, macros: []) })
    }
  }

  /// The entries besides the container, where the place is arranged as `config/slapd` has it.
  private var entriesOfTree: [DN] {
    guard directory.accounts.matches(DN.rdn("ou", "people").under(directory.base)), directory.bind == .external else {
      return []
    }
    let services = DN.rdn("ou", "services").under(directory.base)
    return [DN.rdn("cn", "buzon").under(services), DN.rdn("cn", "mail").under(services)]
  }

  /// By what the agent may see of every entry below the base.
  private func presence(_ dn: DN, _ connection: Connection) async throws(LDAPError) -> DirectoryFacts.Presence {
    do throws(LDAPError) {
      let found = try await connection.entry(dn, filter: .present(Schema.entryUUID), attributes: ["1.1"])
      return found == nil ? .absent : .there
    } catch {
      if error.code == nil { throw error }
      return error.code == .insufficientAccessRights ? .absent : .unread(error)
    }
  }

  private func syncFailure(_ connection: Connection) async throws(LDAPError) -> LDAPError? {
    do throws(LDAPError) {
      let messages = try await connection.sync(
        base: directory.accounts, scope: .base, attributes: ["1.1"], mode: .refreshOnly)
      var iterator = messages.makeAsyncIterator()
      while try await iterator.next() != nil {}
      return nil
    } catch {
      if error.code == nil { throw error }
      return error
    }
  }

  // MARK: Writes that are not made

  private func trial(_ connection: Connection) async throws(LDAPError) -> WriteTrial {
    let intent = RehearsedAccount.add(under: directory.accounts, withPassword: false)
    guard case .add(let dn, let all) = intent.operation else { return .untried("nothing was tried") }
    var attributes: [Attribute] = []
    for attribute in all where try await isStored(attribute.name, connection) { attributes.append(attribute) }
    let needed = ["objectClass", "uid", "cn", "sn", "mail", "mailLocalAddress", "buzonKind", "buzonStatus"]
    let names = Set(attributes.map(\.name))
    guard needed.allSatisfy(names.contains), let taken = try await usedAddress(connection) else {
      return .untried(
        "the agent can see no account, and slapd must not be asked (No-Op) about an attribute that it never stored")
    }
    let add = try await refusal(.add(dn, attributes), connection)
    if let add { return .judged(add: add, taken: nil) }
    let doubled = attributes.map { $0.name == "mailLocalAddress" ? Attribute($0.name, $0.values + [taken]) : $0 }
    return .judged(add: nil, taken: try await refusal(.add(dn, doubled), connection))
  }

  /// What the directory answers to an operation that it doesn't carry out; `nil`: it would.
  private func refusal(_ operation: Operation, _ connection: Connection) async throws(LDAPError) -> LDAPError? {
    do throws(LDAPError) {
      try await connection.perform(operation, controls: [.noOp])
      return nil
    } catch {
      if error.code == nil { throw error }
      return await connection.identifying(error)
    }
  }

  private func usedAddress(_ connection: Connection) async throws(LDAPError) -> Value? {
    try await few(.present("mailLocalAddress"), ["mailLocalAddress"], connection).first?["mailLocalAddress"].first
  }

  private func isStored(_ name: String, _ connection: Connection) async throws(LDAPError) -> Bool {
    try await !few(.present(name), ["1.1"], connection).isEmpty
  }

  /// The first entry directly below the container that fits.
  private func few(_ filter: Filter, _ attributes: [String], _ connection: Connection) async throws(LDAPError)
    -> [Entry]
  {
    var entries: [Entry] = []
    do throws(LDAPError) {
      let results = try await connection.search(
        base: directory.accounts, scope: .oneLevel, filter: filter, attributes: attributes, sizeLimit: 1)
      var iterator = results.makeAsyncIterator()
      while let entry = try await iterator.next() { entries.append(entry) }
    } catch {
      // With more than the one that was asked for the search ends with 4.
      if error.code == nil { throw error }
    }
    return entries
  }

  // MARK: Limits and clock

  private func isLimited(_ connection: Connection) async throws(LDAPError) -> Bool? {
    /// One more than slapd's own limit.
    let most = 501
    var count = 0
    do throws(LDAPError) {
      let results = try await connection.search(
        base: directory.accounts, scope: .oneLevel, attributes: ["1.1"], sizeLimit: most)
      var iterator = results.makeAsyncIterator()
      while try await iterator.next() != nil { count += 1 }
      return nil
    } catch {
      if error.code == nil { throw error }
      guard error.code == .sizeLimitExceeded || error.code == .adminLimitExceeded else { return nil }
      return count < most
    }
  }

  private func clock(_ connection: Connection) async throws(LDAPError) -> Int64? {
    let dn = DN.rdn("cn", "Current").under(DN.rdn("cn", "Time").under(DN.rdn("cn", "Monitor").under(DN())))
    let entry = try await answer { () throws(LDAPError) in
      try await connection.entry(dn, attributes: ["monitorTimestamp"])
    }
    guard case .success(let found?) = entry else { return nil }
    return found["monitorTimestamp"].first.flatMap { GeneralizedTime.seconds($0) }
  }

  private func newestWrite(_ connection: Connection) async throws(LDAPError) -> Int64? {
    let entries = try await answer { () throws(LDAPError) in
      try await connection.searchAll(
        base: directory.base, scope: .base, filter: .present(Schema.entryUUID), attributes: ["contextCSN", "entryCSN"],
        limit: 0)
    }
    guard case .success(let found) = entries else { return nil }
    let values = found.flatMap { $0["contextCSN"] + $0["entryCSN"] }
    return values.compactMap { value in
      // YYYYMMDDhhmmss.ffffffZ#…
      GeneralizedTime.seconds(Value(bytes: Array(value.bytes.prefix { $0 != UInt8(ascii: "#") })))
    }.max()
  }
}
