import Testing

@testable import Forms

/// Each finding is `FILE:LINE:COLUMN: KEY: what is wrong; what to write instead`.
@Suite("The key of a finding")
struct FindingKeyTests {
  @Test("is the one that stands at its place, in lists and mappings of any depth")
  func keys() throws {
    let text = """
      a: 1
      b:
        - x
        - {c: y, d: [z, w]}
      e: {f: {g: 1}}

      """
    let findings = Findings()
    let document = try #require(Document.read(Array(text.utf8), limit: 1 << 20, findings: findings))
    let places = [(1, 1), (1, 4), (2, 1), (3, 5), (4, 6), (4, 9), (4, 16), (4, 19), (5, 1), (5, 9), (5, 12), (9, 1)]
    let keys = document.keys(at: places.map { Place(line: $0.0, column: $0.1) })
    #expect(
      keys == ["a", "a", "b", "b[0]", "b[1].c", "b[1].c", "b[1].d[0]", "b[1].d[1]", "e", "e.f.g", "e.f.g", "e.f.g"])
    #expect(document.keys(at: [Place(line: 1, column: 1)]) == ["a"])
  }

  @Test("of a document that could not be read on is of what was read")
  func partial() throws {
    let findings = problems(Array("number: T-1\nrequester: {name: Ana, address: [x\n".utf8), try rules())
    #expect(findings.count == 1 && findings[0].contains(": requester.address"), "\(findings)")
  }

  @Test("is never a word of ours where the file has keys, nor is a place wanting, however the form is damaged")
  func always() throws {
    for row in [Row.refusedDocuments, Row.refusedForms, Row.refusedJSON].flatMap(\.self) {
      guard case .invalid(let findings) = FormReader.read(row.bytes, rules: try rules()) else { continue }
      for finding in findings {
        let line = finding.line(file: "f")
        #expect(try /f:\d+:\d+: [^ ]+: .+; .+/.wholeMatch(in: line) != nil, "\(row.name): \(line)")
        #expect(!line.contains("(text)"))
      }
    }
  }

  @Test("A hundred findings and one that says how many more, from where on")
  func more() throws {
    let csv = "correo,nombres,apellidos\n" + String(repeating: "\"x\"y,A,B\n", count: 300)
    let head = FormHeader(
      number: "T-1", department: "D", requesterName: "Ana", approvedBy: "jefe", approvedOn: "2026-11-21")
    guard case .invalid(let findings) = BulkForm.creates(csv: Array(csv.utf8), header: head, rules: try rules()) else {
      Issue.record("taken")
      return
    }
    #expect(findings.count == 101)
    let last = findings.last?.line(file: "f") ?? ""
    #expect(
      try /f:\d+:\d: correo: and \d+ more findings; correct these and check again/.wholeMatch(in: last) != nil,
      "\(last)")
    #expect(findings.dropLast().allSatisfy { $0.place.map { $0 <= findings[100].place ?? $0 } ?? false })
  }
}
