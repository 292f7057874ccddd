import Foundation

/// A string literal of the sources: what stands between its interpolations.
struct SourceLiteral {
  var file: String
  var pieces: [String]
  /// Whether it is a whole argument that is a message, such as `remedy:`, and not a part of one.
  var isWhole: Bool
  /// Whether it is a label or the heading of a column, which commands translate.
  var isLabel: Bool
  /// Whether it is how a command is called (`usage:`).
  var isSynopsis: Bool

  /// The text with something in place of each interpolation.
  func filled(with text: String) -> String { pieces.joined(separator: text) }

  /// Whether it reads as words, and not as a name, a format or a path.
  var isProse: Bool { filled(with: "x").contains(/[a-z)] [a-z(]/) }

  /// The folder `Sources`.
  static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources").path

  /// The literals of the files below these folders of `Sources`, those that `+` joins as one.
  static func all(below folders: [String]) throws -> [SourceLiteral] {
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

/// Finds the string literals of a Swift file; those in interpolations of others too.
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
    let name = String(decoding: label, as: UTF8.self).split(separator: "(").last.map(String.init) ?? ""
    let isHeading = pieces[0].wholeMatch(of: /[A-Z][A-Z ,→-]+(?: \()?/) != nil
    found.append(
      SourceLiteral(
        file: file, pieces: pieces, isWhole: Self.wholes.contains(name),
        isLabel: Self.labels.contains(name) || isHeading,
        isSynopsis: name == "usage:"))
  }

  private static let wholes: Set = [
    "diagnostic:", "remedy:", "what:", "problem:", "do:", "because:", "else:", "meaning:", "refusal:", "note:",
    "abstract:", "discussion:", "help:", "ArgumentHelp", "ValidationError", "Failure", "translated", "Console.say",
    "Console.error", "Console.prompt",
  ]

  private static let labels: Set = ["translated", "line", "field", "Self.field", "said", "Console.say"]

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

  /// What stands in the parentheses of an interpolation, up to the closing one.
  private mutating func skipInterpolation() {
    var depth = 0
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "\""):
        let start = place
        let pieces = literal()
        add(pieces, from: start)
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        if depth == 0 { return }
        depth -= 1
      default: break
      }
      place += 1
    }
  }

  /// The literal that begins here; the place is behind it then.
  private mutating func literal() -> [String] {
    let isLong = starts("\"\"\"")
    let mark = isLong ? "\"\"\"" : "\""
    var pieces: [[UInt8]] = [[]]
    place += mark.utf8.count
    while !starts(mark) {
      guard text[place] == UInt8(ascii: "\\") else {
        pieces[pieces.count - 1].append(text[place])
        place += 1
        continue
      }
      switch text[place + 1] {
      case UInt8(ascii: "("):
        place += 2
        skipInterpolation()
        pieces.append([])
      case 0x0A:
        // The next line goes on here, without its indentation.
        pieces[pieces.count - 1].append(0x0C)
        place += 1
      case UInt8(ascii: "n"):
        // Not an end of a line, which goes with its indentation.
        pieces[pieces.count - 1].append(isLong ? 0x0B : 0x0A)
        place += 1
      case let byte:
        pieces[pieces.count - 1].append(byte)
        place += 1
      }
      place += 1
    }
    place += mark.utf8.count
    let texts = pieces.map { String(decoding: $0, as: UTF8.self) }
    return isLong ? Self.unindented(texts) : texts
  }

  /// What a literal of several lines holds: without its first and last end of a line, and the indentation of its last line.
  private static func unindented(_ pieces: [String]) -> [String] {
    var pieces = pieces
    let indentation = pieces[pieces.count - 1].reversed().prefix { $0 != "\n" }.count
    let lineEnd = "\n" + String(repeating: " ", count: indentation)
    let joint = "\u{C}" + String(repeating: " ", count: indentation)
    pieces = pieces.map {
      $0.replacing(lineEnd, with: "\n").replacing(joint, with: "").replacing("\u{B}", with: "\n")
    }
    pieces[0].removeFirst()
    if pieces[pieces.count - 1].hasSuffix("\n") { pieces[pieces.count - 1].removeLast() }
    return pieces
  }

  private func starts(_ mark: String) -> Bool { text[place...].starts(with: mark.utf8) }
}
