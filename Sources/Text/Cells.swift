/// The width of text on a terminal, in cells, as wcwidth(3) reckons each scalar and terminals do: letters of East Asia
/// and emoji take two, marks that combine take none. A family of emoji (ZWJ) takes as many as its members: most
/// terminals draw them one by one, and `displayed` writes the joiner out anyway.
///
/// The text is one that is safe to print (`displayed`): it has neither controls nor marks of direction. Right-to-left
/// letters take the cells they take; which way a terminal writes them is its own affair.
public enum Cells {
  /// Cells of a text.
  public static func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + width($1) } }

  /// Cells of a scalar. wcwidth(3) itself is hidden from Swift behind _XOPEN_SOURCE; a test compares the two.
  public static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch scalar.value {
    // Vowels and finals of Hangul stand within the syllable that their initial began.
    case 0x1160...0x11FF, 0xD7B0...0xD7FB: return 0
    // Flags are two of these, a cell each.
    case 0x1F1E6...0x1F1FF: return 1
    // East_Asian_Width W and F (UAX #11) that aren't emoji.
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D08,
      0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD:
      return 2
    default: return scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// The text, or as much of it as fits with `…` behind it. A letter keeps its marks.
  public static func truncated(_ text: String, to room: Int) -> String {
    guard width(text) > room else { return text }
    guard room > 0 else { return "" }
    var taken = 0
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      taken += width(scalar)
      if taken > room - 1 { break }
      scalars.append(scalar)
    }
    return String(scalars) + "…"
  }

  /// The text with spaces behind it.
  public static func padded(_ text: String, to room: Int) -> String {
    text + String(repeating: " ", count: max(0, room - width(text)))
  }
}
