internal import Crypto
internal import Foundation
internal import GRDB

/// The ledger: a line for each thing that happened, chained. Each line names the SHA-256 of the line before, so that none can
/// be changed, taken out or put in later without breaking every line after it. `docs/ledger.md` has the formula.
///
/// A line is one commit with what it tells. The end is read in the transaction that appends to it and not kept: nothing
/// that is remembered could differ from what a transaction rolled back, or another writer, has left.
enum Ledger {
  /// What the first line names as the one before.
  static let beginning = [UInt8](repeating: 0, count: 32)

  /// Appends a line.
  ///
  /// - Returns: its sequence and its hash.
  @discardableResult
  static func append(_ entry: LedgerEntry, in database: Database) throws -> LedgerHead {
    let head = try head(in: database)
    let sequence = (head?.sequence ?? 0) + 1
    let line = entry.line(sequence: sequence, previous: head?.hash ?? beginning)
    let hash = hash(of: line)
    try database.cachedStatement(
      sql: "INSERT INTO ledger (sequence, at, line, hash, request, openings) VALUES (?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [sequence, entry.at, line, Data(hash), entry.request, entry.openings])
    return LedgerHead(sequence: sequence, hash: hash)
  }

  /// The last line; `nil`: there is none.
  static func head(in database: Database) throws -> LedgerHead? {
    try Row.fetchOne(
      database.cachedStatement(sql: "SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1")
    ).map { LedgerHead(sequence: $0[0], hash: Array($0[1] as Data)) }
  }

  static func hash(of line: String) -> [UInt8] { Array(SHA256.hash(data: Array(line.utf8))) }
}

/// A line of the ledger by its place and its hash. The last one stands for all before it.
public struct LedgerHead: Sendable, Hashable {
  /// From 1.
  public var sequence: Int64
  /// SHA-256 of the line.
  public var hash: [UInt8]
}
