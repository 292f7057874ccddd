public import Accounts
internal import GRDB

/// What a request did, for whoever writes the form that takes it back.
extension Register {
  /// The changes of a request that were applied, in the order in which they were. Of an atomic request's changes of one
  /// account the last one stands for all.
  ///
  /// - Throws: where an operation that was stored can't be read.
  public func appliedChanges(of request: Int64) throws -> [AppliedChange] {
    try read { database in
      let rows = try Row.fetchAll(
        database.cachedStatement(sql: "SELECT * FROM change WHERE request = ? AND outcome = 'applied'"),
        arguments: [request])
      return try rows.sorted { Self.order(of: $0) < Self.order(of: $1) }.compactMap { row in
        let intent = try Self.intent(row)?.intent
        if intent == nil, row["turn"] != nil { return nil }
        return AppliedChange(
          index: row["change_index"], intent: intent, entryUUID: row["entry_uuid"], address: row["address"],
          handover: HandoverState(rawValue: row["handover"]) ?? .none)
      }
    }
  }

  /// The operations of an atomic request have an order of their own.
  private static func order(of row: Row) -> (Int, Int) {
    let index: Int = row["change_index"]
    return (row["turn"] as Int? ?? index, index)
  }

  /// What requests after this one changed of an entry, in order of time.
  ///
  /// - Throws: where an operation that was stored can't be read.
  public func changes(of entryUUID: String, after request: Int64) throws -> [LaterChange] {
    try read { database in
      let last = try Int64.fetchOne(
        database.cachedStatement(
          sql: "SELECT max(at) FROM change WHERE entry_uuid = ? AND request = ? AND outcome = 'applied'"),
        arguments: [entryUUID, request])
      guard let last else { return [] }
      let rows = try Row.fetchAll(
        database.cachedStatement(
          sql: """
            SELECT change.*, request.number FROM change CROSS JOIN request ON request.id = change.request
            WHERE entry_uuid = ? AND change.request <> ? AND change.outcome = 'applied' AND at >= ?
            """), arguments: [entryUUID, request, last])
      return try rows.sorted { ($0["at"] as Int64) < ($1["at"] as Int64) }.map { row in
        let keys = try Self.intent(row)?.intent.changedValues.map(\.key) ?? []
        return LaterChange(name: "\(row["number"] as String)#\(row["change_index"] as Int)", keys: Set(keys))
      }
    }
  }
}
