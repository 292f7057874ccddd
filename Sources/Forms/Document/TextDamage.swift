internal import Text

/// What a program destroyed in a text before it reached us.
enum TextDamage: Equatable {
  /// A letter was written in one encoding and read in another one: `MuÃ±oz`, `Mu¤oz`.
  case misread(letter: Unicode.Scalar, written: CSVEncoding, read: CSVEncoding, isOfFile: Bool)
  /// A text for a web page: `Mu&ntilde;oz`.
  case entity(String)

  /// Bytes that are looked at: more than any text of a form may have.
  private static let longest = 2048

  /// - Parameters:
  ///   - bytes: good UTF-8.
  ///   - file: the encoding that a whole file was read in, and another one that is likelier.
  init?(in bytes: UnsafeBufferPointer<UInt8>, file: (written: CSVEncoding, read: CSVEncoding)? = nil) {
    let bytes = UnsafeBufferPointer(rebasing: bytes.prefix(Self.longest))
    if let entity = Self.entity(in: bytes) {
      self = .entity(entity)
      return
    }
    guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
    let text = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    guard let damage = Self.misread(text, file) else { return nil }
    self = damage
  }

  var problem: String {
    switch self {
    case .misread(let letter, let written, let read, _):
      "the letter \(String(letter).quoted()) is damaged: \(written.rawValue) was read as \(read.rawValue)"
    case .entity(let entity): "has the HTML entity \(entity) in it"
    }
  }

  var remedy: String {
    switch self {
    case .misread(_, let written, _, isOfFile: true): "use --encoding \(written.rawValue)"
    case .misread(let letter, _, _, isOfFile: false):
      "write \(String(letter).quoted()) instead, and check the other letters"
    case .entity: "write the character itself"
    }
  }

  // MARK: HTML

  private static let entities: Set = [
    "amp", "lt", "gt", "quot", "apos", "nbsp", "shy", "ordf", "ordm", "deg", "iexcl", "iquest", "laquo", "raquo",
    "lsquo", "rsquo", "ldquo", "rdquo", "ndash", "mdash", "hellip", "bull", "middot", "copy", "reg", "trade", "euro",
    "szlig", "AElig", "aelig", "OElig", "oelig",
  ]
  private static let accents = ["acute", "grave", "circ", "tilde", "uml", "cedil", "ring", "slash", "caron"]
  /// `&Ccaron;` is the longest that is looked for; numbers have at most seven digits.
  private static let longestEntity = 10

  private static func entity(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.holds(UInt8(ascii: "&")) else { return nil }
    for start in bytes.indices where bytes[start] == UInt8(ascii: "&") {
      let rest = bytes[(start + 1)...].prefix(longestEntity)
      guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { continue }
      let name = String(decoding: rest[..<end], as: UTF8.self)
      if isEntity(name) { return "&\(name);" }
    }
    return nil
  }

  private static func isEntity(_ name: String) -> Bool {
    if name.hasPrefix("#x") || name.hasPrefix("#X") { return UInt32(name.dropFirst(2), radix: 16) != nil }
    if name.hasPrefix("#") { return UInt32(name.dropFirst()) != nil }
    return entities.contains(name) || accents.contains { name.hasSuffix($0) && name.utf8.count == $0.utf8.count + 1 }
  }

  // MARK: Encodings

  private static func misread(
    _ text: [Unicode.Scalar], _ file: (written: CSVEncoding, read: CSVEncoding)?
  ) -> TextDamage? {
    for index in text.indices.dropLast() where !text[index].isASCII && !text[index + 1].isASCII {
      for read in CSVEncoding.singleBytes {
        guard let letter = utf8(text, index, read) else { continue }
        return .misread(letter: letter, written: .utf8, read: read, isOfFile: false)
      }
    }
    if let file, let letter = singleByte(text, file.written, file.read, isLikely: true) {
      return .misread(letter: letter, written: file.written, read: file.read, isOfFile: true)
    }
    guard text.indices.contains(where: { !text[$0].isASCII && !LetterFit.fits(text, $0) }) else { return nil }
    for read in CSVEncoding.singleBytes {
      for written in CSVEncoding.singleBytes where written != read {
        guard let letter = singleByte(text, written, read, isLikely: false) else { continue }
        return .misread(letter: letter, written: written, read: read, isOfFile: false)
      }
    }
    return nil
  }

  /// The character of UTF-8 that was read as several ones, the first of them at an index.
  private static func utf8(_ text: [Unicode.Scalar], _ index: Int, _ read: CSVEncoding) -> Unicode.Scalar? {
    guard let lead = read.byte(of: text[index]), lead >= 0xC2 else { return nil }
    let end = index + (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4)
    guard end <= text.count else { return nil }
    let bytes = text[index..<end].compactMap { read.byte(of: $0) }
    guard bytes.count == end - index, let (letter, _) = bytes.withUnsafeBufferPointer({ $0.decodeScalar(at: 0) }) else {
      return nil
    }
    switch letter.value {
    // Letters of Europe and Viet Nam, quotation marks and dashes, € and ™, the marks of lost letters, emoji.
    case 0xA0...0x17F, 0x1E00...0x1EFF, 0x2010...0x203A, 0x20AC, 0x2122, 0xFEFF, 0xFFFD, 0x1F300...0x1FAFF: break
    default: return nil
    }
    return endsWord(text, index..<end) ? nil : letter
  }

  /// Whether a letter and the signs behind it can be the end of a word: `“AMANHÃ”`, `«papá»…`.
  private static func endsWord(_ text: [Unicode.Scalar], _ range: Range<Int>) -> Bool {
    guard let first = range.first, first > 0, LetterFit.isLetter(text[first]), LetterFit.isLetter(text[first - 1]),
      LetterFit.fits(text, first)
    else { return false }
    let behind = text[range].dropFirst()
    if behind == ["\u{A0}"] { return true }
    let isEnd = range.upperBound == text.count || !LetterFit.isLetter(text[range.upperBound])
    return isEnd && behind.allSatisfy { "»”’…–—›\u{A0}".unicodeScalars.contains($0) }
  }

  /// The first letter that another encoding gives for a character that doesn't fit.
  ///
  /// - Parameter isLikely: the other encoding is likelier for the whole file. Otherwise only this is beyond doubt: a sign
  ///   or a capital, inside or behind a word, that becomes a Spanish letter.
  private static func singleByte(
    _ text: [Unicode.Scalar], _ written: CSVEncoding, _ read: CSVEncoding, isLikely: Bool
  ) -> Unicode.Scalar? {
    let meant = text.compactMap { $0.isASCII ? $0 : read.byte(of: $0).flatMap { written.scalar(of: $0) } }
    guard meant.count == text.count else { return nil }
    let changed = text.indices.filter { !text[$0].isASCII }
    if isLikely {
      let index = changed.first { LetterFit.score(meant, $0) > LetterFit.score(text, $0) }
      return index.map { meant[$0] }
    }
    guard changed.allSatisfy({ LetterFit.fits(meant, $0) }) else { return nil }
    let index = changed.first {
      !LetterFit.fits(text, $0) && !LetterFit.isSmall(text[$0]) && !"–—’·".unicodeScalars.contains(text[$0])
        && LetterFit.isSpanish(meant[$0]) && $0 > 0 && LetterFit.isLetter(text[$0 - 1])
    }
    return index.map { meant[$0] }
  }
}
