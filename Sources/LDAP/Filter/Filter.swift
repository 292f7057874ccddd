/// A search filter (RFC 4511 §4.5.1.7): built as a value, never put together as text.
///
/// `description` is RFC 4515 with every value escaped on bytes, so that no value can be read as a part of the filter. An
/// attribute description that can't be one is escaped too, which no server accepts; operations refuse it before.
public indirect enum Filter: Hashable, Sendable, CustomStringConvertible {
  /// Holds where all hold; without any, always (RFC 4526).
  case and([Filter])
  /// Holds where one holds; without any, never (RFC 4526).
  case or([Filter])
  /// Holds where the other doesn't.
  case not(Filter)
  /// The attribute has the value.
  case equal(String, Value)
  /// The attribute's value has these pieces in this order. At least one must be given.
  case substring(String, initial: Value? = nil, any: [Value] = [], final: Value? = nil)
  /// The attribute has a value not less than this, by its ordering rule.
  case greaterOrEqual(String, Value)
  /// The attribute has a value not greater than this, by its ordering rule.
  case lessOrEqual(String, Value)
  /// The attribute is there.
  case present(String)
  /// The attribute has a similar value; what that means is the server's choice.
  case approximate(String, Value)
  /// By a matching rule: of an attribute, of all attributes that know the rule, or also of the DN's.
  case extensible(attribute: String? = nil, rule: String? = nil, Value, inDN: Bool = false)

  /// The filter as RFC 4515 writes it.
  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether every attribute description can be one and every substring has a piece.
  var isSound: Bool {
    switch self {
    case .and(let filters), .or(let filters): filters.allSatisfy(\.isSound)
    case .not(let filter): filter.isSound
    case .equal(let name, _), .greaterOrEqual(let name, _), .lessOrEqual(let name, _), .approximate(let name, _),
      .present(let name):
      ASCII.isAttributeDescription(name)
    case .substring(let name, let initial, let any, let final):
      ASCII.isAttributeDescription(name) && (initial != nil || final != nil || !any.isEmpty)
        && ([initial, final].compactMap(\.self) + any).allSatisfy { !$0.bytes.isEmpty }
    case .extensible(let name, let rule, _, _):
      (name != nil || rule != nil) && [name, rule].compactMap(\.self).allSatisfy(ASCII.isAttributeDescription)
    }
  }

  // MARK: RFC 4515

  private func append(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "("))
    switch self {
    case .and(let filters):
      bytes.append(UInt8(ascii: "&"))
      for filter in filters { filter.append(to: &bytes) }
    case .or(let filters):
      bytes.append(UInt8(ascii: "|"))
      for filter in filters { filter.append(to: &bytes) }
    case .not(let filter):
      bytes.append(UInt8(ascii: "!"))
      filter.append(to: &bytes)
    case .equal(let name, let value): Self.append(name, "=", value, to: &bytes)
    case .greaterOrEqual(let name, let value): Self.append(name, ">=", value, to: &bytes)
    case .lessOrEqual(let name, let value): Self.append(name, "<=", value, to: &bytes)
    case .approximate(let name, let value): Self.append(name, "~=", value, to: &bytes)
    case .present(let name):
      Self.appendName(name, to: &bytes)
      bytes.append(contentsOf: "=*".utf8)
    case .substring(let name, let initial, let any, let final):
      Self.append(name, "=", initial ?? "", to: &bytes)
      bytes.append(UInt8(ascii: "*"))
      for value in any {
        Self.appendEscaped(value, to: &bytes)
        bytes.append(UInt8(ascii: "*"))
      }
      if let final { Self.appendEscaped(final, to: &bytes) }
    case .extensible(let name, let rule, let value, let inDN):
      if let name { Self.appendName(name, to: &bytes) }
      if inDN { bytes.append(contentsOf: ":dn".utf8) }
      if let rule {
        bytes.append(UInt8(ascii: ":"))
        Self.appendName(rule, to: &bytes)
      }
      bytes.append(contentsOf: ":=".utf8)
      Self.appendEscaped(value, to: &bytes)
    }
    bytes.append(UInt8(ascii: ")"))
  }

  private static func append(_ name: String, _ operation: StaticString, _ value: Value, to bytes: inout [UInt8]) {
    appendName(name, to: &bytes)
    operation.withUTF8Buffer { bytes.append(contentsOf: $0) }
    appendEscaped(value, to: &bytes)
  }

  private static func appendName(_ name: String, to bytes: inout [UInt8]) {
    if ASCII.isAttributeDescription(name) {
      bytes.append(contentsOf: name.utf8)
    } else {
      for byte in name.utf8 {
        bytes.append(UInt8(ascii: "\\"))
        ASCII.appendHex(byte, to: &bytes)
      }
    }
  }

  private static func appendEscaped(_ value: Value, to bytes: inout [UInt8]) {
    let isText = value.bytes.allSatisfy { $0 < 0x80 } || value.text != nil
    for byte in value.bytes {
      switch byte {
      case UInt8(ascii: "*"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"), 0..<0x20, 0x7F:
        bytes.append(UInt8(ascii: "\\"))
        ASCII.appendHex(byte, to: &bytes)
      case 0x80... where !isText:
        bytes.append(UInt8(ascii: "\\"))
        ASCII.appendHex(byte, to: &bytes)
      default:
        bytes.append(byte)
      }
    }
  }
}
