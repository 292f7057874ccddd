public import Accounts
internal import GRDB

/// An account whose time has come.
public struct DueAccount: Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    /// Its last day is over.
    case expired
    /// It was retained long enough.
    case retainedLongEnough
    /// Its temporary password was not used in time.
    case passwordUnused
    /// Its user has a password of his own, and the end of the temporary one stands still.
    case passwordChanged
    /// An address that it names as its owner or list left its account; what that one goes by now.
    case reference(String, becomes: String?)
  }

  public var entryUUID: String
  public var address: String
  public var reason: Reason
}

extension Register {
  /// Active accounts whose `expires` has passed, retained ones whose retention is over, unused temporary passwords whose
  /// life is over, changed ones whose end is still set, and accounts that name an address which left its account, if the
  /// clock has no request for them yet. After such a request an account is due again only when its entry has changed, so
  /// that a failed change is not repeated for ever. A status or time that was changed outside Buzón is drift, and no reason
  /// to suspend or purge an account.
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
          WHERE expires IS NOT NULL AND status = 'active' AND clock IS NULL AND expires <= ?
            AND NOT EXISTS (SELECT 1 FROM drift WHERE drift.entry_uuid = account.entry_uuid
              AND attribute IN ('entry', 'buzonStatus', 'buzonRetainedSince', 'buzonExpires'))
          ORDER BY expires LIMIT ?
          """, arguments: [now, limit])
      let retained = try Row.fetchAll(
        database,
        sql: """
          SELECT entry_uuid, address FROM account
          WHERE retained IS NOT NULL AND clock IS NULL AND retained <= ? AND status = 'retained'
            AND NOT EXISTS (SELECT 1 FROM drift WHERE drift.entry_uuid = account.entry_uuid
              AND attribute IN ('entry', 'buzonStatus', 'buzonRetainedSince', 'buzonExpires'))
          ORDER BY retained LIMIT ?
          """, arguments: [now - retention, limit - expired.count])
      // What is purged is not bothered before.
      let passwords = try Row.fetchAll(
        database,
        sql: """
          SELECT handover.entry_uuid, account.address,
            handover.state = 'closed' OR (handover.state = 'expired' AND NOT image.must_change)
          FROM handover JOIN account ON account.entry_uuid = handover.entry_uuid
            JOIN image ON image.entry_uuid = handover.entry_uuid
          WHERE handover.due IS NOT NULL AND handover.clock IS NULL AND handover.due <= ?
            AND NOT (account.status = 'retained' AND coalesce(account.retained, ?) <= ?)
          ORDER BY handover.due LIMIT ?
          """, arguments: [now, now, now - retention, limit - expired.count - retained.count])
      let references = try Row.fetchAll(
        database,
        sql: """
          SELECT reference.entry_uuid, account.address, reference.address, holder.address
          FROM reference CROSS JOIN account ON account.entry_uuid = reference.entry_uuid
            LEFT JOIN account AS holder ON holder.entry_uuid = reference.holder
          WHERE reference.clock IS NULL AND reference.due <= ? ORDER BY reference.due LIMIT ?
          """, arguments: [now, limit - expired.count - retained.count - passwords.count])
      return expired.map { DueAccount(entryUUID: $0[0], address: $0[1], reason: .expired) }
        + retained.map { DueAccount(entryUUID: $0[0], address: $0[1], reason: .retainedLongEnough) }
        + passwords.map {
          DueAccount(entryUUID: $0[0], address: $0[1], reason: $0[2] ? .passwordChanged : .passwordUnused)
        }
        + references.map {
          DueAccount(entryUUID: $0[0], address: $0[1], reason: .reference($0[2], becomes: $0[3]))
        }
    }
  }

  /// Marks what the clock has in hand. An account that was renamed since it was found due stays due: the request names it by
  /// its old address.
  static func take(_ accounts: [DueAccount], for request: Int64, in database: Database) throws {
    let address = try database.cachedStatement(sql: "SELECT address FROM account WHERE entry_uuid = ?")
    let account = try database.cachedStatement(sql: "UPDATE account SET clock = ? WHERE entry_uuid = ?")
    let handover = try database.cachedStatement(
      sql: "UPDATE handover SET clock = ? WHERE entry_uuid = ? AND due IS NOT NULL")
    let reference = try database.cachedStatement(
      sql: "UPDATE reference SET clock = ? WHERE entry_uuid = ? AND address = ?")
    for due in accounts where try String.fetchOne(address, arguments: [due.entryUUID]) == due.address {
      switch due.reason {
      case .expired, .retainedLongEnough: try account.execute(arguments: [request, due.entryUUID])
      case .passwordUnused, .passwordChanged: try handover.execute(arguments: [request, due.entryUUID])
      case .reference(let address, _): try reference.execute(arguments: [request, due.entryUUID, address])
      }
    }
  }

  /// The clock leaves these alone until their entries change.
  public func passOver(_ accounts: [DueAccount]) -> Commit<Void> {
    post { database in try Self.take(accounts, for: 0, in: database) }
  }

  /// Of these addresses those that left an account.
  public func retired(_ addresses: some Sequence<String>) throws -> [String: RetiredAddress] {
    try read { database in
      let statement = try database.cachedStatement(sql: "SELECT until, holder FROM retired WHERE address = ?")
      let forgotten = ForgottenAddresses(database)
      var retired: [String: RetiredAddress] = [:]
      for address in addresses {
        retired[address] =
          try Row.fetchOne(statement, arguments: [address]).map {
            RetiredAddress(until: $0[0], holder: $0[1])
          } ?? forgotten.retired(address)
      }
      return retired
    }
  }
}
