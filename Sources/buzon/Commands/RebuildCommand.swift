internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Records
internal import Text

struct RebuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Write the records and the account list again.",
    discussion: """
      The register holds the requests, and the directory holds the accounts. The
      records folder can be made again from the two, and this command does so:
      archived forms, delivery records, the account list. Use it after
      `buzon restore`, or if files of the records are lost.

      Stop the agent first; while one works, the command refuses (exit code 75).

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
    for name in result.kept {
      Console.error(
        "buzon: a file of the ledger said something else than the register; it is kept as \(configuration.records)/ledger/\(name)"
      )
    }
    guard json else {
      return try Console.say("rebuilt: \(result.requests) requests, \(result.accounts) accounts")
    }
    try Console.document { json in
      json.field("requests", result.requests)
      json.field("accounts", result.accounts)
      json.field("kept", result.kept)
    }
  }
}
