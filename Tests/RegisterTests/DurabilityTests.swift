import Foundation
import GRDB
import Testing

@testable import Register

@Suite struct DurabilityTests {
  private func pragma(_ name: String, of register: Register) async throws -> String {
    try await register.post {
      try String.fetchOne($0, sql: "SELECT CAST((SELECT * FROM pragma_\(name)) AS TEXT)") ?? ""
    }.value()
  }

  @Test func theWriterSyncsEveryCommit() async throws {
    let test = try TestRegister()
    #expect(try await pragma("journal_mode", of: test.register) == "wal")
    #expect(try await pragma("synchronous", of: test.register) == "2")
    #expect(try await pragma("secure_delete", of: test.register) == "1")
    #expect(try await pragma("foreign_keys", of: test.register) == "1")
    _ = try await test.accept("a")
    #expect(try await pragma("synchronous", of: test.register) == "2")
  }

  @Test func whatACommitConfirmedStandsInTheFiles() async throws {
    let test = try TestRegister()
    var confirmed = 0
    for round in 0..<20 {
      confirmed += try await test.register.accept((0...round).map { Sample.form("\(round)-\($0)") }).value().count
      let (_, after) = try test.image()
      #expect(try after.openRequests()[.ready] == confirmed)
      try after.close()
    }
  }

  @Test func aSecretThatIsOverwrittenIsGoneFromTheFiles() async throws {
    let test = try TestRegister()
    let salt = Array("salt-of-a-password-that-was-given".utf8.prefix(32))
    let id = try await test.accept("a")[0]
    try await test.register.intend([Sample.intended(id, salt: salt)], at: 1).value()
    try await test.register.post { try $0.execute(sql: "UPDATE change SET salt = NULL") }.value()
    try test.register.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: test.folder.path) {
      let data = try Data(contentsOf: test.folder.appendingPathComponent(name))
      #expect(data.range(of: Data(salt)) == nil, "\(name)")
    }
  }
}

@Suite struct OpeningTests {
  @Test func aReaderSeesWhatIsCommittedBesideTheWriter() async throws {
    let test = try TestRegister()
    let reader = try Register(reading: test.path)
    #expect(try reader.openRequests().isEmpty)
    _ = try await test.accept("a", "b")
    #expect(try reader.queue().map(\.number) == ["a", "b"])
    #expect(try Register(reading: test.path).request(number: "a") != nil)
  }

  @Test func aReaderNeitherWaitsForTheWriterNorWrites() async throws {
    let test = try TestRegister()
    _ = try await test.accept("a")
    let reader = try Register(reading: test.path)
    let gate = Gate(test.register)
    #expect(try reader.queue().map(\.number) == ["a"])
    try await gate.open()
    await #expect(throws: RegisterError.self) { _ = try await reader.accept([Sample.form("b")]).value() }
    #expect(try test.register.request(number: "b") == nil)
    try reader.close()
  }

  @Test func aReaderLooksAtARegisterWithoutAnAgent() async throws {
    let test = try TestRegister()
    _ = try await test.accept("a")
    try test.register.close()
    #expect(try Register(reading: test.path).queue().map(\.number) == ["a"])
  }

  @Test func theWriterIsKeptFromARegisterOfALaterVersion() async throws {
    let test = try TestRegister()
    _ = try await test.accept("a")
    try await test.register.post { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')") }
      .value()
    try test.register.close()
    #expect(throws: RegisterError.self) { try Register(writing: test.path) }
    #expect(throws: RegisterError.self) { try Register(reading: test.path) }
  }

  @Test func aRegisterOfAnEarlierVersionIsBroughtUpByTheWriterAlone() async throws {
    let test = try TestRegister()
    try test.register.close()
    let path = test.folder.appendingPathComponent("old.sqlite").path
    try await DatabaseQueue(path: path).write {
      try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    }
    #expect(throws: RegisterError.self) { try Register(reading: path) }
    let register = try Register(writing: path)
    #expect(try await register.accept([Sample.form("a")]).value()[0].id == 1)
    #expect(try Register(reading: path).queue().count == 1)
    try register.close()
  }

  @Test func aReaderMakesNoRegister() throws {
    let test = try TestRegister()
    let path = test.folder.appendingPathComponent("none.sqlite").path
    let error = #expect(throws: RegisterError.self) { try Register(reading: path) }
    #expect(error?.description.contains(path) == true)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatIsNoRegisterIsLeftAsItIs() throws {
    let test = try TestRegister()
    let file = test.folder.appendingPathComponent("letter.sqlite")
    let text = Data(String(repeating: "Dear Sir or Madam, ", count: 500).utf8)
    try text.write(to: file)
    #expect(throws: RegisterError.self) { try Register(writing: file.path) }
    #expect(throws: RegisterError.self) { try Register(reading: file.path) }
    #expect(try Data(contentsOf: file) == text)
  }
}
