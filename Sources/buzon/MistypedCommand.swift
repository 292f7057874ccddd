internal import ArgumentParser
internal import Text

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
      return nearest(to: word, among: names + ["help"]).map {
        "there is no command `\(path) \(displayed(word.utf8))`; did you mean `\(path) \($0)`?"
      }
        ?? "there is no command `\(path) \(displayed(word.utf8))`; `\(path) --help` lists them"
    }
    return nil
  }
}
