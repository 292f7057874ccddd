package import Text

/// Scalars by the types that their keys have.
extension Walk {
  /// `null`, `~` or nothing, without quotes.
  package func isNull(_ field: Field) -> Bool {
    guard document.isPlain(field.node), document.length(field.node) <= 4 else { return false }
    return document.isText(field.node, "") || document.isText(field.node, "~") || document.isText(field.node, "null")
  }

  /// Whether the value is one scalar that isn't null.
  package func isScalar(_ field: Field, _ remedy: @autoclosure () -> String) -> Bool {
    switch document.kind(field.node) {
    case .invalid: return false
    case .mapping:
      report(field, "has keys and is not text", remedy())
      return false
    case .sequence:
      report(field, "is a list and no text", remedy())
      return false
    case .scalar: break
    }
    if isNull(field) {
      report(field, "is empty", remedy())
      return false
    }
    if document.isPlain(field.node), document.isText(field.node, "Null") || document.isText(field.node, "NULL") {
      report(field, "is not clear", "write null for nothing, or the word in quotes")
      return false
    }
    return true
  }

  /// A text of one line.
  /// - Parameter most: Unicode scalars.
  package func text(_ field: Field, most: Int = 128) -> String? {
    guard isScalar(field, "write one line of text, or leave the key out if it may be left out") else { return nil }
    if let fault = document.withText(field.node, { TextFault.first(in: $0, most: most) }) {
      report(field, fault.problem, fault.remedy(most: most))
      return nil
    }
    return document.text(field.node)
  }

  /// A text of some ASCII characters.
  /// - Parameter isSecret: the value isn't quoted in the finding.
  package func text(
    _ field: Field, of characters: ASCIISet, first: ASCIISet? = nil, most: Int, remedy: String, isSecret: Bool = false
  ) -> String? {
    guard isScalar(field, remedy) else { return nil }
    let good = document.withText(field.node) { bytes in
      guard let head = bytes.first, bytes.count <= most else { return false }
      return (first ?? characters).contains(head) && bytes.allSatisfy(characters.contains)
    }
    if good { return document.text(field.node) }
    report(
      field, isSecret ? "is not written as it should be" : "\(quoted(field)) is not written as it should be", remedy)
    return nil
  }

  /// `true` or `false`, without quotes.
  package func flag(_ field: Field) -> Bool? {
    guard isScalar(field, "write true or false") else { return nil }
    if document.isPlain(field.node) {
      if document.isText(field.node, "true") { return true }
      if document.isText(field.node, "false") { return false }
    }
    report(field, "\(quoted(field)) is neither true nor false", "write true or false, without quotes")
    return nil
  }

  /// One of a few words.
  package func word<Word: RawRepresentable & CaseIterable>(
    _ field: Field, _ words: [Word] = Array(Word.allCases)
  ) -> Word? where Word.RawValue == String {
    func remedy() -> String { "write \(Self.orList(words.map(\.rawValue)))" }
    guard isScalar(field, remedy()) else { return nil }
    let text = document.text(field.node)
    if let word = words.first(where: { $0.rawValue == text }) { return word }
    report(field, "\(quoted(field)) is not known", remedy())
    return nil
  }

  /// A day of the calendar.
  package func day(_ field: Field) -> Day? {
    guard isScalar(field, "write a day as YYYY-MM-DD") else { return nil }
    if let day = Day(parsing: document.text(field.node)) { return day }
    report(field, "\(quoted(field)) is not a day of the calendar", "write it as YYYY-MM-DD")
    return nil
  }

  /// A whole number and a binary unit.
  package func size(_ field: Field) -> ByteCount? {
    let remedy = "write a whole number and a unit: 5 GiB, 500 MiB"
    guard isScalar(field, remedy) else { return nil }
    do throws(ByteCount.ParseError) {
      return try ByteCount.parse(document.text(field.node))
    } catch {
      switch error {
      case .noUnit: report(field, "\(quoted(field)) has no unit", remedy)
      case .decimalUnit:
        report(field, "the unit of \(quoted(field)) means two sizes", "write KiB, MiB, GiB or TiB: 5 GiB")
      case .unknownUnit: report(field, "\(quoted(field)) has no unit that is known", remedy)
      case .notWhole:
        report(field, "\(quoted(field)) is not a whole number with a unit", "\(remedy); 1536 MiB for 1.5 GiB")
      case .outOfRange: report(field, "\(quoted(field)) is out of range", "write a size from 1 B to 8388607 TiB")
      }
    }
    return nil
  }

  /// The value for a message.
  package func quoted(_ field: Field) -> String { document.text(field.node).quoted() }

  /// `a, b or c`
  package static func orList(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) or \(last)"
  }
}
