internal import GRDB

/// What a shell completes: numbers and addresses that begin with what was typed. However much the register holds, an answer
/// costs what it prints.
extension Register {
  /// The version of the SQLite that is loaded, e.g. `3.40.1`.
  public static var libraryVersion: String {
    let number = Int(Database.sqliteLibVersionNumber)
    return "\(number / 1_000_000).\(number / 1_000 % 1_000).\(number % 1_000)"
  }

  /// Numbers of requests that begin so, the last ones of their order. The clock's own (`@…`) are for who types `@`.
  public func numbers(beginningWith prefix: String, limit: Int) throws -> [String] {
    // `@` stands between the digits and the letters.
    let ranges = prefix.isEmpty ? [("A", "\u{7F}"), ("", "@")] : [(prefix, prefix + "\u{7F}")]
    return try read { database in
      try ranges.reduce(into: []) { numbers, range in
        numbers += try String.fetchAll(
          database, sql: "SELECT number FROM request WHERE number >= ? AND number < ? ORDER BY number DESC LIMIT ?",
          arguments: [range.0, range.1, limit - numbers.count])
      }
    }
  }

  /// Primary addresses of accounts that begin so.
  public func addresses(beginningWith prefix: String, limit: Int) throws -> [String] {
    try read { database in
      try String.fetchAll(
        database, sql: "SELECT DISTINCT address FROM account WHERE address >= ? AND address < ? LIMIT ?",
        arguments: [prefix, prefix + "\u{7F}", limit])
    }
  }
}
