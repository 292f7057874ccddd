import Testing
import Text

@testable import Forms

/// What only the clock may write: it is read again under the clock's numbers, and nowhere else.
@Suite("A form of the clock") struct ClockFormTests {
  private static let own: [Change.Reset] = [.expired, .settled]

  private func form(_ reset: Change.Reset, number: String, atomic: Bool = false) throws -> [UInt8] {
    let day = try #require(Day(parsing: "2026-11-22"))
    let address = try #require(Address("a@example.org"))
    return FormWriter.write(
      Request(
        number: number, department: "D", requester: .init(name: "A"), approval: .init(by: "policy", date: day),
        atomic: atomic, changes: [.modify(.init(address: address, reset: reset))]))
  }

  @Test("says what becomes of a temporary password", arguments: Change.Reset.allCases)
  func roundTrip(reset: Change.Reset) throws {
    let bytes = try form(reset, number: "@20261122T110523Z.001")
    #expect(String(decoding: bytes, as: UTF8.self).contains("reset: \(reset.rawValue)}"))
    let request = try FormReader.reread(bytes)
    #expect(request.changes == [.modify(.init(address: try #require(Address("a@example.org")), reset: reset))])
    #expect(FormWriter.write(request) == bytes)
  }

  @Test("alone says so: another number is refused, now and when it is read again", arguments: own)
  func onlyTheClock(reset: Change.Reset) throws {
    for number in ["T-1", "T@1"] {
      let bytes = try form(reset, number: number)
      let error = try #require(throws: FormReader.Unreadable.self) { try FormReader.reread(bytes) }
      let finding = try #require(error.findings.first)
      #expect(finding.problem == "'\(reset.rawValue)' is not known" && finding.remedy == "write password")
    }
    let told = problems(try form(reset, number: "T-1"), try rules())
    #expect(told == ["9:45: changes[0].modify.reset: '\(reset.rawValue)' is not known"])
  }

  @Test("is refused from outside by its number and by its word", arguments: own)
  func outside(reset: Change.Reset) throws {
    let told = problems(try form(reset, number: "@20261122T110523Z.001"), try rules())
    #expect(told.count == 2 && told[0].contains("number: ") && told[1].contains("'\(reset.rawValue)' is not known"))
  }

  @Test("isn't atomic", arguments: Change.Reset.allCases)
  func atomic(reset: Change.Reset) throws {
    let bytes = try form(reset, number: "@1", atomic: true)
    let error = try #require(throws: FormReader.Unreadable.self) { try FormReader.reread(bytes) }
    #expect(error.findings.map(\.problem) == ["can't be undone, so it can't be in an atomic form"])
  }
}
