internal import Accounts
internal import GRDB

/// An address that left an account while another names it as its owner or list.
public struct DanglingAddress: Sendable, Hashable {
  public enum Standing: Sendable, Hashable {
    /// The clock has not begun.
    case due
    /// A request of the clock is under way.
    case begun
    /// The clock's request has ended, and the account names it still.
    case givenUp
  }

  public var address: String
  /// Of the account that names it.
  public var entryUUID: String
  /// By which it goes.
  public var account: String
  public var standing: Standing
}

/// The statements that keep who names what as its owner and lists, and which of these names the clock has to correct.
struct ReferenceStatements {
  private let database: Database
  private let leave: Statement
  private let join: Statement
  private let end: Statement
  private let retry: Statement
  private let regain: Statement
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
  func set(_ account: Account, isNew: Bool, isOurs: Bool) throws {
    if !isNew { try leave.execute(arguments: [account.entryUUID]) }
    for list in account.lists { try join.execute(arguments: [list, account.entryUUID]) }
    if !isNew, isOurs { try end.execute(arguments: [account.entryUUID, account.owner]) }
    // It was put back, or has an earlier address again.
    try regain.execute(arguments: [account.entryUUID, account.address])
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

  /// Addresses left their account.
  ///
  /// - Returns: whether anything names them.
  func detach(_ addresses: [String], from holder: String, due: Int64) throws -> Bool {
    var isAny = false
    for address in addresses {
      for statement in detach {
        try statement.execute(arguments: [address, holder, due])
        isAny = isAny || database.changesCount > 0
      }
    }
    return isAny
  }

  /// An account took the place of one that had gone.
  func attach(_ address: String) throws {
    try database.cachedStatement(sql: "DELETE FROM reference WHERE address = ?").execute(arguments: [address])
  }
}

extension Register {
  /// Those of these addresses that left an account and that others still name as their owner or list, with each of them.
  public func dangling(_ addresses: some Sequence<String>) throws -> [DanglingAddress] {
    try read { database in
      guard try Self.hasReferences(database) else { return [] }
      let statement = try database.cachedStatement(
        sql: """
          SELECT reference.entry_uuid, account.address, reference.clock, request.completed IS NOT NULL
          FROM reference CROSS JOIN account ON account.entry_uuid = reference.entry_uuid
            LEFT JOIN request ON request.id = reference.clock
          WHERE reference.address = ?1 AND (account.owner = ?1
            OR EXISTS (SELECT 1 FROM membership WHERE list = ?1 AND entry_uuid = reference.entry_uuid))
          """)
      return try addresses.flatMap { address in
        try Row.fetchAll(statement, arguments: [address]).map { row in
          let (clock, isEnded): (Int64?, Bool) = (row[2], row[3])
          // 0: no form could name the account.
          let standing: DanglingAddress.Standing = clock == nil ? .due : isEnded || clock == 0 ? .givenUp : .begun
          return DanglingAddress(address: address, entryUUID: row[0], account: row[1], standing: standing)
        }
      }
    }
  }

  /// Somebody else is to have these addresses: what names them is due at once.
  ///
  /// - Parameter now: seconds since 1970 UTC.
  public func hasten(_ addresses: [String], now: Int64) -> Commit<Void> {
    post { database in
      let hasten = try database.cachedStatement(sql: "UPDATE reference SET due = ?1 WHERE address = ?2 AND due > ?1")
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
          WHERE reference.entry_uuid = ? AND reference.due <= ?
          """)
      var moved: [String: String?] = [:]
      for uuid in entryUUIDs {
        for row in try Row.fetchAll(statement, arguments: [uuid, now]) { moved.updateValue(row[1], forKey: row[0]) }
      }
      return moved
    }
  }

  /// As a rule nothing dangles.
  private static func hasReferences(_ database: Database) throws -> Bool {
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
