internal import Accounts
public import Configuration
public import Forms
internal import Installation
internal import LDAP
public import Register
internal import Text

/// The form that takes back what a request did (`buzon undo`).
public struct UndoForm: Sendable {
  /// As the request's form states it.
  public let request: Request
  /// In the order of a form; empty: nothing a form can do.
  public let changes: [Change]
  /// What can't be reversed and why, a line each; no identity number.
  public let lost: [String]
  /// What an approver should know, a line each.
  public let hints: [String]

  /// Whether the request changed anything.
  public let hasApplied: Bool

  /// Plans it on the entries that the directory has now.
  ///
  /// - Throws: ``DirectorySearch/Failure`` where the directory can't be read, `RegisterError`, `FormReader.Unreadable`, and
  ///   ``AgentError`` where the configuration is no good.
  public init(_ stored: StoredRequest, _ register: Register, _ configuration: Configuration, rules: Rules) async throws
  {
    let request = try FormReader.reread(stored.bytes)
    self.request = request
    let applied = try register.appliedChanges(of: stored.id).filter { !request.isForgotten($0.index) }
    let forgotten = try Self.forgotten(request, stored, register, configuration)
    hasApplied = !applied.isEmpty || !forgotten.isEmpty
    guard !applied.isEmpty else {
      (changes, lost, hints) = ([], forgotten, [])
      return
    }
    let uuids = Set(applied.compactMap(\.entryUUID))
    var later: [String: [LaterChange]] = [:]
    for uuid in uuids { later[uuid] = try register.changes(of: uuid, after: stored.id) }
    let images = applied.compactMap { $0.intent?.preImage.map { ManagedImage($0) } }
    let addresses = Set(images.flatMap { $0.addresses + $0.references })
    let context = configuration.planContext(zone: try RecordStyle(configuration).zone, now: WallClock.now())
    try await DirectorySearch.requireRights(configuration, accounts: try register.accountCount())
    let entries = try await DirectorySearch.entries(
      uuids: uuids.sorted(), addresses: addresses.sorted(), configuration)
    let reversal = RequestReversal(
      of: request, reason: Self.reason(stored.number, configuration), applied: applied, later: later, entries: entries,
      retired: context.addressMemory == 0 ? [:] : try register.retired(addresses), rules: rules, context: context)
    (changes, lost, hints) = (reversal.changes, forgotten + reversal.lost, reversal.hints)
  }

  /// A line for each applied change whose data was removed.
  private static func forgotten(
    _ request: Request, _ stored: StoredRequest, _ register: Register, _ configuration: Configuration
  ) throws -> [String] {
    let gone = stored.changes.values.filter { $0.outcome == .applied && request.isForgotten($0.index) }
      .map(\.index).sorted()
    guard !gone.isEmpty, let event = try register.orders(of: stored.id).last(where: { $0.event == "forgotten" }) else {
      return []
    }
    let time = try RecordStyle(configuration).zone.timeAndZone(at: Timestamp(milliseconds: event.at))
    return gone.map { "change \($0): forgotten on \(time) because \(event.detail ?? "")" }
  }

  /// Pages show it as the form states it, so it is in their language.
  private static func reason(_ number: String, _ configuration: Configuration) -> String {
    switch configuration.organization.language {
    case .es: "Reversión de \(number)"
    case .en: "Undo of \(number)"
    }
  }
}

extension Request {
  fileprivate func isForgotten(_ index: Int) -> Bool {
    guard changes.indices.contains(index), case .forgotten = changes[index] else { return false }
    return true
  }
}
