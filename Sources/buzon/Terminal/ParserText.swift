internal import Glibc
internal import Records
internal import Text
internal import Translations

/// What the argument parser prints, in the caller's language: the help of a command, and what is wrong with its words.
///
/// The parser has its own words in English and takes no others. So its text is asked for with endless lines, translated a
/// piece at a time, and wrapped here. What it prints for programs (completion scripts, the dump of the help) is none of this.
enum ParserText {
  /// As wide as the parser asks for, so that it breaks no line of ours.
  static let endless = 1 << 20
  /// Where the parser begins what an argument means.
  private static let column = 26

  /// - Returns: `nil`: it is no text for people, or they read English.
  static func inCallersLanguage(_ text: String) -> String? {
    if MessageLanguage.ofProcess == .english { return nil }
    if text.hasPrefix(overview) { return help(text) }
    return text.hasPrefix(mistake) ? error(text) : nil
  }

  // MARK: Help

  private static let overview = "OVERVIEW: "
  private static let usage = "USAGE: "

  private static func help(_ text: String) -> String {
    var parts = Substring(text.dropFirst(overview.count))
    var usageAndRest = ""
    if let start = parts.firstRange(of: "\n\n" + usage) {
      usageAndRest = String(parts[parts.index(start.lowerBound, offsetBy: 2)...])
      parts = parts[..<start.lowerBound]
    }
    let pieces = parts.split(separator: "\n\n", maxSplits: 1)
    var result = wrapped(translated("OVERVIEW:") + " " + translated(String(pieces.first ?? "")), behind: 0)
    if pieces.count > 1 { result += "\n\n" + translated(String(pieces[1])) }
    return result + "\n\n" + sections(usageAndRest)
  }

  /// Usage, arguments, options, subcommands.
  private static func sections(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var result: [String] = []
    let title = translated("USAGE:") + " "
    var isUsage = false
    var index = 0
    while index < lines.count {
      let line = lines[index]
      index += 1
      if line.hasPrefix(usage) {
        isUsage = true
        result.append(title + wrapped(synopsis(String(line.dropFirst(usage.count))), behind: title.count))
      } else if line.isEmpty || !line.hasPrefix("  ") || line.hasPrefix("  See '") {
        isUsage = false
        result.append(line.isEmpty ? "" : (line.hasPrefix(" ") ? "  " : "") + translated(line.trimmed))
      } else if isUsage {
        result.append(
          String(repeating: " ", count: title.count) + wrapped(synopsis(line.trimmed), behind: title.count))
      } else {
        let isBelow = index < lines.count && lines[index].hasPrefix(String(repeating: " ", count: column))
        let label = isBelow ? line : String(line.prefix(column))
        let meaning = isBelow ? lines[index] : String(line.dropFirst(column))
        if isBelow { index += 1 }
        result.append(element(synopsis(label.trimmed), translated(meaning.trimmed)))
      }
    }
    return result.joined(separator: "\n")
  }

  /// An argument and what it means.
  private static func element(_ label: String, _ meaning: String) -> String {
    let text = "  " + label
    if meaning.isEmpty { return text }
    let lines = wrapped(meaning, behind: column)
    return Cells.width(text) < column
      ? Cells.padded(text, to: column) + lines : text + "\n" + String(repeating: " ", count: column) + lines
  }

  /// A text that fits the terminal, behind so many cells of each line.
  private static func wrapped(_ text: String, behind column: Int) -> String {
    let width = max(Terminal.width(STDOUT_FILENO) ?? 80, column + 20)
    var lines: [String] = []
    for word in text.split(separator: " ").map(String.init) {
      if let last = lines.last, Cells.width(last) + 1 + Cells.width(word) <= width - column {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(word)
      }
    }
    return lines.joined(separator: "\n" + String(repeating: " ", count: column))
  }

  /// Options and arguments, with the names of values translated: `--output <file>`.
  private static func synopsis(_ text: String) -> String {
    text.replacing(/<[A-Za-z -]+>/) { translated(String($0.output)) }
  }

  // MARK: Mistakes

  private static let mistake = "Error: "

  private static func error(_ text: String) -> String {
    var isUsage = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let line = String(line)
      if line.hasPrefix(mistake) {
        return translated("Error:") + " " + synopsis(translated(String(line.dropFirst(mistake.count))))
      }
      if line.hasPrefix("Help:  ") {
        let parts = line.dropFirst(7).split(separator: "  ", maxSplits: 1).map(String.init)
        return translated("Help:") + "  " + synopsis(parts[0])
          + (parts.count > 1 ? "  " + translated(parts[1]) : "")
      }
      if line.hasPrefix("Usage: ") {
        isUsage = true
        return translated("Usage:") + " " + synopsis(String(line.dropFirst(7)))
      }
      if line.hasPrefix("  See '") { return "  " + translated(line.trimmed) }
      return isUsage ? synopsis(line) : translated(line)
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
