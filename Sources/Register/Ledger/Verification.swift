public import Accounts
internal import Forms
internal import Foundation
internal import GRDB

/// What `buzon verify` and `buzon evidence` read: all of history, by their nature.
extension Register {
  /// The stories of the requests after one, in the order of acceptance, all as of one moment: as many as have `changes` changes
  /// together, and at least one, so that memory is bounded by the work and not by the number of forms.
  public func stories(after id: Int64, changes: Int) throws -> [RequestStory] {
    try read { database in
      var last = id
      var room = changes
      let rows = try Row.fetchCursor(
        database, sql: "SELECT id, changes FROM request WHERE id > ? ORDER BY id", arguments: [id])
      while room > 0, let row = try rows.next() {
        last = row[0]
        room -= row[1] as Int
      }
      return try Self.requests(
        database, sql: "SELECT * FROM request WHERE id > ? AND id <= ? ORDER BY id", arguments: [id, last]
      ).map { request in
        let lines = try Row.fetchAll(
          database, sql: "SELECT * FROM ledger WHERE request = ? ORDER BY sequence", arguments: [request.id]
        ).map(StoredLedgerLine.init)
        return RequestStory(
          request: request, lines: lines, orders: try Self.orders(of: request.id, in: database),
          digests: try Self.intentDigests(of: request.id, in: database),
          handovers: try Self.handoverStates(of: request.id, in: database),
          valued: try Self.valuedChanges(of: request.id, in: database))
      }
    }
  }

  /// Those of some numbers that are used up though the register has no such request: they were used since the backup that it was
  /// restored from.
  public func spent(_ numbers: [String]) throws -> Set<String> {
    try read { database in
      let statement = try database.cachedStatement(sql: "SELECT 1 FROM spent WHERE number = ?")
      return try Set(numbers.filter { try Int.fetchOne(statement, arguments: [$0]) != nil })
    }
  }

  /// Lines of the ledger about requests that the register doesn't have.
  public func ledgerOfNoRequest() throws -> StoredLedgerLine? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT * FROM ledger WHERE request IS NOT NULL AND NOT EXISTS (SELECT 1 FROM request WHERE id = ledger.request)
          ORDER BY sequence LIMIT 1
          """
      ).map(StoredLedgerLine.init)
    }
  }

  private static func intentDigests(of request: Int64, in database: Database) throws -> [Int: RequestStory.Digests] {
    var digests: [Int: RequestStory.Digests] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT change_index, intent, pre_image FROM change WHERE request = ? AND intent IS NOT NULL",
      arguments: [request])
    {
      digests[row[0]] = RequestStory.Digests(
        intent: digest(of: Array(row[1] as Data)), before: (row[2] as Data?).map { digest(of: Array($0)) })
    }
    return digests
  }

  private static func handoverStates(of request: Int64, in database: Database) throws -> [Int: RequestStory.Handover] {
    var handovers: [Int: RequestStory.Handover] = [:]
    let rows = try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM handover WHERE request = ?"), arguments: [request])
    for row in rows {
      handovers[row["change_index"]] = RequestStory.Handover(
        state: HandoverState(rawValue: row["state"]) ?? .none, granted: row["granted"], shown: row["shown"],
        delivered: row["delivered"], receivedBy: row["received_by"], ended: row["ended"], endedBy: row["ended_by"])
    }
    return handovers
  }

  /// The changes of which the register has something that forgetting them removes.
  private static func valuedChanges(of request: Int64, in database: Database) throws -> Set<Int> {
    // Few requests have something forgotten; the others needn't be read for it.
    let isForgotten = try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM forgotten_line WHERE request = ? LIMIT 1"), arguments: [request])
    if isForgotten == nil { return [] }
    return try Int.fetchSet(
      database,
      sql: """
        SELECT change_index FROM change WHERE request = ?1 AND (address <> ?2
          OR coalesce(intent, entry_uuid, stamp_read, pre_image, salt, dn, diagnostic, remedy, name, reason, orphans, reused)
            IS NOT NULL)
        UNION SELECT change_index FROM handover WHERE request = ?1
        """, arguments: [request, Change.Forgotten.address.text])
  }

  /// What the mirror has of an entry: its account, and its image; `nil`: it has no such entry.
  public func mirrored(_ entryUUID: String) throws -> (account: Account, image: [UInt8])? {
    try read { database in
      try Row.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT account.*, image.image FROM account JOIN image ON image.entry_uuid = account.entry_uuid
            WHERE account.entry_uuid = ?
            """), arguments: [entryUUID]
      ).map { row in
        (
          Account(
            entryUUID: row["entry_uuid"], dn: row["dn"], address: row["address"], aliases: words(row["aliases"]),
            kind: row["kind"], name: row["name"], department: row["department"], position: row["position"],
            status: row["status"], quota: row["quota"], owner: row["owner"], lists: words(row["lists"]),
            created: row["created"], changed: row["changed"], entryCSN: row["entry_csn"], expires: row["expires"]),
          Array(row["image"] as Data)
        )
      }
    }
  }

  /// The line with this hash; `nil`: the ledger has none.
  public func ledgerLine(hash: [UInt8]) throws -> StoredLedgerLine? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM ledger WHERE hash = ?", arguments: [Data(hash)])
        .map(StoredLedgerLine.init)
    }
  }
}

/// A request, and all that the ledger tells of it.
public struct RequestStory: Sendable {
  /// SHA-256 of what was stored to be sent for a change, and of the entry as it was read before.
  public struct Digests: Sendable {
    public var intent: [UInt8]
    public var before: [UInt8]?
  }

  /// A hand-over as its row has it. Times in milliseconds since 1970 UTC.
  public struct Handover: Sendable, Hashable {
    public var state: HandoverState
    public var granted: Int64
    public var shown: Int
    public var delivered: Int64?
    public var receivedBy: String?
    public var ended: Int64?
    public var endedBy: String?

    /// What its events make of one; `nil`: none of them began it.
    public init?(_ events: [HandoverEvent]) {
      guard let first = events.first(where: { $0.kind == .granted }) else { return nil }
      self.init(state: .open, granted: first.at, shown: 0)
      for event in events {
        switch event.kind {
        case .granted, .changed, .released: break
        case .shown: shown += 1
        case .received: (state, delivered, receivedBy) = (.delivered, event.at, event.by)
        case .closed: (state, ended, endedBy) = (.closed, event.at, event.by)
        case .overridden, .expired: (state, ended, endedBy) = (.expired, event.at, event.by)
        }
      }
    }

    init(
      state: HandoverState, granted: Int64, shown: Int, delivered: Int64? = nil, receivedBy: String? = nil,
      ended: Int64? = nil, endedBy: String? = nil
    ) {
      self.state = state
      self.granted = granted
      self.shown = shown
      self.delivered = delivered
      self.receivedBy = receivedBy
      self.ended = ended
      self.endedBy = endedBy
    }
  }

  public var request: StoredRequest
  public var lines: [StoredLedgerLine]
  /// What people ordered, and that it was held, as the register has it.
  public var orders: [RequestEvent]
  /// By the changes' indices.
  public var digests: [Int: Digests]
  /// By the changes' indices.
  public var handovers: [Int: Handover]
  /// Where something of the request was forgotten: the indices of changes that have values.
  public var valued: Set<Int>
}
