internal import Text

/// How the bytes of an exported spreadsheet stand for letters.
public enum CSVEncoding: String, Sendable, Hashable, CaseIterable {
  /// With a byte order mark or without.
  case utf8 = "utf-8"
  /// What Excel writes under "CSV" where Spanish is spoken.
  case windows1252 = "windows-1252"
  /// IBM850, what Excel writes under "CSV (MS-DOS)", and what old programs of Windows write.
  case cp850
  /// Mac OS Roman, what Excel writes under "CSV" and "CSV (Macintosh)" on a Mac.
  case macintosh
  /// ISO 8859-1.
  case latin1

  /// The encoding that a name means, whatever its case and punctuation.
  public init?(name: String) {
    switch name.lowercased().filter({ $0.isLetter || $0.isNumber }) {
    case "utf8": self = .utf8
    case "windows1252", "cp1252": self = .windows1252
    case "cp850", "ibm850": self = .cp850
    case "macintosh", "macroman", "macosroman": self = .macintosh
    case "latin1", "iso88591": self = .latin1
    default: return nil
    }
  }

  private static let saveAsUTF8 =
    "save it as 'CSV UTF-8' (Excel), or with the character set Unicode (UTF-8) in the export's filter settings (LibreOffice)"

  /// The file as UTF-8 without a byte order mark; `nil` where it can't be, which has been reported.
  func decoded(_ bytes: [UInt8], _ findings: Findings) -> [UInt8]? {
    if let format = Self.spreadsheet(bytes) {
      findings.report(
        Place(line: 1, column: 1), "", "the file is a spreadsheet (\(format)) and no CSV",
        "save it as CSV, or use xlsx2csv or soffice --convert-to csv")
      return nil
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4096).contains(0) {
      findings.report(Place(line: 1, column: 1), "", "the file is UTF-16 or no text at all", Self.saveAsUTF8)
      return nil
    }
    let fault = bytes.withUnsafeBufferPointer { Self.firstFault(in: $0) }
    guard self == .utf8 else {
      if fault == nil, bytes.contains(where: { $0 >= 0x80 }) {
        findings.report(Place(line: 1, column: 1), "", "the file is UTF-8 already", "leave --encoding out")
        return nil
      }
      return fromSingleBytes(bytes, findings)
    }
    guard let fault else { return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes }
    findings.report(
      bytes.withUnsafeBufferPointer { SourceText.place(of: fault, in: $0, endsWithCR: true) }, "",
      "the byte 0x\(String(bytes[fault], radix: 16, uppercase: true)) is not UTF-8",
      "\(Self.saveAsUTF8); or name what it is: --encoding \(LetterFit.likely(bytes, .windows1252).rawValue)")
    return nil
  }

  /// What kind of spreadsheet the bytes are, by their first ones: a ZIP archive with known members, or OLE 2.
  private static func spreadsheet(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) { return ".xls" }
    guard bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else { return nil }
    return bytes.prefix(4096).contains("application/vnd.oasis.opendocument".utf8) ? ".ods" : ".xlsx"
  }

  /// The offset of the first byte that is no UTF-8.
  private static func firstFault(in text: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    while position < text.count {
      if text[position] < 0x80 {
        position += 1
        continue
      }
      guard let (_, length) = text.decodeScalar(at: position) else { return position }
      position += length
    }
    return nil
  }

  private func fromSingleBytes(_ bytes: [UInt8], _ findings: Findings) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 16)
    for byte in bytes {
      guard let scalar = scalar(of: byte) else {
        let likely = LetterFit.likely(bytes, self)
        findings.report(
          text.withUnsafeBufferPointer { SourceText.place(of: $0.count, in: $0, endsWithCR: true) }, "",
          "the byte 0x\(String(byte, radix: 16, uppercase: true)) is not a character of \(rawValue)",
          likely == self ? Self.saveAsUTF8 : "use --encoding \(likely.rawValue)")
        return nil
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return text
  }

  // MARK: One byte, one character

  /// The encodings of one byte a character that are often mistaken for one another, the likeliest first.
  static let singleBytes: [CSVEncoding] = [.windows1252, .cp850, .macintosh]

  /// The character of a byte; `nil`: none is assigned.
  func scalar(of byte: UInt8) -> Unicode.Scalar? {
    guard byte >= 0x80 else { return Unicode.Scalar(byte) }
    let scalar = table[Int(byte) - 0x80]
    return scalar == "\u{FFFD}" ? nil : scalar
  }

  /// The byte from 0x80 on of a character. Where Windows-1252 and Latin-1 assign none, programs write a control character.
  func byte(of scalar: Unicode.Scalar) -> UInt8? {
    if scalar.isASCII || scalar == "\u{FFFD}" { return nil }
    if self == .windows1252, scalar.value < 0xA0 { return UInt8(scalar.value) }
    return table.firstIndex(of: scalar).map { UInt8($0 + 0x80) }
  }

  private var table: [Unicode.Scalar] {
    switch self {
    case .utf8, .latin1: Self.latin1Table
    case .windows1252: Self.windows1252Table
    case .cp850: Self.cp850Table
    case .macintosh: Self.macintoshTable
    }
  }

  // Foundation of Swift 6.3 is no help on Linux: it does not know cp850, linked statically not Windows-1252 either, and
  // reads Mac OS Roman wrong. These are the Unicode Consortium's CP1252.TXT, CP850.TXT and ROMAN.TXT. U+FFFD: not assigned.

  private static let upperHalf = (UInt8(0xA0)...0xFF).map { Unicode.Scalar($0) }
  private static let latin1Table = [Unicode.Scalar](repeating: "\u{FFFD}", count: 32) + upperHalf
  private static let windows1252Table =
    Array("€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars) + upperHalf
  private static let cp850Table = Array(
    """
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤\
    ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}
    """.unicodeScalars)
  private static let macintoshTable = Array(
    """
    ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
    ¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ
    """.unicodeScalars)
}
