internal import Text

/// The text of one cell of a spreadsheet, as a form may hold it.
///
/// A spreadsheet leaves marks of its own in what it exports: the apostrophe that makes a number a text, no-break spaces,
/// spaces at the ends, accents apart from their letters (macOS). They are taken away and nothing is said: what the cell
/// shows is what the form says. So is `="012"`, which keeps the zeros of a number in Excel.
struct CellText {
  /// UTF-8 in NFC; line ends are line feeds.
  private(set) var bytes: ArraySlice<UInt8>
  /// What no form may hold is in it.
  private(set) var fault: (problem: String, remedy: String)?

  /// Bytes of a cell with other than plain letters in it; no value of a form has as many. Composing takes a hundred times as
  /// long as reading, and a cell may have megabytes.
  private static let longest = 64 << 10

  /// - Parameters:
  ///   - raw: good UTF-8.
  ///   - isCell: `false`: text from elsewhere, in which an apostrophe and a `=` mean themselves.
  init(_ raw: ArraySlice<UInt8>, isCell: Bool = true) {
    bytes = raw
    let isSimple = raw.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    if !isSimple { mend() }
    if !isCell { return }
    trim()
    // The apostrophe that says "text" to a spreadsheet; some write it into the file.
    if bytes.first == UInt8(ascii: "'"), bytes.count > 1 {
      bytes.removeFirst()
      trim()
    } else if let text = Self.textFormula(bytes) {
      bytes = text
      trim()
    } else if let problem = Self.formula(bytes) {
      fault = problem
    }
  }

  private mutating func trim() {
    while let first = bytes.first, first == 0x20 || first == 0x0A || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x0A || last == 0x09 { bytes.removeLast() }
  }

  /// What isn't printable ASCII.
  private mutating func mend() {
    var mended: [UInt8] = []
    mended.reserveCapacity(bytes.count)
    var fault: (problem: String, remedy: String)?
    var mayNeedNormalizing = false
    if bytes.count > Self.longest {
      fault = ("has \(bytes.count) bytes", "write at most \(Self.longest) bytes into a cell")
      // Not in the middle of a character.
      var end = bytes.startIndex + Self.longest
      while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      bytes = bytes[..<end]
    }
    bytes.withUnsafeBufferPointer { text in
      var position = 0
      while position < text.count {
        let (scalar, length) = text.scalar(at: position)
        switch scalar.value {
        case 0xA0, 0x2007, 0x202F: mended.append(0x20)
        case 0x0D: if position + 1 == text.count || text[position + 1] != 0x0A { mended.append(0x0A) }
        default:
          if fault == nil, let forbidden = ForbiddenScalar(scalar) {
            fault = (forbidden.problem(scalar), forbidden.remedy)
          }
          if text[position] >= NormalForm.firstLeadToJudge { mayNeedNormalizing = true }
          mended.append(contentsOf: text[position..<position + length])
        }
        position += length
      }
    }
    if mayNeedNormalizing, !mended.withUnsafeBufferPointer({ NormalForm.isComposed($0) }) {
      mended = Array(NormalForm.composed(String(decoding: mended, as: UTF8.self)).utf8)
      if fault == nil, !mended.withUnsafeBufferPointer({ NormalForm.isComposed($0) }) {
        fault = ("has a letter with more accents than any has", "write it again")
      }
    }
    self.fault = fault
    bytes = mended[...]
  }

  /// The text of a formula that is nothing but a text in quotation marks.
  private static func textFormula(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.count > 3, bytes.starts(with: "=\"".utf8), bytes.last == UInt8(ascii: "\"") else { return nil }
    let text = bytes.dropFirst(2).dropLast()
    return text.contains(UInt8(ascii: "\"")) ? nil : text
  }

  /// A spreadsheet's formula, or the error that one came to.
  private static func formula(_ bytes: ArraySlice<UInt8>) -> (problem: String, remedy: String)? {
    guard let first = bytes.first, let last = bytes.last else { return nil }
    if first == UInt8(ascii: "=") {
      return ("is a formula", "export the values, or put an apostrophe before a text that begins with =")
    }
    let isError = last == UInt8(ascii: "!") || last == UInt8(ascii: "?") || bytes.elementsEqual("#N/A".utf8)
    if first == UInt8(ascii: "#"), bytes.count > 1, isError {
      return ("is the error of a formula", "correct it in the spreadsheet and export again")
    }
    return nil
  }
}
