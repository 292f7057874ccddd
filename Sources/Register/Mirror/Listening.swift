internal import Accounts
internal import Foundation
internal import GRDB
internal import LDAP

// How the directory is listened to, and where to go on (RFC 4533).

extension Register {
  /// How the directory is listened to.
  public struct Listening: Sendable, Hashable {
    /// `none`, `persist`, `polling`, `comparing`, `down`.
    public var manner: String
    /// Milliseconds since 1970 UTC.
    public var since: Int64
    public var problem: String?

    public init(manner: String, since: Int64, problem: String? = nil) {
      self.manner = manner
      self.since = since
      self.problem = problem
    }
  }

  public func listening() throws -> Listening? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT manner, since, problem FROM listening WHERE id = 1")
        .map { Listening(manner: $0[0], since: $0[1], problem: $0[2]) }
    }
  }

  public func setListening(_ listening: Listening) -> Commit<Void> {
    post { database in
      try database.execute(
        sql: """
          INSERT INTO listening (id, what, manner, since, problem) VALUES (1, '', ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET manner = excluded.manner, since = excluded.since, problem = excluded.problem
          """, arguments: [listening.manner, listening.since, listening.problem])
    }
  }

  // MARK: Where to go on

  /// Where to go on listening; `nil`: from the beginning.
  ///
  /// - Parameter what: base, filter and attributes: a cookie of others is of no use.
  public func cookie(of what: String) throws -> [UInt8]? {
    try read { database in
      try Data.fetchOne(database, sql: "SELECT cookie FROM listening WHERE id = 1 AND what = ?", arguments: [what])
        .map { Array($0) }
    }
  }

  /// Whether the directory was ever read to its end.
  public func hasListened() throws -> Bool {
    try read { try Int.fetchOne($0, sql: "SELECT 1 FROM listening WHERE id = 1 AND cookie IS NOT NULL") != nil }
  }

  /// All accounts were read, without a cookie to go on from.
  public func setListened(_ what: String) -> Commit<Void> {
    post { database in
      if try Int.fetchOne(database, sql: "SELECT 1 FROM listening WHERE id = 1 AND cookie IS NOT NULL") == nil {
        try Self.store([], of: what, in: database)
      }
    }
  }

  /// The server doesn't know the cookie any more: what it shows may be of a time before what was heard of it, after it was
  /// restored from a backup say, and counts all the same.
  ///
  /// - Parameter keepsStates: what was heard of the accounts stays: there are other servers, and this one may be behind.
  public func forgetCookie(keepsStates: Bool = false) -> Commit<Void> {
    post { database in
      try database.execute(sql: "UPDATE listening SET what = '' WHERE id = 1")
      if keepsStates { return }
      try database.execute(sql: "UPDATE account SET entry_csn = '' WHERE entry_csn <> ''")
      try database.execute(
        sql: """
          DELETE FROM tombstone WHERE NOT EXISTS (
            SELECT 1 FROM change WHERE change.entry_uuid = tombstone.entry_uuid AND change.outcome IS NULL)
          """)
    }
  }

  static func store(_ cookie: [UInt8], of what: String, in database: Database) throws {
    let before = try Data.fetchOne(
      database.cachedStatement(sql: "SELECT cookie FROM listening WHERE id = 1 AND what = ?"), arguments: [what])
    let cookie = merged(cookie, over: before.map { Array($0) })
    try database.cachedStatement(
      sql: """
        INSERT INTO listening (id, what, cookie) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET what = excluded.what, cookie = excluded.cookie
        """
    ).execute(arguments: [what, Data(cookie)])
    // Images up to this one have all come: nothing can call back what went before, but another provider that has not heard of
    // it. A cookie is the server's own matter; of one that doesn't name its CSN the tombstones stay.
    if let csn = Self.csn(of: cookie).flatMap(dayBefore) {
      try database.cachedStatement(
        sql: """
          DELETE FROM tombstone WHERE csn < ? AND NOT EXISTS (
            SELECT 1 FROM change WHERE change.entry_uuid = tombstone.entry_uuid AND change.outcome IS NULL)
          """
      ).execute(arguments: [csn])
    }
  }

  /// A server that lags behind another one names an older CSN of that one than was heard: of each the later one stays.
  private static func merged(_ cookie: [UInt8], over before: [UInt8]?) -> [UInt8] {
    guard let before, let old = csns(of: before), let new = csns(of: cookie), old != new,
      let place = cookie.firstRange(of: Array("csn=".utf8))
    else { return cookie }
    var latest: [Substring: String] = [:]
    for csn in old + new {
      let parts = csn.split(separator: "#")
      guard parts.count == 4 else { return cookie }
      latest[parts[2]] = max(latest[parts[2]] ?? "", csn)
    }
    let list = latest.sorted { $0.key < $1.key }.map(\.value).joined(separator: ";")
    let rest = cookie[place.upperBound...].drop { $0 != UInt8(ascii: ",") }
    return cookie[..<place.upperBound] + Array(list.utf8) + rest
  }

  /// A CSN of a day before this one.
  private static func dayBefore(_ csn: String) -> String? {
    GeneralizedTime.seconds(Value("\(csn.prefix { $0 != "." })Z"))
      .map { String(decoding: GeneralizedTime.value($0 - 86_400).bytes, as: UTF8.self) }
  }

  /// The greatest CSN that a cookie of OpenLDAP's names: of the change that it comes with.
  public static func lastCSN(of cookie: [UInt8]) -> String? { csns(of: cookie)?.max() }

  /// The least CSN that a cookie of OpenLDAP's names (`rid=000,csn=A;B`): one for each provider.
  private static func csn(of cookie: [UInt8]) -> String? { csns(of: cookie)?.min() }

  static func csns(of cookie: [UInt8]) -> [String]? {
    guard let place = cookie.firstRange(of: Array("csn=".utf8)) else { return nil }
    let list = cookie[place.upperBound...].prefix { $0 != UInt8(ascii: ",") }
    return list.split(separator: UInt8(ascii: ";")).map { String(decoding: $0, as: UTF8.self) }
  }
}
