import Glibc
import Testing

@testable import Forms

/// Spreadsheets that nobody exported: the time grows with the bytes and no faster, whatever stands in them. Judged by the
/// processor's time of one file against that of another, so no machine is too slow for it.
@Suite("The cost of a hostile spreadsheet", .serialized)
struct CSVCostTests {
  private static let header = "correo,nombres,apellidos\n"
  private static let row = "a@example.org,"

  struct Shape: Sendable, CustomTestStringConvertible {
    let name: String
    /// Bytes of the smaller of the two files, about.
    let size: Int
    let make: @Sendable (Int) -> String

    var testDescription: String { name }
  }

  private static func times(_ text: String, _ size: Int) -> String {
    String(repeating: text, count: max(1, size / text.utf8.count))
  }

  /// One cell, as long as the file.
  static let cells = [
    Shape(name: "a header of one name", size: 1 << 17) { times("a", $0) + "\n" },
    Shape(name: "a header of one name in quotes", size: 1 << 17) { "correo,\"" + times("a", $0) + "\"\n" },
    Shape(name: "a header with accents on one letter", size: 1 << 17) { "correo,a" + times("\u{301}", $0) + "\n" },
    Shape(name: "a header of letters with accents", size: 1 << 17) { "correo," + times("a\u{301}\u{316}", $0) + "\n" },
    Shape(name: "a header with spaces before a name", size: 1 << 17) { "correo," + times(" ", $0) + "nombres\n" },
    Shape(name: "a header with spaces behind a name", size: 1 << 17) { "correo,nombres" + times(" ", $0) + "\n" },
    Shape(name: "a cell with accents on one letter", size: 1 << 17) {
      header + row + "a" + times("\u{301}", $0) + ",b\n"
    },
    Shape(name: "a cell of letters that are not ASCII", size: 1 << 17) { header + row + times("ñ", $0) + ",b\n" },
    Shape(name: "a cell of marks out of order", size: 1 << 17) {
      header + row + "a" + times("\u{301}\u{316}", $0) + ",b\n"
    },
    Shape(name: "a cell with spaces around it", size: 1 << 17) {
      header + row + times(" ", $0 / 2) + "x" + times(" ", $0 / 2) + ",b\n"
    },
    Shape(name: "a cell of quotation marks", size: 1 << 17) { header + row + "\"" + times("\"\"", $0) + "\",b\n" },
    Shape(name: "a quotation mark that never closes", size: 1 << 17) { header + "\"" + times("a", $0) },
    Shape(name: "a quotation mark in the header that never closes", size: 1 << 17) { "\"" + times("a,b;c\n", $0) },
  ]

  /// Many of something.
  static let many = [
    Shape(name: "columns", size: 1 << 17) { times(",", $0) + "\n" },
    Shape(name: "columns with names", size: 1 << 17) { "correo" + times(",a", $0) + "\n" },
    Shape(name: "cells in a row", size: 1 << 17) { header + row + "a,b" + times(",x", $0) + "\n" },
    Shape(name: "rows of commas", size: 1 << 14) { header + times(",,\n", $0) },
    Shape(name: "empty rows", size: 1 << 14) { header + times("\r", $0) },
    Shape(name: "rows with a mistake", size: 1 << 14) { header + times("a,b,c\n", $0) },
    Shape(name: "rows with the same address", size: 1 << 14) { header + times("a@example.org,b,c\n", $0) },
    Shape(name: "rows that open a quotation mark", size: 1 << 14) { header + times("\"a\n", $0) },
    Shape(name: "cells that go on behind a quotation mark", size: 1 << 14) { header + times("\"a\"b,", $0) },
    Shape(name: "aliases in a cell", size: 1 << 17) {
      "correo,nombres,apellidos,alias\n" + row + "a,b,\"" + times("x@example.org ", $0) + "\"\n"
    },
  ]

  /// The processor's time to judge a file, the least of three, seconds.
  private static func cost(_ csv: String) throws -> Double {
    let bytes = Array(csv.utf8)
    let head = FormHeader(
      number: "T-1", department: "D", requesterName: "Ana", approvedBy: "jefe", approvedOn: "2026-11-21")
    let rules = try rules()
    return (0..<3).map { _ in
      let began = clock()
      _ = BulkForm.creates(csv: bytes, header: head, rules: rules)
      return clock() - began
    }.min() ?? 0
  }

  private static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Linear growth is 2, quadratic growth 4.
  private static func expectLinear(_ shape: Shape) throws {
    var ratio = Double.infinity
    // Where other work disturbs the caches, another try doesn't hurt.
    for _ in 0..<3 where ratio > 3 {
      ratio = try min(ratio, cost(shape.make(shape.size * 2)) / cost(shape.make(shape.size)))
    }
    #expect(ratio < 3, "twice the bytes take \(ratio) times the time")
  }

  @Test("with one long cell takes no longer than a few times reading as many plain bytes", arguments: cells)
  func cell(_ shape: Shape) throws {
    let plain = try Self.cost(Self.header + Self.row + Self.times("a", shape.size) + ",b\n")
    let cost = try Self.cost(shape.make(shape.size))
    #expect(cost < plain * 25 + 0.25, "\(cost) s, and \(plain) s for plain bytes")
    try Self.expectLinear(shape)
  }

  @Test("with many of something takes twice as long for twice as many", arguments: many)
  func growth(_ shape: Shape) throws { try Self.expectLinear(shape) }

  @Test("with a cell of more than 64 KiB says so, also where no byte of it is ASCII")
  func longCell() throws {
    for letter in ["ñ", "x\u{F1}"] {
      let csv = Self.header + Self.row + Self.times(letter, 70_000) + ",b\n"
      let head = FormHeader(
        number: "T-1", department: "D", requesterName: "Ana", approvedBy: "jefe", approvedOn: "2026-11-21")
      guard case .invalid(let findings) = BulkForm.creates(csv: Array(csv.utf8), header: head, rules: try rules())
      else {
        Issue.record("taken")
        continue
      }
      let line = findings.first?.line(file: "f") ?? ""
      #expect(line.hasPrefix("f:2:15: nombres: has ") && line.contains(" bytes; write at most 65536"), "\(line)")
    }
  }
}
