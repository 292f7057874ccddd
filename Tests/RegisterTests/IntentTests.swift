import Accounts
import Foundation
import LDAP
import Register
import Testing

/// What is stored before it is sent comes back byte for byte: a replay sends the same operation.
@Suite struct IntentTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    var intent: Intent
    var salt: [UInt8]?
    var testDescription: String { name }

    init(_ name: String, _ intent: Intent, salt: [UInt8]? = nil) {
      self.name = name
      self.intent = intent
      self.salt = salt
    }
  }

  private static let base = DN.rdn("ou", "gente, ñ+1").under(DN.rdn("dc", "example").under(DN()))
  private static let dn = DN.rdn("uid", " ana \"lópez\"#").under(base)
  private static let everyByte = Value(bytes: Array(0...255))
  private static let values: [Value] = [
    "", " ", " leading", "trailing ", ":colon", "<less", "two\nlines\r\n", "dn: uid=x", "-", "Jose\u{301}", "José",
    "\0",
    Value(String(repeating: "long ñ ", count: 2_000)), everyByte, "{temporary}",
  ]
  private static let entry = Entry(
    dn: dn,
    attributes: [
      Attribute("mail", ["Ana@Example.org"]), Attribute("userCertificate;binary", [everyByte]),
      Attribute("title", values),
    ])

  static let rows: [Row] = [
    Row("an add", Intent(operation: .add(dn, entry.attributes))),
    Row(
      "an add that grants a password",
      Intent(operation: .add(dn, [Attribute("userPassword", [Intent.temporaryPassword])]), grantsPassword: true),
      salt: (0..<32).map { $0 * 8 }),
    Row(
      "a modify",
      Intent(
        operation: .modify(
          dn,
          [
            .replace("title", values), .replace("telephoneNumber", []), .delete("buzonForward", ["a@example.org"]),
            .delete("buzonOwner"), .add("mailLocalAddress", ["b@example.org", "c@example.org"]),
            .add("title", [everyByte]),
            .replace("buzonRequest", ["2026-1#0"]),
          ]), entryUUID: "5f6c2c0a-5bc5-1041-8a66-bf22c0f6d6a7", stampRead: "2025-9#12", preImage: entry)),
    Row(
      "a modify of an entry without stamp",
      Intent(operation: .modify(dn, [.replace("sn", ["x"])]), entryUUID: "u", preImage: entry)),
    Row("a delete", Intent(operation: .delete(dn), entryUUID: "u", stampRead: "2025-9#12", preImage: entry)),
    Row(
      "a delete of an entry without attributes",
      Intent(operation: .delete(dn), entryUUID: "u", preImage: Entry(dn: dn, attributes: []))),
    Row(
      "a salt of zeros",
      Intent(operation: .modify(dn, [.replace("userPassword", ["{temporary}"])]), entryUUID: "u", grantsPassword: true),
      salt: [UInt8](repeating: 0, count: 32)),
  ]

  private func expectSame(_ stored: StoredIntent?, _ row: Row) throws {
    let stored = try #require(stored)
    #expect(stored.intent == row.intent)
    // DNs are equal in any spelling; here each byte counts.
    #expect(stored.intent.operation.dn.string.utf8.elementsEqual(row.intent.operation.dn.string.utf8))
    #expect(stored.intent.preImage?.dn.string == row.intent.preImage?.dn.string)
    #expect(LDIF.bytes(of: stored.intent.operation) == LDIF.bytes(of: row.intent.operation))
    #expect(stored.salt == row.salt)
  }

  @Test(arguments: rows) func anIntentComesBackByteForByte(_ row: Row) async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1", changes: 3)[0]
    try await test.register.intend([Sample.intended(id, 2, row.intent, salt: row.salt)], at: 77).value()
    let (_, after) = try test.image()
    for register in [test.register, after] {
      let request = try #require(try register.request(id: id))
      #expect(request.state == .working)
      #expect(request.intents.keys.sorted() == [2])
      try expectSame(request.intents[2], row)
      let change = try #require(request.changes[2])
      #expect(
        change.outcome == nil && change.at == 77 && change.operation == "modify" && change.address == "ana@example.org")
      #expect(try register.ready(after: 0, changes: 1).first?.intents[2]?.intent == row.intent)
    }
  }

  @Test func allIntentsOfABatchAreOneCommit() async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1", changes: Self.rows.count)[0]
    let counter = try await CommitCounter.of(test.register)
    try await test.register.intend(
      Self.rows.enumerated().map { Sample.intended(id, $0, $1.intent, salt: $1.salt) }, at: 1
    ).value()
    #expect(counter.commits == 1)
    let request = try #require(try test.register.request(id: id))
    for (index, row) in Self.rows.enumerated() { try expectSame(request.intents[index], row) }
  }

  @Test func aChangePlannedAgainReplacesItsIntent() async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1")[0]
    let first = Intent(operation: .delete(Self.dn), entryUUID: "u1", stampRead: "1#0", preImage: Self.entry)
    let second = Intent(operation: .add(Self.dn, [Attribute("mail", ["x@example.org"])]), grantsPassword: true)
    try await test.register.intend([Sample.intended(id, 0, first)], at: 1).value()
    try await test.register.intend([Sample.intended(id, 0, second, salt: Sample.digest)], at: 2).value()
    try expectSame(try test.register.request(id: id)?.intents[0], Row("", second, salt: Sample.digest))
    try await test.register.intend([Sample.intended(id, 0, first)], at: 3).value()
    try expectSame(try test.register.request(id: id)?.intents[0], Row("", first))
  }

  @Test func aSettledChangeHasNoIntentLeftToSend() async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1", changes: 2)[0]
    try await test.register.intend([Sample.intended(id, 0), Sample.intended(id, 1)], at: 1).value()
    _ = try await test.register.settle([Sample.settled(id, "2026-1", Sample.result(0))], completed: [], at: 2).value()
    let request = try #require(try test.register.request(id: id))
    #expect(request.intents.keys.sorted() == [1])
    #expect(request.state == .working && request.changes[0]?.outcome == .applied)
    let waiting = try #require(try test.register.queue().first)
    #expect(waiting.settled == 1 && waiting.count == 2 && waiting.state == .working)
  }

  @Test func aRequestIsInDoubtWhileAnIntentOfItsIsOpen() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", "c", "d", changes: 2)
    try await test.register.intend(ids.dropLast().map { Sample.intended($0) }, at: 1).value()
    for id in [ids[0], ids[1], ids[3]] { _ = try await test.register.hold(id, reason: "r", at: Sample.time).value() }
    #expect(try test.register.inDoubt().map(\.number) == ["a", "b", "c"])
    #expect(try test.register.inDoubt().first?.intents.keys.sorted() == [0])
    // Known, or taken back: no doubt any more.
    _ = try await test.register.settle([Sample.settled(ids[0], "a")], completed: [], at: 2).value()
    try await test.register.withdraw(ChangeID(request: ids[1], index: 0)).value()
    #expect(try test.register.inDoubt().map(\.number) == ["c"])
    let (_, after) = try test.image()
    #expect(try after.request(id: ids[1])?.changes.isEmpty == true)
    #expect(try after.request(id: ids[1])?.state == .held)
  }

  @Test func anOutcomeIsNotTakenBack() async throws {
    let test = try TestRegister()
    let id = try await test.accept("a", changes: 2)[0]
    try await test.register.intend([Sample.intended(id, 0), Sample.intended(id, 1)], at: 1).value()
    _ = try await test.register.settle([Sample.settled(id, "a", Sample.result(0))], completed: [], at: 2).value()
    try await test.register.withdraw(ChangeID(request: id, index: 0)).value()
    #expect(try test.register.request(id: id)?.changes[0]?.outcome == .applied)
    #expect(try test.register.request(id: id)?.intents.keys.sorted() == [1])
  }

  @Test(arguments: [
    "", "dn: uid=x\nchangetype: add\n", "garbage", "dn: uid=x\nchangetype: delete\n\ndn: uid=y\nchangetype: delete\n",
  ])
  func aDamagedIntentIsNotTakenForNone(_ text: String) async throws {
    let test = try TestRegister()
    let id = try await test.accept("2026-1")[0]
    try await test.register.intend([Sample.intended(id)], at: 1).value()
    _ = try output(
      of: "python3",
      [
        "-c",
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('UPDATE change SET intent=?',(sys.argv[2].encode(),)); c.commit()",
        test.path, text,
      ])
    if text == "dn: uid=x\nchangetype: add\n" {
      // An add without attributes is one, for the directory to refuse.
      #expect(try test.register.request(id: id)?.intents.count == 1)
    } else {
      #expect(throws: RegisterError.self) { try test.register.request(id: id) }
      #expect(throws: RegisterError.self) { try test.register.ready(after: 0, changes: 1) }
    }
  }
}
