public import Accounts
internal import Forms
internal import Foundation
internal import GRDB
internal import LDAP

// What whoever watches wants to know, cheap enough to ask every minute: of each kind the first few, and figures over what
// is open or over a range of days.

/// The first requests of the queue that wait and aren't held.
public struct QueueHead: Sendable {
  public var number: String
  public var state: RequestState
  /// Milliseconds since 1970 UTC.
  public var received: Int64
  public var reason: String?
  /// The department that asks.
  public var department: String
  /// Of a form that waits for its signature.
  public var awaits: AwaitedSignature?
}

/// A request that is held.
public struct HeldRequest: Sendable {
  public var number: String
  public var reason: String?
  public var cause: HoldCause
  /// Since when, as far as is known; milliseconds since 1970 UTC.
  public var since: Int64
}

/// A change that failed.
public struct FailedChange: Sendable {
  public var number: String
  public var address: String
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  public var error: ChangeError
}

/// What happened in a stretch of time.
public struct Figures: Sendable, Hashable {
  /// Requests that were accepted.
  public var accepted: Int
  /// Changes of requests that were completed then: applied, or so already.
  public var applied: Int
  /// Changes that failed.
  public var failed: Int
}

/// How many accounts of a kind have a status.
public struct AccountFigure: Sendable, Hashable {
  public var kind: String
  public var status: String
  public var count: Int
}

/// An account that was changed outside Buzón, in short.
public struct DriftHead: Sendable {
  public var address: String
  /// Names of attributes; `entry`: it was made or removed.
  public var attributes: [String]
  /// Whether the entry was removed.
  public var isRemoved: Bool
  /// The DN that did the latest of it; `nil`: the directory doesn't say.
  public var by: String?
  /// Of the latest; milliseconds since 1970 UTC.
  public var at: Int64
}

extension Register {
  /// How many requests aren't done, by state.
  public func waitingCounts() throws -> [RequestState: Int] {
    try read { database in
      var counts: [RequestState: Int] = [:]
      for row in try Row.fetchAll(
        database,
        sql: """
          SELECT state, EXISTS (SELECT 1 FROM change WHERE change.request = request.id) AS begun, count(*) AS count
          FROM request WHERE state <> 'done' GROUP BY 1, 2
          """)
      {
        let state = RequestState(rawValue: row["state"]) ?? .ready
        counts[state == .ready && row["begun"] ? .working : state, default: 0] += row["count"]
      }
      counts[.awaitingSignature] = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM unsigned_form WHERE refused IS NULL")
      return counts
    }
  }

  /// The first requests of the queue that aren't held, in the order of acceptance, then forms that wait for their signature.
  public func queueHead(_ limit: Int) throws -> [QueueHead] {
    try read { database in
      let accepted = try Row.fetchAll(
        database,
        sql: """
          SELECT number, state, received, reason, department,
            EXISTS (SELECT 1 FROM change WHERE change.request = request.id) AS begun
          FROM request WHERE state <> 'done' AND state <> 'held' ORDER BY id LIMIT ?
          """, arguments: [limit]
      ).map { row in
        let state = RequestState(rawValue: row["state"]) ?? .ready
        return QueueHead(
          number: row["number"], state: state == .ready && row["begun"] ? .working : state, received: row["received"],
          reason: row["reason"], department: row["department"])
      }
      let unsigned = try Self.unsigned(
        database, sql: "SELECT * FROM unsigned_form WHERE refused IS NULL ORDER BY id LIMIT ?",
        arguments: [limit - accepted.count])
      return accepted
        + unsigned.map {
          QueueHead(
            number: $0.number, state: .awaitingSignature, received: $0.received, department: $0.origin.department,
            awaits: $0.awaits)
        }
    }
  }

  /// The first requests that are held, in the order of acceptance.
  public func heldRequests(_ limit: Int) throws -> [HeldRequest] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT number, reason, coalesce((SELECT cause FROM hold WHERE hold.request = request.id), '') AS cause,
            coalesce((SELECT max(at) FROM event WHERE event.request = request.id AND event = 'held'), received) AS since
          FROM request WHERE state <> 'done' AND state = 'held' ORDER BY id LIMIT ?
          """, arguments: [limit]
      ).map { row in
        HeldRequest(
          number: row["number"], reason: row["reason"], cause: HoldCause(rawValue: row["cause"]) ?? .trouble,
          since: row["since"])
      }
    }
  }

  /// The latest changes that failed.
  ///
  /// - Parameter since: none before, milliseconds since 1970 UTC.
  public func failures(since: Int64, limit: Int) throws -> [FailedChange] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT number, address, at, code, diagnostic, remedy
          FROM change JOIN request ON request.id = change.request
          WHERE change.outcome IN ('failed', 'undone', 'skipped') AND change.outcome = 'failed' AND change.at >= ?
          ORDER BY change.at DESC LIMIT ?
          """, arguments: [since, limit]
      ).map { row in
        FailedChange(
          number: row["number"], address: row["address"], at: row["at"],
          error: ChangeError(
            code: ResultCode(rawValue: row["code"] ?? 80), diagnostic: row["diagnostic"] ?? "",
            remedy: row["remedy"] ?? ""))
      }
    }
  }

  /// When the first change failed, milliseconds since 1970 UTC.
  ///
  /// - Parameter since: none before.
  public func firstFailure(since: Int64) throws -> Int64? {
    try read { database in
      try Int64.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT at FROM change
            WHERE outcome IN ('failed', 'undone', 'skipped') AND outcome = 'failed' AND at >= ? ORDER BY at LIMIT 1
            """), arguments: [since])
    }
  }

  /// What happened from one moment until before another, milliseconds since 1970 UTC.
  public func figures(from begin: Int64, to end: Int64) throws -> Figures {
    try read { database in
      let range: StatementArguments = [begin, end]
      return Figures(
        accepted: try Int.fetchOne(
          database, sql: "SELECT count(*) FROM request WHERE received >= ? AND received < ?", arguments: range) ?? 0,
        // A request that was applied as a whole needs no look at its changes.
        applied: try Int.fetchOne(
          database,
          sql: """
            SELECT sum(iif(outcome = 'applied', changes, (SELECT count(*) FROM change
              WHERE change.request = request.id AND change.outcome IN ('applied', 'unchanged'))))
            FROM request WHERE completed >= ? AND completed < ?
            """, arguments: range) ?? 0,
        failed: try Int.fetchOne(
          database,
          sql: """
            SELECT count(*) FROM change
            WHERE outcome IN ('failed', 'undone', 'skipped') AND outcome = 'failed' AND at >= ? AND at < ?
            """, arguments: range) ?? 0)
    }
  }

  /// How many accounts there are, by kind and status.
  public func accountFigures() throws -> [AccountFigure] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT kind, shown, count(*) AS count FROM shown_account GROUP BY kind, shown"
      )
      .map { AccountFigure(kind: $0["kind"], status: $0["shown"], count: $0["count"]) }
    }
  }

  /// How many hand-overs are neither closed nor expired.
  public func openHandoverCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM handover WHERE state IN ('open', 'delivered')") ?? 0 }
  }

  /// How many temporary passwords somebody else overrode, or nobody knows who.
  ///
  /// - Parameter since: none before, milliseconds since 1970 UTC.
  public func overriddenCount(since: Int64) throws -> Int {
    try read { database in
      try Int.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT count(*) FROM handover WHERE state = 'expired'
              AND coalesce(ended_by, '') NOT IN ('clock', 'delete', 'reset') AND ended > ?
            """), arguments: [since]) ?? 0
    }
  }

  /// The accounts that were changed outside Buzón, the latest first.
  public func driftHead(_ limit: Int) throws -> [DriftHead] {
    try read { database in
      var heads: [DriftHead] = []
      var seen: Set<String> = []
      let rows = try Row.fetchCursor(
        database, sql: "SELECT entry_uuid, address, actor, at, gone FROM drift ORDER BY at DESC")
      while heads.count < limit, let row = try rows.next() {
        let entry: String = row["entry_uuid"]
        guard seen.insert(entry).inserted else { continue }
        let attributes = try String.fetchAll(
          database.cachedStatement(sql: "SELECT attribute FROM drift WHERE entry_uuid = ? ORDER BY attribute"),
          arguments: [entry])
        heads.append(
          DriftHead(
            address: row["address"], attributes: attributes, isRemoved: (row["gone"] as Data?) != nil,
            by: row["actor"], at: row["at"]))
      }
      return heads
    }
  }
}
