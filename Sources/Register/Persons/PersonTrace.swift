internal import Accounts
public import Forms
internal import Foundation
internal import GRDB
internal import LDAP
internal import Text

/// Whom a person is looked for by.
public enum PersonKey: Sendable, Hashable {
  /// Lower case.
  case address(String)
  /// As forms write it; letters, digits and what stands between them.
  case document(String)

  /// An address where it has an @, else an identity number.
  public init(_ text: String) {
    guard text.utf8.contains(UInt8(ascii: "@")) else {
      self = .document(text)
      return
    }
    self = .address(String(decoding: text.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self))
  }

  /// Whether there is something to look for: a whole address, or a number of four letters and digits or more. A shorter one
  /// would be found in half of all forms.
  public var isSearchable: Bool {
    switch self {
    case .address(let address): address.utf8.count > 2
    case .document(let document): Self.essence(document).count >= 4
    }
  }

  /// The letters and digits of an identity number, in lower case: `CC 33.221.998` and `cc33221998` are one number.
  static func essence(_ document: String) -> [UInt8] {
    document.utf8.compactMap { byte in
      switch byte {
      case 0x30...0x39, 0x61...0x7A: byte
      case 0x41...0x5A: byte | 0x20
      default: nil
      }
    }
  }

  /// How a form or an entry may write an identity number, to look for in their bytes: as given, without what stands between,
  /// and with a point after each three digits.
  static func spellings(_ document: String) -> [String] {
    let digits = document.utf8.filter { 0x30...0x39 ~= $0 }
    var dotted: [UInt8] = []
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { dotted.append(UInt8(ascii: ".")) }
      dotted.append(digit)
    }
    var all = [document]
    for other in [digits, dotted].map({ String(decoding: $0, as: UTF8.self) })
    where !other.isEmpty && !all.contains(other) {
      all.append(other)
    }
    return all
  }
}

/// All that the register holds about a person.
public struct PersonTrace: Sendable {
  /// An account that is, or was, the person's.
  public struct Account: Sendable {
    public var entryUUID: String
    /// The address now; where the account has gone, the last one.
    public var address: String
    /// All that it has or had, in the order of the bytes.
    public var addresses: [String]
    public var name: String?
    /// active, suspended, retained, locked; `nil`: it has gone.
    public var status: String?
    /// Of an account that has gone: when. Milliseconds since 1970 UTC.
    public var gone: Int64?
    /// What the mirror holds of its entry, under the keys of the form.
    public var held: [String]
    /// How much was noted of what was changed outside Buzón.
    public var driftEvents: Int
  }

  /// A change about the person.
  public struct Change: Sendable {
    public var index: Int
    public var operation: String
    public var address: String
    /// `nil`: not known yet.
    public var outcome: ChangeOutcome?
    /// Which keys the form states of the person.
    public var keys: [String]
    /// What happened to the temporary password that it granted: names of events.
    public var handover: [HandoverEvent]
    /// Whether the operation and the entry as it was before are stored.
    public var hasIntent: Bool
    public var hasPreImage: Bool
  }

  /// A request that names the person.
  public struct Request: Sendable {
    public var id: Int64
    public var number: String
    /// Milliseconds since 1970 UTC.
    public var received: Int64
    /// `awaiting-signature`: it is no request yet.
    public var state: RequestState
    public var origin: Forms.Request.Origin
    public var submitter: Submitter?
    public var file: String
    public var hasSignature: Bool
    public var isRecorded: Bool
    /// About the person.
    public var changes: [Change]
    /// How it names the person else: `requester`, `approval`, or a key of another account's change.
    public var mentions: [String]
    /// Lines of the ledger that hold commitments about the person, by their sequence.
    public var lines: [Int64]
  }

  public var accounts: [Account] = []
  /// Addresses that nobody else gets, until when; seconds since 1970 UTC.
  public var retired: [(address: String, until: Int64)] = []
  /// In the order of acceptance.
  public var requests: [Request] = []
  /// That an account of this address was forgotten.
  public var forgotten: [ForgottenAddress] = []
  /// Requests whose form can't be read any more, so that nobody knows what they say.
  public var unread: [String] = []

  public init() {}

  /// Whether nothing at all is known.
  public var isEmpty: Bool {
    accounts.isEmpty && retired.isEmpty && requests.isEmpty && forgotten.isEmpty && unread.isEmpty
  }
}

extension Register {
  /// All that is held about a person: of accounts, by indexes where there are some; of forms, by reading the bytes of all of
  /// them, one after the other (some ten seconds a million, and the memory of one form).
  public func trace(_ key: PersonKey) throws -> PersonTrace {
    try read { database in
      var finder = PersonFinder(database: database)
      try finder.find(key)
      return try finder.trace(key)
    }
  }
}

/// Finds in one snapshot what is about a person.
private struct PersonFinder {
  let database: Database
  private var entries: [String] = []
  /// Changes that reached no entry.
  private var lost: Set<ChangeID> = []
  private var unread: [String] = []

  init(database: Database) { self.database = database }

  mutating func find(_ key: PersonKey) throws {
    switch key {
    case .address(let address):
      entries = try Register.entries(ofAddress: address, in: database)
      for row in try Row.fetchAll(
        database, sql: "SELECT request, change_index FROM change WHERE address = ? AND entry_uuid IS NULL",
        arguments: [address])
      {
        lost.insert(ChangeID(request: row[0], index: row[1]))
      }
    case .document(let document): try find(document: document)
    }
  }

  private mutating func find(document: String) throws {
    let essence = PersonKey.essence(document)
    func isIt(_ text: String) -> Bool { PersonKey.essence(text) == essence }
    func has(_ values: [Value]) -> Bool { values.contains { $0.text.map(isIt) ?? false } }
    var found: Set<String> = []
    for spelling in PersonKey.spellings(document) {
      let bytes = Data(spelling.utf8)
      let changes = try Row.fetchCursor(
        database,
        sql: """
          SELECT * FROM change WHERE entry_uuid IS NOT NULL AND (instr(intent, ?1) OR instr(pre_image, ?1))
          """, arguments: [bytes])
      while let row = try changes.next() {
        guard let intent = try Register.intent(row)?.intent else { continue }
        if has(intent.preImage?[Schema.document] ?? []) || has(intent.operation.values(of: [Schema.document])) {
          found.insert(row["entry_uuid"])
        }
      }
      let images = try Row.fetchCursor(
        database,
        sql: "SELECT entry_uuid, image, expected FROM image WHERE instr(image, ?1) OR instr(expected, ?1)",
        arguments: [bytes])
      while let row = try images.next() {
        let all = [row[1] as Data?, row[2] as Data?].compactMap { $0.flatMap { ManagedImage(encoded: Array($0)) } }
        if all.contains(where: { $0.hasDocument(where: isIt) }) { found.insert(row[0]) }
      }
      let forms = try Row.fetchCursor(
        database, sql: "SELECT id, number, bytes FROM request WHERE instr(bytes, ?)", arguments: [bytes])
      while let row = try forms.next() {
        guard let form = try? FormReader.reread(Array(row[2] as Data)) else {
          unread.append(row[1])
          continue
        }
        for (index, change) in form.changes.enumerated() where change.document.map(isIt) ?? false {
          let entry = try String.fetchOne(
            database, sql: "SELECT entry_uuid FROM change WHERE request = ? AND change_index = ?",
            arguments: [row[0] as Int64, index])
          if let entry { found.insert(entry) } else { lost.insert(ChangeID(request: row[0], index: index)) }
        }
      }
    }
    entries = found.sorted()
  }

  // MARK: What is known of what was found

  func trace(_ key: PersonKey) throws -> PersonTrace {
    var trace = PersonTrace()
    trace.unread = Array(Set(unread)).sorted()
    trace.accounts = try entries.compactMap(account)
    var addresses = Set(trace.accounts.map(\.address))
    if case .address(let address) = key {
      addresses.insert(address)
      trace.forgotten = try ForgottenAddresses(database).find(address)
    }
    for entry in entries {
      trace.retired += try Row.fetchAll(
        database, sql: "SELECT address, until FROM retired WHERE holder = ? ORDER BY address", arguments: [entry]
      ).map { ($0[0], $0[1]) }
    }
    var subjects: [Int64: Set<Int>] = [:]
    for id in lost { subjects[id.request, default: []].insert(id.index) }
    for entry in entries {
      for row in try Row.fetchAll(
        database, sql: "SELECT request, change_index FROM change WHERE entry_uuid = ?", arguments: [entry])
      {
        subjects[row[0], default: []].insert(row[1])
      }
    }
    var ids = Set(subjects.keys)
    for address in addresses.sorted() {
      ids.formUnion(
        try Int64.fetchAll(
          database,
          sql: "SELECT id FROM request WHERE instr(lower(CAST(bytes AS TEXT)), ?1) OR requester_address = ?1",
          arguments: [address]))
    }
    for id in ids.sorted() {
      guard
        let request = try request(id, about: subjects[id] ?? [], addresses: addresses, unread: &trace.unread)
      else { continue }
      trace.requests.append(request)
    }
    trace.requests += try unsigned(key, addresses)
    return trace
  }

  private func account(_ entry: String) throws -> PersonTrace.Account? {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT shown_account.address, aliases, name, shown, image FROM shown_account
          LEFT JOIN image ON image.entry_uuid = shown_account.entry_uuid WHERE shown_account.entry_uuid = ?
        """, arguments: [entry])
    let changes = try Row.fetchAll(
      database, sql: "SELECT * FROM change WHERE entry_uuid = ? ORDER BY coalesce(at, intended)", arguments: [entry])
    var addresses = Set(changes.map { $0["address"] as String })
    for change in changes { addresses.formUnion(try Register.addresses(change)) }
    if let row { addresses.formUnion([row[0]] + words(row[1])) }
    let drift = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM drift_event WHERE entry_uuid = ?", arguments: [entry])
    guard let address = row?[0] ?? changes.last?["address"] as String? ?? addresses.first else { return nil }
    let image = (row?[4] as Data?).flatMap { ManagedImage(encoded: Array($0)) }
    return PersonTrace.Account(
      entryUUID: entry, address: address, addresses: addresses.sorted(),
      name: row?[2] ?? changes.last { $0["name"] as String? != nil }?["name"], status: row?[3],
      gone: row == nil ? try Register.gone(entry, in: database) : nil, held: image?.heldKeys ?? [],
      driftEvents: drift ?? 0)
  }

  private func request(
    _ id: Int64, about subject: Set<Int>, addresses: Set<String>, unread: inout [String]
  ) throws -> PersonTrace.Request? {
    guard
      let row = try Row.fetchOne(database, sql: "SELECT * FROM request WHERE id = ?", arguments: [id])
    else { return nil }
    guard let form = try? FormReader.reread(Array(row["bytes"] as Data)) else {
      unread.append(row["number"])
      return nil
    }
    let mentions = PersonMentions(form, addresses: addresses, besides: subject).keys
    if mentions.isEmpty, subject.isEmpty { return nil }
    let events = try Register.handoverEvents(of: id, in: database)
    let changes = try subject.sorted().compactMap { index -> PersonTrace.Change? in
      let change = try Row.fetchOne(
        database,
        sql: """
          SELECT address, operation, outcome, intent IS NOT NULL, pre_image IS NOT NULL FROM change
          WHERE request = ? AND change_index = ?
          """, arguments: [id, index])
      guard form.changes.indices.contains(index) else { return nil }
      let stated = form.changes[index]
      return PersonTrace.Change(
        index: index, operation: change?[1] ?? stated.name, address: change?[0] ?? stated.address.text,
        outcome: (change?[2] as String?).flatMap(ChangeOutcome.init(rawValue:)), keys: stated.statedKeys,
        handover: events[index] ?? [], hasIntent: change?[3] ?? false, hasPreImage: change?[4] ?? false)
    }
    let lines = try Row.fetchAll(
      database, sql: "SELECT * FROM ledger WHERE request = ? AND openings IS NOT NULL ORDER BY sequence",
      arguments: [id]
    ).map(StoredLedgerLine.init).filter { line in
      guard !subject.isEmpty else { return false }
      return LedgerLine(line.text)?.index.map { subject.contains($0) } ?? true
    }
    let state = RequestState(rawValue: row["state"]) ?? .ready
    return PersonTrace.Request(
      id: id, number: row["number"], received: row["received"], state: state, origin: try Forms.Request.Origin(row),
      submitter: Submitter(row), file: row["file"], hasSignature: row["signature"] as Data? != nil,
      isRecorded: row["recorded"] as Int != 0, changes: changes, mentions: mentions, lines: lines.map(\.sequence))
  }

  /// Forms that wait for their signature.
  private func unsigned(_ key: PersonKey, _ addresses: Set<String>) throws -> [PersonTrace.Request] {
    try Row.fetchAll(database, sql: "SELECT * FROM unsigned_form WHERE refused IS NULL ORDER BY id").compactMap { row in
      guard let form = try? FormReader.reread(Array(row["bytes"] as Data)) else { return nil }
      let subject = form.changes.indices.filter { index in
        let change = form.changes[index]
        if addresses.contains(change.address.text) { return true }
        guard case .document(let document) = key else { return false }
        return change.document.map { PersonKey.essence($0) == PersonKey.essence(document) } ?? false
      }
      let mentions = PersonMentions(form, addresses: addresses, besides: Set(subject)).keys
      if mentions.isEmpty, subject.isEmpty { return nil }
      return PersonTrace.Request(
        id: 0, number: row["number"], received: row["received"], state: .awaitingSignature,
        origin: try Forms.Request.Origin(row), submitter: Submitter(row), file: row["file"],
        hasSignature: row["signature"] as Data? != nil, isRecorded: false,
        changes: subject.map { index in
          let change = form.changes[index]
          return PersonTrace.Change(
            index: index, operation: change.name, address: change.address.text, keys: change.statedKeys, handover: [],
            hasIntent: false, hasPreImage: false)
        }, mentions: mentions, lines: [])
    }
  }
}

extension Register {
  /// All addresses that a stored operation and the entry that was read before it show of the account.
  static func addresses(_ change: Row) throws -> Set<String> {
    guard let intent = try intent(change)?.intent else { return [] }
    var values: [Value] = []
    for entry in [intent.preImage].compactMap(\.self) { values += entry[Schema.mail] + entry[Schema.localAddress] }
    values += intent.operation.values(of: [Schema.mail, Schema.localAddress])
    return Set(values.compactMap { $0.text?.lowercased() })
  }

  /// When an account that isn't there any more went: the last that is known to have happened to it.
  static func gone(_ entry: String, in database: Database) throws -> Int64? {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT max(at) FROM (SELECT at FROM change WHERE entry_uuid = ?1 AND outcome = 'applied'
          UNION ALL SELECT at FROM drift_event WHERE entry_uuid = ?1)
        """, arguments: [entry])
  }
}

extension LDAP.Operation {
  /// The values that it writes of these attributes.
  func values(of attributes: [String]) -> [Value] {
    switch self {
    case .add(_, let all): all.filter { attributes.contains($0.name) }.flatMap(\.values)
    case .modify(_, let all): all.filter { attributes.contains($0.attribute) }.flatMap(\.values)
    case .delete: []
    }
  }
}

/// How a form names a person in changes of other accounts, and as who asks or approves. Pure.
struct PersonMentions {
  /// `requester`, `approval`, or `changes[2].owner`; each once, in the order of the form.
  let keys: [String]

  init(_ form: Forms.Request, addresses: Set<String>, besides subject: Set<Int>) {
    var keys: [String] = []
    if let address = form.requester.address, addresses.contains(address.text) { keys.append("requester") }
    if addresses.contains(where: { SamePerson.areSame(form.approval.by, $0) }) { keys.append("approval") }
    for (index, change) in form.changes.enumerated() where !subject.contains(index) {
      keys += change.named.filter { addresses.contains($0.address) }.map { "changes[\(index)].\($0.key)" }
    }
    var seen: Set<String> = []
    self.keys = keys.filter { seen.insert($0).inserted }
  }
}

extension Forms.Change {
  /// The identity number that it states.
  var document: String? {
    switch self {
    case .create(let create): create.document
    case .modify(let modify): if case .set(let document) = modify.fields.document { document } else { nil }
    case .adopt, .delete, .forgotten: nil
    }
  }

  /// The addresses that it names, with the form's key.
  fileprivate var named: [(key: String, address: String)] {
    var named: [(key: String, address: String)] = []
    func add(_ key: String, _ addresses: [some Mailbox]) { named += addresses.map { (key, $0.text) } }
    switch self {
    case .create(let create):
      add("address", [create.address])
      add("owner", create.owner.map { [$0] } ?? [])
      add("aliases", create.aliases)
      add("forward", create.forward)
      add("lists", create.lists)
      add("members", create.members)
    case .modify(let modify):
      let fields = modify.fields
      add("address", [modify.address])
      add("address", fields.address.map { [$0] } ?? [])
      add("owner", fields.owner.named)
      add("aliases", fields.aliases.named)
      add("forward", fields.forward.named)
      add("lists", fields.lists.named)
      add("members", fields.members.named)
      if let follow = modify.follow { add("follow", [follow.from] + (follow.to.map { [$0] } ?? [])) }
    case .adopt(let adopt): add("address", [adopt.address])
    case .delete(let delete): add("address", [delete.address])
    case .forgotten: break
    }
    return named
  }

  /// The keys of what it states of its account.
  var statedKeys: [String] {
    switch self {
    case .create(let create): ["address", "name"] + create.statedKeys
    case .modify(let modify): ["address"] + modify.statedKeys
    case .adopt: ["address"]
    case .delete(let delete): ["address"] + (delete.reason == nil ? [] : ["reason"])
    case .forgotten: []
    }
  }
}

/// The names of what is so.
private func names(_ pairs: KeyValuePairs<String, Bool>) -> [String] { pairs.filter(\.value).map(\.key) }

extension Forms.Change.Create {
  fileprivate var statedKeys: [String] {
    names([
      "document": document != nil, "position": position != nil, "department": department != nil, "phone": phone != nil,
      "owner": owner != nil, "aliases": !aliases.isEmpty, "forward": !forward.isEmpty, "lists": !lists.isEmpty,
      "members": !members.isEmpty, "quota": quota != nil, "expires": expires != nil,
    ])
  }
}

extension Forms.Change.Modify {
  fileprivate var statedKeys: [String] {
    names([
      "name": fields.name != nil, "document": fields.document != .keep, "position": fields.position != .keep,
      "department": fields.department != nil, "phone": fields.phone != .keep, "owner": fields.owner != .keep,
      "aliases": !fields.aliases.named.isEmpty, "forward": !fields.forward.named.isEmpty,
      "lists": !fields.lists.named.isEmpty, "members": !fields.members.named.isEmpty,
      "quota": fields.quota != .keep, "expires": fields.expires != .keep, "status": fields.status != nil,
      "reset": reset != nil,
    ])
  }
}

extension Forms.Change.ListSetting {
  /// All that it names.
  fileprivate var named: [Value] { (replacement ?? []) + added + removed }
}

extension Forms.Change.Setting {
  fileprivate var named: [Value] { if case .set(let value) = self { [value] } else { [] } }
}
