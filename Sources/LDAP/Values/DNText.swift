/// RFC 4514 on bytes: text to components and back.
enum DNText {
  /// The components of a text, or nil where it isn't a DN.
  static func parse(_ text: String) -> [RDN]? {
    var parser = Parser(bytes: Array(text.utf8))
    return parser.parse()
  }

  /// The one spelling that all spellings of a name share: types in lower case, one way of escaping, sorted parts. A text
  /// that isn't a DN is itself.
  static func normalized(_ text: String, foldingValues: Bool = false) -> [UInt8] {
    guard let components = parse(text) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for component in components {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      var parts = component.parts.map { part in
        var one: [UInt8] = []
        append(part, lowercasedType: true, to: &one)
        return foldingValues ? one.map(ASCII.lowercased) : one
      }
      if parts.count > 1 { parts.sort { $0.lexicographicallyPrecedes($1) } }
      bytes.append(contentsOf: parts.joined(separator: CollectionOfOne(UInt8(ascii: "+"))))
    }
    return bytes
  }

  /// Appends `type=value` with the value escaped (RFC 4514 §2.4).
  static func append(_ part: RDN.Part, lowercasedType: Bool = false, to bytes: inout [UInt8]) {
    if lowercasedType {
      bytes.append(contentsOf: part.type.utf8.lazy.map(ASCII.lowercased))
    } else if !ASCII.isAttributeDescription(part.type) {
      // No type at all: written so that nobody reads it as one.
      for byte in part.type.utf8 {
        bytes.append(UInt8(ascii: "\\"))
        ASCII.appendHex(byte, to: &bytes)
      }
    } else {
      bytes.append(contentsOf: part.type.utf8)
    }
    bytes.append(UInt8(ascii: "="))
    if part.isBER {
      bytes.append(UInt8(ascii: "#"))
      for byte in part.value.bytes { ASCII.appendHex(byte, to: &bytes) }
    } else {
      appendEscaped(part.value.bytes, to: &bytes)
    }
  }

  private static func appendEscaped(_ value: [UInt8], to bytes: inout [UInt8]) {
    // What isn't UTF-8 goes as \XX byte by byte; so do controls, to keep a DN on one line.
    let isText = value.allSatisfy { $0 < 0x80 } || String(validating: value, as: UTF8.self) != nil
    for (index, byte) in value.enumerated() {
      let isSpecial =
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"),
          UInt8(ascii: ">"), UInt8(ascii: "\\"):
          true
        case UInt8(ascii: "#"): index == 0
        case UInt8(ascii: " "): index == 0 || index == value.count - 1
        default: false
        }
      if isSpecial {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      } else if byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !isText) {
        bytes.append(UInt8(ascii: "\\"))
        ASCII.appendHex(byte, to: &bytes)
      } else {
        bytes.append(byte)
      }
    }
  }

  private struct Parser {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }

    mutating func parse() -> [RDN]? {
      var components: [RDN] = []
      if bytes.isEmpty { return components }
      var parts: [RDN.Part] = []
      while true {
        guard let part = part() else { return nil }
        parts.append(part)
        if index == bytes.count {
          components.append(RDN(parts))
          return components
        }
        let separator = bytes[index]
        index += 1
        if separator == UInt8(ascii: ",") {
          components.append(RDN(parts))
          parts = []
        } else if separator != UInt8(ascii: "+") {
          return nil
        }
      }
    }

    private mutating func skipSpaces() {
      while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    }

    private mutating func part() -> RDN.Part? {
      skipSpaces()
      let start = index
      while index < bytes.count, isTypeByte(bytes[index]) { index += 1 }
      let name = bytes[start..<index]
      skipSpaces()
      guard let first = name.first, ASCII.isLetter(first) || ASCII.isDigit(first), index < bytes.count,
        bytes[index] == UInt8(ascii: "=")
      else { return nil }
      index += 1
      skipSpaces()
      let type = String(decoding: name, as: UTF8.self)
      if index < bytes.count, bytes[index] == UInt8(ascii: "#") {
        index += 1
        return hexValue().map { RDN.Part(type, Value(bytes: $0), isBER: true) }
      }
      return stringValue().map { RDN.Part(type, Value(bytes: $0)) }
    }

    private func isTypeByte(_ byte: UInt8) -> Bool {
      ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private mutating func hexValue() -> [UInt8]? {
      var value: [UInt8] = []
      while index + 1 < bytes.count, let high = ASCII.hexValue(bytes[index]), let low = ASCII.hexValue(bytes[index + 1])
      {
        value.append(high << 4 | low)
        index += 2
      }
      skipSpaces()
      let ends = index == bytes.count || bytes[index] == UInt8(ascii: ",") || bytes[index] == UInt8(ascii: "+")
      return ends && !value.isEmpty ? value : nil
    }

    private mutating func stringValue() -> [UInt8]? {
      var value: [UInt8] = []
      var trailingSpaces = 0
      while index < bytes.count {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "+"):
          value.removeLast(trailingSpaces)
          return value
        case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0:
          return nil
        case UInt8(ascii: "\\"):
          guard index + 1 < bytes.count else { return nil }
          let next = bytes[index + 1]
          if let high = ASCII.hexValue(next) {
            guard index + 2 < bytes.count, let low = ASCII.hexValue(bytes[index + 2]) else { return nil }
            value.append(high << 4 | low)
            index += 3
          } else {
            guard " \"#+,;<=>\\".utf8.contains(next) else { return nil }
            value.append(next)
            index += 2
          }
          trailingSpaces = 0
        default:
          trailingSpaces = byte == UInt8(ascii: " ") ? trailingSpaces + 1 : 0
          value.append(byte)
          index += 1
        }
      }
      value.removeLast(trailingSpaces)
      return value
    }
  }
}
