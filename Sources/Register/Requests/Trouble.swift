internal import GRDB

/// Why a part of the service does not work.
public struct Trouble: Sendable, Hashable {
  /// What can be in trouble.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    /// The whole queue waits for the directory.
    case queue
    /// Forms in the spool can't be read or moved.
    case spool
    /// Signatures can't be checked.
    case approval
    /// Records, list or pages can't be written.
    case records
    /// The mirror can't read the directory.
    case mirror
    /// The server in use shows some accounts as they were before.
    case provider
    /// The ledger's files differ from the register, and nothing is appended to them.
    case ledger
  }

  public var what: String
  public var remedy: String

  public init(what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }
}

extension Register {
  /// Notes why a part does not work, or (`nil`) that it works. The time of the first word is kept.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  public func setTrouble(_ trouble: Trouble?, of part: Trouble.Part = .queue, at: Int64) -> Commit<Void> {
    post { database in
      guard let trouble else {
        try database.cachedStatement(sql: "DELETE FROM trouble WHERE part = ?").execute(arguments: [part.rawValue])
        return
      }
      try database.cachedStatement(
        sql: """
          INSERT INTO trouble (part, since, what, remedy) VALUES (?, ?, ?, ?)
          ON CONFLICT (part) DO UPDATE SET what = excluded.what, remedy = excluded.remedy
          """
      ).execute(arguments: [part.rawValue, at, trouble.what, trouble.remedy])
    }
  }

  /// Why a part does not work, and since when (milliseconds since 1970 UTC); `nil` where it works.
  public func trouble(of part: Trouble.Part = .queue) throws -> (trouble: Trouble, since: Int64)? {
    try read { database in
      try Row.fetchOne(
        database.cachedStatement(sql: "SELECT * FROM trouble WHERE part = ?"), arguments: [part.rawValue]
      ).map { (Trouble(what: $0["what"], remedy: $0["remedy"]), $0["since"]) }
    }
  }

  // MARK: Acknowledgement

  /// A person has taken note of what was rejected, failed or overridden until now.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  public func acknowledge(at: Int64, by actor: String) -> Commit<Void> {
    post { database in
      try database.cachedStatement(
        sql: """
          INSERT INTO acknowledgement (id, at, actor) VALUES (1, ?, ?)
          ON CONFLICT (id) DO UPDATE SET at = excluded.at, actor = excluded.actor
          """
      ).execute(arguments: [at, actor])
      var entry = LedgerEntry("acknowledged", at: at)
      entry.commit("by", actor)
      try Ledger.append(entry, in: database)
    }
  }

  /// Until when a person has taken note of what went wrong (milliseconds since 1970 UTC), and who; `nil`: nobody has.
  public func acknowledgement() throws -> (at: Int64, by: String)? {
    try read { database in
      try Row.fetchOne(database.cachedStatement(sql: "SELECT at, actor FROM acknowledgement WHERE id = 1")).map {
        ($0["at"], $0["actor"])
      }
    }
  }
}
