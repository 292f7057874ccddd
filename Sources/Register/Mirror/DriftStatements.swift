internal import Accounts
internal import Foundation
internal import GRDB

/// The statements that keep what was changed outside Buzón, prepared once for a batch.
struct DriftStatements {
  /// What stands for an entry as a whole.
  static let entry = "entry"

  let database: Database

  init(_ database: Database) { self.database = database }

  /// Whether a stamp is of a change of ours.
  enum Origin {
    /// Begun, and its outcome isn't known.
    case open
    case settled
    /// A later change of ours was applied to the entry: the directory went back, or somebody wrote the stamp back.
    case overtaken
    case unknown
  }

  func origin(of stamp: String?, on entryUUID: String) throws -> Origin {
    guard let stamp = stamp.flatMap(Stamp.init) else { return .unknown }
    let row = try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT change.outcome IS NULL, EXISTS (
            SELECT 1 FROM change AS later WHERE later.entry_uuid = ? AND later.outcome = 'applied'
              AND later.at > change.at AND later.request <> change.request)
          FROM request JOIN change ON change.request = request.id AND change.change_index = ?
          WHERE request.number = ? AND (change.entry_uuid IS NULL OR change.entry_uuid = ?)
          """), arguments: [entryUUID, stamp.index, stamp.number, entryUUID])
    if let row { return row[0] ? .open : row[1] ? .overtaken : .settled }
    // Done since the backup that the register was restored from.
    let isSpent = try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM spent WHERE number = ?"), arguments: [stamp.number])
    return isSpent == nil ? .unknown : .settled
  }

  /// An entry that had gone is there again.
  ///
  /// - Returns: how the procedure left it; `nil`: it hadn't gone, or nobody knows.
  func comeBack(_ entryUUID: String) throws -> ManagedImage? {
    let gone = try Data.fetchOne(
      database.cachedStatement(
        sql: "DELETE FROM drift WHERE entry_uuid = ? AND attribute = ? AND gone IS NOT NULL RETURNING gone"),
      arguments: [entryUUID, Self.entry])
    return gone.flatMap { ManagedImage(encoded: Array($0)) }
  }

  /// Whether this entry was made outside Buzón and never adopted.
  func hasAppeared(_ entryUUID: String) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM drift WHERE entry_uuid = ? AND attribute = ? AND gone IS NULL"),
      arguments: [entryUUID, Self.entry]) != nil
  }

  /// Whether a delete of ours on this entry is under way.
  func isInWork(_ entryUUID: String) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(
        sql: "SELECT 1 FROM change WHERE entry_uuid = ? AND outcome IS NULL AND operation = 'delete' LIMIT 1"),
      arguments: [entryUUID]) != nil
  }

  /// Whether a stamp is of a change of ours that is under way, or was taken back: the agent itself removes the entry that it
  /// made. An atomic request that is planned anew has forgotten the changes that it took back (``Register/abandon(_:)``).
  func isTakenBack(_ stamp: String?) throws -> Bool {
    // Where the taking back left a stamp of its own, the entry is nobody's to remove.
    guard let stamp = stamp.flatMap(Stamp.init), !stamp.isUndone else { return false }
    return try Int.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT 1 FROM request LEFT JOIN change ON change.request = request.id AND change.change_index = ?
          WHERE request.number = ? AND CASE WHEN change.request IS NULL THEN request.state <> 'done'
            ELSE change.outcome IS NULL OR change.outcome IN ('undone', 'failed', 'skipped') END
          """), arguments: [stamp.index, stamp.number]) != nil
  }

  /// Compares what an entry shows with what the procedure left, and notes what is new and what is over.
  func judge(
    _ entryUUID: String, address: String, image: ManagedImage, expected: ManagedImage, by actor: String?, at: Int64
  ) throws -> [MirrorNews] {
    let differences = image.differences(from: expected)
    let names = Set(differences.map(\.attribute))
    var news: [MirrorNews] = []
    let noted = try String.fetchAll(
      database.cachedStatement(sql: "SELECT attribute FROM drift WHERE entry_uuid = ?"), arguments: [entryUUID])
    for name in noted where name != Self.entry && !names.contains(name) {
      try forget(entryUUID, name)
      news.append(.mended(address: address, attribute: name))
    }
    for difference in differences where !noted.contains(difference.attribute) {
      try insert(entryUUID, difference.attribute, address, by: actor, request: expected.stamp, at: at)
      news.append(.drifted(address: address, difference, by: actor, request: expected.stamp))
    }
    return news
  }

  func insert(
    _ entryUUID: String, _ attribute: String, _ address: String, by actor: String?, request: String?, at: Int64,
    gone: [UInt8]? = nil
  ) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO drift (entry_uuid, attribute, address, at, actor, request, gone) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (entry_uuid, attribute) DO NOTHING
        """
    ).execute(arguments: [entryUUID, attribute, address, at, actor, request, gone.map { Data($0) }])
  }

  /// This is no difference any more.
  func forget(_ entryUUID: String, _ attribute: String) throws {
    try database.cachedStatement(sql: "DELETE FROM drift WHERE entry_uuid = ? AND attribute = ?")
      .execute(arguments: [entryUUID, attribute])
  }

  /// Nothing of this entry is a difference any more.
  func forget(_ entryUUID: String) throws {
    try database.cachedStatement(sql: "DELETE FROM drift WHERE entry_uuid = ?").execute(arguments: [entryUUID])
  }

  /// The procedure has spoken of this address since its entry went.
  func forgetGone(_ address: String) throws {
    try database.cachedStatement(sql: "DELETE FROM drift WHERE address = ? AND gone IS NOT NULL")
      .execute(arguments: [address])
  }
}
