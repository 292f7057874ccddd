import Forms
import Foundation
import GRDB
import Support
import Testing
import Text

@testable import Register

/// The register as a command opens it, which only reads.
@Suite struct ReadingTests {
  private let folder: Scratch
  private var path: String { folder.path + "/register.sqlite" }

  init() throws { folder = try Scratch() }

  /// Who looks first is chance: of ten, some read what the first migration left. The agent opens it as it always does,
  /// with its own patience: a writer without any fails on the first reader it meets.
  @Test func oneThatAnAgentIsStillMakingIsWaitedFor() async throws {
    for number in 0..<10 {
      let path = "\(folder.path)/\(number).sqlite"
      try begin(path)
      let reading = Task { try await Self.register(reading: path) }
      await Task.yield()
      _ = try Register(writing: path)
      #expect(try await reading.value.request(number: "R-1") == nil)
    }
  }

  /// On a thread of its own, for it sleeps there: the tests share few.
  private static func register(reading path: String) async throws -> Register {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try Register(reading: path, patience: .seconds(120)) })
      }
    }
  }

  /// What an agent leaves that ended after its first migration.
  private func begin(_ path: String) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try Migrations.all.migrate(queue, upTo: "1")
    try queue.close()
  }

  @Test func oneOfAnotherVersionIsRefused() throws {
    try begin(path)
    let error = #expect(throws: RegisterError.self) { try Register(reading: path, patience: .milliseconds(100)) }
    #expect(error?.what.contains("another version") == true)
  }

  @Test func whoAskedAndWhoSaidYesAreReadAsTheFormSaysThem() async throws {
    let test = try TestRegister()
    var form = Sample.form("R-1")
    form.origin.requester.address = .init("ana.rosero@example.org")
    form.origin.approval.reference = "Memorando 1"
    _ = try await test.register.accept([form, Sample.form("R-2")]).value()
    #expect(try test.register.request(number: "R-1")?.origin == form.origin)
    #expect(try test.register.request(number: "R-2")?.origin == Sample.form("R-2").origin)
  }

  @Test func aDayOfApprovalThatIsNoneIsDamage() async throws {
    let test = try TestRegister()
    _ = try await test.accept("R-1")
    try await test.register.post { try $0.execute(sql: "UPDATE request SET approved_on = 'yesterday'") }.value()
    let error = #expect(throws: RegisterError.self) { try test.register.request(number: "R-1") }
    #expect(error?.what.contains("damaged") == true)
  }
}
