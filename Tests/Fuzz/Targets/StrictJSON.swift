/// JSON as RFC 8259 says and not a bit more, on bytes, for what our writers write. Numbers are their text.
enum StrictJSON: Equatable {
  case object([Member]), array([StrictJSON]), string([Unicode.Scalar]), number(String), bool(Bool), null

  struct Member: Equatable {
    let key: [Unicode.Scalar]
    let value: StrictJSON
  }

  /// `nil` where the bytes are no JSON text.
  static func read(_ bytes: [UInt8]) -> StrictJSON? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var parser = Parser(rest: Array(text.unicodeScalars)[...])
    guard let value = parser.value(depth: 0), parser.space().isEmpty else { return nil }
    return value
  }

  private struct Parser {
    var rest: ArraySlice<Unicode.Scalar>

    /// What follows white space.
    @discardableResult mutating func space() -> ArraySlice<Unicode.Scalar> {
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
      return rest
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard space().first == scalar else { return false }
      rest.removeFirst()
      return true
    }

    mutating func word(_ word: String) -> Bool {
      guard rest.starts(with: word.unicodeScalars) else { return false }
      rest = rest.dropFirst(word.unicodeScalars.count)
      return true
    }

    mutating func value(depth: Int) -> StrictJSON? {
      guard depth < 64, let first = space().first else { return nil }
      switch first {
      case "{": return object(depth)
      case "[": return array(depth)
      case "\"": return string().map { .string($0) }
      case "t": return word("true") ? .bool(true) : nil
      case "f": return word("false") ? .bool(false) : nil
      case "n": return word("null") ? .null : nil
      default: return number()
      }
    }

    mutating func object(_ depth: Int) -> StrictJSON? {
      guard take("{") else { return nil }
      var members: [Member] = []
      if take("}") { return .object(members) }
      repeat {
        guard space().first == "\"", let key = string(), take(":"), let value = value(depth: depth + 1) else {
          return nil
        }
        members.append(Member(key: key, value: value))
      } while take(",")
      return take("}") ? .object(members) : nil
    }

    mutating func array(_ depth: Int) -> StrictJSON? {
      guard take("[") else { return nil }
      var values: [StrictJSON] = []
      if take("]") { return .array(values) }
      repeat {
        guard let value = value(depth: depth + 1) else { return nil }
        values.append(value)
      } while take(",")
      return take("]") ? .array(values) : nil
    }

    mutating func number() -> StrictJSON? {
      let digits = rest.prefix { "-0123456789".unicodeScalars.contains($0) }
      rest = rest.dropFirst(digits.count)
      let text = String(String.UnicodeScalarView(digits))
      return Int(text).map { "\($0)" } == text ? .number(text) : nil
    }

    mutating func string() -> [Unicode.Scalar]? {
      guard rest.popFirst() == "\"" else { return nil }
      var string: [Unicode.Scalar] = []
      while let scalar = rest.popFirst() {
        switch scalar {
        case "\"": return string
        case "\\":
          guard let scalar = escape() else { return nil }
          string.append(scalar)
        case "\u{0}"..."\u{1F}": return nil
        default: string.append(scalar)
        }
      }
      return nil
    }

    mutating func escape() -> Unicode.Scalar? {
      switch rest.popFirst() {
      case "\"": return "\""
      case "\\": return "\\"
      case "/": return "/"
      case "b": return "\u{8}"
      case "f": return "\u{C}"
      case "n": return "\n"
      case "r": return "\r"
      case "t": return "\t"
      case "u":
        guard let unit = unit() else { return nil }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, rest.popFirst() == "\\", rest.popFirst() == "u", let low = self.unit(),
          (0xDC00...0xDFFF).contains(low)
        else { return nil }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + low - 0xDC00)
      default: return nil
      }
    }

    mutating func unit() -> UInt32? {
      let digits = rest.prefix(4)
      guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
      rest = rest.dropFirst(4)
      return UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
    }
  }
}

/// CSV as RFC 4180 says and not a bit more.
enum StrictCSV {
  /// The records and their cells; `nil` where the bytes are none.
  static func read(_ bytes: [UInt8]) -> [[[UInt8]]]? {
    var records: [[[UInt8]]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      var record: [[UInt8]] = []
      while true {
        guard let cell = cell(&rest) else { return nil }
        record.append(cell)
        if rest.first != UInt8(ascii: ",") { break }
        rest.removeFirst()
      }
      guard rest.popFirst() == 0x0D, rest.popFirst() == 0x0A else { return nil }
      records.append(record)
    }
    return records
  }

  private static func cell(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    let quote = UInt8(ascii: "\"")
    guard rest.first == quote else {
      let cell = rest.prefix { ![UInt8(ascii: ","), 0x0D, 0x0A].contains($0) }
      rest = rest.dropFirst(cell.count)
      return cell.contains(quote) ? nil : Array(cell)
    }
    rest.removeFirst()
    var cell: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == quote {
        guard rest.first == quote else { return cell }
        rest.removeFirst()
      }
      cell.append(byte)
    }
    return nil
  }

  /// What a spreadsheet runs (OWASP, "CSV Injection"), and the full-width forms that some take for the same.
  static func beginsFormula(_ cell: ArraySlice<UInt8>) -> Bool {
    guard let first = String(decoding: cell.prefix(4), as: UTF8.self).unicodeScalars.first else { return false }
    return "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains(first)
  }
}
