internal import Files
internal import Text

/// Plain text for a terminal, wrapped at its cells. Whatever is put in is made safe to print first.
struct TextLines {
  private(set) var text = ""
  private let width: Int

  /// - Parameter width: cells of a line, not fewer than 40.
  init(width: Int = 78) { self.width = max(width, 40) }

  /// An empty line.
  mutating func addBlankLine() { text += "\n" }

  /// A paragraph behind spaces; its first line begins with `mark`, the others stand under what follows it.
  mutating func paragraph(_ content: String, mark: String = "", indent: Int = 0) {
    let room = width - indent - Cells.width(mark)
    for (place, line) in wrap(displayed(content.utf8), to: room).enumerated() {
      let lead = place == 0 ? mark : String(repeating: " ", count: Cells.width(mark))
      text += String(repeating: " ", count: indent) + lead + line + "\n"
    }
  }

  /// What something is called and what it is, each in a column of its own; empty: left out.
  mutating func field(_ name: String, _ content: String?, column: Int) {
    guard let content, !content.isEmpty else { return }
    paragraph(content, mark: Cells.padded(name, to: column - 2) + "  ", indent: 2)
  }

  /// Lines of at most so many cells, broken at spaces, behind hyphens of a word that is too long, or where it must be.
  private func wrap(_ text: String, to room: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.utf8.split(separator: 0x20).map({ String(decoding: $0, as: UTF8.self) }) {
      if !line.isEmpty, Cells.width(line) + 1 + Cells.width(word) <= room {
        line += " " + word
        continue
      }
      if !line.isEmpty { lines.append(line) }
      var pieces = Self.pieces(of: word, room: room)
      line = pieces.popLast() ?? ""
      lines += pieces
    }
    return lines + [line]
  }

  private static func pieces(of word: String, room: Int) -> [String] {
    guard Cells.width(word) > room else { return [word] }
    var pieces: [String] = []
    var rest = Array(word.unicodeScalars)[...]
    while !rest.isEmpty {
      var (taken, end) = (0, rest.startIndex)
      while end < rest.endIndex, taken + Cells.width(rest[end]) <= room || end == rest.startIndex {
        taken += Cells.width(rest[end])
        end += 1
      }
      if end < rest.endIndex, let hyphen = rest[..<end].lastIndex(of: "-") { end = hyphen + 1 }
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: rest[..<end])
      pieces.append(String(piece))
      rest = rest[end...]
    }
    return pieces
  }
}
