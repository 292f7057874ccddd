internal import Foundation

/// Lines of LDIF (RFC 2849).
enum LDIF {
  /// `name: value`, or `name:: BASE64` where the value is not safe to stand as it is.
  static func line(_ name: String, _ value: String) -> String {
    let bytes = Array(value.utf8)
    let safe =
      bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && bytes.last != UInt8(ascii: " ")
      && bytes.first.map { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "<") } ?? true
    return safe ? "\(name): \(value)\n" : "\(name):: \(Data(bytes).base64EncodedString())\n"
  }
}
