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
  /// Since when it is in use, milliseconds since 1970 UTC.
  public var since: Int64?
  /// The server that was in use before; `nil`: none was.
  public var previous: String?
  /// Why that one was left; `nil`: a person chose.
  public var why: String?

  public init(provider: String, answered: Int64, why: String? = nil) {
    self.provider = provider
    self.answered = answered
    self.why = why
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
        sql: """
          INSERT INTO contact (id, provider, answered, since, why) VALUES (1, ?1, ?2, ?2, NULL)
          ON CONFLICT (id) DO UPDATE SET provider = ?1, answered = ?2,
            since = iif(provider = ?1, since, ?2), previous = iif(provider = ?1, previous, provider),
            why = iif(provider = ?1, why, ?3)
          """
      ).execute(arguments: [contact.provider, contact.answered, contact.why])
    }
  }

  /// Which server answered last, and when; `nil`: none has yet.
  public func contact() throws -> Contact? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM contact WHERE id = 1").map { row in
        var contact = Contact(provider: row["provider"], answered: row["answered"], why: row["why"])
        (contact.since, contact.previous) = (row["since"], row["previous"])
        return contact
      }
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
