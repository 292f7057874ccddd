/// How well characters that aren't ASCII stand between their neighbours, as text of Western Europe is written.
///
/// Bytes that are read in the wrong encoding give signs inside words (`Mu¤oz`) and capitals behind small letters (`JosÚ`).
enum LetterFit {
  private static let spanish = Set("áéíóúüñÁÉÍÓÚÜÑ".unicodeScalars)
  /// Signs that may stand behind a word, and before one.
  private static let closing = Set("»”’…°ªº®©™–—·¡¿\u{A0}".unicodeScalars)
  private static let opening = Set("¡¿«“‘„‚–—°•·\u{A0}".unicodeScalars)

  static func isSpanish(_ scalar: Unicode.Scalar) -> Bool { spanish.contains(scalar) }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0xFF: true
    // Œ œ Š š Ÿ Ž ž
    case 0x152, 0x153, 0x160, 0x161, 0x178, 0x17D, 0x17E: true
    default: false
    }
  }

  static func isSmall(_ scalar: Unicode.Scalar) -> Bool { isLetter(scalar) && scalar.properties.isLowercase }
  private static func isCapital(_ scalar: Unicode.Scalar) -> Bool { isLetter(scalar) && scalar.properties.isUppercase }

  /// Whether a character fits between its neighbours.
  static func fits(_ text: [Unicode.Scalar], _ index: Int) -> Bool {
    let scalar = text[index]
    let before = index > 0 ? text[index - 1] : " "
    let after = index + 1 < text.count ? text[index + 1] : " "
    if isCapital(scalar) { return !isSmall(before) }
    if isLetter(scalar) {
      guard isCapital(after) else { return true }
      // Some programs leave ñ and í small where they write capitals.
      return isCapital(before) && isSpanish(scalar)
    }
    switch (isLetter(before), isLetter(after)) {
    case (false, false): return scalar != "\u{FFFD}"
    case (true, false): return closing.contains(scalar)
    case (false, true): return opening.contains(scalar)
    case (true, true): break
    }
    switch scalar {
    case "\u{A0}": return true
    case "–", "—": return !isSmall(after)
    // l’Hospitalet, O’Brien, Levi’s
    case "’": return index == 1 || !isLetter(text[index - 2]) || isCapital(after) || after == "s"
    // paral·lel
    case "·": return before == after
    default: return false
    }
  }

  /// The higher, the likelier a character is what was written.
  static func score(_ text: [Unicode.Scalar], _ index: Int) -> Int {
    guard fits(text, index) else { return -1 }
    return isLetter(text[index]) && !isSpanish(text[index]) ? 1 : 2
  }

  /// Bytes that are judged, from the first one that isn't ASCII on.
  private static let sample = 64 << 10

  /// The encoding in which bytes probably were written: the named one, unless it makes nonsense that another one turns into
  /// text.
  static func likely(_ bytes: [UInt8], _ named: CSVEncoding) -> CSVEncoding {
    guard let first = bytes.firstIndex(where: { $0 >= 0x80 }) else { return named }
    let sample = bytes[max(0, first - 2)...].prefix(sample)
    func judge(_ encoding: CSVEncoding) -> (score: Int, misfits: Int) {
      let text = sample.map { encoding.scalar(of: $0) ?? "\u{FFFD}" }
      let scores = text.indices.filter { !text[$0].isASCII }.map { score(text, $0) }
      return (scores.reduce(0, +), scores.count { $0 < 0 })
    }
    var best = (encoding: named, score: judge(named).score)
    guard judge(named).misfits > 0 else { return named }
    for encoding in CSVEncoding.singleBytes {
      let score = judge(encoding).score
      if score > best.score { best = (encoding, score) }
    }
    return best.encoding
  }
}
