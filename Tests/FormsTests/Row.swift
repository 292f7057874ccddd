import Forms
import Testing
import Text

/// A row of a table of forms: its name, its bytes, and the findings it should give, without their remedies.
struct Row: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let findings: [String]

  init(_ name: String, _ text: String, _ findings: [String]) { self.init(name, Array(text.utf8), findings) }

  init(_ name: String, _ bytes: [UInt8], _ findings: [String]) {
    self.name = name
    self.bytes = bytes
    self.findings = findings
  }

  var testDescription: String { name }
}

/// Five lines; what follows begins on the sixth.
let header = """
  number: T-1
  department: D
  requester: {name: Ana}
  approval: {by: jefe, date: 2026-11-21}
  changes:

  """

/// A form without the header's changes ends in this.
let adopt = "changes: [{adopt: {address: a@example.org}}]\n"

func change(_ text: String) -> String { "\(header)- \(text)\n" }

func create(_ more: String) -> String {
  change("create: {address: a@example.org, name: {given: A, family: B}\(more.isEmpty ? "" : ", ")\(more)}")
}

func list(_ more: String) -> String {
  change("create: {address: l@example.org, kind: list, name: {display: L}, owner: o@example.org, \(more)}")
}

func modify(_ more: String) -> String { change("modify: {address: a@example.org, \(more)}") }

/// A text with bytes that are no text in the place of its `|`.
func damaged(_ text: String, _ bytes: [UInt8]) -> [UInt8] {
  text.utf8.flatMap { $0 == UInt8(ascii: "|") ? bytes : [$0] }
}

/// A good address but for its length, 194 to 257 bytes.
func address(of length: Int) -> String {
  let label = String(repeating: "b", count: 63)
  return "\(String(repeating: "a", count: 64))@\(label).\(label).\(String(repeating: "b", count: length - 193))"
}

/// The day of all the tests is 2026-11-22.
func rules(
  _ change: (inout Rules) -> Void = { _ in }
) throws -> Rules {
  let today = try #require(Day(parsing: "2026-11-22"))
  var rules = Rules(formCode: "FT-GTI-006", domains: ["putumayo.gov.co", "example.org"], today: today)
  change(&rules)
  return rules
}

/// The findings of a form, each without its remedy.
func problems(_ bytes: [UInt8], _ rules: Rules) -> [String] {
  switch FormReader.read(bytes, rules: rules) {
  case .request: []
  case .invalid(let findings):
    findings.map { finding in
      var finding = finding
      finding.remedy = ""
      return finding.description
    }
  }
}

/// The request of a good form.
func request(_ text: String, _ rules: Rules) throws -> Request {
  switch FormReader.read(Array(text.utf8), rules: rules) {
  case .request(let request): return request
  case .invalid(let findings):
    Issue.record("\(findings.map(\.description))")
    throw FormReader.Unreadable(findings: findings)
  }
}
