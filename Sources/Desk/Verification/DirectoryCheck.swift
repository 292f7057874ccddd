internal import Accounts
internal import Configuration
internal import LDAP
internal import Providers
internal import Register

/// The directory's accounts with what the register says of them.
struct DirectoryCheck {
  let register: Register
  let configuration: Configuration

  /// - Parameter progress: gets how many entries were compared.
  func run(progress: @escaping @Sendable (Int) -> Void) async throws -> Verification.Result {
    do {
      let connection = try await configuration.connect().connection
      let result = try await compare(over: connection, progress)
      await connection.close()
      return result
    } catch let error as LDAPError {
      return .unread("the directory could not be read: \(error)")
    }
  }

  private func compare(over connection: Connection, _ progress: @escaping @Sendable (Int) -> Void) async throws
    -> Verification.Result
  {
    let container = configuration.directory.accounts
    var seen: Set<String> = []
    var doubtful: [String] = []
    let entries = try await connection.search(
      base: container, scope: .oneLevel, filter: .equal("objectClass", "buzonAccount"), attributes: Schema.synced)
    for try await entry in entries {
      // Those that the agent makes for a moment; no account's local part has an @.
      if entry.dn.rdn?.parts.first?.value.bytes.first == UInt8(ascii: "@") { continue }
      guard let snapshot = EntrySnapshot(entry) else {
        return .unread(
          "\(entry.dn) is shown without objectClass, mail or entryUUID; read as a user who may (sudo -u buzon)")
      }
      seen.insert(snapshot.account.entryUUID)
      if try !fits(snapshot) { doubtful.append(snapshot.account.entryUUID) }
      progress(seen.count)
      if doubtful.count > Self.most { break }
    }
    if doubtful.isEmpty { doubtful = Array(try register.accounts { seen.contains($0) }.prefix(Self.most)) }
    // What an agent hears just now is known a moment later.
    if !doubtful.isEmpty { try await Task.sleep(for: .seconds(2)) }
    for uuid in doubtful {
      if let what = try await difference(uuid, container, over: connection) { return what }
    }
    if let drift = try register.drift().first {
      return .differs(
        what: "\(drift.address) was changed in the directory outside Buzón",
        meaning: "buzon drift says what and by whom; mend it (buzon drift --repair) or accept it (--accept)")
    }
    return .fits(seen.count)
  }

  private static let most = 1_000

  private func fits(_ snapshot: EntrySnapshot) throws -> Bool {
    guard let known = try register.mirrored(snapshot.account.entryUUID) else { return false }
    // What failed logins and other bookkeeping of the directory change isn't ours.
    func essence(_ account: Account) -> Account {
      var account = account
      (account.created, account.changed, account.entryCSN) = (nil, nil, "")
      (account.retainedSince, account.lockedSince) = (nil, nil)
      // Neither is how it orders and spells what is a set, or a name.
      (account.aliases, account.lists, account.dn) = (account.aliases.sorted(), account.lists.sorted(), "")
      return account
    }
    return known.image == snapshot.image.encoded && essence(known.account) == essence(snapshot.account)
  }

  private func difference(_ uuid: String, _ container: DN, over connection: Connection) async throws
    -> Verification.Result?
  {
    let known = try register.mirrored(uuid)
    let entry = try await connection.searchAll(
      base: container, scope: .oneLevel, filter: .equal(Schema.entryUUID, Value(uuid)), attributes: Schema.synced,
      limit: 2
    ).first
    let unheard =
      "the agent has not heard it: it doesn't run, or its mirror is down (buzon status); or the register was changed by hand"
    guard let snapshot = entry.flatMap(EntrySnapshot.init) else {
      return known.map {
        .differs(
          what: "\($0.account.address) is an account in the register, and has no entry in the directory",
          meaning: unheard)
      }
    }
    // An agent that was killed left it in work; the next one finishes it.
    if let stamp = snapshot.image.stamp.flatMap(Stamp.init),
      try register.standing(of: stamp.number).map({ $0.state != .done }) == true
    {
      return .unread("request \(stamp.number), which wrote \(snapshot.account.address) last, is not done yet")
    }
    guard let known else {
      return .differs(
        what: "\(snapshot.account.address) has an entry in the directory, and the register doesn't know it",
        meaning: unheard)
    }
    if try fits(snapshot) { return nil }
    return .differs(what: "\(known.account.address) is not in the directory as the register has it", meaning: unheard)
  }
}
