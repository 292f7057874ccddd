public import Accounts
public import Forms
internal import Foundation
internal import GRDB

/// A change in the story of an account.
public struct AccountEvent: Sendable {
  /// Milliseconds since 1970 UTC: of the outcome, or of the intent while there is none.
  public var at: Int64
  public var number: String
  /// The change's index in its form.
  public var index: Int
  public var operation: String
  /// Whom the account is of, and why it was done, as far as it is known.
  public var name: String?
  public var reason: String?
  /// What the form calls the account: its address then.
  public var address: String
  /// `nil` while it isn't known.
  public var outcome: ChangeOutcome?
  public var error: Failure?
  /// What it really changed; `nil`: that isn't known.
  public var values: [ChangedValue]?
  /// What happened to the temporary password that it granted.
  public var handoverEvents: [HandoverEvent]
  /// The file that the form came in, and who dropped it; `nil`: the clock's own.
  public var submitted: (file: String, by: Submitter)?
  /// Who asked for it, and who said yes.
  public var origin: Request.Origin

  /// Why a change failed.
  public struct Failure: Sendable, Hashable {
    /// RFC 4511's result code, and its name.
    public var code: Int
    public var name: String
    public var diagnostic: String
    public var remedy: String
  }
}

/// The story of one account, from its entry's first change to its last.
public struct AccountHistory: Sendable {
  /// `nil`: what was asked for the address and reached no entry.
  public var entryUUID: String?
  /// The account's address now; `nil` where it isn't there any more.
  public var address: String?
  /// active, suspended, retained; `nil` where it isn't there any more.
  public var status: String?
  /// In order of time.
  public var events: [AccountEvent]
  /// What was changed outside Buzón, in order of time.
  public var drift: [DriftEvent] = []
  /// Of the first that is known of it; milliseconds since 1970 UTC.
  var begin: Int64 { min(events.first?.at ?? .max, drift.first?.at ?? .max) }
}

extension Register {
  /// Every change of every account that holds or ever held an address, each account by itself, in the order of their
  /// first changes. An entry keeps its entryUUID when it is renamed, so its story doesn't break there, and an address
  /// that belonged to two people one after the other shows two stories. Last comes what reached no entry.
  ///
  /// An address that was taken away again stands in no index, only in the operations themselves, so all of them are
  /// looked through: about a second per million changes.
  ///
  /// - Parameter address: lower case.
  public func history(of address: String) throws -> [AccountHistory] {
    try read { database in
      let entries = try Self.entries(ofAddress: address, in: database)
      var histories = try entries.map { entry in
        let account = try Row.fetchOne(
          database, sql: "SELECT address, shown FROM shown_account WHERE entry_uuid = ?",
          arguments: [entry])
        return AccountHistory(
          entryUUID: entry, address: account?["address"], status: account?["shown"],
          events: try Self.events(
            database, where: "entry_uuid = ?", arguments: [entry]),
          drift: try Self.driftEvents(of: entry, in: database))
      }
      histories.removeAll { $0.events.isEmpty && $0.drift.isEmpty }
      histories.sort { ($0.begin, $0.events.first?.number ?? "") < ($1.begin, $1.events.first?.number ?? "") }
      let lost = try Self.events(
        database, where: "entry_uuid IS NULL AND change.address = ?", arguments: [address])
      if !lost.isEmpty { histories.append(AccountHistory(entryUUID: nil, address: nil, status: nil, events: lost)) }
      return histories
    }
  }

  /// The entryUUIDs of all accounts that have or ever had an address.
  static func entries(ofAddress address: String, in database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT entry_uuid FROM address WHERE address = ?1
        UNION SELECT entry_uuid FROM change WHERE address = ?1 AND entry_uuid IS NOT NULL
        UNION SELECT entry_uuid FROM drift_event WHERE address = ?1
        UNION SELECT entry_uuid FROM change WHERE entry_uuid IS NOT NULL
          AND (instr(pre_image, ?2) OR instr(pre_image, ?3) OR (outcome = 'applied' AND instr(intent, ?2)))
        """,
      arguments: [address, Data("\nmailLocalAddress: \(address)\n".utf8), Data("\nmail: \(address)\n".utf8)])
  }

  private static func events(
    _ database: Database, where condition: String, arguments: StatementArguments
  ) throws -> [AccountEvent] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT change.*, request.number, coalesce(at, intended, 0) AS time, request.file, request.submitter_uid,
          request.submitter, request.department, requester, requester_address, approved_by, approved_on, approval_reference
        FROM change JOIN request ON request.id = change.request
        WHERE \(condition) ORDER BY time, change.request, change_index
        """, arguments: arguments
    ).map { row in
      let outcome = (row["outcome"] as String?).flatMap(ChangeOutcome.init(rawValue:))
      let handover =
        row["handover"] as String == HandoverState.none.rawValue
        ? []
        : try handoverEvents(
          of: ChangeID(request: row["request"], index: row["change_index"]), in: database)
      return AccountEvent(
        at: row["time"], number: row["number"], index: row["change_index"], operation: row["operation"],
        name: row["name"], reason: row["reason"], address: row["address"], outcome: outcome,
        error: (row["code"] as Int?).map {
          AccountEvent.Failure(
            code: $0, name: row["code_name"] ?? "", diagnostic: row["diagnostic"] ?? "", remedy: row["remedy"] ?? "")
        }, values: try changedValues(row, outcome), handoverEvents: handover,
        submitted: Submitter(row).map { (row["file"], $0) },
        origin: try Request.Origin(row))
    }
  }
}
