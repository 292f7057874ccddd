internal import GRDB

/// An account whose time has come.
public struct DueAccount: Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    /// Its last day is over.
    case expired
    /// It was retained long enough.
    case retainedLongEnough
  }

  public var entryUUID: String
  public var address: String
  public var reason: Reason
}

extension Register {
  /// Active accounts whose `expires` has passed, and retained ones whose retention is over, that the clock hasn't in
  /// hand yet. One that it had in hand is due again only after its entry changed, so that a change that fails is not
  /// tried for ever.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970 UTC.
  ///   - retention: seconds.
  public func due(now: Int64, retention: Int64, limit: Int) throws -> [DueAccount] {
    try read { database in
      let expired = try Row.fetchAll(
        database,
        sql: """
          SELECT entry_uuid, address FROM account
          WHERE expires IS NOT NULL AND status = 'active' AND clock IS NULL AND expires <= ? ORDER BY expires LIMIT ?
          """, arguments: [now, limit])
      let retained = try Row.fetchAll(
        database,
        sql: """
          SELECT entry_uuid, address FROM account
          WHERE retained IS NOT NULL AND clock IS NULL AND retained <= ? AND status = 'retained'
          ORDER BY retained LIMIT ?
          """, arguments: [now - retention, limit - expired.count])
      return expired.map { DueAccount(entryUUID: $0[0], address: $0[1], reason: .expired) }
        + retained.map { DueAccount(entryUUID: $0[0], address: $0[1], reason: .retainedLongEnough) }
    }
  }

  /// Marks what the clock has in hand.
  static func take(_ accounts: [String], for request: Int64, in database: Database) throws {
    for account in accounts {
      try database.cachedStatement(sql: "UPDATE account SET clock = ? WHERE entry_uuid = ?")
        .execute(arguments: [request, account])
    }
  }

  /// The clock leaves these alone until their entries change.
  public func passOver(_ accounts: [String]) -> Commit<Void> {
    post { database in try Self.take(accounts, for: 0, in: database) }
  }

  /// Of these addresses those that belonged to purged accounts, and until when nobody else gets them, seconds since 1970
  /// UTC.
  public func retired(_ addresses: some Sequence<String>) throws -> [String: Int64] {
    try read { database in
      let statement = try database.cachedStatement(sql: "SELECT until FROM retired WHERE address = ?")
      var retired: [String: Int64] = [:]
      for address in addresses { retired[address] = try Int64.fetchOne(statement, arguments: [address]) }
      return retired
    }
  }
}
