/// ASCII on UTF-8 bytes. A Swift `Character` is a grapheme cluster: `"*"` followed by U+0301 is one, and no longer `"*"`.
enum ASCII {
  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool {
    lowercased(byte) &- 0x61 < 26
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10
  }

  /// The value of a hexadecimal digit.
  @inline(__always)
  static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- 0x30 }
    let lower = lowercased(byte)
    return lower &- 0x61 < 6 ? lower &- 0x61 &+ 10 : nil
  }

  /// Appends a byte as two hexadecimal digits.
  @inline(__always)
  static func appendHex(_ byte: UInt8, to bytes: inout [UInt8]) {
    let digits: StaticString = "0123456789abcdef"
    bytes.append(digits.utf8Start[Int(byte >> 4)])
    bytes.append(digits.utf8Start[Int(byte & 15)])
  }

  static func equalIgnoringCase(_ a: String, _ b: String) -> Bool {
    let a = a.utf8
    let b = b.utf8
    return a.count == b.count && zip(a, b).allSatisfy { lowercased($0) == lowercased($1) }
  }

  static func hasPrefixIgnoringCase(_ text: String, _ prefix: String) -> Bool {
    text.utf8.count >= prefix.utf8.count && zip(text.utf8, prefix.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  /// Whether a text is an attribute description or OID (RFC 4512 §2.5): letters, digits, `-`, `.` and `;`.
  static func isAttributeDescription(_ name: String) -> Bool {
    guard let first = name.utf8.first, isLetter(first) || isDigit(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x3B }
  }

  /// A foreign text on one line: control characters (also C1 and the line separators) become `\u{…}`.
  static func oneLine(_ text: String) -> String {
    func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isUnsafe(scalar) {
        line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        line.append(scalar)
      }
    }
    return String(line)
  }
}
