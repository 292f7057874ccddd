public import Accounts
internal import Foundation
internal import GRDB

// Entries that receive mail and are no accounts: what others made in our container.

/// What the directory reported of them, in the order in which it did.
public struct RecipientUpdate: Sendable {
  public enum Item: Sendable {
    case seen(MailRecipient)
    /// The entry went, or is an account now.
    case gone(entryUUID: String)
  }

  public var items: [Item] = []
  /// All that there are, by entryUUID, where the directory named all of them.
  public var all: Set<String>?
  /// Where to go on listening once this is stored (RFC 4533).
  public var cookie: [UInt8]?
  /// Whether these are things that happen now: then who wrote an entry last is who changed it.
  public var isLive = false
  /// Whether they are read for the first time: what is there is no news.
  public var isFirst: Bool

  public init(isFirst: Bool) { self.isFirst = isFirst }
}

extension Register {
  /// How far such entries were read.
  ///
  /// - Parameter what: base, scope and filter: of others it would be wrong.
  public func recipientReading(of what: String) throws -> (isFirst: Bool, cookie: [UInt8]?) {
    try read { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT cookie FROM recipient_reading WHERE id = 1 AND what = ?", arguments: [what])
      return (row == nil, (row?[0] as Data?).map { Array($0) })
    }
  }

  /// The server doesn't know the cookie any more.
  public func forgetRecipientCookie() -> Commit<Void> {
    post { try $0.execute(sql: "UPDATE recipient_reading SET cookie = NULL WHERE id = 1") }
  }

  /// Takes in what the directory reported of such entries.
  ///
  /// - Parameters:
  ///   - what: what the cookie belongs to.
  ///   - domains: ours, lower case.
  ///   - at: milliseconds since 1970 UTC.
  public func observe(_ update: RecipientUpdate, what: String, domains: [String], at: Int64) -> Commit<[MirrorNews]> {
    post { database in
      let writer = RecipientWriter(database: database, domains: Set(domains), at: at)
      var news: [MirrorNews] = []
      for item in update.items {
        switch item {
        case .seen(let recipient): news += try writer.seen(recipient, update)
        case .gone(let uuid): news += try writer.gone(uuid)
        }
      }
      if let all = update.all { news += try writer.keepOnly(all) }
      if let cookie = update.cookie {
        try database.execute(
          sql: "INSERT OR REPLACE INTO recipient_reading (id, what, cookie) VALUES (1, ?, ?)",
          arguments: [what, Data(cookie)])
      }
      return news
    }
  }
}

/// Writes what follows from what was seen of such entries. Those that are reported have a row of drift, as an account that
/// was made outside Buzón has, and an image beside it.
private struct RecipientWriter {
  let database: Database
  let domains: Set<String>
  let at: Int64

  func seen(_ recipient: MailRecipient, _ update: RecipientUpdate) throws -> [MirrorNews] {
    let uuid = recipient.entryUUID
    let known = try String.fetchOne(
      database.cachedStatement(sql: "SELECT addresses FROM recipient WHERE entry_uuid = ?"), arguments: [uuid])
    let address = try recipient.news(
      known: known.map(words), isFirst: update.isFirst, isAccount: isAccount(uuid), isOurs: isOurs)
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO recipient (entry_uuid, addresses) VALUES (?, ?)")
      .execute(arguments: [uuid, recipient.addresses.joined(separator: " ")])
    let image = try database.cachedStatement(
      sql: """
        INSERT INTO image (entry_uuid, image, must_change) VALUES (?, ?, 0)
        ON CONFLICT (entry_uuid) DO UPDATE SET image = excluded.image
        """)
    guard let address else {
      if try hasDrift(uuid) { try image.execute(arguments: [uuid, Data(recipient.image.encoded)]) }
      return []
    }
    let actor = update.isLive ? recipient.modifier : nil
    try database.cachedStatement(
      sql: """
        INSERT INTO drift (entry_uuid, attribute, address, at, actor) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid, attribute) DO UPDATE SET at = excluded.at, actor = excluded.actor
        """
    ).execute(arguments: [uuid, ManagedImage.wholeEntry, address, at, actor])
    try image.execute(arguments: [uuid, Data(recipient.image.encoded)])
    return try noted(.appeared(address: address, by: actor, request: nil), of: uuid)
  }

  func gone(_ uuid: String) throws -> [MirrorNews] {
    try database.cachedStatement(sql: "DELETE FROM recipient WHERE entry_uuid = ?").execute(arguments: [uuid])
    // An account has a story of its own.
    if try isAccount(uuid) { return [] }
    let address = try String.fetchOne(
      database.cachedStatement(sql: "SELECT address FROM drift WHERE entry_uuid = ? AND attribute = ?"),
      arguments: [uuid, ManagedImage.wholeEntry])
    guard let address else { return [] }
    try database.cachedStatement(sql: "DELETE FROM drift WHERE entry_uuid = ?").execute(arguments: [uuid])
    try database.cachedStatement(sql: "DELETE FROM image WHERE entry_uuid = ?").execute(arguments: [uuid])
    return try noted(.mended(address: address, attribute: ManagedImage.wholeEntry), of: uuid)
  }

  func keepOnly(_ all: Set<String>) throws -> [MirrorNews] {
    try String.fetchAll(database, sql: "SELECT entry_uuid FROM recipient").filter { !all.contains($0) }
      .flatMap { try gone($0) }
  }

  /// It stands in the history too.
  private func noted(_ news: MirrorNews, of uuid: String) throws -> [MirrorNews] {
    try Register.note(news, of: uuid, at: at, in: database)
    return [news]
  }

  private func hasDrift(_ uuid: String) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM drift WHERE entry_uuid = ? LIMIT 1"), arguments: [uuid]) != nil
  }

  private func isAccount(_ uuid: String) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT 1 FROM account WHERE entry_uuid = ?1
          UNION ALL SELECT 1 FROM drift WHERE entry_uuid = ?1 AND gone IS NOT NULL LIMIT 1
          """), arguments: [uuid]) != nil
  }

  private func isOurs(_ address: String) throws -> Bool {
    if let at = address.utf8.lastIndex(of: UInt8(ascii: "@")),
      domains.contains(String(address[address.utf8.index(after: at)...]))
    {
      return true
    }
    return try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM address WHERE address = ?"), arguments: [address]) != nil
  }
}
