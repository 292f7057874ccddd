internal import Agent
internal import ArgumentParser
internal import Configuration

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the agent.",
    discussion: """
      The agent takes forms from the spool, applies them and records them.
      SIGTERM or SIGINT end it: it finishes the operations that were sent, then
      stops. SIGHUP reads the configuration again. The log goes to standard error,
      one event a line. There is one agent on a spool: a second one waits, and takes
      over when the first one ends. With --once it ends with 75.

      With --once the agent ends when it has done everything that it can do now.
      The exit code is 1 if something was rejected or failed. Otherwise it is 69
      if the directory could not be read, 75 if something waits or the clock is
      held (`buzon release CLOCK`), and else 0.

      EXAMPLE
        buzon run --once
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "End when all that is there is done.")
  var once = false

  func run() async throws {
    let configuration = try common.configuration()
    let agent = Agent(configuration, from: common.path, log: EventLog(configuration.log))
    let ending = try await agent.run(once: once)
    if once, ending.exitCode != 0 { throw ExitCode(ending.exitCode) }
  }
}
