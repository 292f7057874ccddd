internal import Foundation
internal import GRDB

/// What a backup of the register says of itself.
public struct BackupContents: Sendable, Hashable {
  /// Milliseconds since 1970 UTC.
  public var made: Int64
  /// The version of Buzón that made it.
  public var version: String
  public var requests: Int
}

/// A file that isn't a whole backup of ours.
public struct BackupFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with it; part of a sentence.
  public var what: String

  public init(_ what: String) { self.what = what }

  public var description: String { what }
}

/// A backup is a copy of the register as it was at one moment, and beside its tables one more, `backup`, with the key of
/// the temporary passwords: register and key are of use only together, and one file has one name, so that a restore can
/// put both in place with one rename(2). It is as secret as the state itself.
extension Register {
  static let backupTable =
    "CREATE TABLE backup (made INTEGER NOT NULL, version TEXT NOT NULL, key BLOB NOT NULL) STRICT"

  /// So many pages (of 4 KiB) are copied between two words of progress.
  private static let step: CInt = 1_024

  /// Copies the register, as it is at this moment, into an empty file, in bounded memory, while an agent may work: a
  /// reader's snapshot is held for the time, which keeps no writer waiting.
  ///
  /// - Parameters:
  ///   - path: an empty file. It isn't synced.
  ///   - key: `slips.key`.
  ///   - made: milliseconds since 1970 UTC.
  ///   - progress: gets bytes done and bytes in all; what it throws ends the copy.
  /// - Returns: what the copy holds.
  /// - Throws: ``RegisterError``, or what `progress` throws.
  public func copy(
    to path: String, key: [UInt8], version: String, made: Int64, progress: @escaping (Int64, Int64) throws -> Void
  ) throws -> BackupContents {
    var stopped: (any Error)?
    do {
      let copy = try Self.alone(path)
      defer { try? copy.close() }
      let requests = try database.read { source in
        // The first look begins the snapshot; held through all the steps, no commit makes the copy start again.
        let requests = try Int.fetchOne(source, sql: "SELECT count(*) FROM request") ?? 0
        let page = try Int64.fetchOne(source, sql: "PRAGMA page_size") ?? 4_096
        try copy.writeWithoutTransaction { target in
          try source.backup(to: target, pagesPerStep: Self.step) { step in
            do {
              try progress(Int64(step.completedPageCount) * page, Int64(step.totalPageCount) * page)
            } catch {
              stopped = error
              throw error
            }
          }
        }
        return requests
      }
      try copy.writeWithoutTransaction { target in
        // The copy says WAL of itself, as the register does; a backup is one file.
        try Self.leaveWAL(target)
        try target.inTransaction {
          try target.execute(sql: "DROP TABLE IF EXISTS backup; " + Self.backupTable)
          try target.execute(sql: "INSERT INTO backup VALUES (?, ?, ?)", arguments: [made, version, Data(key)])
          return .commit
        }
      }
      return BackupContents(made: made, version: version, requests: requests)
    } catch {
      throw stopped ?? RegisterError(error, path: path)
    }
  }

  /// The key that stands in a backup, or in a register that was restored from one and hasn't handed it over yet; `nil`
  /// where there is none.
  public static func key(inBackup path: String) throws -> [UInt8]? {
    do {
      return try reading(path) { database in
        guard try database.tableExists("backup") else { return nil }
        return try Data.fetchOne(database, sql: "SELECT key FROM backup").map { Array($0) }
      }
    } catch {
      throw RegisterError(error, path: path)
    }
  }

  /// Takes the key out of a register that was restored: the pages it stood on are overwritten (`secure_delete`).
  ///
  /// What wasn't done when the backup was made may have been done since, and the directory has moved on: such requests
  /// are held, so that nothing is done a second time unasked.
  ///
  /// - Parameter spent: numbers that were used since the backup was made: nobody gets them again.
  /// - Returns: how many requests are held.
  @discardableResult
  public static func removeKey(fromRestored path: String, spent: [String]) throws -> Int {
    do {
      let database = try alone(path)
      defer { try? database.close() }
      return try database.write { database in
        guard try database.tableExists("backup") else { return 0 }
        let reason =
          "the register was restored from a backup, and this may have been done since; if its delivery record says applied, "
          + "release it (what was done is recognized, nothing is done twice); else release or cancel it"
        try database.execute(
          sql: "UPDATE request SET state = 'held', reason = ? WHERE state <> 'done'", arguments: [reason])
        let held = database.changesCount
        if try database.tableExists("hold") {
          try database.execute(
            sql: "INSERT OR REPLACE INTO hold (request, cause) SELECT id, 'operator' FROM request WHERE state = 'held'")
        }
        try database.execute(sql: Migrations.restored)
        try database.execute(
          sql: "INSERT OR IGNORE INTO restored (request) SELECT id FROM request WHERE state = 'held'")
        try database.execute(sql: Migrations.spent)
        for number in spent {
          try database.execute(sql: "INSERT OR IGNORE INTO spent (number) VALUES (?)", arguments: [number])
        }
        try database.execute(sql: Migrations.continued)
        try database.execute(sql: "INSERT OR IGNORE INTO ledger_restored SELECT made FROM backup")
        try database.execute(sql: "DROP TABLE backup")
        return held
      }
    } catch {
      throw RegisterError(error, path: path)
    }
  }

  /// How a register could be put together.
  public enum Gathered: Sendable {
    /// All of it is in its one file.
    case whole
    /// It is too damaged for that.
    case damaged
    /// Somebody has it open.
    case busy
  }

  /// Puts all of a register that nobody has open into its one file: what its log (`-wal`) holds too.
  public static func gather(_ path: String) throws -> Gathered {
    do {
      let database = try alone(path)
      defer { try? database.close() }
      try database.writeWithoutTransaction { try leaveWAL($0) }
      return .whole
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged
      case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy
      default: throw RegisterError(error, path: path)
      }
    }
  }

  /// Lends a question to a register of whatever version: whether it knows a number.
  public static func asking<Result>(
    _ path: String, _ body: (_ knows: (String) throws -> Bool) throws -> Result
  ) throws -> Result {
    do {
      return try reading(path) { database in
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM request WHERE number = ?")
        return try body { try Int.fetchOne(statement, arguments: [$0]) != nil }
      }
    } catch let error as DatabaseError {
      throw RegisterError(error, path: path)
    }
  }

  // MARK: Parts

  /// A connection for one who has the file alone.
  private static func alone(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete=ON; PRAGMA synchronous=FULL") }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  static func reading<Result>(_ path: String, _ body: (Database) throws -> Result) throws -> Result {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema=OFF") }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.read(body)
  }

  private static func leaveWAL(_ database: Database) throws {
    guard try String.fetchOne(database, sql: "PRAGMA journal_mode=DELETE") == "delete" else {
      throw DatabaseError(resultCode: .SQLITE_BUSY)
    }
    // The pragma that asks for it reports nothing when the disk fails.
    guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "delete" else {
      throw DatabaseError(resultCode: .SQLITE_IOERR, message: "could not leave the write-ahead log")
    }
  }
}
