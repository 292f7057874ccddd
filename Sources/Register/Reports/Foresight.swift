internal import Accounts
internal import GRDB

/// What the register knows of a form that isn't accepted yet, for whoever plans it.
extension Register {
  /// Why these demands are more than the day has left (`policy.limits`); `nil` where they aren't.
  public func excess(_ demands: [Demand]) throws -> String? {
    try read { try Demand.excess(demands, in: $0) }
  }

  /// Whether a number was used since the backup that the register was restored from.
  public func isSpent(_ number: String) throws -> Bool {
    try read { database in
      try Int.fetchOne(
        database.cachedStatement(sql: "SELECT 1 FROM spent WHERE number = ?"), arguments: [number]) != nil
    }
  }

  /// Those of these entries whose password somebody had: their addresses are remembered when they go.
  public func handedOver(_ entryUUIDs: some Sequence<String>) throws -> Set<String> {
    try read { database in
      let reader = try MirrorReader(database)
      return Set(try entryUUIDs.filter { try reader.wasHandedOver($0) })
    }
  }
}
