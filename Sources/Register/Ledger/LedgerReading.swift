internal import Foundation
internal import GRDB
internal import Text

/// A line of the ledger as the register holds it.
public struct StoredLedgerLine: Sendable, Hashable {
  public var sequence: Int64
  /// Milliseconds since 1970 UTC.
  public var at: Int64
  /// Without its end.
  public var text: String
  /// SHA-256 of the text, as it was stored.
  public var hash: [UInt8]
  /// The request that it is about; `nil`: none, or the line came from the files after a restore.
  public var request: Int64?
  /// The openings of its commitments, by their names.
  public var openings: [String: Commitment]

  init(_ row: Row) {
    sequence = row["sequence"]
    at = row["at"]
    text = row["line"]
    hash = Array(row["hash"] as Data)
    request = row["request"]
    openings = (row["openings"] as String?).flatMap(Self.openings) ?? [:]
  }

  private static func openings(_ text: String) -> [String: Commitment]? {
    guard let pairs = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [String]] else {
      return nil
    }
    return pairs.compactMapValues { pair in
      guard pair.count == 2, let salt = bytes(hexadecimal: pair[0]) else { return nil }
      return Commitment(salt: salt, value: pair[1])
    }
  }
}

/// How much of the ledger stands on the disk, in the files below `records/ledger`.
public struct LedgerFilePosition: Sendable, Hashable {
  /// The last line that does.
  public var sequence: Int64
  /// Of the file that it stands in, and that file's size up to the line's end.
  public var year: Int
  public var size: Int64

  public init(sequence: Int64, year: Int, size: Int64) {
    self.sequence = sequence
    self.year = year
    self.size = size
  }
}

extension Register {
  /// The last line of the ledger; `nil`: there is none.
  public func ledgerHead() throws -> LedgerHead? { try read(Ledger.head) }

  /// The lines after one, in their order.
  public func ledger(after sequence: Int64, limit: Int) throws -> [StoredLedgerLine] {
    try read { database in
      try Row.fetchAll(
        database.cachedStatement(sql: "SELECT * FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT ?"),
        arguments: [sequence, limit]
      ).map(StoredLedgerLine.init)
    }
  }

  /// The lines about a request, in their order.
  public func ledger(of request: Int64) throws -> [StoredLedgerLine] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM ledger WHERE request = ? ORDER BY sequence", arguments: [request]
      ).map(StoredLedgerLine.init)
    }
  }

  /// How much of it is known to stand on the disk; `nil`: nothing yet.
  public func ledgerFile() throws -> LedgerFilePosition? {
    try read { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT sequence, year, size FROM ledger_file WHERE id = 1")
      ).map { LedgerFilePosition(sequence: $0[0], year: $0[1], size: $0[2]) }
    }
  }

  /// So much of it stands on the disk. `nil`: nothing any more; it is to be written anew.
  public func setLedgerFile(_ position: LedgerFilePosition?) -> Commit<Void> {
    post { database in
      guard let position else { return try database.execute(sql: "DELETE FROM ledger_file") }
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO ledger_file (id, sequence, year, size) VALUES (1, ?, ?, ?)"
      ).execute(arguments: [position.sequence, position.year, position.size])
    }
  }

  // MARK: After a restore

  /// When the backup was made that the register was restored from, while its ledger isn't continued yet; `nil`: it is, or it
  /// wasn't restored. Milliseconds since 1970 UTC.
  public func ledgerRestored() throws -> Int64? {
    try read { database in
      try Int64.fetchOne(database.cachedStatement(sql: "SELECT made FROM ledger_restored LIMIT 1"))
    }
  }

  /// Takes lines that were written since the backup from the files, without their openings; numbers that were used meanwhile
  /// are spent.
  ///
  /// - Parameter lines: those after the register's last one.
  /// - Throws: ``RegisterError`` where a line doesn't follow.
  public func continueLedger(_ lines: [LedgerLine]) -> Commit<Void> {
    post { database in
      var chain = LedgerChain(after: try Ledger.head(in: database))
      let insert = try database.cachedStatement(
        sql: "INSERT INTO ledger (sequence, at, line, hash) VALUES (?, ?, ?, ?)")
      let spend = try database.cachedStatement(
        sql: """
          INSERT OR IGNORE INTO spent (number) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM request WHERE number = ?1)
          """)
      for line in lines {
        guard chain.take(line.text) == nil else {
          throw RegisterError(
            what: "line \(line.sequence) of the ledger's files does not follow the one before",
            remedy: "run buzon verify, move the ledger's files aside, then restore again")
        }
        try insert.execute(arguments: [line.sequence, line.milliseconds ?? 0, line.text, Data(line.hash)])
        if line.event == "accepted", let number = line.number { try spend.execute(arguments: [number]) }
      }
    }
  }

  /// Notes that the register was restored; its ledger goes on from here.
  ///
  /// - Parameters:
  ///   - made: when the backup was made, and `at`: now; milliseconds since 1970 UTC.
  public func endContinuation(made: Int64, at: Int64) -> Commit<Void> {
    post { database in
      var entry = LedgerEntry("restored", at: at)
      entry.state("backup", LedgerEntry.time(made))
      try Ledger.append(entry, in: database)
      try database.execute(sql: "DELETE FROM ledger_restored")
    }
  }
}
