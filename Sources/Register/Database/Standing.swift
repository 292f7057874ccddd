internal import Crypto
internal import Foundation
internal import GRDB

/// Where a request stands: the short answer for whoever waits for it.
public struct RequestStanding: Sendable, Hashable {
  public var state: RequestState
  /// Why it is held.
  public var reason: String?
  /// `nil` before it is done.
  public var outcome: RequestOutcome?
  /// How many changes it has.
  public var count: Int
  /// How many of them have their outcome.
  public var settled: Int
  /// SHA-256 of the form that has the number; another form can't have it any more.
  public var digest: [UInt8]
}

extension Register {
  /// The digest by which a form is known: SHA-256 of its bytes (FIPS 180-4).
  public static func digest(of form: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: form)) }

  /// Whether this very form waits for its signature.
  public func isUnsigned(number: String, digest: [UInt8]) throws -> Bool {
    try read { database in
      try Int.fetchOne(
        database.cachedStatement(
          sql: "SELECT 1 FROM unsigned_form WHERE number = ? AND digest = ? AND refused IS NULL"),
        arguments: [number, Data(digest)]) != nil
    }
  }

  /// Where the request of this number stands; `nil` where there is none.
  public func standing(of number: String) throws -> RequestStanding? {
    try read { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT state, reason, outcome, changes, digest,
            (SELECT count(*) FROM change WHERE change.request = request.id) AS begun,
            (SELECT count(*) FROM change WHERE change.request = request.id AND outcome IS NOT NULL) AS settled
          FROM request WHERE number = ?
          """)
      return try Row.fetchOne(statement, arguments: [number]).map { row in
        var state = RequestState(rawValue: row["state"]) ?? .ready
        if state == .ready, row["begun"] as Int > 0 { state = .working }
        return RequestStanding(
          state: state, reason: row["reason"],
          outcome: (row["outcome"] as String?).flatMap(RequestOutcome.init(rawValue:)),
          count: row["changes"], settled: row["settled"], digest: Array(row["digest"] as Data))
      }
    }
  }
}
