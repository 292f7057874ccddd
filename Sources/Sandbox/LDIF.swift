/// Lines of LDIF (RFC 2849).
enum LDIF {
  /// `name: value`, or `name:: BASE64` where the value is not safe to stand as it is.
  static func line(_ name: String, _ value: String) -> String {
    let bytes = Array(value.utf8)
    let safe =
      bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && bytes.last != UInt8(ascii: " ")
      && bytes.first.map { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "<") } ?? true
    return safe ? "\(name): \(value)\n" : "\(name):: \(base64(bytes))\n"
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for position in 0..<4 {
        text.append(position <= group.count ? alphabet[bits >> (18 - 6 * position) & 63] : UInt8(ascii: "="))
      }
      start += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
