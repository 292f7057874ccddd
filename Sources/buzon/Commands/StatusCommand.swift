internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Records
internal import Register

struct StatusCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, html
  }

  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell how the agent, the directory and the queue are.",
    usage: "buzon status [--format <format>] [--json]",
    discussion: """
      Tells whether the agent runs and the directory answers, what waits and
      why, what failed, the open hand-overs, what was changed outside Buzón, and how
      many accounts there are. The first line is that of a monitoring plugin,
      with figures behind a bar. With --format html it is the operator's page,
      which a running agent keeps in the records as status.html.

      EXIT CODES
        0 all is well, 1 something needs a look (a request is held, the clock is
        held because the host's time jumped, a change failed today, an account was changed outside Buzón, the directory isn't
        listened to), 2 the service is at a stand (no agent runs, the directory
        doesn't answer as it should); others as of every command

      EXAMPLE
        buzon status
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "text, json or html.")
  var format: Format?
  @Flag(help: "The same as --format json.")
  var json = false

  func validate() throws {
    if json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) don't go together")
    }
  }

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let style = try RecordStyle(configuration)
    var reading = try StatusReading(register, configuration)
    let report = try reading.report()
    switch json ? .json : format ?? .text {
    case .text: try Console.output(Array(report.text(zone: reading.zone).utf8))
    case .json: try Console.output(report.json())
    case .html: try Console.output(style.pages.page(report))
    }
    if report.health != .ok { throw ExitCode(report.health.exitCode) }
  }
}
