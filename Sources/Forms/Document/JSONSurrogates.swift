internal import Text

/// Surrogate pairs of JSON's escapes (RFC 8259 §7), which libyaml refuses: `"\ud83d\ude00"` is rewritten as YAML's
/// `"\U0001F600"`, and two spaces follow the closing quotation mark for each pair, so that everything after the string
/// keeps its place.
///
/// Only a document that is JSON up to that string is rewritten; in YAML's other styles the same characters mean
/// themselves. A lone surrogate is left alone, and the parser refuses it.
enum JSONSurrogates {
  static func joined(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.withUnsafeBufferPointer({ $0.holds(UInt8(ascii: "\\")) }) else { return nil }
    // Digits, literals, structure and white space: all that JSON has outside its strings.
    let outside = ASCIISet.alphanumerics.union(ASCIISet("{}[]:,+-. \t\r\n"))
    guard bytes.first(where: { !ASCIISet(" \t\r\n").contains($0) }) == UInt8(ascii: "{") else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var inString = false
    var shortened = 0
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        inString.toggle()
        result.append(byte)
        result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: inString ? 0 : shortened))
        shortened = 0
        position += 1
      } else if !inString {
        guard outside.contains(byte) else { return nil }
        result.append(byte)
        position += 1
      } else if byte == UInt8(ascii: "\\"), position + 1 < bytes.count {
        if let scalar = pair(bytes, at: position) {
          let digits = String(scalar, radix: 16, uppercase: true)
          result.append(contentsOf: "\\U".utf8)
          result.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 8 - digits.utf8.count))
          result.append(contentsOf: digits.utf8)
          shortened += 2
          position += 12
        } else {
          result.append(contentsOf: bytes[position...position + 1])
          position += 2
        }
      } else {
        result.append(byte)
        position += 1
      }
    }
    return result
  }

  private static func pair(_ bytes: [UInt8], at offset: Int) -> UInt32? {
    guard let high = unit(bytes, at: offset), (0xD800..<0xDC00).contains(high),
      let low = unit(bytes, at: offset + 6), (0xDC00..<0xE000).contains(low)
    else { return nil }
    return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
  }

  /// The code unit of `\uXXXX` at an offset.
  private static func unit(_ bytes: [UInt8], at offset: Int) -> UInt32? {
    guard offset + 6 <= bytes.count, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for byte in bytes[offset + 2..<offset + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
