extension [UInt8] {
  /// Appends text for HTML, between tags or in a quoted attribute (HTML Living Standard 13.1), escaped on bytes:
  /// `& < > " '` as references; control characters and marks that turn the direction of writing, which could make a
  /// name look like another, as their visible number, e.g. `\u{202E}`. A line end or a tab is a space.
  mutating func appendHTML(_ text: String) {
    var text = text
    text.withUTF8 { appendHTML($0) }
  }

  private mutating func appendHTML(_ text: UnsafeBufferPointer<UInt8>) {
    // Runs that need nothing are copied whole.
    var clean = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      guard byte < 0x40 || byte >= 0x7F, let (reference, length) = HTMLReference.at(index, of: text) else {
        index += 1
        continue
      }
      append(contentsOf: UnsafeBufferPointer(rebasing: text[clean..<index]))
      switch reference {
      case .text(let reference): reference.withUTF8Buffer { append(contentsOf: $0) }
      case .number(let scalar): append(contentsOf: "\\u{\(String(scalar, radix: 16, uppercase: true))}".utf8)
      }
      index += length
      clean = index
    }
    append(contentsOf: UnsafeBufferPointer(rebasing: text[clean...]))
  }

  /// Appends text as the content of a CSS string (CSS Syntax 3, section 4.3.7): whatever isn't a letter or a digit of
  /// ASCII by its number, so that nothing in it ends the string, the rule or the element around it.
  mutating func appendCSSString(_ text: String) {
    append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: append(UInt8(scalar.value))
      case 0..<0x20, 0x7F..<0xA0, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x61C, 0xFEFF:
        append(contentsOf: "\\FFFD ".utf8)
      default:
        append(UInt8(ascii: "\\"))
        append(contentsOf: String(scalar.value, radix: 16).utf8)
        append(UInt8(ascii: " "))
      }
    }
    append(UInt8(ascii: "\""))
  }
}

/// What stands for a scalar that HTML can't take as it is.
private enum HTMLReference {
  case text(StaticString)
  case number(UInt32)

  /// The scalar at an index of valid UTF-8 and its length in bytes, where it has to be replaced.
  static func at(_ index: Int, of text: UnsafeBufferPointer<UInt8>) -> (HTMLReference, Int)? {
    switch text[index] {
    case UInt8(ascii: "&"): return (.text("&amp;"), 1)
    case UInt8(ascii: "<"): return (.text("&lt;"), 1)
    case UInt8(ascii: ">"): return (.text("&gt;"), 1)
    case UInt8(ascii: "\""): return (.text("&quot;"), 1)
    case UInt8(ascii: "'"): return (.text("&#39;"), 1)
    case 0x09, 0x0A, 0x0D: return (.text(" "), 1)
    case 0..<0x20, 0x7F: return (.number(UInt32(text[index])), 1)
    case 0xC2 where text[index + 1] < 0xA0: return (.number(UInt32(text[index + 1])), 2)  // C1
    case 0xD8 where text[index + 1] == 0x9C: return (.number(0x61C), 2)  // Arabic letter mark
    case 0xE2:
      let scalar = 0x2000 | UInt32(text[index + 1] & 0x3F) << 6 | UInt32(text[index + 2] & 0x3F)
      switch scalar {
      // Nothing to see, marks of direction, line and paragraph separator. Joiners (200C, 200D) are part of words.
      case 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F: return (.number(scalar), 3)
      default: return nil
      }
    case 0xEF where text[index + 1] == 0xBB && text[index + 2] == 0xBF: return (.number(0xFEFF), 3)
    default: return nil
    }
  }
}
