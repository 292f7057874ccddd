/// One cell of a CSV file that people open in a spreadsheet.
///
/// Quoted where RFC 4180 wants it, and where a reader might trim it or split it by the separator of its country (`;`,
/// TAB). A cell that begins with `=`, `+`, `-`, `@` (or their full-width forms, which some spreadsheets take for the
/// same), TAB or CR gets an apostrophe before it, for a spreadsheet would run it as a formula, even one in a name that
/// a stranger chose (OWASP, "CSV Injection"). The same inside a cell behind `;`, TAB or a line end: a spreadsheet that
/// separates by these, as with a Spanish locale, starts a cell there. Control characters (C0, DEL, C1)
/// other than TAB, CR and LF, and those that turn the direction of writing, become U+FFFD. All this works on bytes: `,`
/// followed by a combining accent separates all the same.
public enum CSVCell {
  /// Appends a cell.
  public static func append(_ text: String, to buffer: inout [UInt8]) {
    var text = text
    text.withUTF8 { append($0, to: &buffer) }
  }

  private static func append(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout [UInt8]) {
    if isPlain(text) { return buffer.append(contentsOf: text) }
    buffer.append(quote)
    if text.first == tab || text.first == cr { buffer.append(apostrophe) }
    // Whether a spreadsheet may take the next byte for the beginning of a cell.
    var isStart = true
    for index in text.indices {
      let byte = text[index]
      switch byte {
      case tab, cr, lf, UInt8(ascii: ";"): isStart = true
      case space, quote: break
      default:
        if isStart, isFormula(text, index) { buffer.append(apostrophe) }
        isStart = false
      }
      if byte == quote { buffer.append(quote) }
      switch byte {
      case tab, cr, lf: buffer.append(byte)
      case 0..<0x20, 0x7F: buffer.append(contentsOf: replacement)
      case 0x80..<0xA0 where text[index - 1] == 0xC2:  // C1: the first of its two bytes is written already
        buffer.removeLast()
        buffer.append(contentsOf: replacement)
      case _ where isDirection(text, index - 2):
        buffer.removeLast(2)
        buffer.append(contentsOf: replacement)
      case 0x9C where text[index - 1] == 0xD8:  // U+061C
        buffer.removeLast()
        buffer.append(contentsOf: replacement)
      default: buffer.append(byte)
      }
    }
    buffer.append(quote)
  }

  /// Whether the text needs neither quotes nor change.
  private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first, let last = text.last else { return true }
    if first == space || last == space || isFormula(text, 0) { return false }
    return text.indices.allSatisfy { index in
      switch text[index] {
      case 0xC2: text[index + 1] >= 0xA0
      case 0xD8: text[index + 1] != 0x9C
      case 0xE2: !isDirection(text, index)
      case 0..<0x20, 0x7F, quote, UInt8(ascii: ","), UInt8(ascii: ";"): false
      default: true
      }
    }
  }

  /// Whether a character begins here that turns the direction of writing: U+200E, U+200F, U+202A-U+202E, U+2066-U+2069.
  private static func isDirection(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    guard index >= 0, text[index] == 0xE2 else { return false }
    switch (text[index + 1], text[index + 2]) {
    case (0x80, 0x8E), (0x80, 0x8F), (0x80, 0xAA...0xAE), (0x81, 0xA6...0xA9): return true
    default: return false
    }
  }

  private static func isFormula(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    switch text[index] {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): return true
    case 0xEF:  // U+FF0B, U+FF0D, U+FF1D, U+FF20
      switch (text[index + 1], text[index + 2]) {
      case (0xBC, 0x8B), (0xBC, 0x8D), (0xBC, 0x9D), (0xBC, 0xA0): return true
      default: return false
      }
    default: return false
    }
  }

  /// U+FFFD
  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
  private static let quote = UInt8(ascii: "\"")
  private static let apostrophe = UInt8(ascii: "'")
  private static let space = UInt8(ascii: " ")
  private static let tab: UInt8 = 0x09
  private static let lf: UInt8 = 0x0A
  private static let cr: UInt8 = 0x0D
}
