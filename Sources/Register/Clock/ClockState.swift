internal import Accounts
internal import Foundation
internal import GRDB
internal import LDAP

/// What is known of the time, and whether the clock is held because the host's time jumped ahead of it.
public struct ClockState: Sendable, Hashable {
  /// The newest time that was taken for right; `nil`: none yet. Milliseconds since 1970 UTC, as all times here.
  public var known: Int64?
  /// The host's time when it was found to be ahead; `nil`: the clock isn't held.
  public var held: Int64?
  /// Who said that the host's time is right; the agent has not looked at it since.
  public var releasedBy: String?

  public var isReleased: Bool { releasedBy != nil }

  public init(known: Int64? = nil, held: Int64? = nil, releasedBy: String? = nil) {
    self.known = known
    self.held = held
    self.releasedBy = releasedBy
  }
}

extension Register {
  /// `nil` where nothing was stored yet.
  public func clockState() throws -> ClockState? {
    try read { database in
      try Row.fetchOne(database.cachedStatement(sql: "SELECT known, held, released_by FROM clock WHERE id = 1")).map {
        ClockState(known: $0[0], held: $0[1], releasedBy: $0[2])
      }
    }
  }

  /// The clock goes on, and this time is known.
  public func setClock(known: Int64) -> Commit<Void> { store(ClockState(known: known)) }

  /// The clock is held from now on.
  public func holdClock(at now: Int64, known: Int64) -> Commit<Void> { store(ClockState(known: known, held: now)) }

  private func store(_ state: ClockState) -> Commit<Void> {
    post { database in
      try database.cachedStatement(
        sql: """
          INSERT INTO clock (id, known, held, released_by) VALUES (1, ?, ?, NULL)
          ON CONFLICT (id) DO UPDATE SET known = excluded.known, held = excluded.held, released_by = NULL
          """
      ).execute(arguments: [state.known, state.held])
    }
  }

  /// The host's time has gone on while the clock is held; a release given meanwhile stays as it was given.
  public func moveClockHold(to now: Int64) -> Commit<Void> {
    post { database in
      try database.cachedStatement(
        sql: "UPDATE clock SET held = ? WHERE id = 1 AND held IS NOT NULL AND released_by IS NULL"
      ).execute(arguments: [now])
    }
  }

  /// An operator says that the host's time is right. The next time that the agent looks at it, it is known.
  ///
  /// - Returns: whether the clock was held.
  public func releaseClock(by actor: String, at: Int64) -> Commit<Bool> {
    post { database in
      try database.cachedStatement(
        sql: "UPDATE clock SET released_by = ? WHERE id = 1 AND held IS NOT NULL AND released_by IS NULL"
      ).execute(arguments: [actor])
      guard database.changesCount == 1 else { return false }
      var entry = LedgerEntry("released-clock", at: at)
      entry.commit("by", actor)
      try Ledger.append(entry, in: database)
      return true
    }
  }

  /// The newest time known, where none was stored: of the accounts in the directory, as the mirror has them; where it has
  /// none, of the requests. `nil` where there is neither.
  public func firstKnownTime() throws -> Int64? {
    try read { database in
      if let csn = try Self.newestCSN(database, until: nil) { return csn }
      return try Self.newestOfRequests(database, until: .max)
    }
  }

  /// The newest time that is known by steps none of which is a jump: from one acceptance, outcome, line of the ledger or
  /// entryCSN to the next. So a single entry that a host with a wrong clock wrote proves nothing, and a directory in which
  /// others wrote every day while the agent was stopped does.
  ///
  /// - Parameters:
  ///   - known: where it begins; milliseconds since 1970 UTC.
  ///   - jump: the longest step, milliseconds.
  ///   - now: no further than needed for this time to be no jump.
  public func newestTime(from known: Int64, jump: Int64, now: Int64) throws -> Int64 {
    try read { database in
      var newest = known
      // Two rounds go further than a jump, or are the last.
      while now - newest > jump {
        let bound = newest + jump
        let found = [
          try Self.newestOfRequests(database, until: bound), try Self.newestCSN(database, until: bound),
          try Self.lastOfLedger(database).flatMap { $0 <= bound ? $0 : nil },
        ].compactMap(\.self).max()
        guard let found, found > newest else { break }
        newest = found
      }
      return newest
    }
  }

  private static func newestOfRequests(_ database: Database, until bound: Int64) throws -> Int64? {
    let times = try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT (SELECT max(received) FROM request WHERE received <= ?1),
            (SELECT max(completed) FROM request WHERE completed IS NOT NULL AND completed <= ?1)
          """), arguments: [bound])
    return [times?[0] as Int64?, times?[1]].compactMap(\.self).max()
  }

  private static func lastOfLedger(_ database: Database) throws -> Int64? {
    try Int64.fetchOne(database.cachedStatement(sql: "SELECT at FROM ledger ORDER BY sequence DESC LIMIT 1"))
  }

  /// Of the accounts, and of the directory as a whole, which a cookie of OpenLDAP's names. Reads all accounts: asked at a
  /// first start, and where the host's time is a jump ahead.
  private static func newestCSN(_ database: Database, until bound: Int64?) throws -> Int64? {
    let last = bound.map { String(decoding: GeneralizedTime.value($0 / 1_000).bytes, as: UTF8.self) } ?? "Z"
    let ofAccounts = try String.fetchOne(
      database.cachedStatement(sql: "SELECT max(entry_csn) FROM account WHERE entry_csn <= ?"), arguments: [last])
    let cookie = try Data.fetchOne(
      database.cachedStatement(sql: "SELECT cookie FROM listening WHERE id = 1 AND cookie IS NOT NULL"))
    let ofDirectory = cookie.flatMap { csns(of: Array($0)) }?.filter { $0 <= last }.max()
    // Of a directory without an account of ours nothing is asked: nothing of it can be due.
    if bound == nil, ofAccounts == nil { return nil }
    return [ofAccounts, ofDirectory].compactMap(\.self).compactMap(Self.time).max()
  }

  /// The time of a CSN, `20261122110523.123456Z#…`, to the second; milliseconds since 1970 UTC.
  private static func time(ofCSN csn: String) -> Int64? {
    let bytes = csn.utf8.prefix { $0 != UInt8(ascii: "#") }
    return GeneralizedTime.seconds(Value(bytes: Array(bytes))).map { $0 * 1_000 }
  }
}
