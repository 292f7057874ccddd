internal import Foundation
internal import GRDB

/// What the register knows last of an account that requests changed.
public struct RecentAccount: Sendable, Hashable {
  public var entryUUID: String
  /// Its address, now or when it went.
  public var address: String
  /// All that it is called.
  public var addresses: [String]
  /// The request that changed it last; `nil`: that was not asked for.
  public var number: String?
  /// The entryCSN that is known; `nil`: the account has gone.
  public var csn: String?
  /// Whether a request of ours deleted it, or took its own create back.
  public var isDeleted: Bool

  public init(
    entryUUID: String, address: String, addresses: [String], number: String? = nil, csn: String?,
    isDeleted: Bool = false
  ) {
    (self.entryUUID, self.address, self.addresses) = (entryUUID, address, addresses)
    (self.number, self.csn, self.isDeleted) = (number, csn, isDeleted)
  }
}

extension Register {
  /// The accounts of the changes that were settled since then, the latest first; those of requests that are not done too.
  ///
  /// - Parameters:
  ///   - since: milliseconds since 1970 UTC.
  ///   - limit: of changes.
  public func recentAccounts(since: Int64, limit: Int) throws -> [RecentAccount] {
    try read { database in
      let done = try Row.fetchAll(
        database,
        sql: """
          SELECT request.number, change.entry_uuid, change.address AS called, change.operation, change.outcome,
            account.address, account.aliases, account.entry_csn
          FROM request INDEXED BY request_completed
            CROSS JOIN change ON change.request = request.id
            LEFT JOIN account ON account.entry_uuid = change.entry_uuid
          WHERE request.completed >= ? AND change.outcome IN ('applied', 'undone') AND change.entry_uuid IS NOT NULL
          ORDER BY request.completed DESC LIMIT ?
          """, arguments: [since, limit])
      let open = try Row.fetchAll(
        database,
        sql: """
          SELECT request.number, change.entry_uuid, change.address AS called, change.operation, change.outcome,
            account.address, account.aliases, account.entry_csn
          FROM request INDEXED BY request_open
            CROSS JOIN change ON change.request = request.id
            LEFT JOIN account ON account.entry_uuid = change.entry_uuid
          WHERE request.state <> 'done' AND change.outcome IN ('applied', 'undone') AND change.entry_uuid IS NOT NULL
          ORDER BY request.id DESC LIMIT ?
          """, arguments: [limit])
      var met: Set<String> = []
      return (open + done).filter { met.insert($0["entry_uuid"]).inserted }.map(Self.recentAccount)
    }
  }

  /// What is known now of accounts that were asked for before.
  public func refreshed(_ accounts: [RecentAccount]) throws -> [RecentAccount] {
    try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT address, aliases, entry_csn FROM account WHERE entry_uuid = ?")
      return try accounts.map { account in
        var account = account
        account.csn = nil
        guard let row = try Row.fetchOne(statement, arguments: [account.entryUUID]) else { return account }
        account.address = row["address"]
        account.addresses = [account.address] + words(row["aliases"])
        account.csn = row["entry_csn"]
        return account
      }
    }
  }

  /// What is known of entries that a server shows, and of accounts with these addresses that it does not show.
  ///
  /// - Parameters:
  ///   - entries: their entryUUIDs.
  ///   - addresses: in lower case.
  public func knownAccounts(entries: [String], addresses: Set<String>) throws -> [RecentAccount] {
    try read { database in
      let account = try database.cachedStatement(
        sql: "SELECT address, aliases, entry_csn FROM account WHERE entry_uuid = ?")
      let deleted = try database.cachedStatement(
        sql: """
          SELECT address FROM change WHERE entry_uuid = ? AND operation = 'delete' AND outcome = 'applied' LIMIT 1
          """)
      let holder = try database.cachedStatement(sql: "SELECT entry_uuid FROM address WHERE address = ?")
      func known(_ uuid: String) throws -> RecentAccount? {
        if let row = try Row.fetchOne(account, arguments: [uuid]) {
          let address: String = row["address"]
          return RecentAccount(
            entryUUID: uuid, address: address, addresses: [address] + words(row["aliases"]), csn: row["entry_csn"])
        }
        return try String.fetchOne(deleted, arguments: [uuid]).map {
          RecentAccount(entryUUID: uuid, address: $0, addresses: [$0], csn: nil, isDeleted: true)
        }
      }
      var met = Set(entries)
      let missing = try addresses.compactMap { try String.fetchOne(holder, arguments: [$0]) }
        .filter { met.insert($0).inserted }
      return try (entries + missing).compactMap(known)
    }
  }

  private static func recentAccount(_ row: Row) -> RecentAccount {
    let address: String = row["address"] ?? row["called"]
    return RecentAccount(
      entryUUID: row["entry_uuid"], address: address,
      addresses: [address] + ((row["aliases"] as String?).map(words) ?? []),
      number: row["number"], csn: row["entry_csn"],
      isDeleted: row["entry_csn"] == nil
        && (row["operation"] == "delete" && row["outcome"] == "applied"
          || row["operation"] == "create" && row["outcome"] == "undone")
    )
  }

  /// The CSNs up to which the directory was heard, one for each server that writes; empty: it wasn't.
  public func heardCSNs() throws -> [String] {
    try read { database in
      try Data.fetchOne(database, sql: "SELECT cookie FROM listening WHERE id = 1")
        .flatMap { Self.csns(of: Array($0)) } ?? []
    }
  }

  /// Of accounts, those that are known by a change of theirs, with its CSN, by entryUUID.
  public func csns(of accounts: [String]) throws -> [String: String] {
    try read { database in
      let statement = try database.cachedStatement(sql: "SELECT entry_csn FROM account WHERE entry_uuid = ?")
      var csns: [String: String] = [:]
      for uuid in accounts { csns[uuid] = try String.fetchOne(statement, arguments: [uuid]) }
      return csns
    }
  }
}
