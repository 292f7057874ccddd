import Foundation
import Support
import Testing
import Text

/// What every command says of itself.
@Suite("Help")
struct HelpTests {
  /// Every command with its words, as the program itself lists them.
  private static func commands() async throws -> [[String]] {
    let dump = try await Program.run(Program.built("buzon"), ["--experimental-dump-help"])
    func walk(_ command: JSON, _ path: [String]) -> [[String]] {
      [path]
        + command["subcommands"].array.flatMap { next -> [[String]] in
          guard let name = next["commandName"].text, name != "help" else { return [] }
          return walk(next, path + [name])
        }
    }
    return walk(try JSON(dump.output)["command"], [])
  }

  @Test("Every command has help with an example, in lines of at most 80 cells")
  func everyCommand() async throws {
    let commands = try await Self.commands()
    #expect(commands.count > 15, "\(commands)")
    for command in commands {
      let outcome = try await Program.run(
        Program.built("buzon"), command + ["--help"], environment: ["COLUMNS": "80"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(command)")
      let example = outcome.output.components(separatedBy: "USAGE: ")[0].components(separatedBy: "EXAMPLE\n").last ?? ""
      let words = (["buzon"] + command).joined(separator: " ")
      #expect(outcome.output.contains("EXAMPLE\n") && example.contains(words), "\(command)")
      let long = outcome.output.split(separator: "\n").filter { $0.unicodeScalars.count > 80 }
      #expect(long.isEmpty, "\(command): \(long)")
      #expect(outcome.output.hasPrefix("OVERVIEW: "), "\(command)")
    }
  }

  @Test(
    "A mistyped command or option is told with the nearest one: 64",
    arguments: [
      (["qeue"], "`buzon queue`"), (["histroy", "a@example.org"], "`buzon history`"),
      (["sandbox", "strat"], "`buzon sandbox start`"), (["help", "shwo"], "`buzon show`"),
      (["queue", "--jsno"], "'--json'"), (["submit", "--wiat", "f"], "'--wait'"), (["frobnicate"], "--help"),
      (["Q\u{1B}[31m"], "\\u{1B}"),
    ])
  func mistyped(_ row: (words: [String], suggestion: String)) async throws {
    let outcome = try await Program.run(Program.built("buzon"), row.words)
    #expect(outcome.status == 64 && outcome.output.isEmpty, "\(row.words)")
    #expect(outcome.errors.contains(row.suggestion), "\(row.words): \(outcome.errors)")
    #expect(!outcome.errors.contains("\u{1B}"))
  }

  @Test("help COMMAND is the command's help")
  func helpCommand() async throws {
    for words in [["backup"], ["sandbox", "start"]] {
      let one = try await Program.run(Program.built("buzon"), ["help"] + words)
      let other = try await Program.run(Program.built("buzon"), words + ["--help"])
      #expect(one.status == 0 && one.output == other.output, "\(words)")
    }
  }
}
