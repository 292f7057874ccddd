internal import GRDB

/// Why a request is held, and so who may let it go.
public enum HoldCause: String, Sendable {
  /// Somebody said so.
  case `operator`
  /// It asks for more than `policy.limits` allows.
  case limits
  /// The directory refused it alone, or its outcome is in doubt.
  case trouble
}

extension Register {
  /// Sets a request aside until it is released; its history says so.
  ///
  /// - Parameters:
  ///   - actor: who said so, and `because`: why, where a person did.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: whether it was one that waited; one that is done or held already is left as it is.
  @discardableResult
  public func hold(
    _ request: Int64, cause: HoldCause = .trouble, reason: String, by actor: String? = nil, because: String? = nil,
    at: Int64
  ) -> Commit<Bool> {
    post { database in
      try database.cachedStatement(
        sql: "UPDATE request SET state = 'held', reason = ? WHERE id = ? AND state = 'ready'"
      )
      .execute(arguments: [reason, request])
      guard database.changesCount == 1 else { return false }
      try Self.setCause(cause, of: request, in: database)
      try Self.addEvent(
        "held", of: request, actor: actor, detail: cause == .operator ? because : reason, at: at, in: database)
      return true
    }
  }

  /// Lets a held request go on; what is counted against it (deaths of the agent) is forgotten.
  ///
  /// - Returns: whether it was held.
  public func release(_ request: Int64) -> Commit<Bool> {
    post { database in
      let number = try String.fetchOne(
        database.cachedStatement(
          sql: "UPDATE request SET state = 'ready', reason = NULL WHERE id = ? AND state = 'held' RETURNING number"),
        arguments: [request])
      guard let number else { return false }
      try database.cachedStatement(sql: "DELETE FROM hold WHERE request = ?").execute(arguments: [request])
      try Self.forgetDeaths(ofRequest: number, in: database)
      return true
    }
  }

  /// Notes why a request that isn't held waits alone, or (`nil`) that it no longer does.
  public func setReason(_ reason: String?, of request: Int64) -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "UPDATE request SET reason = ? WHERE id = ? AND state = 'ready'")
        .execute(arguments: [reason, request])
    }
  }

  /// A new run finds out anew what waits alone.
  public func forgetReasons() -> Commit<Void> {
    post { database in
      try database.execute(
        sql: "UPDATE request SET reason = NULL WHERE state <> 'done' AND state = 'ready' AND reason IS NOT NULL")
    }
  }

  static func setCause(_ cause: HoldCause, of request: Int64, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO hold (request, cause) VALUES (?, ?)")
      .execute(arguments: [request, cause.rawValue])
  }

  /// Why a request is held; `nil` where it isn't.
  public func holdCause(_ request: Int64) throws -> HoldCause? {
    try read { database in
      try String.fetchOne(database, sql: "SELECT cause FROM hold WHERE request = ?", arguments: [request])
        .flatMap(HoldCause.init(rawValue:))
    }
  }

  /// Requests that aren't done, in the order of acceptance: their identities and numbers.
  public func openNumbers(_ state: RequestState? = nil) throws -> [(id: Int64, number: String)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT id, number FROM request WHERE state <> 'done' AND (?1 IS NULL OR state = ?1) ORDER BY id",
        arguments: [state?.rawValue]
      ).map { ($0["id"], $0["number"]) }
    }
  }
}
