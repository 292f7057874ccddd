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

  /// Who looks first is chance: of fifty, some read what the first migration left.
  @Test func oneThatAnAgentIsStillMakingIsWaitedFor() async throws {
    for number in 0..<50 {
      let path = "\(folder.path)/\(number).sqlite"
      let queue = try DatabaseQueue(path: path)
      try Migrations.all.migrate(queue, upTo: "1")
      let reading = Task.detached { try Register(reading: path, patience: .seconds(120)) }
      await Task.yield()
      try Migrations.all.migrate(queue)
      #expect(try await reading.value.request(number: "R-1") == nil)
    }
  }

  @Test func oneOfAnotherVersionIsRefused() throws {
    let queue = try DatabaseQueue(path: path)
    try Migrations.all.migrate(queue, upTo: "1")
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
