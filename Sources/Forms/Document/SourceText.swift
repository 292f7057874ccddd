internal import Text

/// The bytes of a document before any parser sees them: whether they are text at all, and good text.
///
/// UTF-8, in NFC, without characters that deceive the eye or a terminal. A byte order mark at the very start is
/// accepted and left out (Windows editors write one, and it changes nothing); anywhere else it is refused. Lines end
/// with LF or CR LF.
struct SourceText {
  /// What the parser gets. Refused control characters are replaced in it by harmless ones of the same width, so that
  /// the rest can be judged in the same pass.
  private(set) var bytes: [UInt8]
  /// Every byte is ASCII: a scalar's index is its offset.
  private(set) var isASCII = true
  /// Some scalar is U+0300 or above.
  private var mayNeedNormalizing = false
  private var hasNoBreakSpace = false

  /// `nil`: the bytes can't be read as text; the finding that says so has been reported.
  init?(_ input: [UInt8], limit: Int, findings: Findings) {
    guard input.count <= limit else {
      findings.report(
        Place(line: 1, column: 1), "", "the document has \(input.count) bytes, and \(limit) are allowed",
        "divide it, or raise limits.form_size")
      return nil
    }
    if Self.isUTF16(input) {
      findings.report(Place(line: 1, column: 1), "", "the text is UTF-16", "save the file as UTF-8")
      return nil
    }
    if let kind = Self.signatures.first(where: { input.starts(with: $0.bytes) })?.kind {
      findings.report(
        Place(line: 1, column: 1), "", "the file is \(kind), and a form is plain text",
        "write the form as a text file (YAML or JSON); a spreadsheet saved as CSV becomes one by buzon form --csv")
      return nil
    }
    bytes = input.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(input.dropFirst(3)) : input
    guard scan(findings) else { return nil }
    if mayNeedNormalizing { judgeNormalization(findings) }
    if hasNoBreakSpace { judgeNoBreakSpaces(findings) }
  }

  /// By its byte order mark, or by the first two letters, which have no other byte.
  private static func isUTF16(_ input: [UInt8]) -> Bool {
    if input.starts(with: [0xFF, 0xFE]) || input.starts(with: [0xFE, 0xFF]) { return true }
    guard input.count >= 4 else { return false }
    let empty = input.prefix(4).map { $0 == 0 }
    return empty == [true, false, true, false] || empty == [false, true, false, true]
  }

  /// How files begin that people take for forms.
  private static let signatures: [(bytes: [UInt8], kind: String)] = [
    (Array("PK\u{3}\u{4}".utf8), "a spreadsheet, an office document or another zip archive"),
    (Array("%PDF-".utf8), "a PDF"), (Array("{\\rtf".utf8), "a document of a word processor (RTF)"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an office document of an old version"), ([0x1F, 0x8B], "compressed (gzip)"),
    ([0x89, 0x50, 0x4E, 0x47], "an image"), ([0xFF, 0xD8, 0xFF], "an image"),
  ]

  /// The same text for the parser, spelled another way.
  mutating func replace(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The place of a byte.
  /// - Parameter endsWithCR: a carriage return alone ends a line too, as in a spreadsheet's export.
  static func place(of offset: Int, in text: UnsafeBufferPointer<UInt8>, endsWithCR: Bool = false) -> Place {
    var cursor = Cursor()
    for position in 0..<offset {
      let isEnd =
        text[position] == 0x0A
        || (endsWithCR && text[position] == 0x0D && (position + 1 == text.count || text[position + 1] != 0x0A))
      if isEnd { cursor.newLine(at: position + 1) }
    }
    return cursor.place(of: offset, in: text)
  }

  /// A place, or the text's end where it is beyond: libyaml ends a last line that has no end, and counts on.
  static func place(_ place: Place, in text: UnsafeBufferPointer<UInt8>) -> Place {
    let end = self.place(of: text.count, in: text)
    return place < end ? place : end
  }

  private mutating func scan(_ findings: Findings) -> Bool {
    var mends: [(offset: Int, length: Int)] = []
    let good = bytes.withUnsafeBufferPointer { text in
      var cursor = Cursor()
      var position = 0
      while position < text.count {
        let byte = text[position]
        if byte >= 0x20, byte < 0x7F {
          position += 1
          while position + 8 <= text.count, Self.isPrintable(text, at: position) { position += 8 }
          continue
        }
        if byte == 0x0A {
          position += 1
          cursor.newLine(at: position)
          continue
        }
        if byte == 0x09 {
          position += 1
          continue
        }
        if byte == 0x0D, position + 1 < text.count, text[position + 1] == 0x0A {
          position += 1
          continue
        }
        if byte == 0x0D {
          findings.report(
            cursor.place(of: position, in: text), "", "there is a carriage return without a line feed",
            "save the file with lines that end in LF or CR LF")
          return false
        }
        guard let (scalar, length) = text.decodeScalar(at: position) else {
          findings.report(
            cursor.place(of: position, in: text), "",
            "the byte 0x\(String(byte, radix: 16, uppercase: true)) is not UTF-8",
            "save the file as UTF-8 (it may be Latin-1 or Windows-1252)")
          return false
        }
        if byte >= 0x80 {
          isASCII = false
          if byte >= NormalForm.firstLeadToJudge { mayNeedNormalizing = true }
          if Self.isNoBreakSpace(scalar) { hasNoBreakSpace = true }
        }
        if let forbidden = ForbiddenScalar(scalar) {
          findings.report(cursor.place(of: position, in: text), "", forbidden.problem(scalar), forbidden.remedy)
          // A NUL, or controls by the hundred: no text with a slip in it, but something else altogether.
          if scalar.value == 0 || mends.count == Findings.most { return false }
          if case .control = forbidden { mends.append((position, length)) }
        }
        position += length
      }
      return true
    }
    for mend in mends {
      bytes.replaceSubrange(mend.offset..<mend.offset + mend.length, with: Self.harmless(mend.length))
    }
    return good
  }

  private static func isNoBreakSpace(_ scalar: Unicode.Scalar) -> Bool {
    [0xA0, 0x2007, 0x202F].contains(scalar.value)
  }

  /// No-break spaces where YAML wants spaces: in the indentation, and after a key's `:` or a list's `-`. Word processors
  /// and web pages make them, and nobody can see them. The parser gets spaces, so that the rest is judged too.
  private mutating func judgeNoBreakSpaces(_ findings: Findings) {
    var mended: [UInt8] = []
    mended.reserveCapacity(bytes.count)
    for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if number > 0 { mended.append(0x0A) }
      var isBefore = true
      for (column, scalar) in String(decoding: line, as: UTF8.self).unicodeScalars.enumerated() {
        if isBefore, Self.isNoBreakSpace(scalar) {
          findings.report(
            Place(line: number + 1, column: column + 1), "",
            "there is a no-break space (\(scalar.codePoint)), which looks like a space", "write a space")
          mended.append(0x20)
        } else {
          isBefore = isBefore && Self.standsBeforeAValue(scalar)
          mended.append(contentsOf: Array(String(scalar).utf8))
        }
      }
    }
    bytes = mended
  }

  /// What a line has before its value: indentation, `-`, a key and its `:`.
  private static func standsBeforeAValue(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " ", "\t", "-", ":", "_", "a"..."z": true
    default: false
    }
  }

  /// Eight bytes from U+0020 to U+007E.
  private static func isPrintable(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
    guard let base = text.baseAddress else { return false }
    let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: position, as: UInt64.self)
    let high: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    // A byte below 0x20 borrows into its high bit; a byte of 0x7F or more carries into it.
    let below = (word &- ones &* 0x20) & ~word
    let above = word &+ ones
    return (word | below | above) & high == 0
  }

  /// A visible character of so many bytes.
  private static func harmless(_ length: Int) -> [UInt8] {
    switch length {
    case 1: [UInt8(ascii: "_")]
    case 2: [0xC2, 0xB7]
    case 3: [0xE2, 0x80, 0x90]
    default: [0xF0, 0x9F, 0x98, 0x80]
    }
  }

  /// One finding for a line: a file in NFD has them in most lines.
  private func judgeNormalization(_ findings: Findings) {
    bytes.withUnsafeBufferPointer { text in
      var cursor = Cursor()
      var position = 0
      NormalForm.faults(in: text) { offset in
        while position < offset {
          if text[position] == 0x0A { cursor.newLine(at: position + 1) }
          position += 1
        }
        findings.report(
          cursor.place(of: offset, in: text), "",
          "the text is not in NFC at \(String(text.scalar(at: offset).0).quoted())",
          "write the letter and its accent as one character (uconv -x any-nfc)")
        return !findings.isFull
      }
    }
  }
}

/// Lines and columns while a text is walked; places are counted on from the last one asked for in the line.
private struct Cursor {
  private(set) var line = 1
  private var anchor = 0
  private var column = 1

  mutating func newLine(at offset: Int) {
    line += 1
    anchor = offset
    column = 1
  }

  mutating func place(of offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Place {
    column += text.scalarCount(anchor..<offset)
    anchor = offset
    return Place(line: line, column: column)
  }
}
