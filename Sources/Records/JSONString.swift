extension [UInt8] {
  /// Appends a JSON string with its quotes (RFC 8259 section 7), escaped on bytes.
  mutating func appendJSONString(_ text: String) {
    append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { appendEscaped($0) }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    // Runs that need nothing are copied whole.
    var clean = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x7F || byte == 0xC3 || byte > 0xE2 {
        index += 1
        continue
      }
      guard let (scalar, length) = scalarToEscape(text, index) else {
        index += 1
        continue
      }
      append(contentsOf: UnsafeBufferPointer(rebasing: text[clean..<index]))
      appendEscape(scalar)
      index += length
      clean = index
    }
    append(contentsOf: UnsafeBufferPointer(rebasing: text[clean...]))
  }

  private mutating func appendEscape(_ scalar: UInt32) {
    append(UInt8(ascii: "\\"))
    switch scalar {
    case 0x22: append(UInt8(ascii: "\""))
    case 0x5C: append(UInt8(ascii: "\\"))
    case 0x08: append(UInt8(ascii: "b"))
    case 0x09: append(UInt8(ascii: "t"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0D: append(UInt8(ascii: "r"))
    default:
      append(UInt8(ascii: "u"))
      for shift in [12, 8, 4, 0] as [UInt32] {
        let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0xF)
        append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
      }
    }
  }
}

/// The scalar at an index of valid UTF-8 and its length in bytes, where it has to be escaped.
private func scalarToEscape(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> (UInt32, Int)? {
  let byte = text[index]
  switch byte {
  case 0..<0x20, 0x22, 0x5C, 0x7F: return (UInt32(byte), 1)
  case 0xC2 where text[index + 1] < 0xA0: return (UInt32(text[index + 1]), 2)  // C1
  case 0xD8 where text[index + 1] == 0x9C: return (0x61C, 2)  // Arabic letter mark
  case 0xE2:
    let scalar = 0x2000 | UInt32(text[index + 1] & 0x3F) << 6 | UInt32(text[index + 2] & 0x3F)
    switch scalar {
    // Marks of direction, line and paragraph separator.
    case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return (scalar, 3)
    default: return nil
    }
  default: return nil
  }
}
