internal import Crypto
internal import Foundation
internal import GRDB
internal import Synchronization

/// The ledger: a line for each outcome, each hash taken over the one before, so that no line can be changed, taken out or
/// put in later without breaking every hash after it.
///
/// The last hash is kept in memory by the one writer, and read again when the register is opened.
final class LedgerTip: Sendable {
  private let hash: Mutex<[UInt8]>

  init(_ hash: [UInt8]?) { self.hash = Mutex(hash ?? [UInt8](repeating: 0, count: 32)) }

  static func read(_ database: Database) throws -> [UInt8]? {
    try Row.fetchOne(database, sql: "SELECT hash FROM ledger ORDER BY sequence DESC LIMIT 1").map {
      [UInt8]($0["hash"] as Data)
    }
  }

  /// Appends a line and returns its hash.
  func append(_ line: String, to database: Database) throws -> [UInt8] {
    let next = hash.withLock { hash in
      var digest = SHA256()
      digest.update(data: hash)
      line.utf8.withContiguousStorageIfAvailable { digest.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        ?? digest.update(data: Array(line.utf8))
      hash = Array(digest.finalize())
      return hash
    }
    try database.cachedStatement(sql: "INSERT INTO ledger (line, hash) VALUES (?, ?)")
      .execute(arguments: [line, Data(next)])
    return next
  }
}
