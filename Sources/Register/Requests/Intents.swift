public import Accounts
internal import Foundation
internal import GRDB
internal import LDAP
internal import Text

/// An intent and the salt of the temporary password it grants.
public struct StoredIntent: Sendable {
  public var intent: Intent
  /// What it is derived from; `nil` where the intent grants no password.
  public var salt: [UInt8]?

  public init(intent: Intent, salt: [UInt8]?) {
    self.intent = intent
    self.salt = salt
  }
}

/// A change about to be sent.
public struct IntendedChange: Sendable {
  public var id: ChangeID
  public var address: String
  public var operation: String
  public var stored: StoredIntent
  /// What the account comes to name as its owner or lists without being told by the change.
  public var names: [String]

  public init(id: ChangeID, address: String, operation: String, stored: StoredIntent, names: [String] = []) {
    self.names = names
    self.id = id
    self.address = address
    self.operation = operation
    self.stored = stored
  }
}

extension Register {
  /// Stores what will be sent, before it is sent. A change that is planned again replaces its earlier intent.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  public func intend(_ changes: [IntendedChange], at: Int64) -> Commit<Void> {
    post { database in
      let statement = try Self.intention(database)
      for change in changes { try Self.intend(change, at: at, with: statement, in: database) }
    }
  }

  static func intention(_ database: Database) throws -> Statement {
    try database.cachedStatement(
      sql: """
        INSERT INTO change (request, change_index, address, operation, intended, intent, entry_uuid, stamp_read, pre_image, salt,
          reused)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (request, change_index) DO UPDATE SET intended = excluded.intended, intent = excluded.intent,
          entry_uuid = excluded.entry_uuid, stamp_read = excluded.stamp_read, pre_image = excluded.pre_image,
          salt = excluded.salt, reused = coalesce(excluded.reused, reused)
        """)
  }

  static func intend(_ change: IntendedChange, at: Int64, with statement: Statement, in database: Database) throws {
    let intent = change.stored.intent
    let operation = LDIF.bytes(of: intent.operation)
    let preImage = intent.preImage.map { LDIF.bytes(of: $0) }
    try statement.execute(arguments: [
      change.id.request, change.id.index, change.address, change.operation, at,
      Data(operation), intent.entryUUID, intent.stampRead,
      preImage.map { Data($0) }, change.stored.salt.map { Data($0) },
      intent.reused.isEmpty ? nil : intent.reused.joined(separator: " "),
    ])
    var entry = LedgerEntry(
      "intended", at: at, request: change.id.request, number: try number(of: change.id.request, in: database),
      index: change.id.index)
    entry.commit("intent", hexadecimal(digest(of: operation)))
    entry.commit("before", preImage.map { hexadecimal(digest(of: $0)) })
    try Ledger.append(entry, in: database)
    guard !change.names.isEmpty, let entryUUID = intent.entryUUID else { return }
    try ReferenceStatements.expect(change.names, of: entryUUID, request: change.id.request, at: at, in: database)
  }

  /// - Throws: where the stored intent can't be read: taken for none, its change would be planned anew and carried out
  ///   twice.
  static func intent(_ row: Row) throws -> StoredIntent? {
    guard let bytes = row["intent"] as Data? else { return nil }
    let preImage = try (row["pre_image"] as Data?).flatMap { try LDIF.entries(Array($0)).first }
    let salt = (row["salt"] as Data?).map { Array($0) }
    let changes = try LDIF.changes(Array(bytes))
    guard let change = changes.first, changes.count == 1 else {
      throw RegisterError(
        what: "the intent of request \(row["request"] as Int64), change \(row["change_index"] as Int), is damaged",
        remedy: "restore the register from a backup (buzon restore)")
    }
    return StoredIntent(
      intent: Intent(
        operation: change.operation, entryUUID: row["entry_uuid"], stampRead: row["stamp_read"],
        preImage: preImage, grantsPassword: salt != nil,
        reused: (row["reused"] as String?).map(words) ?? []), salt: salt)
  }
}
