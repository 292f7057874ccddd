internal import ArgumentParser
internal import Files

/// The name that was probably meant by a mistyped one.
enum Nearest {
  /// The nearest of the names, where at most a third of its letters (and at least one) differ.
  static func name(to word: String, among names: [String]) -> String? {
    let word = Array(word.utf8)
    guard word.count <= 40 else { return nil }
    return names.map { ($0, distance(word, Array($0.utf8))) }
      .filter { $0.1 <= max(1, $0.0.utf8.count / 3) }
      .min { $0.1 < $1.1 }?.0
  }

  /// Letters to insert, delete, replace or swap with their neighbour.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var rows = [Array(0...right.count)]
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        var least = min(
          rows[row][column] + (left[row] == right[column] ? 0 : 1), rows[row][column + 1] + 1, next[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, rows[row - 1][column - 1] + 1)
        }
        next.append(least)
      }
      rows.append(next)
    }
    return rows[left.count][right.count]
  }
}

extension ParsableCommand {
  /// What is wrong with the words where a command's name should stand; `nil` where one stands there.
  static func mistypedCommand(_ words: [String]) -> String? {
    var command: any ParsableCommand.Type = Self.self
    var path = configuration.commandName ?? _commandName
    var words = words[...]
    if words.first == "help" { words = words.dropFirst() }
    while !command.configuration.subcommands.isEmpty, let word = words.popFirst() {
      // An option: the parser's own affair.
      if word.utf8.first == UInt8(ascii: "-") { return nil }
      if let next = command.configuration.subcommands.first(where: { $0._commandName == word }) {
        command = next
        path += " " + word
        continue
      }
      if word == "help" { return nil }
      let names = command.configuration.subcommands.map { $0._commandName }
      return Nearest.name(to: word, among: names + ["help"]).map {
        "there is no command `\(path) \(displayed(word.utf8))`; did you mean `\(path) \($0)`?"
      }
        ?? "there is no command `\(path) \(displayed(word.utf8))`; `\(path) --help` lists them"
    }
    return nil
  }
}
