internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Glibc
internal import Installation
internal import Records
internal import Register
internal import Text

struct ForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Remove the personal data of an account that was purged.",
    usage: "buzon forget <address> --because <text> [--dry-run] [--yes] [--json]",
    discussion: """
      Removes from register and records what is held about the accounts that had
      the address: from the forms, results, operations, hand-overs and copies of
      the list. It is allowed once the entry has gone from the directory and
      policy.archive has passed since. Other people of the same form keep theirs.

      The ledger's lines stay, without the values that they were made of. A new
      line says which requests and changes were forgotten, when, by whom and why.
      The address is kept as a digest, so that nobody else gets it too early.

      Stop the agent first; while one works, the command refuses (75). If it is
      killed, the next start of the agent, or the same command, does the rest. The
      register is written anew: that needs as much free disk as it has.

      Backups that were made before still hold the data. Remove them, or keep them
      no longer than you may.

      EXIT CODES
        0 forgotten, 64 usage, 65 the account is there, 66 nothing is known of it,
        69 directory unavailable, 74 files, 75 too early, a request is not done, or
        an agent runs, 77 permission

      EXAMPLE
        systemctl stop buzon
        buzon forget maria.lopez@putumayo.gov.co --because "archive time is over"
        systemctl start buzon
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("Why; it stands in the ledger and in the history. No personal data.", valueName: "text"))
  var because: String
  @Flag(help: "Only print what would be removed.")
  var dryRun = false
  @Flag(help: "Do not ask.")
  var yes = false
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "The account's address, its last or an earlier one.")
  var address: String

  private static let longestReason = 500

  func validate() throws {
    guard address.utf8.contains(UInt8(ascii: "@")) else { throw ValidationError("name the account by an address") }
    guard (1...Self.longestReason).contains(because.unicodeScalars.count) else {
      throw ValidationError("--because needs 1 to \(Self.longestReason) characters")
    }
  }

  func run() async throws {
    let configuration = try common.configuration()
    try common.requireState(configuration)
    let actor = Caller.name
    if !dryRun { try configuration.actAsOwnerOfState() }
    let (order, trial, others) = try await plan(configuration, actor)
    let zone = try configuration.zone()
    for reason in others { Console.error("buzon: \(Self.text(reason, zone).message)") }
    if dryRun { return try show(trial, isTrial: true) }
    try confirm(trial)
    let result = try await Agent.forget(configuration, order, log: EventLog(configuration.log))
    try show(result.data, isTrial: false)
    if result.copies > 0 {
      Console.error("buzon: \(result.copies) dated copies of the account list were written again")
    }
    try await warn(configuration)
    guard result.isScrubbed else {
      throw Failure(
        "another program reads the register, so its log still holds what was removed; "
          + "end that program (fuser shows which), then start the agent", .tryAgain)
    }
  }

  /// What is to be forgotten, and what would be removed; the register isn't held open.
  private func plan(_ configuration: Configuration, _ actor: String) async throws -> (
    order: ForgettingOrder, trial: ForgottenData, others: [ForgetDecision.Reason]
  ) {
    let register = try common.register(configuration)
    defer { try? register.close() }
    guard case .address(let address) = PersonKey(self.address) else { throw ExitCode.usage }
    let decision: ForgetDecision
    do {
      decision = try await ForgetDesk(configuration, register).decide(address)
    } catch let failure as DirectorySearch.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
    switch decision {
    case .forget(let entries, let lost, let others):
      let order = ForgettingOrder(
        entries: entries, lost: lost, because: because.neutralized(), by: actor, at: ForgetDesk.now)
      return (order, try register.forgetting(order), others)
    case .refused(let reason):
      if case .forgotten = reason, try register.isForgetting(), !dryRun {
        // A call that was killed left something to do.
        _ = try await Agent.forget(configuration, nil, log: EventLog(configuration.log))
      }
      throw Self.text(reason, try configuration.zone())
    }
  }

  private static func text(_ reason: ForgetDecision.Reason, _ zone: Zone) -> Failure {
    switch reason {
    case .isThere(let address):
      Failure(
        "\(displayed(address.utf8)) is an account in the directory; delete it first, and let it be purged", .dataError)
    case .isOpen(let number):
      Failure(
        "request \(displayed(number.utf8)) about the account is not done; try again when it is (buzon queue)", .tryAgain
      )
    case .tooEarly(let until):
      Failure(
        "what is known of the account is kept until \(zone.timeAndZone(at: Timestamp(milliseconds: until))) "
          + "(policy.archive); try again then", .tryAgain)
    case .undated:
      Failure(
        "nobody knows when the account went: it stands in no request that was applied (buzon history)", .dataError)
    case .forgotten(let forgotten):
      Failure(
        "forgotten already, on \(zone.timeAndZone(at: Timestamp(milliseconds: forgotten.at))) by "
          + "\(displayed(forgotten.by.utf8)) because \(displayed(forgotten.because.utf8))", .noInput)
    case .unknown: Failure("nothing is known of this address (buzon accounts, buzon history)", .noInput)
    }
  }

  private func confirm(_ trial: ForgottenData) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw ValidationError("nobody is there to ask; give --yes to forget, or --dry-run to see what would be removed")
    }
    Console.prompt(
      "This removes data from \(trial.requests.count) requests for good. Write the address again to go on: ")
    guard let answer = readLine(), answer.lowercased() == address.lowercased() else {
      throw Failure("nothing was changed", .usage)
    }
  }

  /// What still holds it.
  private func warn(_ configuration: Configuration) async throws {
    let files = try PersonFiles(configuration, requests: [], texts: [address])
    for path in files.copies + files.rejected {
      Console.error("buzon: \(displayed(path.utf8)) still holds it, or may; remove the file")
    }
    for line in files.unread { Console.error("buzon: \(displayed(line.utf8))") }
    Console.error("buzon: backups that were made before still hold it: of the register, the records and the directory")
  }

  private func show(_ data: ForgottenData, isTrial: Bool) throws {
    if json {
      return try Console.document { json in
        json.field("forgotten", !isTrial)
        json.field("requests", objects: data.requests) { json, request in
          json.field("number", request.number)
          json.field("changes", Ranges(request.indices.map { Int64($0) }).text)
          json.field("whole", request.isWhole)
        }
        json.field("addresses", data.addresses)
        json.field("ledgerLines", data.lines)
        json.field("mentions", data.mentions)
      }
    }
    for request in data.requests {
      let changes = request.isWhole ? "all that is left" : "changes \(Ranges(request.indices.map { Int64($0) }).text)"
      try Console.say("\(displayed(request.number.utf8)): \(changes) \(isTrial ? "would be forgotten" : "forgotten")")
    }
    try Console.say("addresses kept as digests: \(data.addresses); ledger lines without their values: \(data.lines)")
    if !data.mentions.isEmpty {
      try Console.say("still named in: " + displayed(data.mentions.joined(separator: ", ").utf8))
    }
  }
}
