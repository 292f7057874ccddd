import Accounts
import Foundation
import GRDB
import Testing
import Text

@testable import Register

@Suite("A backup of the register")
struct BackupTests {
  private static let key = [UInt8](0..<32)

  private func copied(_ test: TestRegister, _ name: String = "copy") throws -> String {
    let path = test.folder.appendingPathComponent(name).path
    let reader = try Register(reading: test.path)
    _ = try reader.copy(to: path, key: Self.key, version: "1", made: 7) { _, _ in }
    return path
  }

  /// A register with a request that is done, so that every part of it has something.
  private func filled() async throws -> TestRegister {
    let test = try TestRegister()
    let id = try #require(try await test.accept("a").first)
    try await test.register.intend([Sample.intended(id)], at: 1).value()
    _ = try await test.register.settle(
      [Sample.settled(id, "a", mirror: .put(Sample.account("ana@example.org")))],
      completed: [CompletedRequest(id: id, outcome: .applied)], at: 1
    ).value()
    return test
  }

  @Test("is one file that says what it holds, and has the key")
  func whole() async throws {
    let test = try await filled()
    let path = try copied(test)
    #expect(try Register.verify(backup: path) == BackupContents(made: 7, version: "1", requests: 1))
    #expect(try Register.key(inBackup: path) == Self.key)
    #expect(try Register.key(inBackup: test.path) == nil, "a register in use has none")
    let left = try FileManager.default.contentsOfDirectory(atPath: test.folder.path).filter { $0.hasPrefix("copy") }
    #expect(left == ["copy"])
    // Restored, it gives the key away and is a register as any other.
    try Register.removeKey(fromRestored: path, spent: ["X-1"])
    #expect(try Register.key(inBackup: path) == nil)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.range(of: Data(Self.key)) == nil, "the key's page is overwritten")
    let restored = try Register(writing: path)
    #expect(try restored.request(number: "a")?.outcome == .applied && restored.accountCount() == 1)
    try restored.close()
  }

  @Test("is what the register was at one moment, whatever is written meanwhile, and is not begun again by that")
  func snapshot() async throws {
    let test = try TestRegister()
    // Several steps' worth of pages.
    let bulky = (0..<40).map { Sample.form("n\($0)", Array(repeating: 65, count: 400_000)) }
    _ = try await test.register.accept(bulky).value()
    let reader = try Register(reading: test.path)
    let path = test.folder.appendingPathComponent("copy").path
    let register = test.register
    var steps: [Int64] = []
    let contents = try reader.copy(to: path, key: Self.key, version: "1", made: 7) { done, all in
      steps.append(done)
      #expect(done <= all)
      let written = DispatchSemaphore(value: 0)
      let count = steps.count
      Task {
        _ = try await register.accept([Sample.form("late\(count)", Array(repeating: 66, count: 50_000))]).value()
        written.signal()
      }
      written.wait()
    }
    #expect(steps.count > 3 && steps == steps.sorted(), "\(steps)")
    #expect(contents.requests == 40)
    #expect(try Register.verify(backup: path).requests == 40)
    #expect(try register.openRequests() == [.ready: 40 + steps.count])
  }

  @Test("ends where its progress is stopped")
  func stopped() async throws {
    struct Stop: Error {}
    let test = try TestRegister()
    _ = try await test.register.accept([Sample.form("n", Array(repeating: 65, count: 8_000_000))]).value()
    let path = test.folder.appendingPathComponent("copy").path
    #expect(throws: Stop.self) {
      _ = try Register(reading: test.path).copy(to: path, key: Self.key, version: "1", made: 7) { _, _ in
        throw Stop()
      }
    }
    #expect(throws: BackupFault.self) { try Register.verify(backup: path) }
  }

  @Test(
    "that was changed or damaged is refused",
    arguments: [
      ("a trigger", "CREATE TRIGGER t AFTER INSERT ON request BEGIN DELETE FROM request; END"),
      ("a view", "CREATE VIEW v AS SELECT 1"), ("another table", "CREATE TABLE more (x)"),
      ("a table less", "DROP TABLE trouble"), ("an index less", "DROP INDEX request_open"),
      ("another column", "ALTER TABLE request ADD COLUMN x TEXT"), ("no key", "DELETE FROM backup"),
      ("a short key", "UPDATE backup SET key = x'00'"), ("no table of ours", "DROP TABLE backup"),
      (
        "a key of no type",
        "DROP TABLE backup; CREATE TABLE backup (made, version, key); INSERT INTO backup VALUES (1, 2, 3)"
      ),
      ("a ledger's line", "UPDATE ledger SET line = 'x'"),
      ("a form", "UPDATE request SET bytes = x'00'"), ("a ledger's line less", "DELETE FROM ledger WHERE sequence = 1"),
      ("a newer version", "INSERT INTO grdb_migrations VALUES ('9999')"),
      ("a request less", "PRAGMA foreign_keys=OFF; DELETE FROM request"),
    ])
  func tampered(_ row: (name: String, sql: String)) async throws {
    let test = try await filled()
    let path = try copied(test)
    // Two lines, so that one can go.
    try await DatabaseQueue(path: path).write { database in
      _ = try Ledger.append(LedgerEntry("second", at: 1), in: database)
    }
    _ = try Register.verify(backup: path)
    let queue = try DatabaseQueue(path: path)
    try await queue.writeWithoutTransaction { try $0.execute(sql: row.sql) }
    try queue.close()
    #expect(throws: BackupFault.self, "\(row.name)") { try Register.verify(backup: path) }
  }

  @Test("of damaged bytes is refused, wherever they are")
  func damaged() async throws {
    let test = try await filled()
    let path = try copied(test)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    func refuses(_ bytes: Data) throws -> Bool {
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        _ = try Register.verify(backup: path)
        return false
      } catch is BackupFault {
        return true
      }
    }
    #expect(try refuses(Data()) && refuses(Data("number: 1\n".utf8)) && refuses(whole.prefix(whole.count / 2)))
    // A header byte of each page but the first: its kind, and so the tree.
    for page in 1..<(whole.count / 4_096) {
      var bytes = whole
      bytes[page * 4_096] ^= 0x55
      #expect(try refuses(bytes), "page \(page)")
    }
  }

  @Test("of an earlier version is good: the agent brings it up to date")
  func earlier() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("earlier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("old").path
    let queue = try DatabaseQueue(path: path)
    try Migrations.all.migrate(queue, upTo: "1")
    try await queue.write { database in
      try database.execute(
        sql: "CREATE TABLE backup (made INTEGER NOT NULL, version TEXT NOT NULL, key BLOB NOT NULL) STRICT")
      try database.execute(sql: "INSERT INTO backup VALUES (1, '0.1.0', ?)", arguments: [Data(Self.key)])
    }
    try queue.close()
    #expect(try Register.verify(backup: path).version == "0.1.0")
    let register = try Register(writing: path)
    try register.close()
  }

  @Test("A register is gathered into its one file, unless somebody has it open or it is damaged")
  func gather() async throws {
    let test = try await filled()
    #expect(try Register.gather(test.path) == .busy)
    try test.register.close()
    #expect(try Register.gather(test.path) == .whole)
    #expect(!FileManager.default.fileExists(atPath: test.path + "-wal"))
    try Data("no register, but as long as a page has to be".utf8).write(to: URL(fileURLWithPath: test.path))
    #expect(try Register.gather(test.path) == .damaged)
  }

  @Test("Which numbers a register knows can be asked of any version")
  func asking() async throws {
    let test = try await filled()
    #expect(try Register.asking(test.path) { knows in try ["a", "b"].filter { try knows($0) } } == ["a"])
  }
}
