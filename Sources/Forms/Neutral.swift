extension String {
  /// The text with every control, format and line-breaking character spelled `\u{…}`: safe on a terminal, in a log and
  /// in a report of one line per finding.
  package func neutralized() -> String {
    let harmless = utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if harmless { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
        text += scalar.codePoint
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The text in quotation marks for a message: neutralised, and shortened to 40 scalars.
  package func quoted() -> String {
    let most = 40
    let head = unicodeScalars.prefix(most)
    let short = String(head)
    let cut = head.endIndex != unicodeScalars.endIndex
    return "'\(short.neutralized())\(cut ? "…" : "")'"
  }
}

extension Unicode.Scalar {
  /// `\u{202E}`
  package var codePoint: String { "\\u{\(String(value, radix: 16, uppercase: true))}" }
}
