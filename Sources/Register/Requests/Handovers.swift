public import Accounts
internal import Foundation
internal import GRDB
internal import Glibc

/// A temporary password on its way to its owner.
public struct StoredHandover: Sendable {
  /// The change that granted it.
  public var id: ChangeID
  public var number: String
  public var entryUUID: String
  /// The account's address now, or at the grant where it has gone.
  public var address: String
  public var dn: String
  public var name: String
  public var position: String?
  public var department: String?
  public var state: HandoverState
  /// Milliseconds since 1970 UTC.
  public var granted: Int64
  /// An unused password serves until then, seconds since 1970 UTC.
  public var ends: Int64
  /// What the password is derived from; `nil`: nobody can show it any more.
  public var salt: [UInt8]?
  /// How often its slip was shown.
  public var shown: Int
  public var receivedBy: String?
  /// Milliseconds since 1970 UTC.
  public var delivered: Int64?
  /// Milliseconds since 1970 UTC.
  public var ended: Int64?
  /// The DN that ended it, or what did: `delete`, `reset`, `clock`.
  public var endedBy: String?
}

/// How many hand-overs of a department are open.
public struct DepartmentHandovers: Sendable, Hashable {
  public var department: String?
  public var count: Int
  /// The grant of the oldest, milliseconds since 1970 UTC.
  public var oldest: Int64
}

extension Register {
  /// Which hand-overs are asked for.
  public enum HandoverQuery: Sendable {
    /// Not closed and not expired, the oldest first.
    case open
    /// Those that ended too, the oldest first.
    case all
    /// All that a request began, in the order of its changes.
    case number(String)
    /// The latest of the account that has this address, lower case.
    case address(String)
  }

  public func handovers(_ query: HandoverQuery, limit: Int = .max) throws -> [StoredHandover] {
    try read { database in
      switch query {
      case .open:
        return try Row.fetchAll(
          database,
          sql: """
            SELECT handover.*, number, change.address AS called, change.dn AS named, account.address, account.dn,
              account.name, account.position
            FROM handover CROSS JOIN request ON request.id = handover.request
              CROSS JOIN change ON change.request = handover.request AND change.change_index = handover.change_index
              LEFT JOIN account ON account.entry_uuid = handover.entry_uuid
            WHERE handover.state IN ('open', 'delivered') ORDER BY handover.granted LIMIT ?
            """, arguments: [limit]
        ).map(Self.handover)
      case .all:
        return try Row.fetchAll(
          database,
          sql: """
            SELECT number, handover.*, change.address AS called, change.dn AS named, account.address, account.dn,
              account.name, account.position
            FROM request CROSS JOIN handover ON handover.request = request.id
              CROSS JOIN change ON change.request = handover.request AND change.change_index = handover.change_index
              LEFT JOIN account ON account.entry_uuid = handover.entry_uuid
            ORDER BY request.id, handover.change_index LIMIT ?
            """, arguments: [limit]
        ).map(Self.handover)
      case .number(let number):
        return try Row.fetchAll(
          database,
          sql: """
            SELECT handover.*, number, change.address AS called, change.dn AS named, account.address, account.dn,
              account.name, account.position
            FROM request CROSS JOIN handover ON handover.request = request.id
              CROSS JOIN change ON change.request = handover.request AND change.change_index = handover.change_index
              LEFT JOIN account ON account.entry_uuid = handover.entry_uuid
            WHERE request.number = ? LIMIT ?
            """, arguments: [number, limit]
        ).map(Self.handover).sorted { $0.id.index < $1.id.index }
      case .address(let address):
        // An account has few.
        let all = try Row.fetchAll(
          database,
          sql: """
            SELECT handover.*, number, change.address AS called, change.dn AS named, account.address, account.dn,
              account.name, account.position
            FROM address CROSS JOIN handover ON handover.entry_uuid = address.entry_uuid
              CROSS JOIN request ON request.id = handover.request
              CROSS JOIN change ON change.request = handover.request AND change.change_index = handover.change_index
              LEFT JOIN account ON account.entry_uuid = handover.entry_uuid
            WHERE address.address = ?
            """, arguments: [address]
        ).map(Self.handover)
        return all.max { ($0.id.request, $0.id.index) < ($1.id.request, $1.id.index) }.map { [$0] } ?? []
      }
    }
  }

  private static func handover(_ row: Row) -> StoredHandover {
    StoredHandover(
      id: ChangeID(request: row["request"], index: row["change_index"]), number: row["number"],
      entryUUID: row["entry_uuid"],
      address: row["address"] ?? row["called"], dn: row["dn"] ?? row["named"] ?? "", name: row["name"] ?? "",
      position: row["position"], department: row["department"],
      state: HandoverState(rawValue: row["state"]) ?? .none, granted: row["granted"], ends: row["ends"],
      salt: (row["salt"] as Data?).map { Array($0) }, shown: row["shown"], receivedBy: row["received_by"],
      delivered: row["delivered"], ended: row["ended"], endedBy: row["ended_by"])
  }

  /// The open hand-overs by department, the longest waiting first.
  public func openHandoversByDepartment() throws -> [DepartmentHandovers] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT department, count(*) AS count, min(granted) AS oldest FROM handover
          WHERE state IN ('open', 'delivered') GROUP BY department ORDER BY oldest
          """
      ).map { DepartmentHandovers(department: $0["department"], count: $0["count"], oldest: $0["oldest"]) }
    }
  }

  /// Notes that slips are shown, before they are.
  ///
  /// - Returns: those that can be shown still, with how often they were by now.
  public func show(_ handovers: [ChangeID], by actor: String, at: Int64) -> Commit<[ChangeID: Int]> {
    post { database in
      let show = try database.cachedStatement(
        sql: """
          UPDATE handover SET shown = shown + 1
          WHERE request = ? AND change_index = ? AND salt IS NOT NULL AND state IN ('open', 'delivered') RETURNING shown
          """)
      var shown: [ChangeID: Int] = [:]
      for id in handovers {
        guard let count = try Int.fetchOne(show, arguments: [id.request, id.index]) else { continue }
        shown[id] = count
        try HandoverStatements(database).note(.shown, of: id, by: actor, at: at)
      }
      return shown
    }
  }

  /// Notes that a slip reached its owner: what its password is derived from is destroyed.
  ///
  /// - Returns: whether it was open until now.
  public func receive(_ id: ChangeID, by receiver: String, actor: String, at: Int64) -> Commit<Bool> {
    post { database in
      let receive = try database.cachedStatement(
        sql: """
          UPDATE handover SET state = 'delivered', salt = NULL, received_by = ?, delivered = ?
          WHERE request = ? AND change_index = ? AND state = 'open' RETURNING entry_uuid
          """)
      guard let entry = try String.fetchOne(receive, arguments: [receiver, at, id.request, id.index]) else {
        return false
      }
      try HandoverStatements(database).setState(id, of: entry, .delivered)
      try HandoverStatements(database).note(.received, of: id, by: receiver, recordedBy: actor, at: at)
      return true
    }
  }

  /// Notes that the user set the final password on the spot, in front of an operator.
  public func changed(_ id: ChangeID, by actor: String, at: Int64) -> Commit<Void> {
    post { database in
      try HandoverStatements(database).note(.changed, of: id, by: actor, at: at)
      // What is on the slip opens nothing any more; that it is closed the mirror will see.
      try database.cachedStatement(sql: "UPDATE handover SET salt = NULL WHERE request = ? AND change_index = ?")
        .execute(arguments: [id.request, id.index])
    }
  }

  /// Overwrites what was deleted in the log of the database too, as far as readers let it: until then a salt that was
  /// destroyed can be found there.
  ///
  /// - Throws: ``RegisterError``.
  public func scrub() throws {
    do {
      for _ in 0..<10 {
        if try checkpoint() { return }
        usleep(100_000)
      }
    } catch {
      throw RegisterError(error, path: nil)
    }
  }
}

/// The statements that keep hand-overs, prepared once for a batch.
struct HandoverStatements {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// A change granted a temporary password: the hand-over of an earlier one ends.
  func grant(_ id: ChangeID, to entryUUID: String, department: String?, ends: Int64, at: Int64) throws {
    try end(entryUUID, .expired, by: "reset", at: at, except: id)
    // In an atomic request the intent, and the salt with it, stands beside the last change of the account.
    try database.cachedStatement(
      sql: """
        INSERT INTO handover (request, change_index, entry_uuid, department, state, granted, ends, due, salt)
        SELECT ?1, ?2, ?3, ?4, 'open', ?5, ?6, ?6, coalesce(
          (SELECT salt FROM change WHERE request = ?1 AND change_index = ?2),
          (SELECT salt FROM change WHERE request = ?1 AND salt IS NOT NULL
            AND turn = (SELECT turn FROM change WHERE request = ?1 AND change_index = ?2)))
        WHERE true
        ON CONFLICT (request, change_index) DO NOTHING
        """
    ).execute(arguments: [id.request, id.index, entryUUID, department, at, ends])
    // The end of the earlier one is not where the account stands.
    guard database.changesCount == 1 else { return }
    try note(.granted, of: id, by: nil, at: at)
    try database.cachedStatement(sql: "UPDATE account SET handover = 'open' WHERE entry_uuid = ?")
      .execute(arguments: [entryUUID])
  }

  /// Where a hand-over stands; `nil` where there is none.
  func state(of id: ChangeID) throws -> HandoverState? {
    try String.fetchOne(
      database.cachedStatement(sql: "SELECT state FROM handover WHERE request = ? AND change_index = ?"),
      arguments: [id.request, id.index]
    ).flatMap(HandoverState.init(rawValue:))
  }

  /// The open hand-over of an entry; `nil` where there is none.
  func open(of entryUUID: String) throws -> (id: ChangeID, granted: Int64)? {
    try Row.fetchOne(
      database.cachedStatement(
        sql:
          "SELECT request, change_index, granted FROM handover WHERE entry_uuid = ? AND state IN ('open', 'delivered')"),
      arguments: [entryUUID]
    ).map { (ChangeID(request: $0[0], index: $0[1]), $0[2]) }
  }

  /// Ends what is open for an entry, and destroys the salt.
  ///
  /// - Parameters:
  ///   - actor: who or what ended it.
  ///   - next: when the clock has something to do with it.
  /// - Returns: the hand-overs that ended.
  @discardableResult
  func end(
    _ entryUUID: String, _ state: HandoverState, by actor: String?, at: Int64,
    next: MirrorEffect.ClockTime = .never, except: ChangeID? = nil
  ) throws -> [ChangeID] {
    let due: Int64? = if case .at(let time) = next { time } else { nil }
    let ended = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          UPDATE handover SET state = ?, salt = NULL, ended = ?, ended_by = ?, due = iif(?, due, ?), clock = NULL
          WHERE entry_uuid = ? AND state IN ('open', 'delivered') AND (request <> ? OR change_index <> ?)
          RETURNING request, change_index
          """),
      arguments: [
        state.rawValue, at, actor, next == .kept, due, entryUUID, except?.request ?? -1, except?.index ?? -1,
      ]
    ).map { ChangeID(request: $0[0], index: $0[1]) }
    for id in ended {
      try note(HandoverEvent.Kind(end: state, by: actor), of: id, by: actor, at: at)
      try setState(id, of: entryUUID, state)
    }
    return ended
  }

  /// Adds to the story of a hand-over. The record of its request is written again.
  ///
  /// - Parameters:
  ///   - actor: who did it; `nil`: that isn't known, or nobody did.
  ///   - recordedBy: who reported it.
  func note(_ kind: HandoverEvent.Kind, of id: ChangeID, by actor: String?, recordedBy: String? = nil, at: Int64) throws
  {
    try database.cachedStatement(
      sql: "INSERT INTO event (request, change_index, at, event, actor, recorded_by) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [id.request, id.index, at, kind.rawValue, actor, recordedBy])
    var entry = LedgerEntry(
      "handover", at: at, request: id.request, number: try Register.number(of: id.request, in: database),
      index: id.index)
    entry.state("step", kind.rawValue)
    entry.commit("by", actor)
    entry.commit("recorded_by", recordedBy)
    try Ledger.append(entry, in: database)
    // The record of a change that is being settled isn't written yet.
    if kind != .granted { try markStale(id.request) }
  }

  private func markStale(_ request: Int64) throws {
    try database.cachedStatement(sql: "UPDATE request SET recorded = min(recorded, 0) - 1 WHERE id = ?")
      .execute(arguments: [request])
  }

  /// The password serves until then, seconds since 1970 UTC.
  func postpone(_ entryUUID: String, until ends: Int64) throws {
    try database.cachedStatement(
      sql: "UPDATE handover SET ends = ?, due = ?, clock = NULL WHERE entry_uuid = ? AND due IS NOT NULL"
    ).execute(arguments: [ends, ends, entryUUID])
  }

  /// The account's open hand-over is its department's.
  func setDepartment(_ entryUUID: String, _ department: String?) throws {
    try database.cachedStatement(
      sql: """
        UPDATE handover SET department = ?2
        WHERE entry_uuid = ?1 AND state IN ('open', 'delivered') AND department IS NOT ?2
        """
    ).execute(arguments: [entryUUID, department])
  }

  /// The clock has nothing more to do with the entry's hand-overs.
  func settle(_ entryUUID: String) throws {
    try database.cachedStatement(sql: "UPDATE handover SET due = NULL WHERE entry_uuid = ? AND due IS NOT NULL")
      .execute(arguments: [entryUUID])
  }

  /// What the clock could not do may be tried again, for the entry changed.
  func retry(_ entryUUID: String) throws {
    try database.cachedStatement(
      sql: "UPDATE handover SET clock = NULL WHERE entry_uuid = ? AND due IS NOT NULL AND clock IS NOT NULL"
    ).execute(arguments: [entryUUID])
  }

  /// Where the hand-over stands goes into what is written of the change and the account.
  func setState(_ id: ChangeID, of entryUUID: String, _ state: HandoverState) throws {
    try database.cachedStatement(sql: "UPDATE change SET handover = ? WHERE request = ? AND change_index = ?")
      .execute(arguments: [state.rawValue, id.request, id.index])
    try database.cachedStatement(sql: "UPDATE account SET handover = ? WHERE entry_uuid = ?")
      .execute(arguments: [state.rawValue, entryUUID])
    try markStale(id.request)
  }
}
