/// Just enough BER (RFC 4511 §5.1) to look into LDAP messages and to make some, by code of the tests' own.
enum BER {
  /// An element: its tag, where its content stands, and where it ends.
  struct Element {
    var tag: UInt8
    var content: Range<Int>
  }

  /// The element at a place; `nil` where it isn't whole yet.
  static func element(_ bytes: [UInt8], at start: Int, below end: Int? = nil) -> Element? {
    let end = end ?? bytes.count
    guard start + 1 < end else { return nil }
    var (length, next) = (Int(bytes[start + 1]), start + 2)
    if length & 0x80 != 0 {
      let count = length & 0x7F
      guard count <= 4, next + count <= end else { return nil }
      length = bytes[next..<next + count].reduce(0) { $0 << 8 | Int($1) }
      next += count
    }
    guard next + length <= end else { return nil }
    return Element(tag: bytes[start], content: next..<next + length)
  }

  static func wrap(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] { wrap(tag, parts) }

  static func wrap(_ tag: UInt8, _ parts: [[UInt8]]) -> [UInt8] {
    let length = parts.reduce(0) { $0 + $1.count }
    var bytes = [tag]
    if length < 0x80 {
      bytes.append(UInt8(length))
    } else {
      bytes += [0x84] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    }
    bytes.reserveCapacity(bytes.count + length)
    for part in parts { bytes += part }
    return bytes
  }

  /// A number of up to 31 bits.
  static func integer(_ value: Int, tag: UInt8 = 0x02) -> [UInt8] {
    wrap(tag, (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) })
  }

  static func text(_ value: String, tag: UInt8 = 0x04) -> [UInt8] { wrap(tag, Array(value.utf8)) }
}

/// A message as it goes over the wire (RFC 4511 §4.1.1).
struct LDAPMessage: Sendable {
  let bytes: [UInt8]
  let id: Int
  /// The tag of the protocolOp.
  let tag: UInt8
  /// Where its content stands.
  let operation: Range<Int>

  init?(_ bytes: [UInt8]) {
    guard let whole = BER.element(bytes, at: 0), let id = BER.element(bytes, at: whole.content.lowerBound),
      let operation = BER.element(bytes, at: id.content.upperBound)
    else { return nil }
    self.bytes = bytes
    self.id = bytes[id.content].reduce(0) { $0 << 8 | Int($1) }
    tag = operation.tag
    self.operation = operation.content
  }

  /// Whether the bytes of the message hold this text.
  func mentions(_ text: String) -> Bool {
    let text = Array(text.utf8)
    guard let first = text.first, bytes.count >= text.count else { return false }
    return (0...(bytes.count - text.count)).contains {
      bytes[$0] == first && bytes[$0..<$0 + text.count].elementsEqual(text)
    }
  }

  // MARK: Messages to make

  /// An answer that ends an operation, with a code (RFC 4511 §4.1.9).
  static func result(_ id: Int, _ tag: UInt8, code: Int, _ diagnostic: String, controls: [[UInt8]] = []) -> [UInt8] {
    let referral = code == 10 ? BER.wrap(0xA3, BER.text("ldap://127.0.0.1:1/")) : []
    let result = BER.wrap(tag, BER.integer(code, tag: 0x0A), BER.text(""), BER.text(diagnostic), referral)
    return whole(id, result, controls)
  }

  /// An entry of a search (RFC 4511 §4.5.2).
  static func entry(_ id: Int, _ entry: LyingEntry, controls: [[UInt8]] = []) -> [UInt8] {
    whole(id, BER.wrap(0x64, entry.parts), controls)
  }

  static func control(_ oid: String, _ value: [UInt8]) -> [UInt8] {
    BER.wrap(0x30, BER.text(oid), BER.wrap(0x04, value))
  }

  static func whole(_ id: Int, _ operation: [UInt8], _ controls: [[UInt8]]) -> [UInt8] {
    BER.wrap(0x30, BER.integer(id), operation, controls.isEmpty ? [] : BER.wrap(0xA0, controls))
  }
}

/// An entry that a directory may tell of; nothing of it need be so.
struct LyingEntry: Sendable {
  var dn: [UInt8]
  var attributes: [(name: String, values: [[UInt8]])]

  init(dn: String, _ attributes: [(String, [[UInt8]])]) {
    self.init(dn: Array(dn.utf8), attributes)
  }

  init(dn: [UInt8], _ attributes: [(String, [[UInt8]])]) {
    self.dn = dn
    self.attributes = attributes.map { (name: $0.0, values: $0.1) }
  }

  /// Name and attributes, as they stand in a SearchResultEntry.
  var parts: [[UInt8]] {
    [
      BER.wrap(0x04, dn),
      BER.wrap(
        0x30,
        attributes.map { attribute in
          BER.wrap(0x30, BER.text(attribute.name), BER.wrap(0x31, attribute.values.map { BER.wrap(0x04, $0) }))
        }),
    ]
  }

  /// The same as the value of a post-read control (RFC 4527 §3.2).
  var value: [UInt8] { BER.wrap(0x30, parts) }

  mutating func set(_ name: String, _ values: [[UInt8]]?) {
    attributes.removeAll { $0.name == name }
    if let values { attributes.append((name, values)) }
  }
}
