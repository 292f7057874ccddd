extension [UInt8] {
  /// Appends text for HTML, between tags or in a quoted attribute (HTML Living Standard 13.1), escaped on bytes:
  /// `& < > " '` as references; scalars that are unsafe in documents (``ScalarClass``) as their visible number, e.g.
  /// `\u{202E}`. A line end or a tab is a space.
  public mutating func appendHTML(_ text: String) {
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
      case .code(let scalar): append(contentsOf: scalar.codePoint.utf8)
      }
      index += length
      clean = index
    }
    append(contentsOf: UnsafeBufferPointer(rebasing: text[clean...]))
  }

  /// Appends text as the content of a CSS string (CSS Syntax 3, section 4.3.7): whatever isn't a letter or a digit of
  /// ASCII by its number, so that nothing in it ends the string, the rule or the element around it.
  public mutating func appendCSSString(_ text: String) {
    append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: append(UInt8(scalar.value))
      case _ where ScalarClass(scalar).isUnsafeInDocuments: append(contentsOf: "\\FFFD ".utf8)
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
  case code(Unicode.Scalar)

  /// The scalar at an index of good UTF-8 and its length in bytes, where it has to be replaced.
  static func at(_ index: Int, of text: UnsafeBufferPointer<UInt8>) -> (HTMLReference, Int)? {
    switch text[index] {
    case UInt8(ascii: "&"): (.text("&amp;"), 1)
    case UInt8(ascii: "<"): (.text("&lt;"), 1)
    case UInt8(ascii: ">"): (.text("&gt;"), 1)
    case UInt8(ascii: "\""): (.text("&quot;"), 1)
    case UInt8(ascii: "'"): (.text("&#39;"), 1)
    case 0x09, 0x0A, 0x0D: (.text(" "), 1)
    default: text.scalarUnsafeInDocuments(at: index).map { (.code($0.scalar), $0.length) }
    }
  }
}
