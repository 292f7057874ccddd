import Accounts
import Foundation
import GRDB
import LDAP
import Support
import Testing
import Text

@testable import Register

/// The chain, computed again by a program that shares nothing with ours: the one of `docs/ledger.md`.
@Suite("The ledger")
struct LedgerTests {
  /// The lines as they would stand in the files.
  private func file(_ test: TestRegister) throws -> URL {
    let lines = try test.register.ledger(after: 0, limit: .max)
    let file = test.folder.appendingPathComponent("2026.jsonl")
    try Data(lines.map { $0.text + "\n" }.joined().utf8).write(to: file)
    return file
  }

  private func verify(_ file: URL) async throws -> (status: Int32, output: String) {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/ledger.md")
    let program = try #require(
      try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```python\n").last?
        .components(separatedBy: "```").first)
    #expect(program.split(separator: "\n").count <= 20)
    let outcome = try await Program.run("/usr/bin/env", ["python3", "-c", program, file.path])
    return (outcome.status, outcome.output + outcome.errors)
  }

  @Test("names in each line the hash of the one before")
  func chain() async throws {
    let test = try TestRegister()
    for batch in 0..<5 {
      let ids = try await test.register.accept((0..<20).map { Sample.form("\(batch)-\($0)") }).value().compactMap(\.id)
      let changes = ids.enumerated().map { index, id in
        Sample.settled(
          id, "\(batch)-\(index)",
          index % 3 == 0
            ? Sample.result(0, .failed, error: ChangeError(code: .noSuchObject, diagnostic: "ñ", remedy: "r"))
            : Sample.result())
      }
      let hashes = try await test.register.settle(changes, completed: [], at: 1).value()
      #expect(Set(hashes).count == 20)
      let last = try #require(hashes.last?.hash)
      let found = try await verify(file(test))
      #expect(found.status == 0 && found.output == "\((batch + 1) * 40) \(hexadecimal(last))\n", "\(found)")
      #expect(try test.register.ledgerHead()?.hash == last)
    }
  }

  @Test("goes on after a crash, and after an orderly end")
  func reopened() async throws {
    let test = try TestRegister()
    let ids = try await test.accept("a", "b", "c")
    _ = try await test.register.settle([Sample.settled(ids[0], "a")], completed: [], at: 1).value()
    let (folder, after) = try test.image()
    _ = try await after.settle([Sample.settled(ids[1], "b")], completed: [], at: 2).value()
    try after.close()
    let third = try Register(writing: folder.appendingPathComponent("register.sqlite").path)
    let hashes = try await third.settle([Sample.settled(ids[2], "c")], completed: [], at: 3).value()
    var chain = LedgerChain()
    for line in try third.ledger(after: 0, limit: 100) { #expect(chain.take(line.text) == nil) }
    #expect(chain.head == LedgerHead(sequence: 6, hash: hashes[0].hash))
    try third.close()
  }

  @Test("says of each event what happened, and nothing personal in the clear")
  func events() async throws {
    let test = try TestRegister()
    let register = test.register
    let id = try #require(try await test.accept("2026-1", changes: 2).first)
    try await register.intend([Sample.intended(id)], at: 1).value()
    _ = try await register.hold(id, cause: .operator, reason: "r", by: "maría", because: "espere", at: 2).value()
    _ = try await register.release(id).value()
    try await register.addEvent("released", of: id, actor: "maría", at: 3).value()
    let failed = Sample.result(1, .failed, error: ChangeError(code: .noSuchObject, diagnostic: "d", remedy: "r"), at: 8)
    _ = try await register.settle(
      [Sample.settled(id, "2026-1", Sample.result(0, at: 7)), Sample.settled(id, "2026-1", failed)], completed: [],
      at: 9
    ).value()
    try await register.acknowledge(at: 10, by: "maría").value()
    try await register.setContact(Contact(provider: "ldap://a", answered: 11)).value()
    try await register.setContact(Contact(provider: "ldap://a", answered: 12)).value()
    try await register.setContact(Contact(provider: "ldap://b", answered: 13)).value()
    let stored = try register.ledger(after: 0, limit: 100)
    let lines = try stored.map { try #require(LedgerLine($0.text)) }
    #expect(
      lines.map(\.event) == [
        "accepted", "intended", "held", "released", "settled", "settled", "acknowledged", "provider", "provider",
      ])
    #expect(lines.map(\.number) == Array(repeating: "2026-1", count: 6) + [nil, nil, nil])
    #expect(lines.map(\.index) == [nil, 0, nil, nil, 0, 1, nil, nil, nil])
    #expect(lines[5].fields["outcome"] == "failed" && lines[5].fields["code"] == "32")
    #expect(lines[6].at == "1970-01-01T00:00:00.010Z" && lines.map(\.milliseconds) == stored.map(\.at))
    #expect(stored[2].openings["because"]?.value == "espere" && stored[2].openings["by"]?.value == "maría")
    #expect(stored[4].openings["address"]?.value == "ana@example.org")
    for (line, stored) in zip(lines, stored) {
      for secret in ["ana", "mar", "espere", ".yaml", "example", "ldap:"] { #expect(!line.text.contains(secret)) }
      for (name, commitment) in stored.openings { #expect(line.fields[name] == commitment.digest) }
    }
    #expect(Set(stored.flatMap(\.openings.values).map(\.salt)).count == stored.flatMap(\.openings.values).count)
  }

  @Test("is canonical JSON, which any other reader sees alike")
  func canonical() async throws {
    let test = try TestRegister()
    _ = try await test.accept("@clock-1", "b")
    let again = try output(
      of: "python3",
      [
        "-c",
        """
        import json, sys
        for line in open(sys.argv[1]):
            print(json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        """, try file(test).path,
      ])
    #expect(try String(contentsOf: file(test), encoding: .utf8) == again)
  }

  /// Lines, in the order they stand in.
  enum Spoil: CaseIterable {
    case changed, takenOut, putIn, swapped, first, notJSON, spaced
  }

  @Test("breaks where a line is changed, taken out, put in or moved", arguments: Spoil.allCases)
  func spoiled(_ spoil: Spoil) async throws {
    let test = try TestRegister()
    _ = try await test.accept("a", "b", "c", "d")
    let file = try file(test)
    var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    switch spoil {
    case .changed: lines[1] = lines[1].replacing("\"b\"", with: "\"x\"")
    case .takenOut: lines.remove(at: 1)
    case .putIn: lines.insert(lines[1], at: 2)
    case .swapped: lines.swapAt(1, 2)
    case .first: lines.removeFirst()
    case .notJSON: lines[1] = "x"
    case .spaced: lines[1] = lines[1].replacing(",", with: ", ", maxReplacements: 1)
    }
    var chain = LedgerChain()
    #expect(lines.compactMap { chain.take($0) }.first != nil)
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
    #expect(try await verify(file).status == 1)
  }

  @Test(
    "reads nothing but its own form",
    arguments: [
      "", "{}", "[]", #"{"at":"x","event":"e","previous":"0","sequence":1}"#,
      #"{"event":"e","at":"x","previous":"\#(String(repeating: "0", count: 64))","sequence":1}"#,
      #"{"at":"x","event":"e","previous":"\#(String(repeating: "0", count: 64))","sequence":01}"#,
      #"{"at":"x","event":"e","previous":"\#(String(repeating: "0", count: 64))","sequence":1} "#,
      #"{"at":"x","event":"\u0065","previous":"\#(String(repeating: "0", count: 64))","sequence":1}"#,
      #"{"at":"x","at":"x","event":"e","previous":"\#(String(repeating: "0", count: 64))","sequence":1}"#,
    ])
  func strict(_ text: String) { #expect(LedgerLine(text) == nil) }

  @Test("of a register that was restored goes on where its files end")
  func continued() async throws {
    let test = try TestRegister()
    _ = try await test.accept("a", "b")
    let (_, older) = try test.image()
    _ = try await test.accept("c")
    let lines = try test.register.ledger(after: 2, limit: 10).compactMap { LedgerLine($0.text) }
    try await older.continueLedger(lines).value()
    try await older.endContinuation(made: 5, at: 6).value()
    let all = try older.ledger(after: 0, limit: 10)
    var chain = LedgerChain()
    #expect(all.compactMap { chain.take($0.text) }.isEmpty && all.count == 4)
    #expect(all[2].text == lines[0].text && all[2].openings.isEmpty && all[2].hash == lines[0].hash)
    #expect(LedgerLine(all[3].text)?.event == "restored")
    guard case .spent? = try await older.accept([Sample.form("c")]).value().first else {
      Issue.record("the number was used since")
      return
    }
    await #expect(throws: RegisterError.self) { try await older.continueLedger(lines).value() }
  }

  @Test("of a register without one tells what it holds")
  func converted() async throws {
    let queue = try DatabaseQueue()
    try Migrations.all.migrate(queue, upTo: "failed runs")
    try await queue.write { database in
      for number in ["a", "b"] {
        try database.execute(
          sql: """
            INSERT INTO request (number, digest, file, department, requester, approved_by, approved_on, received, changes,
              state, outcome, bytes, ledger, recorded)
            VALUES (?, x'00', 'f', 'd', 'r', 'j', '2026-01-01', 5, 1, 'done', 'applied', x'', 1, 2)
            """, arguments: [number])
        try database.execute(
          sql: """
            INSERT INTO change (request, change_index, address, operation, outcome, at) VALUES (?, 0, 'a@b', 'modify',
              'applied', 7)
            """, arguments: [database.lastInsertedRowID])
      }
      try database.execute(sql: "INSERT INTO ledger (line, hash) VALUES ('old', x'00')")
    }
    try Migrations.all.migrate(queue)
    try await queue.read { database in
      let lines = try Row.fetchAll(database, sql: "SELECT * FROM ledger ORDER BY sequence").map(StoredLedgerLine.init)
      var chain = LedgerChain()
      #expect(lines.compactMap { chain.take($0.text) }.isEmpty)
      let events = lines.compactMap { LedgerLine($0.text)?.event }
      #expect(events == ["converted", "accepted", "settled", "accepted", "settled"])
      let requests = try Row.fetchAll(database, sql: "SELECT ledger, recorded FROM request ORDER BY id")
      #expect(requests.map { $0["ledger"] as Int64 } == [3, 5] && requests.allSatisfy { $0["recorded"] == -1 })
    }
  }

  @Test func bytesAreWrittenAsLowerCaseHexadecimal() {
    #expect(hexadecimal([]) == "")
    #expect(hexadecimal([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
    #expect(bytes(hexadecimal: "000fA0ff") == [0x00, 0x0F, 0xA0, 0xFF] && bytes(hexadecimal: "") == [])
    for text in ["0", "0g", "0x", "é0", " 0"] { #expect(bytes(hexadecimal: text) == nil, "\(text)") }
  }
}
