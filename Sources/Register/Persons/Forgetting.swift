internal import Accounts
internal import Crypto
internal import Forms
internal import Foundation
internal import GRDB
internal import LDAP
internal import Text

/// What of an address may be forgotten, as the register knows it.
public struct ForgettableAccounts: Sendable {
  /// An account that has or had the address.
  public struct Account: Sendable, Hashable {
    public var entryUUID: String
    /// Its address now, or its last one.
    public var address: String
    /// Whether the mirror has it.
    public var isThere: Bool
    /// When it went; milliseconds since 1970 UTC; `nil`: that isn't known.
    public var gone: Int64?
    /// The number of a request about it that is not done.
    public var open: String?

    public init(entryUUID: String, address: String, isThere: Bool, gone: Int64?, open: String? = nil) {
      self.entryUUID = entryUUID
      self.address = address
      self.isThere = isThere
      self.gone = gone
      self.open = open
    }
  }

  /// A change that reached no account.
  public struct Lost: Sendable, Hashable {
    public var id: ChangeID
    /// Milliseconds since 1970 UTC.
    public var at: Int64

    public init(id: ChangeID, at: Int64) {
      self.id = id
      self.at = at
    }
  }

  public var accounts: [Account] = []
  /// Of requests that are done.
  public var lost: [Lost] = []
  /// That accounts of the address were forgotten before.
  public var forgotten: [ForgottenAddress] = []

  public init() {}
}

/// What is to be forgotten.
public struct ForgettingOrder: Sendable, Hashable {
  /// entryUUIDs of accounts that have gone.
  public var entries: [String]
  /// Changes that reached no account.
  public var lost: [ChangeID]
  public var because: String
  /// The operator.
  public var by: String
  /// Milliseconds since 1970 UTC.
  public var at: Int64

  public init(entries: [String], lost: [ChangeID], because: String, by: String, at: Int64) {
    self.entries = entries
    self.lost = lost
    self.because = because
    self.by = by
    self.at = at
  }
}

/// What was removed, or would be.
public struct ForgottenData: Sendable, Hashable {
  public struct Request: Sendable, Hashable {
    public var number: String
    /// Of the changes.
    public var indices: [Int]
    /// Whether all of its changes are forgotten by now.
    public var isWhole: Bool

    public init(number: String, indices: [Int], isWhole: Bool) {
      self.number = number
      self.indices = indices
      self.isWhole = isWhole
    }
  }
  public var requests: [Request] = []
  /// How many addresses are kept as digests.
  public var addresses = 0
  /// How many lines of the ledger lost openings.
  public var lines = 0
  /// Numbers of requests that still name one of the addresses, as who asked or approved or in changes of other accounts.
  public var mentions: [String] = []

  public init() {}
}

extension Register {
  /// What of an address may be forgotten.
  ///
  /// - Parameter address: lower case.
  public func forgettable(_ address: String) throws -> ForgettableAccounts {
    try read { database in
      var found = ForgettableAccounts()
      let entries = try Self.entries(ofAddress: address, in: database)
      for entry in entries {
        let now = try String.fetchOne(
          database, sql: "SELECT address FROM shown_account WHERE entry_uuid = ?", arguments: [entry])
        let last = try String.fetchOne(
          database,
          sql: "SELECT address FROM change WHERE entry_uuid = ? ORDER BY coalesce(at, intended) DESC LIMIT 1",
          arguments: [entry])
        let open = try String.fetchOne(
          database,
          sql: """
            SELECT number FROM change CROSS JOIN request ON request.id = change.request
            WHERE entry_uuid = ? AND state <> 'done' LIMIT 1
            """, arguments: [entry])
        found.accounts.append(
          ForgettableAccounts.Account(
            entryUUID: entry, address: now ?? last ?? address, isThere: now != nil,
            gone: try Self.gone(entry, in: database), open: open))
      }
      found.lost = try Row.fetchAll(
        database,
        sql: """
          SELECT change.request, change_index, coalesce(at, intended, received) FROM change
            CROSS JOIN request ON request.id = change.request
          WHERE address = ? AND entry_uuid IS NULL AND state = 'done' ORDER BY change.request, change_index
          """, arguments: [address]
      ).map { ForgettableAccounts.Lost(id: ChangeID(request: $0[0], index: $0[1]), at: $0[2]) }
      found.forgotten = try ForgottenAddresses(database).find(address)
      return found
    }
  }

  /// What would be removed, without removing anything.
  public func forgetting(_ order: ForgettingOrder) throws -> ForgottenData {
    try read { try Forgetting(order, in: $0).run(isTrial: true) }
  }

  /// Removes the values of accounts that have gone from the register, in one commit, and notes that the rest (free pages,
  /// copies of the list) is still to be done. The ledger's lines stay.
  ///
  /// - Throws: where an account is there, or a request about it isn't done.
  public func forget(_ order: ForgettingOrder) -> Commit<ForgottenData> {
    post { try Forgetting(order, in: $0).run(isTrial: false) }
  }

  /// What stands in the place of the name of the file that a form came in.
  public static let forgottenFile = "forgotten"

  /// Whether something that was removed may still lie in free pages, or in copies of the account list.
  public func isForgetting() throws -> Bool {
    try read { try Int.fetchOne($0, sql: "SELECT 1 FROM forgetting WHERE id = 1") != nil }
  }

  /// Writes the register anew without its free pages (SQLite's VACUUM), so that nothing that was removed lies in them: a page
  /// that was split keeps old copies of its rows, which `secure_delete` doesn't reach. Needs as much free disk as the register
  /// has bytes.
  ///
  /// - Returns: whether the log is empty too; a reader can keep it from that.
  /// - Throws: ``RegisterError``.
  public func compact() throws -> Bool {
    do {
      try vacuum()
      for _ in 0..<50 {
        if try checkpoint() { return true }
        usleep(100_000)
      }
      return false
    } catch {
      throw RegisterError(error, path: nil)
    }
  }

  /// All of what was removed is gone from the disk.
  public func endForgetting() -> Commit<Void> {
    post { try $0.execute(sql: "DELETE FROM forgetting") }
  }

  /// The lines of the ledger that say that something was forgotten, in their order.
  public func forgottenLines() throws -> [StoredLedgerLine] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT ledger.* FROM forgotten_line CROSS JOIN ledger ON ledger.sequence = forgotten_line.sequence
          ORDER BY forgotten_line.sequence
          """
      ).map(StoredLedgerLine.init)
    }
  }
}

/// One transaction that forgets.
private struct Forgetting {
  private let order: ForgettingOrder
  private let database: Database
  /// By request, the indices of the changes.
  private var changes: [Int64: Set<Int>] = [:]
  private var addresses: Set<String> = []
  /// Whatever of these a text holds, it is about the person.
  private var marks: Set<String> = []
  private static let marker = Change.Forgotten.address.text

  init(_ order: ForgettingOrder, in database: Database) throws {
    self.order = order
    self.database = database
    for id in order.lost {
      guard
        let row = try Row.fetchOne(
          database,
          sql: "SELECT * FROM change WHERE request = ? AND change_index = ? AND entry_uuid IS NULL",
          arguments: [id.request, id.index])
      else { continue }
      try take(row)
    }
    for entry in order.entries {
      let isThere = try Int.fetchOne(
        database, sql: "SELECT 1 FROM account WHERE entry_uuid = ?", arguments: [entry])
      guard isThere == nil else {
        throw RegisterError(what: "an account that is there can't be forgotten", remedy: "delete and purge it first")
      }
      for row in try Row.fetchAll(database, sql: "SELECT * FROM change WHERE entry_uuid = ?", arguments: [entry]) {
        try take(row)
      }
      addresses.formUnion(
        try String.fetchAll(database, sql: "SELECT address FROM drift_event WHERE entry_uuid = ?", arguments: [entry]))
      addresses.formUnion(
        try String.fetchAll(database, sql: "SELECT address FROM retired WHERE holder = ?", arguments: [entry]))
    }
    addresses.remove(Self.marker)
    marks.formUnion(addresses)
    marks.remove("")
  }

  private mutating func take(_ row: Row) throws {
    changes[row["request"], default: []].insert(row["change_index"])
    addresses.insert(row["address"])
    addresses.formUnion(try Register.addresses(row))
    if let name = row["name"] as String? { marks.insert(name) }
    guard let intent = try Register.intent(row)?.intent else { return }
    let documents = (intent.preImage?[Schema.document] ?? []) + intent.operation.values(of: [Schema.document])
    marks.formUnion(documents.compactMap(\.text))
  }

  private func isAbout(_ text: String?) -> Bool {
    guard let text else { return false }
    return marks.contains { text.range(of: $0, options: [.caseInsensitive, .literal]) != nil }
  }

  func run(isTrial: Bool) throws -> ForgottenData {
    var data = ForgottenData()
    data.addresses = addresses.count
    for (id, indices) in changes.sorted(by: { $0.key < $1.key }) {
      data.requests.append(try forget(id, indices, &data.lines, isTrial: isTrial))
    }
    data.mentions = try mentions()
    if isTrial { return data }
    try forgetDrift(&data.lines)
    try keepDigests()
    try database.execute(sql: "INSERT OR IGNORE INTO forgetting (id) VALUES (1)")
    return data
  }

  // MARK: A request

  private func forget(_ id: Int64, _ indices: Set<Int>, _ lines: inout Int, isTrial: Bool) throws
    -> ForgottenData.Request
  {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM request WHERE id = ?", arguments: [id]),
      row["state"] as String == RequestState.done.rawValue
    else {
      throw RegisterError(
        what: "a request about the account is not done", remedy: "let it end, or cancel it (buzon queue)")
    }
    let number: String = row["number"]
    guard var form = try? FormReader.reread(Array(row["bytes"] as Data)) else {
      throw RegisterError(
        what: "the form of request \(number) can't be read any more", remedy: "restore the register from a backup")
    }
    for index in indices where form.changes.indices.contains(index) {
      form.changes[index] = .forgotten(.init(operation: form.changes[index].name))
    }
    let isWhole = form.changes.allSatisfy { if case .forgotten = $0 { true } else { false } }
    let forgotten = ForgottenData.Request(number: number, indices: indices.sorted(), isWhole: isWhole)
    let bytes = FormWriter.write(form)
    let digest = Register.digest(of: bytes)
    let file: String = row["file"]
    let isFileAbout = isWhole || isAbout(file)
    let closed = try closeLines(of: id, indices, isWhole: isWhole, isFileAbout: isFileAbout, isTrial: isTrial)
    lines += closed.count
    if isTrial { return forgotten }
    try database.execute(
      sql: """
        UPDATE request SET bytes = ?, digest = ?, signature = NULL, plan = NULL, file = ?, recorded = min(recorded, 0) - 1
        WHERE id = ?
        """, arguments: [Data(bytes), Data(digest), isFileAbout ? Register.forgottenFile : file, id])
    try database.execute(sql: "DELETE FROM moved_plan WHERE request = ?", arguments: [id])
    for index in indices { try clear(ChangeID(request: id, index: index)) }
    try clearOrders(of: id, number, isWhole: isWhole)
    try say(number, id, indices, closed, form: hexadecimal(digest))
    return forgotten
  }

  private func clear(_ id: ChangeID) throws {
    try database.cachedStatement(
      sql: """
        UPDATE change SET address = ?, intent = NULL, entry_uuid = NULL, stamp_read = NULL, pre_image = NULL, salt = NULL,
          dn = NULL, diagnostic = NULL, remedy = NULL, name = NULL, reason = NULL, orphans = NULL, reused = NULL
        WHERE request = ? AND change_index = ?
        """
    ).execute(arguments: [Self.marker, id.request, id.index])
    try database.cachedStatement(sql: "DELETE FROM handover WHERE request = ? AND change_index = ?")
      .execute(arguments: [id.request, id.index])
    try database.cachedStatement(
      sql: "UPDATE event SET actor = NULL, recorded_by = NULL, detail = NULL WHERE request = ? AND change_index = ?"
    ).execute(arguments: [id.request, id.index])
  }

  /// What people said of the request as a whole.
  private func clearOrders(of id: Int64, _ number: String, isWhole: Bool) throws {
    for row in try Row.fetchAll(
      database,
      sql: """
        SELECT id, detail FROM event WHERE request = ? AND change_index IS NULL AND detail IS NOT NULL
          AND event NOT IN ('signed', 'forgotten')
        """, arguments: [id])
    where isWhole || isAbout(row[1]) {
      try database.execute(sql: "UPDATE event SET detail = NULL WHERE id = ?", arguments: [row[0] as Int64])
    }
    try database.execute(
      sql: "DELETE FROM queue_order WHERE number = ? AND answers IS NOT NULL", arguments: [number])
  }

  /// Removes the openings of what the ledger says of the person.
  ///
  /// - Returns: the sequences of lines that lost some.
  private func closeLines(
    of id: Int64, _ indices: Set<Int>, isWhole: Bool, isFileAbout: Bool, isTrial: Bool
  ) throws -> [Int64] {
    var closed: [Int64] = []
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM ledger WHERE request = ? AND openings IS NOT NULL ORDER BY sequence",
      arguments: [id])
    {
      let stored = StoredLedgerLine(row)
      guard let line = LedgerLine(stored.text), line.event != "forgotten" else { continue }
      let kept = stored.openings.filter { name, commitment in
        if let index = line.index { return !indices.contains(index) }
        switch (line.event, name) {
        case (_, "form"), (_, "signature"), (_, "plan"): return false
        case (_, "file"): return !isFileAbout
        case ("signed", _): return true
        case (_, "because"): return !isWhole && !isAbout(commitment.value)
        default: return true
        }
      }
      if kept.count == stored.openings.count { continue }
      closed.append(stored.sequence)
      if !isTrial { try setOpenings(kept, of: stored.sequence) }
    }
    return closed
  }

  private func setOpenings(_ openings: [String: Commitment], of sequence: Int64) throws {
    try database.cachedStatement(sql: "UPDATE ledger SET openings = ? WHERE sequence = ?")
      .execute(arguments: [LedgerEntry.openings(openings), sequence])
  }

  private func say(_ number: String?, _ id: Int64?, _ indices: Set<Int>, _ lines: [Int64], form: String?) throws {
    var entry = LedgerEntry("forgotten", at: order.at, request: id, number: number)
    if id != nil { entry.state("changes", Ranges(indices.map { Int64($0) }).text) }
    if !lines.isEmpty { entry.state("lines", Ranges(lines).text) }
    entry.commit("form", form)
    entry.commit("by", order.by)
    entry.commit("because", order.because)
    let head = try Ledger.append(entry, in: database)
    try database.execute(
      sql: "INSERT INTO forgotten_line (sequence, request) VALUES (?, ?)", arguments: [head.sequence, id])
    guard let id else { return }
    try database.execute(
      sql: "INSERT INTO event (request, at, event, actor, detail) VALUES (?, ?, 'forgotten', ?, ?)",
      arguments: [id, order.at, order.by, order.because])
  }

  // MARK: What is about no request

  private func forgetDrift(_ lines: inout Int) throws {
    for entry in order.entries {
      for sql in [
        "DELETE FROM drift WHERE entry_uuid = ?", "DELETE FROM drift_event WHERE entry_uuid = ?",
        "DELETE FROM reference WHERE entry_uuid = ?", "DELETE FROM membership WHERE entry_uuid = ?",
        "DELETE FROM image WHERE entry_uuid = ?", "DELETE FROM address WHERE entry_uuid = ?",
      ] {
        try database.execute(sql: sql, arguments: [entry])
      }
    }
    var closed: [Int64] = []
    let rows = try Row.fetchCursor(
      database, sql: "SELECT * FROM ledger WHERE request IS NULL AND openings IS NOT NULL ORDER BY sequence")
    while let row = try rows.next() {
      let line = StoredLedgerLine(row)
      guard let address = line.openings["address"]?.value, addresses.contains(address) else { continue }
      closed.append(line.sequence)
    }
    if closed.isEmpty { return }
    for sequence in closed { try setOpenings([:], of: sequence) }
    lines += closed.count
    try say(nil, nil, [], closed, form: nil)
  }

  private func keepDigests() throws {
    let digests = ForgottenAddresses(database)
    for address in addresses.sorted() {
      let until = try Int64.fetchOne(
        database, sql: "SELECT until FROM retired WHERE address = ?", arguments: [address])
      try digests.add(
        address, ForgottenAddress(at: order.at, by: order.by, because: order.because, until: until))
    }
    for entry in order.entries {
      try database.execute(sql: "DELETE FROM retired WHERE holder = ?", arguments: [entry])
    }
  }

  private func mentions() throws -> [String] {
    var found: Set<String> = []
    for address in addresses {
      let rows = try Row.fetchCursor(
        database,
        sql:
          "SELECT id, number, bytes FROM request WHERE instr(lower(CAST(bytes AS TEXT)), ?1) OR requester_address = ?1",
        arguments: [address])
      while let row = try rows.next() {
        guard let form = try? FormReader.reread(Array(row[2] as Data)) else { continue }
        let subject = changes[row[0]] ?? []
        if !PersonMentions(form, addresses: addresses, besides: subject).keys.isEmpty { found.insert(row[1]) }
      }
    }
    return found.sorted()
  }
}

/// Numbers in ascending order as text: `1-3,7`.
public struct Ranges: Sendable, Hashable {
  public let ranges: [ClosedRange<Int64>]

  public init(_ numbers: some Sequence<Int64>) {
    var ranges: [ClosedRange<Int64>] = []
    for number in Set(numbers).sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    self.ranges = ranges
  }

  /// `nil`: the text is none.
  public init?(_ text: String) {
    var ranges: [ClosedRange<Int64>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
        return nil
      }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  public var text: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }

  public func contains(_ number: Int64) -> Bool { ranges.contains { $0.contains(number) } }
}
