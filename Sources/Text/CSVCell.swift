/// One cell of a CSV file that people open in a spreadsheet.
///
/// Quoted where RFC 4180 wants it, and where a reader might trim it or split it by the separator of its country (`;`,
/// TAB). A cell that begins with `=`, `+`, `-`, `@` (or their full-width forms, which some spreadsheets take for the
/// same), TAB or CR gets an apostrophe before it, for a spreadsheet would run it as a formula, even one in a name that
/// a stranger chose (OWASP, "CSV Injection"). The same inside a cell behind `;`, TAB or a line end: a spreadsheet that
/// separates by these, as with a Spanish locale, starts a cell there. What is unsafe in
/// documents (``ScalarClass``), other than TAB, CR and LF, becomes U+FFFD. All this works on bytes: `,`
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
    var index = 0
    while index < text.count {
      let byte = text[index]
      switch byte {
      case tab, cr, lf, UInt8(ascii: ";"): isStart = true
      case space, quote: break
      default:
        if isStart, isFormula(text, index) { buffer.append(apostrophe) }
        isStart = false
      }
      switch byte {
      case quote: buffer.append(contentsOf: [quote, quote])
      case tab, cr, lf: buffer.append(byte)
      default:
        if let (_, length) = text.scalarUnsafeInDocuments(at: index) {
          buffer.append(contentsOf: replacement)
          index += length
          continue
        }
        buffer.append(byte)
      }
      index += 1
    }
    buffer.append(quote)
  }

  /// Whether the text needs neither quotes nor change.
  private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first, let last = text.last else { return true }
    if first == space || last == space || isFormula(text, 0) { return false }
    return text.indices.allSatisfy { index in
      switch text[index] {
      case quote, UInt8(ascii: ","), UInt8(ascii: ";"): false
      default: text.scalarUnsafeInDocuments(at: index) == nil
      }
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
