internal import Crypto
internal import Foundation
internal import GRDB

extension Register {
  /// Reads a backup from end to end: every page and index, the schema (as this version or an earlier one makes it, and
  /// nothing besides, for a trigger would be carried out by us), and the ledger's chain.
  ///
  /// - Throws: ``BackupFault`` where it isn't whole or not ours; ``RegisterError`` where it can't be read.
  public static func verify(backup path: String) throws -> BackupContents {
    do {
      return try reading(path) { database in
        // What is read below has these types: the tables are strict, and integrity_check sees to it.
        guard
          try String.fetchOne(database, sql: "SELECT sql FROM sqlite_schema WHERE name = 'backup'") == Self.backupTable,
          try database.tableExists("grdb_migrations")
        else { throw BackupFault("is not a backup of Buzón's register") }
        let migrations = Migrations.all
        guard try !migrations.hasBeenSuperseded(database) else {
          throw BackupFault("was made by a newer version of Buzón")
        }
        guard let last = try migrations.completedMigrations(database).last,
          try schema(database) == schema(upTo: last)
        else { throw BackupFault("does not have the tables of a register: it was changed or damaged") }
        guard try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok",
          try Row.fetchOne(database, sql: "PRAGMA foreign_key_check") == nil
        else { throw BackupFault("is damaged: its pages don't fit together") }
        try verifyChain(database)
        try verifyForms(database)
        guard let row = try Row.fetchOne(database, sql: "SELECT made, version, key FROM backup"),
          (row["key"] as Data).count == 32
        else { throw BackupFault("has no key of temporary passwords in it") }
        return BackupContents(
          made: row["made"], version: row["version"],
          requests: try Int.fetchOne(database, sql: "SELECT count(*) FROM request") ?? 0)
      }
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_NOTADB: throw BackupFault("is not a backup of Buzón's register")
      case .SQLITE_CORRUPT, .SQLITE_ERROR: throw BackupFault("is damaged: \(error.message ?? "SQLite can't read it")")
      default: throw RegisterError(error, path: path)
      }
    }
  }

  /// Every table, index, trigger and view but SQLite's own and ``BackupContents``'s, as they were declared.
  private static func schema(_ database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
        WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'backup' ORDER BY 1
        """)
  }

  private static func schema(upTo migration: String) throws -> [String] {
    let fresh = try DatabaseQueue()
    try Migrations.all.migrate(fresh, upTo: migration)
    return try fresh.read(schema)
  }

  /// A form that isn't what was accepted would be carried out.
  private static func verifyForms(_ database: Database) throws {
    let rows = try Row.fetchCursor(database, sql: "SELECT number, digest, bytes FROM request ORDER BY id")
    while let row = try rows.next() {
      guard row[1] as Data == Data(SHA256.hash(data: row[2] as Data)) else {
        throw BackupFault("was changed: the form of request \(row[0] as String) is not the one that was accepted")
      }
    }
  }

  private static func verifyChain(_ database: Database) throws {
    // Before the lines named the one before, the hash was taken over it.
    guard try database.columns(in: "ledger").contains(where: { $0.name == "openings" }) else { return }
    var chain = LedgerChain()
    let rows = try Row.fetchCursor(database, sql: "SELECT line, hash, sequence FROM ledger ORDER BY sequence")
    while let row = try rows.next() {
      guard chain.take(row[0] as String) == nil, row[1] as Data == Data(chain.head?.hash ?? []),
        row[2] as Int64? == chain.head?.sequence
      else {
        throw BackupFault("was changed: its ledger doesn't fit together from line \(row[2] as Int64) on")
      }
    }
  }
}
