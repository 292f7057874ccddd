public import Forms
internal import Foundation
internal import GRDB
internal import Text

/// A form that was read and judged good, with its bytes as received.
public struct ReceivedForm: Sendable {
  public var number: String
  public var origin: Request.Origin
  public var bytes: [UInt8]
  /// SHA-256 of `bytes`.
  public var digest: [UInt8]
  /// The signature that came with it, as received; `nil`: none did.
  public var signature: [UInt8]?
  /// The plan that it is bound to, as received; `nil`: none came.
  public var plan: [UInt8]?
  /// The fingerprint of the key of a signature that was verified: `SHA256:…`.
  public var signedKey: String?
  /// When the signature was verified, milliseconds since 1970 UTC.
  public var signed: Int64?
  /// Since when it waited for its signature, milliseconds since 1970 UTC; `nil`: it did not wait.
  public var awaitedSince: Int64?
  /// Until when it waits for its signature, milliseconds since 1970 UTC; `nil`: it needs none, or has it.
  public var awaitsUntil: Int64?
  /// The name of the file it came in.
  public var file: String
  /// Who dropped that file; `nil`: the clock's own form.
  public var submitter: Submitter?
  /// Milliseconds since 1970 UTC.
  public var received: Int64
  /// How many changes it has.
  public var changes: Int
  /// What it asks for that is bounded by the day.
  public var demands: [Demand] = []
  /// Why it waits for an operator from the start; `nil` where it doesn't.
  public var hold: String?
  /// Accounts that the clock has in hand with this form.
  public var clock: [DueAccount] = []

  public init(_ request: Request, bytes: [UInt8], digest: [UInt8], file: String, received: Int64) {
    number = request.number
    origin = request.origin
    self.bytes = bytes
    self.digest = digest
    self.file = file
    self.received = received
    changes = request.changes.count
  }
}

/// What the register says to a form.
public enum Acceptance: Sendable {
  /// It is a request from now on, under this identity.
  case accepted(Int64)
  /// It is a request, and waits until an operator releases it.
  case held(Int64, reason: String)
  /// It waits for its signature until then; `isNew`: from now on.
  case awaiting(until: Int64, isNew: Bool)
  /// The very same form was accepted before; it has its answer already, or will.
  ///
  /// - addsSignature: it has a signature from now on, which came only now.
  case repeated(addsSignature: Bool)
  /// The number was used since the backup that the register was restored from.
  case spent
  /// Another form was accepted under this number.
  case numberTaken(received: Int64)
}

extension Register {
  /// Accepts forms, in their order: their numbers are used up from then on.
  public func accept(_ forms: [ReceivedForm]) -> Commit<[Acceptance]> {
    post { database in
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO request (number, digest, file, submitter_uid, submitter, received, changes, state, reason, bytes,
            department, requester, requester_address, approved_by, approved_on, approval_reference, signature,
            signed_key, plan)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO NOTHING
          """)
      let spent = try database.cachedStatement(sql: "SELECT 1 FROM spent WHERE number = ?")
      let unsigned = try database.cachedStatement(sql: "DELETE FROM unsigned_form WHERE number = ? AND digest = ?")
      return try forms.map { form in
        if try Int.fetchOne(spent, arguments: [form.number]) != nil { return .spent }
        if let until = form.awaitsUntil { return try Self.keepWaiting(form, until: until, in: database) }
        let reason = try form.hold ?? Demand.excess(form.demands, in: database)
        let values: StatementArguments = [
          form.number, Data(form.digest), form.file, form.submitter.map { Int64($0.uid) }, form.submitter?.name,
          form.received, form.changes,
          (reason == nil ? RequestState.ready : .held).rawValue, reason, Data(form.bytes),
        ]
        try insert.execute(
          arguments: values + form.origin.arguments
            + [form.signature.map { Data($0) }, form.signedKey, form.plan.map { Data($0) }])
        if database.changesCount == 1 {
          let id = database.lastInsertedRowID
          // What waited for its signature has it now.
          try unsigned.execute(arguments: [form.number, Data(form.digest)])
          try Ledger.append(LedgerEntry(accepted: form, id), in: database)
          if let since = form.awaitedSince {
            try Self.addEvent(
              RequestState.awaitingSignature.rawValue, of: id, actor: nil, detail: nil, at: since, in: database)
          }
          if let key = form.signedKey {
            try Self.addEvent(
              "signed", of: id, actor: form.origin.approval.by, detail: key, at: form.signed ?? form.received,
              in: database)
          }
          try Self.take(form.clock, for: id, in: database)
          guard let reason else {
            try Demand.count(form.demands, in: database)
            return .accepted(id)
          }
          try Self.setCause(.limits, of: id, in: database)
          try Self.addEvent("held", of: id, actor: nil, detail: reason, at: form.received, in: database)
          return .held(id, reason: reason)
        }
        guard
          let other = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT digest, received FROM request WHERE number = ?"),
            arguments: [form.number])
        else { throw RegisterError(what: "number \(form.number) is neither new nor known", remedy: "report this") }
        guard other["digest"] as Data == Data(form.digest) else { return .numberTaken(received: other["received"]) }
        try unsigned.execute(arguments: [form.number, Data(form.digest)])
        return .repeated(addsSignature: try Self.addSignature(of: form, in: database))
      }
    }
  }

  /// Keeps the signature of a form that was accepted before without one: its record is to be written again.
  static func addSignature(of form: ReceivedForm, in database: Database) throws -> Bool {
    guard let signature = form.signature else { return false }
    try database.execute(
      sql: """
        UPDATE request SET signature = ?, recorded = min(recorded, 0) - 1 WHERE number = ? AND signature IS NULL
        """, arguments: [Data(signature), form.number])
    guard database.changesCount == 1 else { return false }
    let id = try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT id FROM request WHERE number = ?"), arguments: [form.number])
    var entry = LedgerEntry("signed", at: form.received, request: id, number: form.number)
    entry.commit("signature", hexadecimal(digest(of: signature)))
    try Ledger.append(entry, in: database)
    return true
  }

  /// Takes an intent back that is known not to have been applied and will not be sent again.
  public func withdraw(_ change: ChangeID) -> Commit<Void> {
    post { database in
      try database.cachedStatement(sql: "DELETE FROM change WHERE request = ? AND change_index = ? AND outcome IS NULL")
        .execute(arguments: [change.request, change.index])
    }
  }

  /// Marks requests whose record stands on the disk; those that went on since they were read are to be written again.
  ///
  /// - Parameter requests: with what ``StoredRequest/recorded`` was when they were read.
  /// - Returns: whether all could be marked.
  public func markRecorded(_ requests: [(id: Int64, recorded: Int)]) -> Commit<Bool> {
    post { database in
      let statement = try database.cachedStatement(sql: "UPDATE request SET recorded = 1 WHERE id = ? AND recorded = ?")
      let again = try database.cachedStatement(
        sql: "UPDATE request SET recorded = min(recorded, 0) - 1 WHERE id = ?")
      var isAll = true
      for request in requests {
        try statement.execute(arguments: [request.id, request.recorded])
        if database.changesCount == 1 { continue }
        // What was just written is older than what is known, and may stand over what was newer.
        try again.execute(arguments: [request.id])
        isAll = false
      }
      return isAll
    }
  }

  /// Marks requests whose page stands beside the record.
  public func markPaged(_ requests: [Int64]) -> Commit<Void> {
    post { database in
      let statement = try database.cachedStatement(sql: "UPDATE request SET recorded = 2 WHERE id = ? AND recorded = 1")
      for request in requests { try statement.execute(arguments: [request]) }
    }
  }

  /// Every record is to be written again.
  ///
  /// - Returns: how many.
  public func forgetRecords() -> Commit<Int> {
    post { database in
      try database.execute(sql: "DELETE FROM written_list")
      try database.execute(sql: "UPDATE request SET recorded = -1 WHERE state = 'done'")
      return database.changesCount
    }
  }
}

extension LedgerEntry {
  fileprivate init(accepted form: ReceivedForm, _ id: Int64) {
    self.init("accepted", at: form.received, request: id, number: form.number)
    state("changes", form.changes)
    commit("form", hexadecimal(form.digest))
    commit("file", form.file)
    commit("by", form.submitter?.description)
    commit("signature", form.signature.map { hexadecimal(Register.digest(of: $0)) })
    commit("plan", form.plan.map { hexadecimal(Register.digest(of: $0)) })
  }
}
