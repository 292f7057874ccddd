/// Bytes of a file name or a message as one safe line of text: printable UTF-8 stays as it is; control characters,
/// line and paragraph separators, direction marks (they make a name look like another) and bytes that are not UTF-8
/// are written `\xNN` or `\u{N}`, and a backslash is doubled, so that two names never look alike.
public func displayed(_ bytes: some Sequence<UInt8>) -> String {
  var text = ""
  var decoder = UTF8.ForwardParser(bytes)
  while let piece = decoder.next() {
    switch piece {
    case .scalar("\\"): text += "\\\\"
    case .scalar(let scalar) where scalar.isUnsafeToPrint:
      text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    case .scalar(let scalar): text.unicodeScalars.append(scalar)
    case .invalid(let byte):
      text += byte < 16 ? "\\x0" : "\\x"
      text += String(byte, radix: 16, uppercase: true)
    }
  }
  return text
}

extension Unicode.Scalar {
  /// Moves the cursor, ends the line, turns the direction of writing, or can't be seen.
  var isUnsafeToPrint: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL, C1
    case 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
    case 0xE0000...0xE0FFF: true  // tags
    default: false
    }
  }
}

extension UTF8 {
  /// Walks bytes as UTF-8 and gives back each byte that isn't part of a valid sequence by itself.
  fileprivate struct ForwardParser {
    enum Piece {
      case scalar(Unicode.Scalar)
      case invalid(UInt8)
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    mutating func next() -> Piece? {
      guard index < bytes.count else { return nil }
      let first = bytes[index]
      let length =
        switch first {
        case 0..<0x80: 1
        case 0xC2..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF5: 4
        default: 0
        }
      // The standard library judges the sequence: overlong forms and surrogates are refused by it.
      if length > 0, index + length <= bytes.count,
        let text = String(validating: bytes[index..<index + length], as: UTF8.self),
        let scalar = text.unicodeScalars.first
      {
        index += length
        return .scalar(scalar)
      }
      index += 1
      return .invalid(first)
    }
  }
}
