internal import Accounts
internal import GRDB

/// An address that left an account while another names it as its owner or list.
public struct DanglingAddress: Sendable, Hashable {
  public var address: String
  /// Of the account that names it.
  public var entryUUID: String
  /// By which it goes.
  public var account: String
}

/// The statements that keep who names what as its owner and lists, and which of these names the clock has to correct.
///
/// A row of `reference` says that an account names, or is about to name, an address by which its holder doesn't go any more.
/// It is written in the commit in which the address leaves, and before an operation is sent that writes a name which may leave
/// meanwhile. So there is no moment in which a name that is wrong has no row.
struct ReferenceStatements {
  private let database: Database
  private let leave: Statement
  private let join: Statement
  private let end: Statement
  private let retry: Statement
  private let regain: Statement
  private let right: Statement
  private let detach: [Statement]

  init(_ database: Database) throws {
    self.database = database
    leave = try database.cachedStatement(sql: "DELETE FROM membership WHERE entry_uuid = ?")
    join = try database.cachedStatement(sql: "INSERT OR IGNORE INTO membership (list, entry_uuid) VALUES (?, ?)")
    end = try database.cachedStatement(
      sql: """
        DELETE FROM reference WHERE entry_uuid = ?1 AND address IS NOT ?2
          AND NOT EXISTS (SELECT 1 FROM membership WHERE list = reference.address AND entry_uuid = ?1)
        """)
    retry = try database.cachedStatement(
      sql: """
        UPDATE reference SET clock = NULL WHERE entry_uuid = ?1 AND clock IS NOT NULL AND (
          address = (SELECT owner FROM account WHERE entry_uuid = ?1)
          OR EXISTS (SELECT 1 FROM membership WHERE list = reference.address AND entry_uuid = ?1))
        """)
    regain = try database.cachedStatement(sql: "DELETE FROM reference WHERE holder = ? AND address = ?")
    right = try database.cachedStatement(
      sql: """
        DELETE FROM reference WHERE entry_uuid = ? AND address = (SELECT address FROM account WHERE entry_uuid = holder)
        """)
    detach = [
      try database.cachedStatement(
        sql: """
          INSERT INTO reference (entry_uuid, address, holder, due) SELECT entry_uuid, ?1, ?2, ?3 FROM account WHERE owner = ?1
          ON CONFLICT (entry_uuid, address) DO UPDATE SET holder = excluded.holder, due = excluded.due, clock = NULL
          """),
      try database.cachedStatement(
        sql: """
          INSERT INTO reference (entry_uuid, address, holder, due) SELECT entry_uuid, ?1, ?2, ?3 FROM membership WHERE list = ?1
          ON CONFLICT (entry_uuid, address) DO UPDATE SET holder = excluded.holder, due = excluded.due, clock = NULL
          """),
    ]
  }

  /// What an account names, as it was seen.
  ///
  /// - Parameter isOurs: whether that is the outcome of an operation of ours: a name that has gone is corrected. What the
  ///   directory reports may be of an atomic request that is still undone.
  /// - Returns: whether it names what an account doesn't go by: an atomic request made it beside a rename.
  func set(_ account: Account, isNew: Bool, isOurs: Bool, at: Int64) throws -> Bool {
    if !isNew { try leave.execute(arguments: [account.entryUUID]) }
    for list in account.lists { try join.execute(arguments: [list, account.entryUUID]) }
    if !isNew, isOurs {
      try end.execute(arguments: [account.entryUUID, account.owner])
      try right.execute(arguments: [account.entryUUID])
    }
    // It was put back, or has an earlier address again.
    try regain.execute(arguments: [account.entryUUID, account.address])
    var isAny = false
    for name in isNew && isOurs ? account.lists + [account.owner].compactMap(\.self) : [] {
      try database.cachedStatement(
        sql: """
          INSERT INTO reference (entry_uuid, address, holder, due) SELECT ?1, ?2, address.entry_uuid, ?3
          FROM address CROSS JOIN account ON account.entry_uuid = address.entry_uuid
          WHERE address.address = ?2 AND account.address <> ?2
          ON CONFLICT (entry_uuid, address) DO NOTHING
          """
      ).execute(arguments: [account.entryUUID, name, at / 1_000])
      isAny = isAny || database.changesCount > 0
    }
    return isAny
  }

  /// What the clock could not correct it may try again, for the entry changed: it may go by another address now.
  ///
  /// - Returns: whether there is such.
  func retry(_ entryUUID: String) throws -> Bool {
    try retry.execute(arguments: [entryUUID])
    return database.changesCount > 0
  }

  /// The account has gone.
  func remove(_ entryUUID: String) throws {
    try leave.execute(arguments: [entryUUID])
    try end.execute(arguments: [entryUUID, nil])
  }

  /// An address left its account.
  ///
  /// - Returns: whether anything names it.
  func detach(_ address: String, from holder: String, due: Int64) throws -> Bool {
    var isAny = false
    for statement in detach {
      try statement.execute(arguments: [address, holder, due])
      isAny = isAny || database.changesCount > 0
    }
    return isAny
  }

  /// An account took the place of one that had gone. Who is no list has no members.
  func attach(_ address: String, isList: Bool) throws {
    try database.cachedStatement(
      sql: """
        DELETE FROM reference WHERE address = ?1 AND (?2 OR NOT EXISTS (
          SELECT 1 FROM membership WHERE list = ?1 AND entry_uuid = reference.entry_uuid))
        """
    ).execute(arguments: [address, isList])
  }

  /// An operation of this request is to be sent, after which the account names these addresses. Until its outcome is known
  /// nobody else gets them; and where one has left its holder by then, the clock corrects it.
  static func expect(_ names: [String], of entryUUID: String, request: Int64, at: Int64, in database: Database) throws {
    let expect = try database.cachedStatement(
      sql: """
        INSERT INTO reference (entry_uuid, address, holder, due, clock)
        SELECT ?1, ?2, address.entry_uuid, ?3, -?4 FROM address CROSS JOIN account ON account.entry_uuid = address.entry_uuid
        WHERE address.address = ?2 AND account.address = ?2
        ON CONFLICT (entry_uuid, address) DO UPDATE SET holder = excluded.holder, due = excluded.due, clock = excluded.clock
        """)
    for name in names { try expect.execute(arguments: [entryUUID, name, at / 1_000, request]) }
  }

  /// The outcome of a change is known, whatever it is.
  ///
  /// - Returns: whether a name that it expected is to be looked at.
  static func ended(_ id: ChangeID, in database: Database) throws -> Bool {
    guard try Register.hasReferences(database) else { return false }
    let entryUUID = try String.fetchOne(
      database.cachedStatement(sql: "SELECT entry_uuid FROM change WHERE request = ? AND change_index = ?"),
      arguments: [id.request, id.index])
    // Most are right: their holder goes by that address still.
    try database.cachedStatement(
      sql: """
        DELETE FROM reference WHERE entry_uuid = ? AND clock = -?
          AND address = (SELECT address FROM account WHERE entry_uuid = holder)
        """
    ).execute(arguments: [entryUUID, id.request])
    try database.cachedStatement(sql: "UPDATE reference SET clock = NULL WHERE entry_uuid = ? AND clock = -?")
      .execute(arguments: [entryUUID, id.request])
    return database.changesCount > 0
  }
}

extension Register {
  /// Those of these addresses that left an account and that others still name as their owner or list, or are about to name,
  /// with some of these accounts: a list may have thousands.
  ///
  /// - Parameter limit: how many of each address.
  public func dangling(_ addresses: some Sequence<String>, limit: Int) throws -> [DanglingAddress] {
    try read { database in
      guard try Self.hasReferences(database) else { return [] }
      let statement = try database.cachedStatement(
        sql: """
          SELECT reference.entry_uuid, account.address
          FROM reference CROSS JOIN account ON account.entry_uuid = reference.entry_uuid
          WHERE reference.address = ? LIMIT ?
          """)
      return try addresses.flatMap { address in
        try Row.fetchAll(statement, arguments: [address, limit]).map {
          DanglingAddress(address: address, entryUUID: $0[0], account: $0[1])
        }
      }
    }
  }

  /// Somebody else is to have these addresses: what names them is due at once, also where the clock has tried.
  ///
  /// - Parameter now: seconds since 1970 UTC.
  public func hasten(_ addresses: Set<String>, now: Int64) -> Commit<Void> {
    post { database in
      let hasten = try database.cachedStatement(
        sql: """
          UPDATE reference SET due = min(due, ?1), clock = iif(
            clock >= 0 AND NOT EXISTS (SELECT 1 FROM request WHERE id = clock AND state <> 'done'), NULL, clock)
          WHERE address = ?2 AND (due > ?1 OR clock >= 0)
          """)
      for address in addresses { try hasten.execute(arguments: [now, address]) }
    }
  }

  /// Of what these accounts name as owner or list, the addresses that left the account which had them: what that one goes by
  /// now; `nil`: it has gone.
  ///
  /// - Parameter now: seconds since 1970 UTC.
  public func moved(namedBy entryUUIDs: some Sequence<String>, now: Int64) throws -> [String: String?] {
    try read { database in
      guard try Self.hasReferences(database) else { return [:] }
      let statement = try database.cachedStatement(
        sql: """
          SELECT reference.address, account.address
          FROM reference LEFT JOIN account ON account.entry_uuid = reference.holder
          WHERE reference.entry_uuid = ? AND reference.due <= ? AND account.address IS NOT reference.address
          """)
      var moved: [String: String?] = [:]
      for uuid in entryUUIDs {
        for row in try Row.fetchAll(statement, arguments: [uuid, now]) { moved.updateValue(row[1], forKey: row[0]) }
      }
      return moved
    }
  }

  /// As a rule nothing dangles.
  static func hasReferences(_ database: Database) throws -> Bool {
    try Bool.fetchOne(try database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM reference)")) ?? false
  }

  /// An account that names this address as its owner or list.
  ///
  /// - Parameter entryUUIDs: none of these.
  public func referrer(of address: String, besides entryUUIDs: [String]) throws -> String? {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT address, entry_uuid FROM account WHERE owner = ?1
          UNION ALL SELECT account.address, account.entry_uuid
            FROM membership CROSS JOIN account ON account.entry_uuid = membership.entry_uuid WHERE list = ?1
          LIMIT ?2
          """)
      return try Row.fetchAll(statement, arguments: [address, entryUUIDs.count + 1])
        .first { !entryUUIDs.contains($0[1]) }.map { $0[0] }
    }
  }
}
