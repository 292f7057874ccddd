internal import Accounts
internal import GRDB

/// What is remembered of a difference that was made outside Buzón, when it is over too.
public struct DriftEvent: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case found
    /// The entry is again as the procedure left it.
    case mended
    /// An operator declared it right.
    case accepted
  }

  public var kind: Kind
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// The account's address then.
  public var address: String
  /// The attribute; `entry`: the account was made or removed.
  public var attribute: String
  /// The DN that changed it, or the operator who accepted it; `nil`: not known.
  public var by: String?
  /// Of what was accepted: the DN that changed it.
  public var changedBy: String?
  /// For people; identity numbers masked. Of `entry`: the address where it was removed.
  public var expected: [String]
  /// For people; identity numbers masked. Of `entry`: the address where it was made.
  public var present: [String]

  /// One line: `title: Secretaria → Gerente`.
  public var line: String {
    if attribute.utf8.elementsEqual(ManagedImage.wholeEntry.utf8) {
      return present.isEmpty ? "removed outside Buzón" : "made outside Buzón"
    }
    if kind == .mended { return attribute }
    func list(_ values: [String]) -> String { values.isEmpty ? "nothing" : values.joined(separator: ", ") }
    return "\(attribute): \(list(expected)) → \(list(present))"
  }
}

extension Register {
  /// From now on the accounts of an address are to be as the directory shows them.
  ///
  /// - Parameters:
  ///   - address: present, or as it was when the account went; lower case.
  ///   - actor: the operator who says so.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: what differed until now; empty: nothing.
  public func acceptDrift(of address: String, by actor: String, at: Int64) -> Commit<[DriftEvent]> {
    post { database in
      // By its address now, and by the one that it had when it went.
      let present = try String.fetchAll(
        database, sql: "SELECT account.entry_uuid FROM account WHERE address = ?", arguments: [address])
      let gone = try String.fetchAll(
        database, sql: "SELECT entry_uuid FROM drift WHERE address = ? AND gone IS NOT NULL", arguments: [address])
      let entries = present + gone
      return try entries.flatMap { entry in
        let accepted = try Self.accepted(Self.drifted(entry, in: database), by: actor, at: at)
        for one in accepted { try Self.insert(one, of: entry, in: database) }
        var line = LedgerEntry("accepted-drift", at: at)
        line.commit("address", address)
        line.commit("by", actor)
        if !accepted.isEmpty { try Ledger.append(line, in: database) }
        try database.execute(sql: "UPDATE image SET expected = NULL WHERE entry_uuid = ?", arguments: [entry])
        try database.execute(sql: "DELETE FROM drift WHERE entry_uuid = ?", arguments: [entry])
        return accepted
      }
    }
  }

  private static func accepted(_ account: DriftedAccount, by actor: String, at: Int64) -> [DriftEvent] {
    account.details.map { detail in
      let isEntry = detail.attribute.utf8.elementsEqual(ManagedImage.wholeEntry.utf8)
      let (isGone, isMade) = (isEntry && account.present == nil, isEntry && account.present != nil)
      return DriftEvent(
        kind: .accepted, at: at, address: account.address, attribute: detail.attribute, by: actor, changedBy: detail.by,
        expected: isGone ? [account.address] : detail.expected, present: isMade ? [account.address] : detail.present)
    }
  }

  /// - Parameter request: the stamp of the change that the entry should show; `nil`: as of what was found before.
  private static func insert(
    _ one: DriftEvent, of entryUUID: String, request: String? = nil, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO drift_event (entry_uuid, kind, address, attribute, at, actor, changed_by, expected, present, request)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(?10,
          (SELECT request FROM drift_event WHERE entry_uuid = ?1 AND attribute = ?4 ORDER BY id DESC LIMIT 1)))
        """
    ).execute(arguments: [
      entryUUID, one.kind.rawValue, one.address, one.attribute, one.at, one.by, one.changedBy,
      one.expected.joined(separator: "\n"), one.present.joined(separator: "\n"), request,
    ])
  }

  /// Keeps what is reported of drift, for the history.
  static func note(_ news: MirrorNews, of entryUUID: String, at: Int64, in database: Database) throws {
    func event(
      _ kind: DriftEvent.Kind, _ address: String, _ attribute: String, by: String? = nil, expected: [String] = [],
      present: [String] = []
    ) -> DriftEvent {
      DriftEvent(
        kind: kind, at: at, address: address, attribute: attribute, by: by, expected: expected, present: present)
    }
    switch news {
    case .drifted(let address, let difference, let by, let request):
      try insert(
        event(
          .found, address, difference.attribute, by: by, expected: difference.expected, present: difference.present),
        of: entryUUID, request: request, in: database)
    case .appeared(let address, let by, let request):
      try insert(
        event(.found, address, ManagedImage.wholeEntry, by: by, present: [address]), of: entryUUID, request: request,
        in: database)
    case .vanished(let address, _, let request):
      try insert(
        event(.found, address, ManagedImage.wholeEntry, expected: [address]), of: entryUUID, request: request,
        in: database)
    case .mended(let address, let attribute):
      try insert(event(.mended, address, attribute), of: entryUUID, in: database)
    case .closed, .overridden, .released: break
    }
  }

  /// What is remembered of an entry's drift, in order of time.
  static func driftEvents(of entryUUID: String, in database: Database) throws -> [DriftEvent] {
    try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM drift_event WHERE entry_uuid = ?"),
      arguments: [entryUUID]
    ).map(driftEvent).sorted { $0.at < $1.at }
  }

  /// What is remembered of drift against what the changes of a request left, in order of time.
  ///
  /// - Parameter number: the request's.
  public func driftEvents(against number: String) throws -> [DriftEvent] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM drift_event WHERE request >= ?1 || '#' AND request < ?1 || '$'", arguments: [number]
      ).map(Self.driftEvent).sorted { $0.at < $1.at }
    }
  }

  private static func driftEvent(_ row: Row) -> DriftEvent {
    DriftEvent(
      kind: DriftEvent.Kind(rawValue: row["kind"]) ?? .found, at: row["at"], address: row["address"],
      attribute: row["attribute"], by: row["actor"], changedBy: row["changed_by"], expected: lines(row["expected"]),
      present: lines(row["present"]))
  }

  /// On bytes: a line's end before a combining mark is another Character.
  private static func lines(_ text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
  }
}
