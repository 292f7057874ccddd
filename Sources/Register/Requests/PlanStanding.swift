internal import GRDB

/// How far a request has come that is bound to a plan.
public struct PlanStanding: Sendable, Hashable {
  /// Why nothing more of it may be done.
  public struct Stop: Sendable, Hashable {
    /// The index of the change that is not as it was planned.
    public var index: Int
    public var code: Int32
    /// What has moved.
    public var what: String
    public var remedy: String

    public init(index: Int, code: Int32, what: String, remedy: String) {
      self.index = index
      self.code = code
      self.what = what
      self.remedy = remedy
    }
  }

  /// Whether a change of it was stored to be sent, or has its outcome.
  public var isBegun: Bool
  /// `nil`: nothing has moved so far.
  public var stop: Stop?
}

extension Register {
  /// How far a request has come that is bound to a plan.
  public func planStanding(of request: Int64) throws -> PlanStanding {
    try read { database in
      let isBegun = try Int.fetchOne(
        database.cachedStatement(sql: "SELECT 1 FROM change WHERE request = ? LIMIT 1"), arguments: [request])
      let row = try Row.fetchOne(
        database.cachedStatement(sql: "SELECT * FROM moved_plan WHERE request = ?"), arguments: [request])
      return PlanStanding(
        isBegun: isBegun != nil,
        stop: row.map {
          PlanStanding.Stop(index: $0["change_index"], code: $0["code"], what: $0["what"], remedy: $0["remedy"])
        })
    }
  }

  /// Nothing more of a request is to be done: what its plan depended on has moved. What was stored first stays.
  public func stopPlanned(_ request: Int64, because stop: PlanStanding.Stop) -> Commit<Void> {
    post { database in
      try database.cachedStatement(
        sql: "INSERT OR IGNORE INTO moved_plan (request, change_index, code, what, remedy) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [request, stop.index, stop.code, stop.what, stop.remedy])
    }
  }
}
