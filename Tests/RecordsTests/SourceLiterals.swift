import Foundation

/// A string literal of the sources: what stands between its interpolations.
struct SourceLiteral {
  var file: String
  var pieces: [String]
  /// Whether it is a whole argument `diagnostic:`, `remedy:` or `what:`, and not a part of one.
  var isWhole: Bool

  /// The text with something in place of each interpolation.
  func filled(with text: String) -> String { pieces.joined(separator: text) }

  /// Whether it reads as words, and not as a name, a format or a path.
  var isProse: Bool { filled(with: "x").contains(/[a-z)] [a-z(]/) }

  /// The literals of the files below these folders of `Sources`, those that `+` joins as one.
  static func all(below folders: [String]) throws -> [SourceLiteral] {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources").path
    var literals: [SourceLiteral] = []
    for folder in folders {
      let files = try FileManager.default.subpathsOfDirectory(atPath: "\(sources)/\(folder)")
      for path in files.sorted() where path.hasSuffix(".swift") {
        let text = try String(contentsOfFile: "\(sources)/\(folder)/\(path)", encoding: .utf8)
        var reader = LiteralReader(text: Array(text.utf8), file: "\(folder)/\(path)")
        literals += reader.literals()
      }
    }
    return literals
  }
}

/// Finds the string literals of a Swift file; those in interpolations of others too. Long ones (`"""`) are left out: they
/// are SQL.
private struct LiteralReader {
  let text: [UInt8]
  let file: String
  var place = 0
  var found: [SourceLiteral] = []

  mutating func literals() -> [SourceLiteral] {
    while place < text.count {
      let byte = text[place]
      guard byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\"") else {
        place += 1
        continue
      }
      if starts("//") {
        while place < text.count, text[place] != 0x0A { place += 1 }
      } else if starts("\"\"\"") {
        place += 3
        while !starts("\"\"\"") { place += 1 }
        place += 3
      } else if text[place] == UInt8(ascii: "\"") {
        let start = place
        let pieces = literal()
        add(pieces, from: start)
      } else {
        place += 1
      }
    }
    return found
  }

  /// A literal and what `+` joins to it; what isn't a literal counts as an interpolation.
  private mutating func add(_ first: [String], from start: Int) {
    var pieces = first
    while let next = behindPlus() {
      place = next
      if text[place] == UInt8(ascii: "\"") {
        let more = literal()
        pieces[pieces.count - 1] += more[0]
        pieces += more.dropFirst()
      } else {
        skipTerm()
        pieces.append("")
      }
    }
    let label = text[..<start].suffix(40).split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }).last.map(Array.init) ?? []
    let isWhole = ["diagnostic:", "remedy:", "what:"].contains(
      String(decoding: label, as: UTF8.self).split(separator: "(").last.map(String.init) ?? "")
    found.append(SourceLiteral(file: file, pieces: pieces, isWhole: isWhole))
  }

  private func behindPlus() -> Int? {
    var next = place
    func skip() { while next < text.count, text[next] == 0x20 || text[next] == 0x0A { next += 1 } }
    skip()
    guard next < text.count, text[next] == UInt8(ascii: "+") else { return nil }
    next += 1
    skip()
    return next
  }

  /// An expression in parentheses with what is called on it, or a name with what is called on it.
  private mutating func skipTerm() {
    var depth = 0
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "\""):
        let start = place
        let pieces = literal()
        add(pieces, from: start)
        continue
      case UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return }
        depth -= 1
      case UInt8(ascii: ","), UInt8(ascii: "+"), 0x0A: if depth == 0 { return }
      default: break
      }
      place += 1
    }
  }

  /// The literal that begins here; the place is behind it then.
  private mutating func literal() -> [String] {
    var pieces: [[UInt8]] = [[]]
    place += 1
    while text[place] != UInt8(ascii: "\"") {
      guard text[place] == UInt8(ascii: "\\") else {
        pieces[pieces.count - 1].append(text[place])
        place += 1
        continue
      }
      if text[place + 1] == UInt8(ascii: "(") {
        place += 2
        skipTerm()
        pieces.append([])
      } else {
        pieces[pieces.count - 1].append(text[place + 1] == UInt8(ascii: "n") ? 0x0A : text[place + 1])
        place += 1
      }
      place += 1
    }
    place += 1
    return pieces.map { String(decoding: $0, as: UTF8.self) }
  }

  private func starts(_ mark: String) -> Bool { text[place...].starts(with: mark.utf8) }
}
