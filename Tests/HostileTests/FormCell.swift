import Support
import Text

/// A field of the form with a hostile value in it, everything else being good.
struct FormCell: Sendable {
  /// The field, as findings name it.
  var key: String
  var value: HostileValue
  /// Whether the value is written as it is, or by its escapes.
  var isRaw: Bool

  /// The fields of free text, of a form and of the accounts that it makes.
  static let free = [
    "department", "requester.name", "approval.by", "approval.reference", "create.name.given", "create.name.family",
    "create.position", "create.department", "list.name.display", "list.department", "modify.set.position",
    "modify.set.department", "modify.set.name.given", "delete.reason",
  ]

  /// Those of a few characters alone.
  static let typed = [
    "number", "requester.address", "approval.date", "create.address", "create.kind", "create.document", "create.phone",
    "create.owner", "create.aliases", "create.forward", "create.keep_copy", "create.lists", "create.quota",
    "create.expires", "list.members", "list.owner", "modify.address", "modify.set.status", "modify.set.quota",
    "modify.add.aliases", "modify.remove.forward", "adopt.address", "delete.address", "atomic", "form",
  ]

  /// Each value in each field; a share of them, every value in some and every field with some, unless it is the full run.
  static func table(_ values: [HostileValue]) -> [FormCell] {
    var cells: [FormCell] = []
    for (row, key) in (free + typed).enumerated() {
      for (column, value) in values.enumerated() where Torture.isFull || (row + column) % 16 == Int(Torture.seed % 16) {
        // Raw line ends in quotation marks are folded by YAML: another value.
        let breaks: Set<UInt32> = [0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029]
        if !value.text.unicodeScalars.contains(where: { breaks.contains($0.value) }) {
          cells.append(FormCell(key: key, value: value, isRaw: true))
        }
        let isPlain = value.text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        if !isPlain, value.text.utf8.count < 20_000 { cells.append(FormCell(key: key, value: value, isRaw: false)) }
      }
    }
    return cells
  }

  private static let skeleton = """
    form: <form>
    number: <number>
    department: <department>
    requester:
      name: <requester.name>
      address: <requester.address>
    approval:
      by: <approval.by>
      date: <approval.date>
      reference: <approval.reference>
    atomic: <atomic>
    changes:
      - create:
          address: <create.address>
          kind: <create.kind>
          name:
            given: <create.name.given>
            family: <create.name.family>
          document: <create.document>
          position: <create.position>
          department: <create.department>
          phone: <create.phone>
          owner: <create.owner>
          aliases: [<create.aliases>]
          forward: [<create.forward>]
          keep_copy: <create.keep_copy>
          lists: [<create.lists>]
          quota: <create.quota>
          expires: <create.expires>
      - create:
          address: lista@example.org
          kind: list
          name:
            display: <list.name.display>
          department: <list.department>
          owner: <list.owner>
          members: [<list.members>]
      - modify:
          address: <modify.address>
          set:
            position: <modify.set.position>
            department: <modify.set.department>
            status: <modify.set.status>
            quota: <modify.set.quota>
            name:
              given: <modify.set.name.given>
              family: B
          add:
            aliases: [<modify.add.aliases>]
          remove:
            forward: [<modify.remove.forward>]
      - adopt:
          address: <adopt.address>
      - delete:
          address: <delete.address>
          reason: <delete.reason>

    """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  private static func good(_ key: String) -> String {
    switch key {
    case "form": "FT-GTI-006"
    case "number": "CELL-1"
    case "approval.date": today()
    case "atomic": "false"
    case "create.kind": "person"
    case "create.document": "1124850000"
    case "create.phone": "+57 8 4201515"
    case "create.keep_copy": "true"
    case "create.quota", "modify.set.quota": "5 GiB"
    case "create.expires": "2029-12-31"
    case "modify.set.status": "suspended"
    case "create.forward", "modify.remove.forward", "list.members": "fuera@example.com"
    case "create.owner", "list.owner", "requester.address": "responsable@example.org"
    case let key where key.hasSuffix("address") || key.hasSuffix("aliases") || key.hasSuffix("lists"):
      key.split(separator: ".").joined(separator: "-") + "@example.org"
    default: "Texto"
    }
  }

  /// The form, and the line on which the value stands.
  func form() -> (text: String, line: Int) {
    var place = 0
    let lines = Self.skeleton.enumerated().map { index, line in
      guard let from = line.firstIndex(of: "<"), let to = line.firstIndex(of: ">") else { return line }
      let key = String(line[line.index(after: from)..<to])
      if key == self.key { place = index + 1 }
      let text = key == self.key ? quoted : Self.good(key)
      return line[..<from] + text + line[line.index(after: to)...]
    }
    return (lines.joined(separator: "\n"), place)
  }

  /// The value in YAML's quotation marks.
  var quoted: String { isRaw ? Self.raw(value.text) : Self.escaped(value.text) }

  static func raw(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  static func escaped(_ text: String) -> String {
    "\""
      + text.unicodeScalars.map { scalar in
        if (0x20..<0x7F).contains(scalar.value), scalar != "\"", scalar != "\\" { return String(scalar) }
        let digits = String(scalar.value, radix: 16)
        return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }.joined() + "\""
  }
}
