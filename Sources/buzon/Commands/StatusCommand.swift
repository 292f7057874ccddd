internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Installation
internal import Records
internal import Register
internal import Translations

struct StatusCommand: AsyncParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, html
  }

  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the state of the agent, the directory and the queue.",
    usage: """
      buzon status [--format <format>] [--json]
      buzon status --acknowledge
      """,
    discussion: """
      Shows whether the agent runs and the directory answers, what waits and why,
      what failed, open hand-overs, changes made outside Buzón, and the number of
      accounts. The first line is the line of a monitoring plugin, with figures
      after a bar. --format html prints the operator's page. A running agent keeps
      that page in the records folder as status.html.

      --acknowledge says that you have taken note of what was rejected, failed or
      overridden until now: only what comes later is a finding again.

      EXIT CODES
        0 all is well
        1 something needs a look: a request or the clock is held, a file was
          rejected or is stuck in the spool, a change failed today, a temporary
          password was overridden, an account was changed outside Buzón, the last
          run --once left something, or the agent does not receive the directory's
          changes
        2 the service does not work: no agent runs (and the last run was no
          run --once), the directory does not answer as it should, forms cannot be
          read, or records cannot be written
        3 not known: the register cannot be read (with --json: 74, 77)

      EXAMPLE
        buzon status
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "text, json or html.")
  var format: Format?
  @Flag(help: "The same as --format json.")
  var json = false

  @Flag(help: "Take note of what was rejected, failed or overridden until now.")
  var acknowledge = false

  func validate() throws {
    if acknowledge, json || format != nil {
      throw ValidationError("--acknowledge prints nothing; leave --json and --format out")
    }
    if json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) don't go together")
    }
  }

  func run() async throws {
    let configuration = try common.configuration()
    do { try await show(configuration) } catch { try explain(error) }
  }

  private func show(_ configuration: Configuration) async throws {
    if !acknowledge, try !common.hasRegister(configuration) {
      return try print(try StatusBeforeStart.report(configuration), configuration)
    }
    let register = try common.register(configuration)
    if acknowledge {
      try common.requireState(configuration)
      let actor = Caller.name
      return try await Acknowledgement.store(by: actor, configuration)
    }
    var reading = try StatusReading(register, configuration)
    try print(try reading.report(), configuration)
  }

  /// A monitoring plugin's line and code for what can't be known.
  ///
  /// - Throws: ``ExitCode`` 3, or the error itself where no line for people was asked for.
  private func explain(_ error: any Error) throws -> Never {
    guard !acknowledge, !json, format == nil || format == .text, let failure = error as? Failure ?? Failure(of: error)
    else { throw error }
    try Console.print("UNKNOWN: \(translated(failure.message))")
    throw ExitCode(3)
  }

  /// - Throws: ``ExitCode`` 1 or 2 where not all is well.
  private func print(_ report: StatusReport, _ configuration: Configuration) throws {
    let style = try RecordStyle(configuration)
    switch json ? .json : format ?? .text {
    case .text: try Console.output(Array(report.text(zone: style.zone, language: .ofProcess).utf8))
    case .json: try Console.output(report.json())
    case .html: try Console.output(style.pages.page(report))
    }
    if report.health != .ok { throw ExitCode(report.health.exitCode) }
  }
}

extension PageLanguage {
  /// Of what the caller reads here; pages follow the configuration.
  fileprivate static let ofProcess = PageLanguage(rawValue: MessageLanguage.ofProcess.rawValue) ?? .en
}
