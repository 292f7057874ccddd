internal import GRDB

// Accounts that failed logins locked (slapo-ppolicy(5)).

extension Register {
  /// How long a lock lasts by the directory's policy.
  ///
  /// - Parameter seconds: 0: until it is lifted.
  public func setLockout(_ seconds: Int64) -> Commit<Void> {
    post { database in
      try database.execute(
        sql: """
          INSERT INTO lockout (id, seconds) VALUES (1, ?)
          ON CONFLICT (id) DO UPDATE SET seconds = excluded.seconds WHERE seconds <> excluded.seconds
          """, arguments: [seconds])
    }
  }

  /// In how many seconds the next lock ends by itself; `nil`: none does.
  public func secondsToUnlock() throws -> Int64? {
    try read { database in
      try Int64.fetchOne(
        database,
        sql: """
          SELECT (SELECT min(locked) FROM account WHERE locked > unixepoch() - seconds) + seconds - unixepoch()
          FROM lockout WHERE seconds > 0
          """)
    }
  }
}
