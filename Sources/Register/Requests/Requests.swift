internal import Accounts
public import Forms
internal import Foundation
internal import GRDB
internal import LDAP
internal import Text

/// A request as the register holds it.
public struct StoredRequest: Sendable {
  public var id: Int64
  public var number: String
  public var digest: [UInt8]
  public var file: String
  /// Who dropped that file; `nil`: the clock's own request.
  public var submitter: Submitter?
  /// Who asked, and who said yes.
  public var origin: Request.Origin
  /// Milliseconds since 1970 UTC, as all times here.
  public var received: Int64
  public var state: RequestState
  public var reason: String?
  public var outcome: RequestOutcome?
  public var completed: Int64?
  /// How many changes its form has.
  public var count: Int
  /// The form as received.
  public var bytes: [UInt8]
  /// The signature that came with the form, as received; `nil`: none did.
  public var signature: [UInt8]?
  /// The plan that it is bound to, as received; `nil`: none came.
  public var plan: [UInt8]?
  /// The fingerprint of the key of its verified signature, `SHA256:…`; `nil`: none was verified.
  public var signedKey: String?
  /// The changes that were begun, by their indices.
  public var changes: [Int: ChangeResult]
  /// The intents whose outcome isn't known.
  public var intents: [Int: StoredIntent]
  /// The hash of its last line in the ledger, once it is done.
  public var ledger: [UInt8]?
  /// Whether its record stands on the disk: 0 no, 1 yes, 2 its page too; below 0: it is out of date.
  public var recorded = 0
  /// Of an atomic request that was begun: how far it has come.
  public var atomic: AtomicState?
}

extension Register {
  /// Requests that wait for work, in the order of acceptance, after `id`: as many as have `changes` changes together,
  /// and at least one, so that memory is bounded by the work and not by the number of forms.
  public func ready(after id: Int64, changes: Int) throws -> [StoredRequest] {
    try read { database in
      var last: Int64?
      var room = changes
      let rows = try Row.fetchCursor(
        database,
        sql: "SELECT id, changes FROM request WHERE state <> 'done' AND id > ? AND state = 'ready' ORDER BY id",
        arguments: [id])
      while room > 0, let row = try rows.next() {
        last = row["id"]
        room -= row["changes"]
      }
      guard let last else { return [] }
      return try Self.requests(
        database,
        sql: "SELECT * FROM request WHERE state <> 'done' AND id > ? AND id <= ? AND state = 'ready' ORDER BY id",
        arguments: [id, last])
    }
  }

  /// Requests with a change that was to be sent and whose outcome isn't known, those that are set aside too.
  public func inDoubt() throws -> [StoredRequest] {
    try read { database in
      try Self.requests(
        database,
        sql: """
          SELECT * FROM request WHERE state <> 'done'
            AND EXISTS (SELECT 1 FROM change WHERE change.request = request.id AND change.outcome IS NULL)
          ORDER BY id
          """, arguments: [])
    }
  }

  /// Requests after `id` that are done and whose record isn't known to stand on the disk.
  public func unrecorded(after id: Int64, limit: Int) throws -> [StoredRequest] {
    try read { database in
      try Self.requests(
        database, sql: "SELECT * FROM request WHERE state = 'done' AND recorded = 0 AND id > ? ORDER BY id LIMIT ?",
        arguments: [id, limit])
    }
  }

  /// Requests whose record stands on the disk and is out of date: a hand-over went on, or all is to be written anew.
  public func stale(limit: Int) throws -> [StoredRequest] {
    try read { database in
      try Self.requests(
        database, sql: "SELECT * FROM request WHERE state = 'done' AND recorded < 0 ORDER BY id LIMIT ?",
        arguments: [limit])
    }
  }

  /// Requests whose record stands on the disk and whose page doesn't yet.
  public func unpaged(limit: Int) throws -> [StoredRequest] {
    try read { database in
      try Self.requests(
        database, sql: "SELECT * FROM request WHERE state = 'done' AND recorded = 1 ORDER BY id LIMIT ?",
        arguments: [limit])
    }
  }

  /// Whether a request came from a backup in which it wasn't done: it may have been since.
  public func isRestored(_ request: Int64) throws -> Bool {
    try read { database in
      try Int.fetchOne(
        database.cachedStatement(sql: "SELECT 1 FROM restored WHERE request = ?"), arguments: [request]) != nil
    }
  }

  /// The request of this number; `nil` where there is none.
  public func request(number: String) throws -> StoredRequest? {
    try read { try Self.requests($0, sql: "SELECT * FROM request WHERE number = ?", arguments: [number]).first }
  }

  /// The request of this identity; `nil` where there is none.
  public func request(id: Int64) throws -> StoredRequest? {
    try read { try Self.requests($0, sql: "SELECT * FROM request WHERE id = ?", arguments: [id]).first }
  }

  /// How many requests are open, by state: `ready` (those in work among them) and `held`.
  public func openRequests() throws -> [RequestState: Int] {
    try read { database in
      var counts: [RequestState: Int] = [:]
      for row in try Row.fetchAll(
        database, sql: "SELECT state, count(*) AS count FROM request WHERE state <> 'done' GROUP BY state")
      {
        if let state = RequestState(rawValue: row["state"]) { counts[state] = row["count"] }
      }
      return counts
    }
  }

  /// For each of these addresses that an account holds: all the addresses of that account.
  public func companions(of addresses: [String]) throws -> [String: [String]] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT address FROM address WHERE entry_uuid = (SELECT entry_uuid FROM address WHERE address = ?)")
      var companions: [String: [String]] = [:]
      for address in addresses {
        let all = try String.fetchAll(statement, arguments: [address])
        if all.count > 1 { companions[address] = all }
      }
      return companions
    }
  }

  /// Which entry the mirror has for a primary address; `nil` where it has none.
  public func entryUUID(of address: String) throws -> String? {
    try read { database in
      try String.fetchOne(
        database.cachedStatement(sql: "SELECT account.entry_uuid FROM account WHERE address = ?"), arguments: [address])
    }
  }

  /// The address of an account that was probably meant by one that nobody has.
  public func nearestAddress(to address: String) throws -> String? {
    try read { database in
      // A mistake is seldom at the very beginning, and only so many are looked at, however many accounts there are.
      let beginning = String(address.prefix { $0 != "@" }.prefix(2))
      let near = try String.fetchAll(
        database.cachedStatement(
          sql: "SELECT DISTINCT address FROM account WHERE address >= ? AND address < ? LIMIT 1000"),
        arguments: [beginning, beginning + "\u{7F}"])
      return nearest(to: address, among: near)
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try database.read(body)
    } catch {
      throw RegisterError(error, path: nil)
    }
  }

  static func requests(_ database: Database, sql: String, arguments: StatementArguments) throws
    -> [StoredRequest]
  {
    try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
      let id: Int64 = row["id"]
      var request = StoredRequest(
        id: id, number: row["number"], digest: Array(row["digest"] as Data), file: row["file"],
        submitter: Submitter(row), origin: try Request.Origin(row),
        received: row["received"], state: RequestState(rawValue: row["state"]) ?? .ready, reason: row["reason"],
        outcome: (row["outcome"] as String?).flatMap(RequestOutcome.init(rawValue:)), completed: row["completed"],
        count: row["changes"], bytes: Array(row["bytes"] as Data),
        signature: (row["signature"] as Data?).map { Array($0) }, plan: (row["plan"] as Data?).map { Array($0) },
        changes: [:], intents: [:],
        ledger: try (row["ledger"] as Int64?).flatMap { try Self.ledgerHash(at: $0, in: database) })
      request.signedKey = row["signed_key"]
      request.recorded = row["recorded"]
      if request.state != .done { request.atomic = try Self.atomic(id, in: database) }
      let events = try handoverEvents(of: id, in: database)
      for change in try Row.fetchAll(
        database.cachedStatement(sql: "SELECT * FROM change WHERE request = ?"), arguments: [id])
      {
        var result = try self.result(change)
        result.handoverEvents = events[result.index] ?? []
        request.changes[result.index] = result
        if result.outcome == nil { request.intents[result.index] = try self.intent(change) }
      }
      if request.state == .ready, !request.changes.isEmpty { request.state = .working }
      return request
    }
  }

  private static func ledgerHash(at sequence: Int64, in database: Database) throws -> [UInt8]? {
    try Data.fetchOne(
      database.cachedStatement(sql: "SELECT hash FROM ledger WHERE sequence = ?"), arguments: [sequence]
    ).map { Array($0) }
  }

  private static func result(_ row: Row) throws -> ChangeResult {
    let code = (row["code"] as Int32?).map { LDAP.ResultCode(rawValue: $0) }
    var result = ChangeResult(
      index: row["change_index"], operation: row["operation"], address: row["address"], name: row["name"],
      reason: row["reason"],
      outcome: (row["outcome"] as String?).flatMap(ChangeOutcome.init(rawValue:)), dn: row["dn"],
      entryUUID: row["entry_uuid"],
      error: code.map { ChangeError(code: $0, diagnostic: row["diagnostic"] ?? "", remedy: row["remedy"] ?? "") },
      handover: HandoverState(rawValue: row["handover"]) ?? .none, at: row["at"] ?? row["intended"] ?? 0,
      orphans: (row["orphans"] as String?).map(words) ?? [], reused: (row["reused"] as String?).map(words) ?? [])
    result.values = try changedValues(row, result.outcome)
    // What was not applied gave nothing to anybody.
    if let outcome = result.outcome, outcome != .applied { result.reused = [] }
    return result
  }

  /// What a change really changed, from the operation that was stored before it was sent.
  static func changedValues(_ row: Row, _ outcome: ChangeOutcome?) throws -> [ChangedValue]? {
    guard outcome == .applied else { return [] }
    if let stored = try intent(row) { return stored.intent.changedValues }
    // Of a group that one operation applied another change holds that.
    return row["turn"] == nil ? nil : []
  }
}

/// A request of the queue.
public struct WaitingRequest: Sendable {
  public var number: String
  public var state: RequestState
  /// Milliseconds since 1970 UTC.
  public var received: Int64
  /// How many changes it has.
  public var count: Int
  /// How many of them have their outcome.
  public var settled: Int
  public var reason: String?
  /// A form that waits for its signature: the name of its file, until when (milliseconds since 1970 UTC), and whether a
  /// signature came that could not be checked yet.
  public var awaits: AwaitedSignature?
}

/// What is known of a signature that is waited for.
public struct AwaitedSignature: Sendable, Hashable {
  /// The name of the form's file.
  public var file: String
  /// Who must sign: the form's `approval.by`.
  public var approver: String
  /// Milliseconds since 1970 UTC.
  public var until: Int64
  /// Whether one came that could not be checked yet.
  public var isUnchecked: Bool

  init(_ form: UnsignedForm) {
    file = form.file
    approver = form.origin.approval.by
    until = form.until
    isUnchecked = form.signature != nil
  }
}

extension UnsignedForm {
  /// What is known of its signature.
  public var awaits: AwaitedSignature { AwaitedSignature(self) }
}

extension Register {
  /// The requests that aren't done, in the order of acceptance, then the forms that wait for their signature.
  public func queue() throws -> [WaitingRequest] {
    try read { database in
      let accepted = try Row.fetchAll(
        database,
        sql: """
          SELECT number, state, received, changes, reason,
            (SELECT count(*) FROM change WHERE change.request = request.id) AS begun,
            (SELECT count(*) FROM change WHERE change.request = request.id AND outcome IS NOT NULL) AS settled
          FROM request WHERE state <> 'done' ORDER BY id
          """
      ).map { row in
        var state = RequestState(rawValue: row["state"]) ?? .ready
        if state == .ready, row["begun"] as Int > 0 { state = .working }
        return WaitingRequest(
          number: row["number"], state: state, received: row["received"], count: row["changes"],
          settled: row["settled"], reason: row["reason"])
      }
      let unsigned = try Self.unsigned(
        database, sql: "SELECT * FROM unsigned_form WHERE refused IS NULL ORDER BY id", arguments: [])
      return accepted
        + unsigned.map {
          WaitingRequest(
            number: $0.number, state: .awaitingSignature, received: $0.received, count: $0.count, settled: 0,
            awaits: $0.awaits)
        }
    }
  }
}
