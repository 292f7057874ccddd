public import Forms
internal import Foundation
internal import GRDB

/// A good form that waits for the approver's signature. It is no request yet: its number stays free, and another form with
/// the same number may wait beside it. The first one that is signed takes the number.
public struct UnsignedForm: Sendable {
  public var id: Int64
  public var number: String
  /// SHA-256 of `bytes`.
  public var digest: [UInt8]
  /// The name of the file it came in: its signature comes under this name and `.sig`.
  public var file: String
  public var submitter: Submitter?
  public var origin: Request.Origin
  /// Milliseconds since 1970 UTC.
  public var received: Int64
  /// How many changes it has.
  public var count: Int
  /// When it is refused without a signature; milliseconds since 1970 UTC.
  public var until: Int64
  /// A signature that came and could not be checked yet.
  public var signature: [UInt8]?
  /// The plan that it is bound to, as received; `nil`: none came.
  public var plan: [UInt8]?
  /// Why it is refused, as its report says; it is still to be put among the rejected files.
  public var refused: String?
  /// The form as received.
  public var bytes: [UInt8]
  /// How many other forms with this number wait; counted where one is asked for by its number.
  public var others = 0

  /// The form as a request that lives.
  public var stored: StoredRequest {
    StoredRequest(
      id: 0, number: number, digest: digest, file: file, submitter: submitter, origin: origin, received: received,
      state: .awaitingSignature, count: count, bytes: bytes, signature: signature, plan: plan, changes: [:],
      intents: [:])
  }
}

extension Register {
  /// Stores a form that waits, in the commit of ``accept(_:)``. The same form is stored once; a signature or a plan that
  /// came with it now is kept. One that came with a plan stays bound.
  static func keepWaiting(_ form: ReceivedForm, until: Int64, in database: Database) throws -> Acceptance {
    let other = try Data.fetchOne(
      database.cachedStatement(sql: "SELECT digest FROM request WHERE number = ?"), arguments: [form.number])
    if let other {
      guard other == Data(form.digest) else { return .numberTaken(received: 0) }
      return .repeated(addsSignature: try addSignature(of: form, in: database))
    }
    let isKnown = try Int.fetchOne(
      database.cachedStatement(
        sql: "SELECT 1 FROM unsigned_form WHERE number = ? AND digest = ? AND refused IS NULL"),
      arguments: [form.number, Data(form.digest)])
    let values: StatementArguments = [
      form.number, Data(form.digest), form.file, form.submitter.map { Int64($0.uid) }, form.submitter?.name,
      form.received, form.changes, until, form.signature.map { Data($0) }, Data(form.bytes),
      form.plan.map { Data($0) },
    ]
    // One that is being refused and comes again begins to wait anew.
    try database.cachedStatement(
      sql: """
        INSERT INTO unsigned_form (number, digest, file, submitter_uid, submitter, received, changes, until, signature,
          bytes, plan, department, requester, requester_address, approved_by, approved_on, approval_reference)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (number, digest) DO UPDATE SET signature = coalesce(excluded.signature, signature),
          plan = coalesce(excluded.plan, plan),
          until = iif(refused IS NULL, until, excluded.until), refused = NULL
        """
    ).execute(arguments: values + form.origin.arguments)
    return .awaiting(until: until, isNew: isKnown == nil)
  }

  /// How many forms wait for their signature.
  public func unsignedCount() throws -> Int {
    try read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM unsigned_form WHERE refused IS NULL") ?? 0
    }
  }

  /// The names of the files that they came in.
  public func unsignedFiles() throws -> Set<String> {
    try read { try String.fetchSet($0, sql: "SELECT file FROM unsigned_form WHERE refused IS NULL") }
  }

  /// The waiting forms of a file name, the newest first.
  public func unsigned(file: String, limit: Int) throws -> [UnsignedForm] {
    try read {
      try Self.unsigned(
        $0, sql: "SELECT * FROM unsigned_form WHERE file = ? AND refused IS NULL ORDER BY id DESC LIMIT ?",
        arguments: [file, limit])
    }
  }

  /// The waiting forms with this number, the newest first.
  public func unsigned(number: String) throws -> [UnsignedForm] {
    try read { database in
      var forms = try Self.unsigned(
        database, sql: "SELECT * FROM unsigned_form WHERE number = ? AND refused IS NULL ORDER BY id DESC LIMIT 20",
        arguments: [number])
      for index in forms.indices { forms[index].others = forms.count - 1 }
      return forms
    }
  }

  /// The waiting forms, the oldest first.
  ///
  /// - Parameter signed: only those whose signature could not be checked yet.
  public func unsigned(signed: Bool = false, after id: Int64 = 0, limit: Int) throws -> [UnsignedForm] {
    try read {
      try Self.unsigned(
        $0,
        sql: """
          SELECT * FROM unsigned_form WHERE refused IS NULL AND id > ?1 AND (NOT ?2 OR signature IS NOT NULL)
          ORDER BY id LIMIT ?3
          """, arguments: [id, signed, limit])
    }
  }

  /// Those that are refused and still to be put among the rejected files.
  public func refusedUnsigned(limit: Int) throws -> [UnsignedForm] {
    try read {
      try Self.unsigned(
        $0, sql: "SELECT * FROM unsigned_form WHERE refused IS NOT NULL ORDER BY id LIMIT ?", arguments: [limit])
    }
  }

  /// Whether a signature is one that an accepted request has: it was dropped twice, or the agent died before it removed it.
  ///
  /// - Parameter signature: `nil`: any.
  public func hasSigned(file: String, signature: [UInt8]? = nil) throws -> Bool {
    try read { database in
      try Int.fetchOne(
        database.cachedStatement(
          sql: """
            SELECT 1 FROM request WHERE file = ?1 AND signed_key IS NOT NULL AND (?2 IS NULL OR signature = ?2) LIMIT 1
            """), arguments: [file, signature.map { Data($0) }]) != nil
    }
  }

  /// Refuses what nobody signed in time, and what may no longer have its number.
  ///
  /// - Parameters:
  ///   - now: milliseconds since 1970 UTC.
  ///   - expired, taken: what the reports say.
  /// - Returns: how many are refused now.
  public func refuseUnsigned(at now: Int64, expired: String?, taken: String) -> Commit<Int> {
    post { database in
      var count = 0
      if let expired {
        try database.cachedStatement(
          sql: """
            UPDATE unsigned_form SET refused = ? WHERE refused IS NULL AND until <= ? AND signature IS NULL
            """
        ).execute(arguments: [expired, now])
        count += database.changesCount
      }
      try database.cachedStatement(
        sql: """
          UPDATE unsigned_form SET refused = ?
          WHERE refused IS NULL AND EXISTS (SELECT 1 FROM request WHERE request.number = unsigned_form.number)
          """
      ).execute(arguments: [taken])
      return count + database.changesCount
    }
  }

  /// Refuses one.
  ///
  /// - Parameter report: why, and what to do.
  /// - Returns: whether it still waited.
  public func refuseUnsigned(_ id: Int64, report: String) -> Commit<Bool> {
    post { database in
      try database.cachedStatement(sql: "UPDATE unsigned_form SET refused = ? WHERE id = ? AND refused IS NULL")
        .execute(arguments: [report, id])
      return database.changesCount == 1
    }
  }

  /// Forgets one that lies among the rejected files now.
  public func forgetRefused(_ id: Int64) -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "DELETE FROM unsigned_form WHERE id = ? AND refused IS NOT NULL")
        .execute(arguments: [id])
    }
  }

  /// A signature that waited to be checked is no good: the form waits for another one.
  public func dropSignature(_ id: Int64) -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "UPDATE unsigned_form SET signature = NULL WHERE id = ?")
        .execute(arguments: [id])
    }
  }

  static func unsigned(_ database: Database, sql: String, arguments: StatementArguments) throws -> [UnsignedForm] {
    try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { row in
      UnsignedForm(
        id: row["id"], number: row["number"], digest: Array(row["digest"] as Data), file: row["file"],
        submitter: Submitter(row), origin: try Request.Origin(row), received: row["received"], count: row["changes"],
        until: row["until"], signature: (row["signature"] as Data?).map { Array($0) },
        plan: (row["plan"] as Data?).map { Array($0) }, refused: row["refused"],
        bytes: Array(row["bytes"] as Data))
    }
  }
}
