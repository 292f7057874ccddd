internal import Accounts
internal import Configuration
internal import Files
internal import LDAP
internal import Providers
internal import SlapdFiles

/// Finds out what a directory lacks, and puts it there, as root of its host over `ldapi`. Each operation is applied by itself.
/// A run may be cut off at any moment: the next run finds what is missing still, and does that.
struct DirectoryPreparation: Sendable {
  /// What is known of the place; the database's name is found out.
  var values: SlapdFile.Values
  let organization: String
  let password: Configuration.Password
  /// `ldapi` of this host.
  let url: LDAPURL

  private static let patience = Connection.Options(connect: .seconds(10), operation: .seconds(120))

  /// What was found.
  struct Needs: Sendable {
    var configuration: [PreparationStep] = []
    var tree: [PreparationStep] = []
    /// Takes away what an earlier run left.
    var leftover: Operation?
    /// The database's entry in `cn=config`.
    var database: DN?
  }

  /// Suffixes of the databases, but for slapd's own.
  static func suffixes(at url: LDAPURL) async throws(LDAPError) -> [String] {
    let connection = try await Connection.open(url, credentials: .external, options: patience)
    let root = try await connection.entry(DN(), attributes: ["namingContexts"])
    await connection.close()
    return (root?["namingContexts"] ?? []).compactMap(\.text).filter { $0.lowercased() != "cn=accesslog" }
  }

  /// - Throws: `LDAPError`; also where `cn=config` may not be read.
  func needs() async throws(LDAPError) -> Needs {
    try await connected { connection throws(LDAPError) in try await needs(connection) }
  }

  /// Applies what is needed, in its order, until nothing is left that can be.
  ///
  /// - Parameters:
  ///   - replaces: whether also what somebody chose is changed.
  ///   - done: takes each step that was applied.
  func apply(replaces: Bool, done: (PreparationStep) -> Void) async throws(LDAPError) {
    try await connected { connection throws(LDAPError) in
      var needs = try await needs(connection)
      if let leftover = needs.leftover {
        try await connection.perform(leftover)
        needs = try await self.needs(connection)
      }
      for step in needs.configuration where !step.operations.isEmpty && (replaces || !step.replaces) {
        for operation in step.operations { try await connection.perform(operation) }
        done(step)
      }
      // Classes and rights are others now.
      let tree = try await self.needs(connection)
      let steps = tree.tree.filter { replaces || !$0.replaces }
      guard !steps.isEmpty, let database = tree.database else { return }
      try await withAccess(to: database, connection) { () throws(LDAPError) in
        for step in steps {
          for operation in step.operations { try await add(operation, connection) }
          done(step)
        }
      }
    }
  }

  // MARK: Reading

  private func connected<Value: Sendable>(
    _ body: (Connection) async throws(LDAPError) -> Value
  ) async throws(LDAPError) -> Value {
    let connection = try await Connection.open(url, credentials: .external, options: Self.patience)
    do throws(LDAPError) {
      let value = try await body(connection)
      await connection.close()
      return value
    } catch {
      let identified = await connection.identifying(error)
      await connection.close()
      throw identified
    }
  }

  private func needs(_ connection: Connection) async throws(LDAPError) -> Needs {
    let entries = try await connection.searchAll(base: DN.rdn("cn", "config").under(DN()), limit: 10_000)
    let misc = try? readFile(ConfigurationReader.mailSchema, limit: 1 << 20)
    var needs = Needs()
    let tree = ConfigurationTree(entries)
    let base = try DN(parsing: values.suffix)
    needs.configuration = try DirectoryNeeds.steps(entries, values, isExternal: true, mailSchema: misc)
    guard let database = tree.database(of: base) else { return needs }
    needs.database = database.dn
    if let access = TemporaryAccess(identity: try await connection.whoAmI()) {
      needs.leftover = access.closing(database.dn, rules: database.ordered("olcAccess"))
    }
    var present: [DN: Entry] = [:]
    for name in try TreeNeeds.names(values) { present[name] = try await visible(name, connection) }
    needs.tree = try TreeNeeds(present: present, values: values, organization: organization, password: password).steps()
    return needs
  }

  /// An entry; `nil`: it isn't there, or root may not see it.
  private func visible(_ dn: DN, _ connection: Connection) async throws(LDAPError) -> Entry? {
    do throws(LDAPError) {
      return try await connection.entry(dn)
    } catch {
      if error.code == .insufficientAccessRights { return nil }
      throw error
    }
  }

  // MARK: Writing

  /// What is there already stays as it is.
  private func add(_ operation: Operation, _ connection: Connection) async throws(LDAPError) {
    do throws(LDAPError) {
      try await connection.perform(operation)
    } catch {
      guard case .add = operation, error.code == .entryAlreadyExists else { throw error }
    }
  }

  private func withAccess(
    to database: DN, _ connection: Connection, _ body: () async throws(LDAPError) -> Void
  ) async throws(LDAPError) {
    guard let access = TemporaryAccess(identity: try await connection.whoAmI()) else { return try await body() }
    try await connection.perform(access.opening(database))
    let result: Result<Void, LDAPError>
    do throws(LDAPError) { result = .success(try await body()) } catch { result = .failure(error) }
    let rules = try await connection.entry(database, attributes: ["olcAccess"])?.ordered("olcAccess") ?? []
    if let closing = access.closing(database, rules: rules) { try await connection.perform(closing) }
    try result.get()
  }
}
