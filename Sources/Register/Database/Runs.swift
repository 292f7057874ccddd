internal import GRDB
internal import Text

// What a run leaves for whoever asks how the service is while none runs.

/// How the latest run ended.
public struct LastRun: Sendable, Hashable {
  /// Milliseconds since 1970 UTC.
  public var ended: Int64
  /// Whether it was `run --once`.
  public var isOnce: Bool
  /// What it exited with.
  public var exitCode: Int32
  /// The error that ended it; `nil`: none did.
  public var trouble: Trouble?

  public init(ended: Int64, isOnce: Bool, exitCode: Int32, trouble: Trouble? = nil) {
    self.ended = ended
    self.isOnce = isOnce
    self.exitCode = exitCode
    self.trouble = trouble
  }
}

/// The server of the directory that answered the agent last.
public struct Contact: Sendable, Hashable {
  /// Its URI.
  public var provider: String
  /// Milliseconds since 1970 UTC.
  public var answered: Int64

  public init(provider: String, answered: Int64) {
    self.provider = provider
    self.answered = answered
  }
}

extension Register {
  /// A run begins: nobody knows how it will end, and it has not heard the directory yet.
  public func beginRun() -> Commit<Void> {
    post { database in
      try database.execute(sql: "DELETE FROM last_run")
      try database.execute(sql: "UPDATE listening SET manner = 'none', problem = NULL WHERE id = 1")
    }
  }

  /// A run ends in good order, or by an error. One that is killed leaves nothing.
  public func endRun(_ run: LastRun) -> Commit<Void> {
    post { database in
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO last_run (id, ended, is_once, exit_code, reason, remedy) VALUES (1, ?, ?, ?, ?, ?)
          """, arguments: [run.ended, run.isOnce, run.exitCode, run.trouble?.what, run.trouble?.remedy])
    }
  }

  /// How the latest run ended; `nil` while one runs, and where it was killed.
  public func lastRun() throws -> LastRun? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT ended, is_once, exit_code, reason, remedy FROM last_run WHERE id = 1").map
      {
        row in
        let reason: String? = row[3]
        return LastRun(
          ended: row[0], isOnce: row[1], exitCode: row[2],
          trouble: reason.map { Trouble(what: $0, remedy: row[4] ?? "") })
      }
    }
  }

  /// A server answered.
  public func setContact(_ contact: Contact) -> Commit<Void> {
    post { database in
      let last = try String.fetchOne(database.cachedStatement(sql: "SELECT provider FROM contact WHERE id = 1"))
      if last.map({ !$0.utf8.elementsEqual(contact.provider.utf8) }) ?? true {
        var entry = LedgerEntry("provider", at: contact.answered)
        entry.commit("uri", contact.provider)
        try Ledger.append(entry, in: database)
      }
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO contact (id, provider, answered) VALUES (1, ?, ?)"
      ).execute(arguments: [contact.provider, contact.answered])
    }
  }

  /// Which server answered last, and when; `nil`: none has yet.
  public func contact() throws -> Contact? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT provider, answered FROM contact WHERE id = 1")
        .map { Contact(provider: $0[0], answered: $0[1]) }
    }
  }

  /// The agent uses a configuration from now on; where it is another than before, the ledger says so.
  ///
  /// - Parameters:
  ///   - file: its bytes.
  ///   - at: milliseconds since 1970 UTC.
  public func useConfiguration(_ file: [UInt8], at: Int64) -> Commit<Void> {
    let digest = hexadecimal(Self.digest(of: file))
    return post { database in
      try database.cachedStatement(
        sql: """
          INSERT INTO used_configuration (id, digest) VALUES (1, ?)
          ON CONFLICT (id) DO UPDATE SET digest = excluded.digest WHERE digest <> excluded.digest
          """
      ).execute(arguments: [digest])
      guard database.changesCount == 1 else { return }
      var entry = LedgerEntry("configuration", at: at)
      entry.commit("file", digest)
      try Ledger.append(entry, in: database)
    }
  }
}
