internal import GRDB

// Which files of the account list show what the register has.

/// What one of the account list's files, or a group of them, was made of.
public struct WrittenList: Sendable, Hashable {
  /// Of the accounts, as ``Register/listState()`` has it.
  public var version: Int64
  /// How it was written.
  public var style: String
  /// What the files are.
  public var files: String
  /// When it changes by itself, seconds since 1970 UTC; `nil`: never.
  public var until: Int64?

  public init(version: Int64, style: String, files: String, until: Int64?) {
    self.version = version
    self.style = style
    self.files = files
    self.until = until
  }
}

extension Register {
  /// The version of what the account list shows, and until when that is so: a lock by failed logins ends by itself.
  public func listState() throws -> (version: Int64, until: Int64?) {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT version,
            (SELECT (SELECT min(locked) FROM account WHERE locked > unixepoch() - seconds) + seconds
             FROM lockout WHERE seconds > 0)
          FROM list_version WHERE id = 1
          """)
      return (row?[0] ?? 0, row?[1])
    }
  }

  /// What a part of the list was made of, where that hasn't changed by itself since.
  public func writtenList(_ part: String) throws -> WrittenList? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT version, style, files, until FROM written_list
          WHERE part = ? AND (until IS NULL OR until > unixepoch())
          """, arguments: [part]
      ).map { WrittenList(version: $0[0], style: $0[1], files: $0[2], until: $0[3]) }
    }
  }

  /// A part of the list was written, durably.
  ///
  /// - Parameters:
  ///   - digests: of its files, by their names: the ledger gets a line about them. Empty: it was written as it stood.
  ///   - at: milliseconds since 1970 UTC.
  public func setWrittenList(_ part: String, _ list: WrittenList, digests: [String: String] = [:], at: Int64)
    -> Commit<Void>
  {
    post { database in
      if !digests.isEmpty {
        var entry = LedgerEntry("published", at: at)
        entry.state("part", part)
        for (name, digest) in digests.sorted(by: { $0.key < $1.key }) { entry.commit(name, digest) }
        try Ledger.append(entry, in: database)
      }
      try database.execute(
        sql: "INSERT OR REPLACE INTO written_list (part, version, style, files, until) VALUES (?, ?, ?, ?, ?)",
        arguments: [part, list.version, list.style, list.files, list.until])
    }
  }
}
