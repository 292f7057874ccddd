public import Accounts
internal import Foundation
internal import GRDB
internal import LDAP

/// The outcome of a change, and what it did to the mirror.
public struct SettledChange: Sendable {
  /// What an outcome does to the mirror of the directory.
  public enum Mirror: Sendable {
    case keep
    case put(Account)
    case remove(entryUUID: String)
  }

  public var request: Int64
  public var number: String
  public var digest: [UInt8]
  public var result: ChangeResult
  public var mirror: Mirror

  public init(request: Int64, number: String, digest: [UInt8], result: ChangeResult, mirror: Mirror) {
    self.request = request
    self.number = number
    self.digest = digest
    self.result = result
    self.mirror = mirror
  }
}

/// A request whose last change is settled.
public struct CompletedRequest: Sendable {
  public var id: Int64
  public var outcome: RequestOutcome

  public init(id: Int64, outcome: RequestOutcome) {
    self.id = id
    self.outcome = outcome
  }
}

extension Register {
  /// Settles changes: their outcomes, their lines in the ledger and their rows of the mirror are one commit.
  ///
  /// - Parameters:
  ///   - changes: in the order in which they were settled.
  ///   - completed: the requests that are done with these changes.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: for each change the hash of its line in the ledger.
  public func settle(_ changes: [SettledChange], completed: [CompletedRequest], at: Int64) -> Commit<[[UInt8]]> {
    post { [ledger] database in
      let outcome = try database.cachedStatement(
        sql: """
          INSERT INTO change (request, place, address, operation, outcome, at, dn, entry_uuid, code, code_name, diagnostic,
            remedy, handover)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (request, place) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, dn = excluded.dn,
            entry_uuid = excluded.entry_uuid, code = excluded.code, code_name = excluded.code_name,
            diagnostic = excluded.diagnostic, remedy = excluded.remedy, handover = excluded.handover
          """)
      let hashes = try changes.map { change in
        let result = change.result
        try outcome.execute(arguments: [
          change.request, result.place, result.address, result.operation, result.outcome?.rawValue, result.at,
          result.dn,
          result.entryUUID, result.error.map { $0.code.rawValue }, result.error?.code.name, result.error?.diagnostic,
          result.error?.remedy, result.handover.rawValue,
        ])
        switch change.mirror {
        case .keep: break
        case .put(let account): try Self.put(account, handover: result.handover, in: database)
        case .remove(let uuid): try Self.remove(entryUUID: uuid, in: database)
        }
        return try ledger.append(Self.line(change), to: database)
      }
      let done = try database.cachedStatement(
        sql: "UPDATE request SET state = 'done', outcome = ?, completed = ?, reason = NULL WHERE id = ?")
      for request in completed {
        try done.execute(arguments: [request.outcome.rawValue, at, request.id])
      }
      return hashes
    }
  }

  /// `TIME NUMBER#INDEX OPERATION ADDRESS OUTCOME [CODE] sha256:DIGEST`, the time in milliseconds since 1970 UTC.
  private static func line(_ change: SettledChange) -> String {
    let result = change.result
    var line = "\(result.at) \(change.number)#\(result.place) \(result.operation) \(result.address) "
    line += result.outcome?.rawValue ?? ""
    if let error = result.error { line += " \(error.code.rawValue)" }
    return line + " sha256:" + hexadecimal(change.digest)
  }

  private static func put(_ account: Account, handover: Handover, in database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO account (entry_uuid, address, dn, kind, name, department, position, status, aliases, quota, owner,
          lists, created, changed, entry_csn, handover)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid) DO UPDATE SET address = excluded.address, dn = excluded.dn, kind = excluded.kind,
          name = excluded.name, department = excluded.department, position = excluded.position, status = excluded.status,
          aliases = excluded.aliases, quota = excluded.quota, owner = excluded.owner, lists = excluded.lists,
          created = excluded.created, changed = excluded.changed, entry_csn = excluded.entry_csn,
          handover = iif(excluded.handover = 'none', handover, excluded.handover)
        """
    ).execute(arguments: [
      account.entryUUID, account.address, account.dn, account.kind, account.name, account.department, account.position,
      account.status, account.aliases.joined(separator: " "), account.quota, account.owner,
      account.lists.joined(separator: " "), account.created, account.changed, account.entryCSN, handover.rawValue,
    ])
    try database.cachedStatement(sql: "DELETE FROM address WHERE entry_uuid = ?").execute(arguments: [account.entryUUID]
    )
    let insert = try database.cachedStatement(
      sql: """
        INSERT INTO address (address, entry_uuid) VALUES (?, ?)
        ON CONFLICT (address) DO UPDATE SET entry_uuid = excluded.entry_uuid
        """)
    for address in [account.address] + account.aliases {
      try insert.execute(arguments: [address, account.entryUUID])
    }
  }

  private static func remove(entryUUID: String, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM account WHERE entry_uuid = ?").execute(arguments: [entryUUID])
    try database.cachedStatement(sql: "DELETE FROM address WHERE entry_uuid = ?").execute(arguments: [entryUUID])
  }
}

/// Bytes as lower-case hexadecimal digits.
public func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
  let digits: StaticString = "0123456789abcdef"
  return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
    var position = 0
    for byte in bytes {
      buffer[position] = digits.utf8Start[Int(byte >> 4)]
      buffer[position + 1] = digits.utf8Start[Int(byte & 15)]
      position += 2
    }
    return position
  }
}
