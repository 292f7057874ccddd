internal import GRDB

/// What an operator wants done with a request: carried out by the running agent, which alone changes requests.
public struct QueueOrder: Sendable {
  /// The verb of an order that is about an account: what was changed outside Buzón is right. Its number is the address.
  public static let acceptDrift = "accept-drift"

  /// The verb of an order to read the configuration again.
  public static let reload = "reload"
  /// The number of such an order that the first server of the directory is used again with.
  public static let first = "first"

  public var id: Int64
  public var verb: String
  /// `nil`: all that it can apply to.
  public var number: String?
  /// Who said so.
  public var actor: String
  /// Why, in the operator's words.
  public var because: String?
}

extension Register {
  /// Posts orders for the agent, from another process. What was answered before is forgotten.
  ///
  /// - Parameters:
  ///   - numbers: `nil`: all.
  ///   - because: why; it stands in the history.
  /// - Returns: the orders' identities, in the order of the numbers.
  public func order(_ verb: String, numbers: [String]?, actor: String, because: String? = nil) -> Commit<[Int64]> {
    post { database in
      try database.execute(
        sql: "DELETE FROM queue_order WHERE answers IS NOT NULL AND id < (SELECT max(id) - 10000 FROM queue_order)")
      let insert = try database.cachedStatement(
        sql: "INSERT INTO queue_order (verb, number, actor, because) VALUES (?, ?, ?, ?)")
      return try (numbers.map { $0.map(Optional.some) } ?? [nil]).map { number in
        try insert.execute(arguments: [verb, number, actor, because])
        return database.lastInsertedRowID
      }
    }
  }

  /// Orders that wait, the oldest first.
  public func openOrders() throws -> [QueueOrder] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM queue_order WHERE answers IS NULL ORDER BY id").map {
        QueueOrder(
          id: $0["id"], verb: $0["verb"], number: $0["number"], actor: $0["actor"], because: $0["because"])
      }
    }
  }

  /// Notes what came of an order.
  public func answer(_ order: Int64, _ answers: String) -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "UPDATE queue_order SET answers = ? WHERE id = ?")
        .execute(arguments: [answers, order])
    }
  }

  /// What came of an order; `nil` while it waits.
  public func answers(to order: Int64) throws -> String? {
    try read { try String.fetchOne($0, sql: "SELECT answers FROM queue_order WHERE id = ?", arguments: [order]) }
  }
}

/// A step in the story of a request as a whole.
public struct RequestEvent: Sendable, Hashable {
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// `held`, `released`, `cancelled`, `retried`; `intended`.
  public var event: String
  public var actor: String?
  /// The change it was about; `nil`: all.
  public var change: Int?
  public var detail: String?
}

extension Register {
  public func addEvent(
    _ event: String, of request: Int64, actor: String?, detail: String? = nil, at: Int64
  ) -> Commit<Void> {
    post { try Self.addEvent(event, of: request, actor: actor, detail: detail, at: at, in: $0) }
  }

  static func addEvent(
    _ event: String, of request: Int64, actor: String?, detail: String?, at: Int64, in database: Database
  ) throws {
    try database.cachedStatement(
      sql: "INSERT INTO event (request, at, event, actor, detail) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [request, at, event, actor, detail])
    var entry = LedgerEntry(event, at: at, request: request, number: try number(of: request, in: database))
    entry.commit("by", actor)
    entry.commit("because", detail)
    try Ledger.append(entry, in: database)
  }

  static func number(of request: Int64, in database: Database) throws -> String? {
    try String.fetchOne(
      database.cachedStatement(sql: "SELECT number FROM request WHERE id = ?"), arguments: [request])
  }

  /// What was done to a request besides its outcomes and hand-overs, in order of time: what people ordered, and when the
  /// operation of each change was stored to be sent.
  public func events(of request: Int64) throws -> [RequestEvent] {
    try read { database in
      let intended = try Row.fetchAll(
        database,
        sql: "SELECT intended, change_index FROM change WHERE request = ? AND intended IS NOT NULL",
        arguments: [request]
      ).map { RequestEvent(at: $0[0], event: "intended", change: $0[1]) }
      return try (intended + Self.orders(of: request, in: database)).sorted { $0.at < $1.at }
    }
  }

  /// What people ordered of a request, and that it was held, in order of time.
  public func orders(of request: Int64) throws -> [RequestEvent] {
    try read { try Self.orders(of: request, in: $0) }
  }

  static func orders(of request: Int64, in database: Database) throws -> [RequestEvent] {
    try Row.fetchAll(
      database.cachedStatement(sql: "SELECT * FROM event WHERE request = ? AND change_index IS NULL ORDER BY id"),
      arguments: [request]
    ).map { RequestEvent(at: $0["at"], event: $0["event"], actor: $0["actor"], detail: $0["detail"]) }
  }
}
