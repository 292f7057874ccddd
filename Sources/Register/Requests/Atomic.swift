public import Accounts
internal import GRDB
internal import LDAP

/// How far an atomic request has come that was begun: its operations are stored, each with the changes that it carries
/// out, and are being applied, or taken back for one that failed.
public struct AtomicState: Sendable {
  /// The operations, in the order in which they are sent: for each the indices of the changes that it carries out,
  /// ascending, the last of which holds the intent.
  public var folds: [[Int]]
  /// For which change, and why, all is being undone; `nil` while it is being applied.
  public var failure: (index: Int, error: ChangeError)?
  /// By index, the addresses that a change gives though they were another account's.
  public var reused: [Int: [String]] = [:]

  public init(folds: [[Int]], failure: (index: Int, error: ChangeError)? = nil) {
    self.folds = folds
    self.failure = failure
  }
}

/// A change of an atomic request about to be begun.
public struct AtomicChange: Sendable {
  public var index: Int
  public var address: String
  public var operation: String
  /// Which of the request's operations carries it out, from 0; `nil`: nothing is to be done for it.
  public var turn: Int?
  /// What is sent for it and for those folded into it.
  public var stored: StoredIntent?
  /// Addresses that it gives though they were another account's.
  public var reused: [String]
  /// What the account comes to name as its owner or lists.
  public var names: [String]

  public init(
    index: Int, address: String, operation: String, turn: Int?, stored: StoredIntent?, reused: [String] = [],
    names: [String] = []
  ) {
    self.names = names
    self.index = index
    self.address = address
    self.operation = operation
    self.turn = turn
    self.stored = stored
    self.reused = reused
  }
}

extension Register {
  /// Stores all that an atomic request will send, before any of it is sent; an earlier plan is replaced.
  ///
  /// - Parameter at: milliseconds since 1970 UTC.
  public func begin(_ request: Int64, _ changes: [AtomicChange], at: Int64) -> Commit<Void> {
    post { database in
      try Self.clear(request, in: database)
      try database.cachedStatement(sql: "INSERT INTO atomic (request) VALUES (?)").execute(arguments: [request])
      let fold = try database.cachedStatement(
        sql: "INSERT INTO change (request, change_index, address, operation, turn, reused) VALUES (?, ?, ?, ?, ?, ?)")
      let intention = try Self.intention(database)
      for change in changes {
        try fold.execute(arguments: [
          request, change.index, change.address, change.operation, change.turn,
          change.reused.isEmpty ? nil : change.reused.joined(separator: " "),
        ])
        guard let stored = change.stored else { continue }
        try Self.intend(
          IntendedChange(
            id: ChangeID(request: request, index: change.index), address: change.address, operation: change.operation,
            stored: stored, names: change.names), at: at, with: intention, in: database)
      }
    }
  }

  /// From now on all that was applied of an atomic request is taken back.
  public func undo(_ request: Int64, because index: Int, _ error: ChangeError) -> Commit<Void> {
    post { database in
      try database.cachedStatement(
        sql: "UPDATE atomic SET change_index = ?, code = ?, diagnostic = ?, remedy = ? WHERE request = ?"
      ).execute(arguments: [index, error.code.rawValue, error.diagnostic, error.remedy, request])
    }
  }

  /// Nothing of an atomic request is applied any more: its plan is forgotten, and it may be begun anew.
  public func abandon(_ request: Int64) -> Commit<Void> {
    post { database in try Self.clear(request, in: database) }
  }

  private static func clear(_ request: Int64, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM change WHERE request = ? AND outcome IS NULL")
      .execute(arguments: [request])
    try database.cachedStatement(sql: "DELETE FROM atomic WHERE request = ?").execute(arguments: [request])
  }

  static func atomic(_ request: Int64, in database: Database) throws -> AtomicState? {
    guard
      let row = try Row.fetchOne(
        database.cachedStatement(sql: "SELECT * FROM atomic WHERE request = ?"), arguments: [request])
    else { return nil }
    var state = AtomicState(folds: [])
    if let index = row["change_index"] as Int? {
      state.failure = (
        index,
        ChangeError(
          code: ResultCode(rawValue: row["code"] ?? 80), diagnostic: row["diagnostic"] ?? "",
          remedy: row["remedy"] ?? "")
      )
    }
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: "SELECT change_index, turn, reused FROM change WHERE request = ? ORDER BY change_index"),
      arguments: [request])
    while let row = try rows.next() {
      if let reused = row["reused"] as String? { state.reused[row["change_index"]] = words(reused) }
      guard let turn = row["turn"] as Int? else { continue }
      while state.folds.count <= turn { state.folds.append([]) }
      state.folds[turn].append(row["change_index"])
    }
    return state
  }
}
