internal import GRDB

/// Why the whole queue waits.
public struct Trouble: Sendable, Hashable {
  public var what: String
  public var remedy: String

  public init(what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }
}

extension Register {
  /// Notes why the queue waits, or (`nil`) that it no longer does. The time of the first word is kept.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  public func setTrouble(_ trouble: Trouble?, at: Int64) -> Commit<Void> {
    post { database in
      guard let trouble else {
        try database.cachedStatement(sql: "DELETE FROM trouble").execute()
        return
      }
      try database.cachedStatement(
        sql: """
          INSERT INTO trouble (id, since, what, remedy) VALUES (1, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET what = excluded.what, remedy = excluded.remedy
          """
      ).execute(arguments: [at, trouble.what, trouble.remedy])
    }
  }

  /// Why the queue waits, and since when (milliseconds since 1970 UTC); `nil` where it doesn't.
  public func trouble() throws -> (trouble: Trouble, since: Int64)? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM trouble").map {
        (Trouble(what: $0["what"], remedy: $0["remedy"]), $0["since"])
      }
    }
  }
}
