import Accounts
import Support
import Testing
import Text

@testable import Installation

@Suite("The file of a plan that a form is bound to")
struct PlanFileTests {
  private static func digest(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: 32) }

  private static let file = PlanFile(
    form: digest(1), number: "2026-0150", made: Timestamp(seconds: 1_796_000_000), program: "0.1.0",
    plan: BoundPlan(changes: [
      .init(
        result: .applied(digest(2)), namesTaken: 3,
        own: .init(entryUUID: "u", csn: "c", stamp: "A#0", state: digest(3), rest: digest(4)),
        references: [nil, .init(entryUUID: "v", csn: nil, stamp: nil, state: digest(5))]),
      .init(result: .applied(nil), own: nil, references: []), .init(result: .unchanged, own: nil, references: []),
    ]))

  @Test("What was written is read, and written again in the same bytes")
  func roundTrip() throws {
    let read = try PlanFile(reading: Self.file.bytes)
    #expect(read == Self.file && read.bytes == Self.file.bytes)
    #expect(read.fault(with: Self.digest(1), number: "2026-0150", changes: 3) == nil)
    #expect(read.fault(with: Self.digest(9), number: "2026-0150", changes: 3)?.problem.contains("changed") == true)
    #expect(read.fault(with: Self.digest(9), number: "X", changes: 3)?.problem.contains("another form") == true)
    #expect(read.fault(with: Self.digest(1), number: "2026-0150", changes: 4) != nil)
  }

  @Test("Whatever is changed in it is found, and nothing that is read stops the program")
  func damage() {
    let bytes = Self.file.bytes
    var generator = SeededGenerator(seed: Torture.seed)
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(throws: PlanFile.Fault.self) { try PlanFile(reading: other) }
      #expect(throws: PlanFile.Fault.self) { try PlanFile(reading: Array(bytes[..<place])) }
    }
    for other in ["", "null", "[]", "{}", "1", "\"", "{\"version\":1}", "{\"version\":1e99}", "{\"version\":null}"] {
      #expect(throws: PlanFile.Fault.self) { try PlanFile(reading: Array(other.utf8)) }
    }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(throws: PlanFile.Fault.self) { try PlanFile(reading: deep) }
    #expect(throws: PlanFile.Fault.self) { try PlanFile(reading: Array("{\"version\":1,\"changes\":".utf8) + deep) }
  }
}
