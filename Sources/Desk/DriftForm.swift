internal import Accounts
public import Configuration
public import Forms
internal import Installation
internal import LDAP
internal import Records
public import Register
internal import Text

/// The form that puts right what was changed outside Buzón.
public struct DriftForm: Sendable {
  /// In the order of a form; empty: nothing a form can do.
  public let changes: [Change]
  /// What no form can put right, a line each, with the address; no identity number.
  public let notes: [String]

  /// Plans it on the entries that the directory has now, those too that the mirror doesn't know: who holds an address,
  /// who is an account no more.
  ///
  /// - Throws: ``DirectorySearch/Failure`` where the directory can't be read, `RegisterError`, and ``AgentError`` where the
  ///   configuration is no good.
  public init(
    _ accounts: [DriftedAccount], _ register: Register, _ configuration: Configuration, rules: Rules
  ) async throws {
    let zone = try RecordStyle(configuration).zone
    let now = WallClock.now()
    // One that was moved is there: a form could only make a second one, with an empty mailbox.
    let gone = accounts.filter { $0.present == nil }.map(\.entryUUID)
    let moved = gone.isEmpty ? [:] : try await DirectorySearch.moved(uuids: gone, configuration)
    let whole = accounts
    let accounts = whole.filter { moved[$0.entryUUID] == nil }
    let images = accounts.flatMap { [$0.expected, $0.present].compactMap(\.self) }
    let own = Set(images.flatMap(\.addresses))
    let entries = try await DirectorySearch.entries(
      uuids: accounts.map(\.entryUUID), addresses: Array(own.union(images.flatMap(\.references))), configuration)
    let read = Set(entries.compactMap { $0.text(Schema.entryUUID) }).subtracting(accounts.map(\.entryUUID))
    var others: Set<String> = []
    try register.forEachEntryUUID { if read.contains($0) { others.insert($0) } }
    let context = configuration.planContext(zone: zone, now: now)
    let repair = DriftRepair(
      accounts.map { .init(entryUUID: $0.entryUUID, address: $0.address, expected: $0.expected) }, entries: entries,
      others: others, retired: context.addressMemory == 0 ? [:] : try register.retired(own), rules: rules,
      context: context)
    changes = repair.changes
    notes =
      repair.notes
      + whole.compactMap { account in
        moved[account.entryUUID].map {
          "\(account.address): its entry was moved to \($0), and no form moves it back; an administrator does: "
            + "ldapmodrdn -s \("\(configuration.directory.accounts)".shellWord) \("\($0)".shellQuoted) \(Self.name(of: $0).shellQuoted)"
        }
      }
  }

  private static func name(of dn: DN) -> String { dn.rdn.map { "\($0)" } ?? "\(dn)" }
}
