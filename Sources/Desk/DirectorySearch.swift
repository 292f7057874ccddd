internal import Accounts
public import Configuration
public import Forms
internal import LDAP
internal import Providers

/// A look into the directory for entries that could come under the procedure: what `buzon form --adopt` asks.
public struct DirectorySearch: Sendable {
  /// What was found.
  public struct Adoptable: Sendable {
    /// The mail address of each entry that can be adopted, in the order of the bytes.
    public var addresses: [Address] = []
    /// Entries that can't, by DN, and why; nothing personal but the DN.
    public var leftOut: [(dn: String, reason: String)] = []
    /// Entries of several mail addresses that can be adopted, by DN, and which of them becomes the primary.
    public var chosen: [(dn: String, address: Address)] = []
    /// Entries that are accounts of ours already.
    public var accounts = 0
  }

  /// Why nothing was found out.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String
    /// The exit code of sysexits(3): 64 a bad filter, 69 no directory, 77 it refuses, 78 a bad configuration.
    public var exitCode: Int32
  }

  private let configuration: Configuration
  private let filter: Filter
  private var container: DN { configuration.directory.accounts }

  /// - Parameter filter: RFC 4515.
  /// - Throws: ``Failure`` 64.
  public init(_ configuration: Configuration, filter: String) throws(Failure) {
    self.configuration = configuration
    do {
      self.filter = try Filter(parsing: filter)
    } catch {
      throw Failure(
        description: "\(error.told); write it as ldapsearch does: '(objectClass=inetOrgPerson)'", exitCode: 64)
    }
  }

  /// Searches below the container of the accounts, on the first server that answers. Entries are read as they come;
  /// what is kept is an address of each.
  public func adoptable(rules: Rules) async throws(Failure) -> Adoptable {
    do {
      let connection = try await configuration.connect().connection
      let found = try await read(connection, rules)
      await connection.close()
      return found
    } catch {
      throw Self.failure(error)
    }
  }

  /// What is read of entries by their names at once: about 20 KB of filter.
  private static let chunk = 200

  /// The entries below the container of the accounts that have one of these entryUUIDs or hold one of these addresses,
  /// each at least once, with all that a plan reads of them.
  static func entries(uuids: [String], addresses: [String], _ configuration: Configuration) async throws(Failure)
    -> [Entry]
  {
    do {
      let connection = try await configuration.connect().connection
      var entries: [Entry] = []
      func read(_ names: [String], _ filter: (ArraySlice<String>) -> Filter) async throws(LDAPError) {
        for first in stride(from: 0, to: names.count, by: chunk) {
          let some = names[first..<min(first + chunk, names.count)]
          entries += try await connection.searchAll(
            base: configuration.directory.accounts, scope: .subtree, filter: filter(some), attributes: Schema.synced,
            limit: some.count * 4 + 100)
        }
      }
      try await read(uuids) { .or($0.map { .equal(Schema.entryUUID, Value($0)) }) }
      try await read(addresses) { AddressIndex.filter($0.map { Value($0) }) }
      await connection.close()
      return entries
    } catch {
      throw failure(error)
    }
  }

  /// Who may not search finds nothing, and that looks like an empty directory.
  ///
  /// - Parameter accounts: how many the register knows.
  /// - Returns: whom the directory takes the caller for (RFC 4532).
  /// - Throws: where it isn't clear that accounts would be found.
  static func requireRights(_ connection: Connection, _ container: DN, accounts: Int) async throws(LDAPError) -> String
  {
    let identity = try await connection.whoAmI()
    _ = try await connection.searchAll(base: container, scope: .base, attributes: ["1.1"], limit: 1)
    var isFound = false
    do throws(LDAPError) {
      let entries = try await connection.search(
        base: container, scope: .oneLevel,
        filter: .and([.equal("objectClass", "buzonAccount"), .present("buzonRequest")]), attributes: ["1.1"],
        sizeLimit: 1)
      var iterator = entries.makeAsyncIterator()
      while try await iterator.next() != nil { isFound = true }
    } catch {
      // With more than the one that was asked for the search ends with 4.
      guard error.code == .sizeLimitExceeded, isFound else { throw error }
    }
    let isStranger = identity.isEmpty || identity.hasSuffix(",cn=auth")
    if isFound || (!isStranger && accounts == 0) { return identity }
    throw .refused(
      .init(
        operation: "search", dn: container,
        response: Response(
          code: .insufficientAccessRights, diagnostic: "no account can be seen, and nothing says that there is none"),
        authorizationID: identity))
  }

  /// As ``requireRights(_:_:accounts:)``, over a connection of its own.
  static func requireRights(_ configuration: Configuration, accounts: Int) async throws(Failure) {
    do {
      let connection = try await configuration.connect().connection
      _ = try await requireRights(connection, configuration.directory.accounts, accounts: accounts)
      await connection.close()
    } catch {
      throw failure(error)
    }
  }

  /// Where the entries with these entryUUIDs stand, of those that are not directly below the container: by entryUUID, as far
  /// as the agent may see them.
  static func moved(uuids: [String], _ configuration: Configuration) async throws(Failure) -> [String: DN] {
    do {
      let connection = try await configuration.connect().connection
      var places: [String: DN] = [:]
      for first in stride(from: 0, to: uuids.count, by: chunk) {
        let some = uuids[first..<min(first + chunk, uuids.count)]
        for entry in try await connection.searchAll(
          base: configuration.directory.base, scope: .subtree,
          filter: .or(some.map { .equal(Schema.entryUUID, Value($0)) }), attributes: [Schema.entryUUID],
          limit: some.count * 4 + 100)
        {
          let isInPlace = entry.dn.parent?.matches(configuration.directory.accounts) == true
          if !isInPlace, let uuid = entry.text(Schema.entryUUID) { places[uuid] = entry.dn }
        }
      }
      await connection.close()
      return places
    } catch {
      throw failure(error)
    }
  }

  // MARK: Entries

  private func read(_ connection: Connection, _ rules: Rules) async throws(LDAPError) -> Adoptable {
    var found = Adoptable()
    var holders: [Address: [String]] = [:]
    // Our own accounts are left out here and not by the filter: to a directory without our schema the filter would be
    // undefined, and it would answer nothing at all.
    let results = try await connection.search(
      base: container, filter: filter, attributes: ["objectClass", "mail", "mailLocalAddress"])
    var iterator = results.makeAsyncIterator()
    while let entry = try await iterator.next() {
      if entry.dn.matches(container) { continue }
      let isDeeper = entry.dn.parent?.matches(container) != true
      if !isDeeper, entry.isOf("buzonAccount") {
        found.accounts += 1
        continue
      }
      switch address(of: entry, rules) {
      case .success(let address):
        holders[address, default: []].append(entry.dn.description)
        if entry["mail"].count > 1 { found.chosen.append((entry.dn.description, address)) }
      case .failure(let reason): found.leftOut.append((entry.dn.description, reason.text))
      }
    }
    for (address, names) in holders {
      if names.count == 1 {
        found.addresses.append(address)
      } else {
        found.leftOut += names.map { ($0, "shares its mail address with another entry; each address needs one owner") }
      }
    }
    found.chosen.removeAll { holders[$0.address]?.count != 1 }
    found.chosen.sort { $0.dn.utf8.lexicographicallyPrecedes($1.dn.utf8) }
    found.addresses.sort()
    found.leftOut.sort { $0.dn.utf8.lexicographicallyPrecedes($1.dn.utf8) }
    return found
  }

  private struct Reason: Error {
    var text: String
  }

  /// The address that an adopt would name the entry by. What an adopt would refuse for certain is refused here.
  private func address(of entry: Entry, _ rules: Rules) -> Result<Address, Reason> {
    func leave(_ text: String) -> Result<Address, Reason> { .failure(Reason(text: text)) }
    guard entry.dn.parent?.matches(container) == true else {
      return leave("is deeper than the accounts; move it directly below \(container)")
    }
    guard entry.isOf("inetOrgPerson") || entry.isOf("2.16.840.1.113730.3.2.2") else {
      return leave("is not an inetOrgPerson, and only those can become accounts")
    }
    let mail = entry["mail"]
    if mail.isEmpty { return leave("has no mail address (attribute mail)") }
    for name in ["mail", "mailLocalAddress"] {
      for value in entry[name] {
        guard let address = value.text.flatMap({ Address($0) }) else {
          return leave("has a value of \(name) that no account can have as an address")
        }
        guard rules.domains.contains(address.domain) else {
          return leave("has a value of \(name) that is in no domain of ours (domains)")
        }
      }
    }
    // Of several the one that the directory shows first.
    let ours = mail.compactMap { $0.text.flatMap { Address($0) } }
    guard let address = ours.first(where: rules.localPart.allows) else {
      return leave("has a mail address with a character that our addresses don't have (policy.local_part)")
    }
    return .success(address)
  }

  /// What a command ends with that could not read the directory.
  static func failure(_ error: LDAPError) -> Failure {
    switch error {
    case .unavailable, .outcomeUnknown:
      return Failure(description: "\(error); check whether the servers of directory.uris run", exitCode: 69)
    case .tls:
      return Failure(
        description: "\(error); correct directory.tls, or the server's certificate (buzon doctor)", exitCode: 69)
    case .invalid: return Failure(description: "\(error.told); correct the configuration", exitCode: 78)
    case .refused(let refusal):
      switch refusal.response.code {
      case .busy, .unavailable, .timeLimitExceeded:
        return Failure(description: "\(error); try again later", exitCode: 69)
      case .sizeLimitExceeded, .adminLimitExceeded:
        return Failure(
          description: "\(error); ask for fewer with a narrower filter, or lift the limit for the agent (olcLimits)",
          exitCode: 77)
      case .noSuchObject:
        return Failure(
          description: "\(error); directory.accounts is not there, or you may not read it", exitCode: 77)
      default:
        return Failure(
          description: "\(error); run it as a user who may read the accounts (sudo -u buzon)",
          exitCode: 77)
      }
    }
  }
}

extension LDAPError {
  /// The description without `invalid: ` before the words.
  fileprivate var told: String {
    if case .invalid(let why) = self { why } else { description }
  }
}

extension Entry {
  /// Whether the entry names an object class. Classes are compared without regard to case (RFC 4512 §2.4).
  fileprivate func isOf(_ name: String) -> Bool {
    let name = name.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    return self["objectClass"].contains { value in
      value.bytes.elementsEqual(name) { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
    }
  }
}
