/// Base64 (RFC 4648 §4), with padding, without line breaks.
enum Base64 {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  static func append(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
    let digits = alphabet.utf8Start
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        text.append(digits[Int(group >> 18)])
        text.append(digits[Int(group >> 12 & 63)])
        text.append(digits[Int(group >> 6 & 63)])
        text.append(digits[Int(group & 63)])
        group = 0
        count = 0
      }
    }
    if count == 0 { return }
    group <<= UInt32(8 * (3 - count))
    text.append(digits[Int(group >> 18 & 63)])
    text.append(digits[Int(group >> 12 & 63)])
    text.append(count == 2 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "="))
    text.append(UInt8(ascii: "="))
  }

  /// The bytes of a text, or nil where it isn't base64 to the last bit.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    var digits = 0
    var padding = 0
    for character in text {
      if character == UInt8(ascii: "=") {
        padding += 1
        group <<= 6
      } else {
        guard padding == 0, let digit = digit(character) else { return nil }
        group = group << 6 | UInt32(digit)
      }
      digits += 1
      if digits == 4 {
        guard padding <= 2, group & (1 << (8 * UInt32(padding)) - 1) == 0 else { return nil }
        for index in 0..<(3 - padding) { bytes.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(index)))) }
        group = 0
        digits = 0
      } else if digits == 1, padding > 0 {
        return nil
      }
    }
    return bytes
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - 97 + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - 48 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
