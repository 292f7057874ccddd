internal import Accounts
internal import Configuration
internal import LDAP
internal import Register

/// Watches for entries that others make in the accounts' container and that take mail for our addresses without being
/// accounts (``Accounts/MailRecipient``). They are reported like accounts that were made outside Buzón.
///
/// Owns: a second search on the mirror's connection, with a cookie of its own.
///
/// Errors: a refusal is a warning (`mirror.recipients`), and the accounts are listened to all the same. An error of the
/// register is thrown.
struct RecipientWatch: Sendable {
  /// Items that are stored in one commit.
  private static let batch = 500

  let register: Register
  let current: CurrentSettings
  let log: EventLog

  /// Takes in what the server reports, until it has sent all (`refreshOnly`) or the connection ends.
  func follow(_ connection: Connection, _ mode: SyncMode) async throws {
    do {
      try await listen(connection, mode)
    } catch let error as LDAPError {
      // The mirror itself notices a connection that was lost.
      guard let code = error.code else { return }
      if code == .syncRefreshRequired || code == .unwillingToPerform {
        try await register.forgetRecipientCookie().value()
      }
      log.warning(
        "mirror.recipients",
        [("why", "\(error)"), ("do", "compare the directory with config/slapd; the accounts are listened to")])
    }
  }

  /// Without syncprov: reads all of them.
  func compare(_ connection: Connection) async throws {
    let container = current.settings.container
    let what = what(container)
    var update = RecipientUpdate(isFirst: try register.recipientReading(of: what).isFirst)
    var all: Set<String> = []
    let entries = try await connection.search(
      base: container, scope: .subtree, filter: MailRecipient.filter, attributes: Schema.synced)
    for try await entry in entries {
      guard let uuid = entry.text(Schema.entryUUID) else { continue }
      all.insert(uuid)
      update.items.append(.seen(MailRecipient(entry, entryUUID: uuid)))
      if update.items.count >= Self.batch { try await store(&update, what) }
    }
    update.all = all
    update.cookie = []
    try await store(&update, what)
  }

  private func what(_ container: DN) -> String { "\(container) sub \(MailRecipient.filter)" }

  private func listen(_ connection: Connection, _ mode: SyncMode) async throws {
    let container = current.settings.container
    let what = what(container)
    let (isFirst, stored) = try register.recipientReading(of: what)
    let cookie = stored.flatMap { $0.isEmpty ? nil : $0 }
    let messages = try await connection.sync(
      base: container, scope: .subtree, filter: MailRecipient.filter, attributes: Schema.synced, mode: mode,
      cookie: cookie)
    var update = RecipientUpdate(isFirst: isFirst)
    var seen: Set<SyncUUID> = []
    var last: [UInt8]?
    while true {
      let some = try await messages.nextBatch()
      if some.isEmpty { return }
      for message in some {
        last = message.cookie ?? last
        switch message {
        case .entry(.delete, let uuid, _, _): update.items.append(.gone(entryUUID: uuid.description))
        case .entry(.present, let uuid, _, _): seen.insert(uuid)
        case .entry(_, let uuid, let entry, _):
          seen.insert(uuid)
          update.items.append(.seen(MailRecipient(entry, entryUUID: uuid.description)))
        case .ids(let uuids, areDeleted: true, _):
          update.items += uuids.map { .gone(entryUUID: $0.description) }
        case .ids(let uuids, areDeleted: false, _): seen.formUnion(uuids)
        case .cookie: break
        case .phaseEnded(let phase, let isDone, _):
          if phase == .present || cookie == nil { update.all = Set(seen.map(\.description)) }
          if isDone { try await store(&update, what, isRead: last) }
        case .done(_, let refreshDeletes):
          if !refreshDeletes || cookie == nil { update.all = Set(seen.map(\.description)) }
          try await store(&update, what, isRead: last)
        }
        if update.isLive { seen = [] }
        if update.items.count >= Self.batch { try await store(&update, what) }
      }
      guard update.isLive, !update.items.isEmpty else { continue }
      update.cookie = last
      try await store(&update, what)
    }
  }

  /// All that was before has come.
  private func store(_ update: inout RecipientUpdate, _ what: String, isRead cookie: [UInt8]?) async throws {
    update.cookie = cookie ?? []
    try await store(&update, what)
    update.isFirst = false
    update.isLive = true
  }

  private func store(_ update: inout RecipientUpdate, _ what: String) async throws {
    log.report(
      try await register.observe(
        update, what: what, domains: current.settings.configuration.domains, at: current.now()
      ).value())
    update.items = []
    update.all = nil
    update.cookie = nil
  }
}
