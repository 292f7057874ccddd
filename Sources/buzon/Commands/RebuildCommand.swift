internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Records
internal import Text

struct RebuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Write records and account list again from register and directory.",
    discussion: """
      The register is the truth about requests, the directory the truth about
      accounts; everything in the records folder is a view of the two, and this
      writes it again: archived forms, delivery records, the account list. Use
      it after `buzon restore`, or where files of the records were lost.

      Stop the agent first; while one works it refuses (exit code 75).

      EXAMPLE
        systemctl stop buzon && buzon rebuild && systemctl start buzon
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() async throws {
    let configuration = try common.configuration()
    try common.requireState(configuration)
    let progress = Progress()
    let result = try await Agent.rebuild(configuration, log: EventLog(configuration.log)) { what, done, all in
      progress.show(displayed(what.utf8), done, of: all)
    }
    guard json else {
      return try Console.print("rebuilt: \(result.requests) requests, \(result.accounts) accounts")
    }
    try Console.document { json in
      json.field("requests", result.requests)
      json.field("accounts", result.accounts)
    }
  }
}
