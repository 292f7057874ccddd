internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Forms
internal import Installation
internal import Records
internal import Register
internal import Text
internal import Translations

struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "List what was changed in the directory outside Buzón.",
    usage: """
      buzon drift [--json]
      buzon drift --repair <file> <options>
      buzon drift --accept <address> ...
      """,
    discussion: """
      Compares each account with what its last request left there: what differs,
      who changed it and when, as far as the directory says, and the change
      (NUMBER#INDEX) that the account should show. `entry` means that the account
      was made or removed outside Buzón. Passwords are not compared. Identity
      numbers are masked. The command changes nothing.

      --repair writes a form that undoes the differences. Check it, have it
      approved, and submit it as any other. What no form can undo is a comment in
      it. Only you may read the file, because it may hold identity numbers. - writes
      to standard output. The directory is read for it, so that the form is one
      that the directory takes: run it as a user who may read the accounts.

      --accept says that the directory is right: from now on these accounts are to
      be as they are there. `buzon history` and the log keep what was accepted and
      who said so. An account that was removed stays removed.

      EXIT CODES
        0 also if something differs (`buzon status` then exits with 1),
        1 no form can undo it, or some addresses had nothing to accept, 64 usage,
        65 the form would be rejected, 66 nothing to accept, 69 the directory
        cannot be read, 73 the file cannot be written, 77 permission

      EXAMPLE
        buzon drift
        buzon drift --repair 0151.yaml --number 2026-0151 --department Sistemas \\
          --requester 'Ana Rosero' --approved-by jefe.sistemas \\
          --approved-on 2026-11-21
        buzon drift --accept maria.lopez@putumayo.gov.co
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Option(
    help: ArgumentHelp("Write the form that puts it right; - for standard output.", valueName: "file"),
    completion: .file())
  var repair: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The directory is right about these accounts.", valueName: "address"),
    completion: .addresses)
  var accept: [String] = []
  @OptionGroup var header: FormHeaderOptions
  @Flag(help: "Replace the file if it is there.")
  var force = false

  func validate() throws {
    if !accept.isEmpty, json || repair != nil {
      throw ValidationError("--accept goes by itself; leave --json and --repair out")
    }
    if repair == nil { return }
    if json { throw ValidationError("--json and --repair don't go together") }
    if !header.missing.isEmpty {
      throw ValidationError("--repair writes a form; missing: \(header.missing.joined(separator: ", "))")
    }
  }

  func run() async throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    try register.requireReading()
    if !accept.isEmpty { return try await accept(configuration) }
    let accounts = try register.drift()
    if let repair { return try await write(accounts, register, to: repair, configuration) }
    if json { return try Console.output(Self.json(accounts)) }
    if accounts.isEmpty {
      let mirror = try StatusReading(register, configuration).mirror()
      return Console.error(
        mirror.state == "down"
          ? "buzon: nothing differed when the directory was last heard; nobody hears it now: "
            + "\(mirror.reason ?? "the mirror is down") (buzon status)"
          : "buzon: nothing differs from what the procedure left")
    }
    try Console.print(Self.table(accounts, configuration.zone()).text)
  }

  // MARK: Accept

  private func accept(_ configuration: Configuration) async throws {
    var seen: Set<String> = []
    let addresses = accept.map { String(decoding: $0.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self) }
      .filter { seen.insert($0).inserted }
    let answers = try await QueueOrders(configuration, answer: Agent.carryOutOrders)
      .acceptDrift(of: addresses, by: Caller.name)
    for answer in answers {
      let address = displayed(answer.number.utf8)
      if answer.isUnknown {
        Console.error("buzon: \(address): nothing was changed outside Buzón (buzon drift lists what was)")
      } else {
        let note = answer.note.map { "; \(displayed(translated($0).utf8))" } ?? ""
        try Console.print(translated("\(address) accepted") + note)
      }
    }
    guard answers.contains(where: \.isUnknown) else { return }
    throw answers.allSatisfy(\.isUnknown) ? ExitCode.noInput : .someFailed
  }

  // MARK: The list

  private static func table(_ accounts: [DriftedAccount], _ zone: Zone) -> Table {
    var table = Table(["ADDRESS", "ATTRIBUTE", "EXPECTED → PRESENT", "BY", "SINCE (\(zone.name))", "REQUEST"])
    for account in accounts {
      for detail in account.details {
        let difference =
          detail.isOfEntry
          ? translated(account.present == nil ? "removed" : "made outside Buzón")
          : "\(Self.list(detail.expected)) → \(Self.list(detail.present))"
        table.append([
          account.address, detail.attribute, difference, detail.by ?? translated("not known"),
          zone.dateAndTime(at: Timestamp(milliseconds: detail.at)), detail.request ?? "",
        ])
      }
    }
    return table
  }

  private static func list(_ values: [String]) -> String {
    values.isEmpty ? translated("nothing") : values.joined(separator: ", ")
  }

  private static func json(_ accounts: [DriftedAccount]) -> [UInt8] {
    JSONWriter.document { json in
      json.field("drift", objects: accounts) { json, account in
        json.field("address", account.address)
        json.field("entryUUID", account.entryUUID)
        json.field("changes", objects: account.details) { json, detail in
          // Of an entry as a whole: there, or not.
          let isGone = detail.isOfEntry && account.present == nil
          let isMade = detail.isOfEntry && account.present != nil
          json.field("attribute", detail.attribute)
          json.field("expected", isGone ? [account.address] : detail.expected)
          json.field("present", isMade ? [account.address] : detail.present)
          json.field("by", detail.by)
          json.field("at", Timestamp(milliseconds: detail.at))
          json.field("request", detail.request)
        }
      }
    }
  }

  // MARK: The form

  private func write(
    _ accounts: [DriftedAccount], _ register: Register, to path: String, _ configuration: Configuration
  ) async throws {
    if accounts.isEmpty { return Console.error("buzon: nothing differs, so there is no form to write") }
    let rules = try configuration.rulesToday()
    let file = path == "-" ? nil : try OutputFile(path, replaces: force)
    let repair = try await Self.repair(accounts, register, configuration, rules)
    for note in repair.notes { Console.error("buzon: \(displayed(note.utf8))") }
    if repair.changes.isEmpty { throw Failure("no form can put right what differs", .someFailed) }
    let form =
      repair.notes.flatMap { Array("# \(displayed(translated($0).utf8))\n".utf8) }
      + (try self.form(repair, configuration, rules))
    try FormHeaderOptions.requireRoom(for: form, limit: rules.formSize, configuration: common.path)
    if let file { try file.write(form) } else { try Console.output(form) }
  }

  private static func repair(
    _ accounts: [DriftedAccount], _ register: Register, _ configuration: Configuration, _ rules: Rules
  ) async throws -> DriftForm {
    do {
      return try await DriftForm(accounts, register, configuration, rules: rules)
    } catch let failure as DirectorySearch.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
  }

  /// The form's bytes, judged as they will be when they are submitted.
  private func form(_ repair: DriftForm, _ configuration: Configuration, _ rules: Rules) throws -> [UInt8] {
    // The header is judged with a change that is good whatever the policy.
    let header = header.header(configuration)
    let addresses = repair.changes.prefix(1).map(\.address)
    switch BulkForm.adopts(of: addresses, header: header, rules: rules) {
    case .invalid(let findings): throw FormHeaderOptions.report(findings, file: "(drift)")
    case .request(var request):
      request.changes = repair.changes
      let form = FormWriter.write(request)
      if case .invalid(let findings) = FormReader.read(form, rules: rules) {
        throw FormHeaderOptions.report(findings, file: "(drift)")
      }
      return form
    }
  }
}

extension DriftedAccount.Detail {
  /// Whether the account as a whole was made or removed.
  fileprivate var isOfEntry: Bool { attribute.utf8.elementsEqual("entry".utf8) }
}
