internal import Crypto
internal import Foundation
internal import GRDB

/// The ledger's end: a line for each outcome, each hash taken over the one before, so that no line can be changed, taken
/// out or put in later without breaking every hash after it.
///
/// It is read in the transaction that appends to it and not kept: nothing that is remembered could differ from what a
/// transaction rolled back, or another writer, has left.
struct Ledger {
  /// The hash of the last line; zeros where there is none.
  private(set) var hash: [UInt8]
  private let insert: Statement

  init(_ database: Database) throws {
    hash =
      try Data.fetchOne(database.cachedStatement(sql: "SELECT hash FROM ledger ORDER BY sequence DESC LIMIT 1"))
      .map { Array($0) } ?? [UInt8](repeating: 0, count: 32)
    insert = try database.cachedStatement(sql: "INSERT INTO ledger (line, hash) VALUES (?, ?)")
  }

  /// Appends a line and returns its hash.
  mutating func append(_ line: String) throws -> [UInt8] {
    var digest = SHA256()
    digest.update(data: hash)
    line.utf8.withContiguousStorageIfAvailable { digest.update(bufferPointer: UnsafeRawBufferPointer($0)) }
      ?? digest.update(data: Array(line.utf8))
    hash = Array(digest.finalize())
    try insert.execute(arguments: [line, Data(hash)])
    return hash
  }
}
