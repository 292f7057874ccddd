internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text
internal import Translations

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "List the requests that wait, and why.",
    discussion: """
      Lists the requests that are not done, in the order of their acceptance, and
      the files that are still in the spool. Shows whether an agent runs, what the
      whole queue waits for, and whether the clock is held. `buzon retry`, `hold`,
      `release` and `cancel` act on these requests.

      EXAMPLE
        buzon queue
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    let configuration = try common.configuration()
    let hasRun = try common.hasRegister(configuration)
    let spool = try Spool(configuration, hasRun: hasRun)
    defer { for problem in spool.files.problems { Console.error("buzon: \(problem.reason); \(problem.remedy)") } }
    try print(configuration, hasRun: hasRun, spool)
    if !spool.files.problems.isEmpty { throw ExitCode.inputOutput }
  }

  /// A time for a person.
  private func shown(_ milliseconds: Int64, _ zone: Zone) -> String {
    zone.dateAndTime(at: Timestamp(milliseconds: milliseconds))
  }

  private func print(_ configuration: Configuration, hasRun: Bool, _ spool: Spool) throws {
    guard hasRun else {
      // Before the agent's first start all there is lies in the spool.
      if json { return try printJSON(nil, nil, [], spool, configuration.zone()) }
      try print(spool, zone: configuration.zone())
      let agent = try StatusBeforeStart.report(configuration).agent
      return try Console.say("No agent runs: \(agent.reason ?? ""); \(agent.remedy ?? "")")
    }
    let register = try common.register(configuration)
    let waiting = try register.queue()
    // Where nothing could be sent, nobody asks the directory, and an old trouble is nobody's.
    let isTried = waiting.contains { $0.state == .ready || $0.state == .working }
    let trouble = isTried ? try register.trouble() : nil
    let zone = try configuration.zone()
    let clock = try ClockHold(register, zone: zone)
    if json { return try printJSON(trouble, clock, waiting, spool, zone) }
    if let clock {
      try Console.say("The clock is held: \(displayed(clock.reason.utf8))")
      try Console.print("  " + translated(clock.remedy))
    }
    if let trouble {
      try Console.say(
        "The queue waits since \(zone.timeAndZone(at: Timestamp(milliseconds: trouble.since))): "
          + displayed(trouble.trouble.what.utf8)
      )
      try Console.print("  \(displayed(translated(trouble.trouble.remedy).utf8))")
    }
    try print(spool, zone: zone)
    if waiting.isEmpty {
      if trouble == nil, spool.files.files == 0 {
        // Records, mirror and clock wait without a request.
        var reading = try StatusReading(register, configuration)
        let isWell = try reading.report().findings.isEmpty
        try Console.say("No request waits." + (isWell ? "" : " Something else needs a look: see buzon status."))
      }
      return
    }
    var table = Table(["NUMBER", "STATE", "RECEIVED (\(zone.name))", "CHANGES", "REASON"], states: (1, "request"))
    for request in waiting {
      table.append([
        request.number, request.state.rawValue, shown(request.received, zone),
        "\(request.settled)/\(request.count)",
        (request.reason ?? request.awaits?.reason(zone)).map { translated($0) } ?? "",
      ])
    }
    try Console.print(table.text)
  }

  /// What lies in the spool, and who works on it.
  private struct Spool {
    let files: StatusReport.Spool
    /// The process id of the agent at work; `nil` where none is.
    let agent: Int32?
    let hasRun: Bool

    /// - Throws: `FileError` where who holds the lock can't be read for another reason than that it isn't there.
    init(_ configuration: Configuration, hasRun: Bool) throws {
      files = SpoolReading.read(configuration.spool, state: configuration.state, hasRun: hasRun)
      self.hasRun = hasRun
      do throws(FileError) {
        agent = try LockFile.holder("agent.lock", in: Directory(configuration.spool))?.pid
      } catch {
        guard error.isOfName || error.isOfPermission else { throw error }
        agent = nil
      }
    }
  }

  private func print(_ spool: Spool, zone: Zone) throws {
    if let files = spool.files.files {
      let listed = spool.files.oldestFiles
      let end = listed.isEmpty ? "." : listed.count < files ? "; the oldest:" : ":"
      if files == 0, !spool.hasRun { try Console.say("No request waits.") }
      if files > 0 { try Console.say("\(files) \(files == 1 ? "file lies" : "files lie") in the spool\(end)") }
      for file in listed {
        let state =
          file.isOpen
          ? "a program has it open for writing (fuser \(file.path))"
          : spool.agent == nil ? "waits for an agent" : "is coming to rest, or waits for one that does"
        try Console.print(
          "- \(file.path): \(translated(state)), \(translated("since \(shown(file.since.milliseconds, zone))"))")
      }
    } else {
      try Console.say("The spool could not be read.")
    }
    if spool.agent == nil, spool.hasRun { try Console.say("No agent runs (buzon run).") }
  }

  private func printJSON(
    _ trouble: (trouble: Trouble, since: Int64)?, _ clock: ClockHold?, _ waiting: [WaitingRequest], _ spool: Spool,
    _ zone: Zone
  ) throws {
    try Console.document { json in
      json.field("trouble", object: trouble) { json, trouble in
        json.field("since", Timestamp(milliseconds: trouble.since))
        json.field("what", trouble.trouble.what)
        json.field("remedy", trouble.trouble.remedy)
      }
      json.field("clock", object: clock) { json, clock in
        json.field("since", Timestamp(milliseconds: clock.since))
        json.field("what", clock.reason)
        json.field("remedy", clock.remedy)
      }
      json.field("agent", spool.agent)
      json.field("spool", spool.files.files)
      if !spool.files.problems.isEmpty {
        json.field("problems", objects: spool.files.problems) { json, problem in
          json.field("reason", problem.reason)
          json.field("remedy", problem.remedy)
        }
      }
      json.field("requests", objects: waiting) { json, request in
        json.field("number", request.number)
        json.field("state", request.state.rawValue)
        json.field("received", Timestamp(milliseconds: request.received))
        json.field("changes", request.count)
        json.field("settled", request.settled)
        json.field("reason", request.reason ?? request.awaits?.reason(zone))
        if let awaits = request.awaits { json.field("until", Timestamp(milliseconds: awaits.until)) }
      }
    }
  }
}
