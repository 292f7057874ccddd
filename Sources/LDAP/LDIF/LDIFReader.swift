/// Reads LDIF line by line.
struct LDIFReader {
  /// A line with its fold undone: `name: value`, or `-`, or empty at the end of a record.
  private enum Line {
    case pair(name: ArraySlice<UInt8>, value: [UInt8])
    case dash
    case empty
    case end
  }

  private let bytes: [UInt8]
  private var index = 0
  private var number = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  // MARK: Records

  /// The name of the next record; nil at the end.
  mutating func startOfRecord() throws(LDAPError) -> DN? {
    while true {
      switch try next() {
      case .empty: continue
      case .end: return nil
      case .dash: throw fault("a record begins with dn:")
      case .pair(let name, let value):
        if matches(name, "version"), value == [UInt8(ascii: "1")] { continue }
        guard matches(name, "dn") else { throw fault("a record begins with dn:") }
        guard let text = String(validating: value, as: UTF8.self), let dn = try? DN(parsing: text) else {
          throw fault("the dn is not a distinguished name")
        }
        return dn
      }
    }
  }

  /// What stands after `dn:` in a change record.
  mutating func change(_ dn: DN) throws(LDAPError) -> LDIF.Change {
    var controls: [Control] = []
    while true {
      guard case .pair(let name, let value) = try next() else { throw fault("changetype: is missing") }
      if matches(name, "control") {
        controls.append(try control(value))
        continue
      }
      guard matches(name, "changetype") else { throw fault("changetype: is missing") }
      let operation: Operation
      switch String(decoding: value, as: UTF8.self) {
      case "add": operation = .add(dn, try attributes())
      case "modify": operation = .modify(dn, try modifications())
      case "delete":
        operation = .delete(dn)
        switch try next() {
        case .empty, .end: break
        default: throw fault("a delete has nothing after its changetype")
        }
      default: throw fault("changetype is add, modify or delete")
      }
      return LDIF.Change(operation, controls: controls)
    }
  }

  /// Attributes to the end of the record; neighbouring lines of one name are one attribute.
  mutating func attributes() throws(LDAPError) -> [Attribute] {
    var attributes: [Attribute] = []
    while true {
      switch try next() {
      case .empty, .end: return attributes
      case .dash: throw fault("- belongs into a modify")
      case .pair(let name, let value):
        if let last = attributes.indices.last, attributes[last].name.utf8.elementsEqual(name) {
          attributes[last].values.append(Value(bytes: value))
        } else {
          let name = try attributeName(name)
          attributes.append(Attribute(name, [Value(bytes: value)]))
        }
      }
    }
  }

  private mutating func modifications() throws(LDAPError) -> [Modification] {
    var modifications: [Modification] = []
    while true {
      switch try next() {
      case .empty, .end: return modifications
      case .dash: throw fault("- ends a step, and there is none")
      case .pair(let word, let value):
        guard let kind = Modification.Kind(word: word) else {
          throw fault("a step is add:, delete:, replace: or increment:")
        }
        var modification = Modification(kind, try attributeName(value[...]), [])
        steps: while true {
          switch try next() {
          case .dash: break steps
          case .empty, .end: throw fault("a step ends with -")
          case .pair(let name, let value):
            guard modification.attribute.utf8.elementsEqual(name) else {
              throw fault("a step's values carry the step's attribute")
            }
            modification.values.append(Value(bytes: value))
          }
        }
        modifications.append(modification)
      }
    }
  }

  /// `OID true|false`, then nothing, `: text` or `:: base64`.
  private func control(_ value: [UInt8]) throws(LDAPError) -> Control {
    let parts = value.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 2, ASCII.isAttributeDescription(words[0]), words[1] == "true" || words[1] == "false" else {
      throw fault("a control is its OID and true or false")
    }
    var control = Control(oid: words[0], isCritical: words[1] == "true")
    if parts.count == 2 { control.value = try self.value(parts[1]) }
    return control
  }

  // MARK: Lines

  private func fault(_ what: String) -> LDAPError {
    .invalid("LDIF line \(number): \(what)")
  }

  private func matches(_ name: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
    word.withUTF8Buffer { word in
      name.count == word.count && zip(name, word).allSatisfy { ASCII.lowercased($0) == $1 }
    }
  }

  private func attributeName(_ bytes: ArraySlice<UInt8>) throws(LDAPError) -> String {
    let name = String(decoding: bytes, as: UTF8.self)
    guard ASCII.isAttributeDescription(name) else { throw fault("that is not an attribute's name") }
    return name
  }

  private mutating func next() throws(LDAPError) -> Line {
    while true {
      guard let line = unfoldedLine() else { return .end }
      guard let first = line.first else { return .empty }
      if first == UInt8(ascii: "#") { continue }
      if line.elementsEqual(CollectionOfOne(UInt8(ascii: "-"))) { return .dash }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        throw fault("a line is name: value")
      }
      return .pair(name: line[..<colon], value: try value(line[(colon + 1)...]))
    }
  }

  /// What stands after the first colon.
  private func value(_ rest: ArraySlice<UInt8>) throws(LDAPError) -> [UInt8] {
    let space = UInt8(ascii: " ")
    switch rest.first {
    case UInt8(ascii: ":"):
      guard let bytes = Base64.decode(rest.dropFirst().drop { $0 == space }) else { throw fault("that is not base64") }
      return bytes
    case UInt8(ascii: "<"):
      throw fault("values are not read from files")
    default:
      let text = rest.drop { $0 == space }
      guard text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { throw fault("such a value is written in base64") }
      return Array(text)
    }
  }

  /// The next line without its end, joined with the lines that continue it; nil at the end of the text.
  private mutating func unfoldedLine() -> ArraySlice<UInt8>? {
    guard index < bytes.count else { return nil }
    var line = physicalLine()
    while index < bytes.count, bytes[index] == UInt8(ascii: " "), !line.isEmpty {
      index += 1
      line = (Array(line) + physicalLine())[...]
    }
    return line
  }

  private mutating func physicalLine() -> ArraySlice<UInt8> {
    number += 1
    let start = index
    let end = bytes[start...].firstIndex(of: LDIF.newline) ?? bytes.count
    index = min(end + 1, bytes.count)
    return end > start && bytes[end - 1] == UInt8(ascii: "\r") ? bytes[start..<end - 1] : bytes[start..<end]
  }
}
