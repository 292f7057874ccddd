internal import Agent
internal import ArgumentParser
internal import Configuration

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the agent.",
    discussion: """
      Takes forms from the spool, carries them out and records them until it
      gets SIGTERM or SIGINT, which let what is in flight come to its end. SIGHUP
      reads the configuration again. The log goes to standard error, one event a
      line. A second agent on the same spool is refused (exit code 75).

      With --once it ends when all that is there is done: exit code 1 when
      something was rejected or failed, else 75 when something waits or the clock
      is held (`buzon release CLOCK`), else 0.

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
