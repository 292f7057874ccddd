internal import GRDB

/// A request as a list of them shows it.
public struct ListedRequest: Sendable {
  public var number: String
  public var state: RequestState
  /// `nil` while it lives.
  public var outcome: RequestOutcome?
  /// Milliseconds since 1970 UTC.
  public var received: Int64
  /// Milliseconds since 1970 UTC.
  public var completed: Int64?
  /// How many changes its form has.
  public var count: Int
  public var department: String
  public var requester: String
  /// Who dropped the form; `nil`: the clock's own request.
  public var submitter: Submitter?
}

extension Register {
  /// Requests in the order of their acceptance, and forms that wait for their signature among them by the time at which
  /// they came, one after the other: memory does not grow with the number of requests.
  ///
  /// - Parameters:
  ///   - since: milliseconds since 1970 UTC; none that was accepted before.
  ///   - until: none that was accepted then or later.
  ///   - body: what it throws ends the list.
  public func forEachRequest(since: Int64, until: Int64, _ body: (ListedRequest) throws -> Void) throws {
    // What `body` throws is its own: a reader that went away.
    var thrown: (any Error)?
    try read { database in
      var unsigned = try Row.fetchAll(
        database,
        sql: """
          SELECT number, received, changes, department, requester, submitter_uid, submitter FROM unsigned_form
          WHERE refused IS NULL AND received >= ? AND received < ? ORDER BY received DESC, id DESC
          """, arguments: [since, until]
      ).map { row in
        ListedRequest(
          number: row["number"], state: .awaitingSignature, received: row["received"], count: row["changes"],
          department: row["department"], requester: row["requester"], submitter: Submitter(row))
      }
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT number, state, outcome, received, completed, changes, department, requester, submitter_uid, submitter,
            state = 'ready' AND EXISTS (SELECT 1 FROM change WHERE change.request = request.id) AS begun
          FROM request WHERE received >= ? AND received < ? ORDER BY received, id
          """, arguments: [since, until])
      while thrown == nil, let row = try rows.next() {
        let state = RequestState(rawValue: row["state"]) ?? .ready
        let request = ListedRequest(
          number: row["number"], state: row["begun"] ? .working : state,
          outcome: (row["outcome"] as String?).flatMap(RequestOutcome.init(rawValue:)), received: row["received"],
          completed: row["completed"], count: row["changes"], department: row["department"],
          requester: row["requester"], submitter: Submitter(row))
        do {
          while let form = unsigned.last, form.received < request.received {
            unsigned.removeLast()
            try body(form)
          }
          try body(request)
        } catch {
          thrown = error
        }
      }
      do {
        if thrown == nil { for form in unsigned.reversed() { try body(form) } }
      } catch {
        thrown = error
      }
    }
    if let thrown { throw thrown }
  }
}
