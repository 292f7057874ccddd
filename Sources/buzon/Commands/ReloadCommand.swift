internal import Agent
internal import ArgumentParser
internal import Desk
internal import Register
internal import Text
internal import Translations

struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the agent read its configuration again.",
    discussion: """
      It comes back when the agent has read it. A configuration with an error is
      refused (78): the error is printed, and the old one stays in use. `systemctl
      reload buzon` does this. SIGHUP does the same, without an answer.

      The server of the directory that is in use stays in use where the configuration
      still names it. --first goes back to the first of directory.uris.

      EXAMPLE
        buzon reload
        buzon reload --first
      """)

  @Flag(help: "Use the first server of directory.uris again.")
  var first = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    // Not as the whole of it is now: it may be what is to be refused.
    let configuration = try common.configuration()
    _ = try common.register(configuration)
    let answer = try await QueueOrders(configuration, answer: Agent.carryOutOrders).reload(
      first: first, by: Caller.name)
    if answer.isUnknown {
      throw Failure("no agent runs; the next start reads the configuration", .unavailable)
    }
    if let refusal = answer.refusal { throw Failure(displayed(refusal.utf8), .configuration) }
    let note = answer.note.map { "; \(displayed(translated($0).utf8))" } ?? ""
    try Console.print(translated("the configuration is in use") + note)
  }
}
