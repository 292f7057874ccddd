internal import GRDB

/// The statements that keep what accounts refer to: their lists, and what of it left its account.
struct ReferenceStatements {
  private let database: Database
  private let leave: Statement
  private let join: Statement
  private let end: Statement

  init(_ database: Database) throws {
    self.database = database
    leave = try database.cachedStatement(sql: "DELETE FROM membership WHERE entry_uuid = ?")
    join = try database.cachedStatement(sql: "INSERT OR IGNORE INTO membership (list, entry_uuid) VALUES (?, ?)")
    end = try database.cachedStatement(
      sql: """
        DELETE FROM reference WHERE entry_uuid = ?1 AND address IS NOT ?2
          AND NOT EXISTS (SELECT 1 FROM membership WHERE list = reference.address AND entry_uuid = ?1)
        """)
  }

  /// What an account refers to as it was seen. What it no longer names is followed no more.
  func set(_ entryUUID: String, owner: String?, lists: [String], isNew: Bool) throws {
    if !isNew { try leave.execute(arguments: [entryUUID]) }
    for list in lists { try join.execute(arguments: [list, entryUUID]) }
    try end.execute(arguments: [entryUUID, owner])
  }

  /// The account has gone.
  func remove(_ entryUUID: String) throws {
    try leave.execute(arguments: [entryUUID])
    try end.execute(arguments: [entryUUID, nil])
  }

  /// Addresses left their account.
  ///
  /// - Returns: whether anything names them.
  func detach(_ addresses: [String], of entryUUID: String, becomes: String?, due: Int64) throws -> Bool {
    let statements = [
      try database.cachedStatement(
        sql: """
          INSERT INTO reference (entry_uuid, address, becomes, due)
          SELECT entry_uuid, ?1, ?2, ?3 FROM account WHERE owner = ?1 AND entry_uuid <> ?4
          ON CONFLICT (entry_uuid, address) DO UPDATE SET becomes = excluded.becomes, due = excluded.due, clock = NULL
          """),
      try database.cachedStatement(
        sql: """
          INSERT INTO reference (entry_uuid, address, becomes, due)
          SELECT entry_uuid, ?1, ?2, ?3 FROM membership WHERE list = ?1 AND entry_uuid <> ?4
          ON CONFLICT (entry_uuid, address) DO UPDATE SET becomes = excluded.becomes, due = excluded.due, clock = NULL
          """),
    ]
    var isAny = false
    for address in addresses {
      for statement in statements {
        try statement.execute(arguments: [address, becomes, due, entryUUID])
        isAny = isAny || database.changesCount > 0
      }
    }
    return isAny
  }
}

extension Register {
  /// Of these addresses those that left an account and that others still name as their owner or list, with one of them.
  /// They are due at once, for somebody else is to have the address.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970 UTC.
  ///   - entryUUID: the account that is to have them, where it is there: what it names itself doesn't count.
  public func dangling(_ addresses: some Sequence<String>, besides entryUUID: String? = nil, now: Int64) async throws
    -> [String: String]
  {
    let addresses = Array(addresses)
    let dangling = try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT account.address, reference.due FROM reference CROSS JOIN account ON account.entry_uuid = reference.entry_uuid
          WHERE reference.address = ? AND reference.entry_uuid IS NOT ? LIMIT 1
          """)
      var dangling: [String: (String, Int64)] = [:]
      for address in addresses {
        dangling[address] = try Row.fetchOne(statement, arguments: [address, entryUUID]).map { ($0[0], $0[1]) }
      }
      return dangling
    }
    if dangling.contains(where: { $0.value.1 > now }) {
      try await post { database in
        let hasten = try database.cachedStatement(sql: "UPDATE reference SET due = ?1 WHERE address = ?2 AND due > ?1")
        for address in dangling.keys { try hasten.execute(arguments: [now, address]) }
      }.value()
    }
    return dangling.mapValues(\.0)
  }

  /// An account that names one of these addresses as its owner or list.
  public func referrer(of addresses: some Sequence<String>) throws -> (address: String, account: String)? {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT address FROM account WHERE owner = ?1
          UNION ALL SELECT account.address FROM membership CROSS JOIN account ON account.entry_uuid = membership.entry_uuid
            WHERE list = ?1
          LIMIT 1
          """)
      for address in addresses {
        if let account = try String.fetchOne(statement, arguments: [address]) { return (address, account) }
      }
      return nil
    }
  }
}
