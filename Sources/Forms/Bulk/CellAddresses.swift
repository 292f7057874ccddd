/// The addresses of a cell, as people and mail programs write them: `maria@example.org`, `mailto:maria@example.org`,
/// `Muñoz, María <maria@example.org>`; several with spaces, commas, semicolons or line ends between them.
enum CellAddresses {
  /// What stands for an address each, whether it is one or not. The names of people before a `<` are left out.
  static func split(_ cell: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    /// What stands before a `<`, if one comes: names, and addresses of others.
    var words: [ArraySlice<UInt8>] = []
    var rest = cell
    while let first = rest.first {
      switch first {
      case UInt8(ascii: ";"), 0x0A:
        // A name has no semicolon in it.
        found += words.map(bare)
        words = []
        rest.removeFirst()
      case ...0x20, UInt8(ascii: ","): rest.removeFirst()
      case UInt8(ascii: "\""): words.append(take(from: &rest, through: UInt8(ascii: "\"")))
      case UInt8(ascii: "<"):
        let bracket = take(from: &rest, through: UInt8(ascii: ">"))
        guard bracket.last == UInt8(ascii: ">") else {
          words.append(bracket)
          continue
        }
        let address = bare(bracket.dropFirst().dropLast())
        // Some programs repeat the address where they know no name.
        found += words.filter { $0.first != UInt8(ascii: "\"") && $0.contains(UInt8(ascii: "@")) }.map(bare)
          .filter { !isSame($0, address) }
        words = []
        found.append(address)
      default:
        let word = rest.prefix { $0 > 0x20 && !",;<".utf8.contains($0) }
        words.append(word)
        rest = rest[word.endIndex...]
      }
    }
    return found + words.map(bare)
  }

  /// The bytes up to the next one of a kind behind the first, or all.
  private static func take(from rest: inout ArraySlice<UInt8>, through last: UInt8) -> ArraySlice<UInt8> {
    let end = rest.dropFirst().firstIndex(of: last).map { $0 + 1 } ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  /// Without the scheme and the query of RFC 6068.
  private static func bare(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let scheme = "mailto:".utf8
    guard word.prefix(scheme.count).elementsEqual(scheme, by: { $0 | 0x20 == $1 | 0x20 }) else { return word }
    return word.dropFirst(scheme.count).prefix { $0 != UInt8(ascii: "?") }
  }

  private static func isSame(_ word: ArraySlice<UInt8>, _ address: ArraySlice<UInt8>) -> Bool {
    func plain(_ bytes: ArraySlice<UInt8>) -> String {
      String(decoding: bytes.filter { $0 != UInt8(ascii: "'") }, as: UTF8.self).lowercased()
    }
    return plain(word) == plain(address)
  }
}
