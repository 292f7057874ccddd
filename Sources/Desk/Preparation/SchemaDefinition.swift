/// One attribute type or object class (RFC 4512 §4.1), as words, so that two spellings of one compare equal: with its OID
/// written out or by a macro of `olcObjectIdentifier`, with any spaces, and whatever its description. Pure.
package struct SchemaDefinition: Sendable, Hashable {
  private let words: [String]

  /// - Parameter macros: names of OIDs, as `olcObjectIdentifier` has them: `NAME OID`.
  package init(_ text: String, macros: [String]) {
    let names = Dictionary(
      macros.map { $0.withoutPlace.split(separator: " ", maxSplits: 1).map(String.init) }.filter { $0.count == 2 }
        .map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    var words: [String] = []
    var isDescription = false
    for word in Self.split(text.withoutPlace) {
      if isDescription {
        isDescription = false
      } else if word == "DESC" {
        isDescription = true
      } else {
        words.append(Self.spelled(word, names))
      }
    }
    self.words = words
  }

  /// The name: `buzonKind`.
  package var name: String? {
    guard let place = words.firstIndex(of: "NAME"), place + 1 < words.count else { return nil }
    return words[place + 1].filter { $0 != "'" }
  }

  /// At spaces, but for those between quotes.
  private static func split(_ text: String) -> [String] {
    var words: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "'") { isQuoted.toggle() }
      if byte == UInt8(ascii: " "), !isQuoted { words.append([]) } else { words[words.count - 1].append(byte) }
    }
    return words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// With the macro before the colon written out.
  private static func spelled(_ word: String, _ names: [String: String]) -> String {
    let parts = word.split(separator: ":", maxSplits: 1)
    guard let oid = names[String(parts.first ?? "")], !word.utf8.contains(UInt8(ascii: "'")) else { return word }
    return spelled(oid, names) + (parts.count == 2 ? "." + parts[1] : "")
  }
}
