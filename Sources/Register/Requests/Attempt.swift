internal import GRDB

/// Something that the agent may die of, again and again. Its deaths, or its failures, are counted against it.
public enum Attempt: Sendable, Hashable {
  /// Reading all files that an earlier run had taken, at once.
  case taken
  /// Judging one file alone.
  case file(String)
  /// Reading one file that lies on a bad place of the disk.
  case reading(String)
  /// Applying one change alone, that of an index of a request's form.
  case change(request: String, index: Int)
  /// Applying an atomic request alone.
  case atomic(request: String)

  private var kind: String {
    switch self {
    case .taken: "taken"
    case .file: "file"
    case .reading: "reading"
    case .change: "change"
    case .atomic: "atomic"
    }
  }

  private var name: String {
    switch self {
    case .taken: ""
    case .file(let name), .reading(let name): name
    case .change(let request, _), .atomic(let request): request
    }
  }

  private var index: Int { if case .change(_, let index) = self { index } else { 0 } }

  fileprivate var arguments: StatementArguments { [kind, name, index] }
}

extension Register {
  /// Counts one more death of the agent, or one more failure, and returns the count.
  public func countDeath(of attempt: Attempt) -> Commit<Int> {
    post { database in
      try Int.fetchOne(
        database.cachedStatement(
          sql: """
            INSERT INTO attempt (kind, name, change_index, deaths) VALUES (?, ?, ?, 1)
            ON CONFLICT (kind, name, change_index) DO UPDATE SET deaths = deaths + 1 RETURNING deaths
            """), arguments: attempt.arguments) ?? 1
    }
  }

  /// It came to its end: its deaths are forgotten.
  public func forgetDeaths(of attempt: Attempt) -> Commit<Void> {
    post { try Self.forgetDeaths(of: attempt, in: $0) }
  }

  private static func forgetDeaths(of attempt: Attempt, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM attempt WHERE kind = ? AND name = ? AND change_index = ?")
      .execute(arguments: attempt.arguments)
  }

  /// Deaths are forgotten of a request and of all its changes.
  static func forgetDeaths(ofRequest number: String, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM attempt WHERE kind IN ('change', 'atomic') AND name = ?")
      .execute(arguments: [number])
  }

  /// Nothing is left of what an earlier run had taken: what is counted against files that are gone is forgotten.
  public func forgetDeathsOfFiles() -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "DELETE FROM attempt WHERE kind IN ('taken', 'file')").execute()
    }
  }

  /// All changes and atomic requests but these have come to their end: their deaths are forgotten.
  public func forgetDeaths(besides open: Set<Attempt>) -> Commit<Void> {
    post { database in
      for row in try Row.fetchAll(
        database, sql: "SELECT kind, name, change_index FROM attempt WHERE kind IN ('change', 'atomic')")
      {
        let attempt: Attempt =
          row["kind"] == "atomic"
          ? .atomic(request: row["name"]) : .change(request: row["name"], index: row["change_index"])
        if !open.contains(attempt) { try Self.forgetDeaths(of: attempt, in: database) }
      }
    }
  }
}
