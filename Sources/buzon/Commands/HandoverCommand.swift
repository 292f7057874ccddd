internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text

struct HandoverCommand: AsyncParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, html, json
  }

  static let configuration = CommandConfiguration(
    commandName: "handover",
    abstract: "Hand temporary passwords over: list, show and print their slips.",
    usage: """
      buzon handover [--all] [--department <text>] [--json]
      buzon handover <number or address> [--format <format>] [-o <file>]
      buzon handover <number or address> --received-by <name>
      buzon handover <number or address> --change
      """,
    discussion: """
      Without a name: the open hand-overs by department, the one that waits longest
      first. A hand-over is open until the user has changed the temporary password.
      The agent sees that in the directory and closes it. --all lists also those
      that were closed or expired.

      With an ADDRESS: the slip of that account. With a NUMBER: the slips of all
      accounts of that request. It goes to the terminal, with --format html to one
      document to print, with --json as address, dn, password, expires (several
      accounts: an array slips). The request's history records each showing, and who
      asked for it, before the slip appears. A slip can be shown any number of times
      until it is received.

      --received-by records that this person received the slip; for a NUMBER, all
      slips of the request. The source of the password is then destroyed, and no
      one can show the slip again.

      --change lets the user set the final password here and now. The user types it
      twice; it is not shown. From a pipe, two lines are read. The command logs in
      as the user, with the temporary password, so the directory's password policy
      applies. The running agent sees the change and closes the hand-over. Without
      an agent it closes at the next `buzon run`. After --received-by nobody knows
      the temporary password any more, so --change is refused.

      Run it as root or as the owner of the state, who also writes the file of -o.
      Standard output can be redirected anywhere.

      EXIT CODES
        0 done, 1 nothing can be shown or received any more, 64 usage, 65 the new
        password is refused, 66 nothing is known of the name, 69 directory
        unavailable, 73 the file cannot be written, 77 permission

      EXAMPLE
        buzon handover
        buzon handover 2026-0142 --format html -o slips.html
        buzon handover maria.lopez@putumayo.gov.co --received-by 'Ana Rosero'
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "text, html or json.")
  var format: Format?
  @Flag(help: "The same as --format json.")
  var json = false
  @Flag(help: "List also those that were closed or expired.")
  var all = false
  @Option(help: "List only those of this department.")
  var department: String?
  @Option(help: ArgumentHelp("The slip was received by this person.", valueName: "name"))
  var receivedBy: String?
  @Flag(help: "The user sets the final password on the spot.")
  var change = false
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the slips to this file, which only you may read.", valueName: "file"),
    completion: .file())
  var output: String?
  @Flag(help: "Replace the file if it is there.")
  var force = false
  @Argument(
    help: ArgumentHelp("A request's number, or an account's address.", valueName: "number or address"),
    completion: .numbersAndAddresses)
  var name: String?

  func validate() throws {
    if json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) don't go together")
    }
    if receivedBy != nil, change { throw ValidationError("--received-by and --change don't go together") }
    guard name != nil else {
      if receivedBy != nil || change || output != nil { throw ValidationError("name a request or an address") }
      if format == .html { throw ValidationError("--format html prints slips: name a request or an address") }
      return
    }
    if department != nil { throw ValidationError("--department goes with the list, without a name") }
    if all { throw ValidationError("--all goes with the list, without a name") }
    if output != nil, receivedBy != nil || change { throw ValidationError("-o goes with slips that are shown") }
    if let receivedBy {
      guard !receivedBy.utf8.allSatisfy({ $0 == 0x20 }), receivedBy.utf8.count <= 256,
        !receivedBy.unicodeScalars.contains(where: { ScalarClass($0).isUnsafeToPrint })
      else { throw ValidationError("--received-by is a person's name, of 1 to 256 bytes") }
    }
  }

  func run() async throws {
    let configuration = try common.configuration()
    // Tells who may not, or that there is nothing yet.
    let register = try common.register(configuration)
    guard let name else {
      let query: Register.HandoverQuery = all ? .all : .open
      return try HandoverList(register, query, department: department, zone: configuration.zone()).print(asJSON: isJSON)
    }
    try common.requireState(configuration)
    // Before root acts as the owner of the state.
    let actor = Caller.name
    do {
      let desk = try HandoverDesk(configuration)
      let subject = HandoverDesk.Subject(name)
      if let receivedBy { return try await receive(subject, by: receivedBy, at: desk, actor) }
      if change { return try await setPassword(subject, at: desk, actor) }
      try await show(subject, at: desk, configuration, actor)
    } catch let refusal as HandoverDesk.Refusal {
      throw Failure(refusal.description, ExitCode(refusal.exitCode))
    }
  }

  private var isJSON: Bool { json || format == .json }

  // MARK: Slips

  private func show(
    _ subject: HandoverDesk.Subject, at desk: HandoverDesk, _ configuration: Configuration, _ actor: String
  )
    async throws
  {
    let file = try output.map { try OutputFile($0, replaces: force) }
    let style = try RecordStyle(configuration)
    let showing = try await desk.show(subject, by: actor)
    for other in showing.others { Console.error("buzon: \(other)") }
    if showing.slips.isEmpty { throw ExitCode.someFailed }
    let bytes: [UInt8]
    if isJSON {
      bytes = Self.json(showing)
    } else if format == .html {
      bytes = style.pages.page(showing.slips.map(\.slip))
    } else {
      let text = SlipText(style.pages)
      bytes = Array(showing.slips.map { text.text($0.slip) }.joined(separator: "\u{C}\n").utf8)
    }
    if let file { try file.write(bytes) } else { try Console.output(bytes) }
  }

  private static func json(_ showing: HandoverDesk.Showing) -> [UInt8] {
    func append(_ json: inout JSONWriter, _ slip: (slip: Slip, dn: String)) {
      json.field("address", slip.slip.address)
      json.field("dn", slip.dn)
      json.field("password", slip.slip.password)
      json.field("expires", slip.slip.validUntil)
    }
    return JSONWriter.document { json in
      if showing.isOfOne, let slip = showing.slips.first {
        append(&json, slip)
      } else {
        json.field("slips", objects: showing.slips, append)
      }
    }
  }

  // MARK: Receipt

  private func receive(_ subject: HandoverDesk.Subject, by receiver: String, at desk: HandoverDesk, _ actor: String)
    async throws
  {
    let (received, others) = try await desk.receive(subject, by: receiver, actor: actor)
    for other in others { Console.error("buzon: \(other)") }
    if isJSON {
      try Console.document { $0.field("received", received) }
    } else {
      for address in received {
        try Console.say("\(displayed(address.utf8)) received by \(displayed(receiver.utf8))")
      }
    }
    if received.isEmpty { throw ExitCode.someFailed }
  }

  // MARK: The final password

  private func setPassword(_ subject: HandoverDesk.Subject, at desk: HandoverDesk, _ actor: String) async throws {
    let change = try await desk.change(subject)
    let prompt = PasswordPrompt()
    // A person may have another try; a script has none.
    var tries = prompt.isTerminal ? 3 : 1
    while true {
      tries -= 1
      do {
        let new = try Self.newPassword(of: change.address, prompt)
        try await change.carryOut(new, by: actor)
        return try Console.say("\(displayed(change.address.utf8)): the password is changed")
      } catch let refusal as HandoverDesk.Refusal where refusal.isOfPassword && tries > 0 {
        Console.error("buzon: \(refusal)")
      }
    }
  }

  private static func newPassword(of address: String, _ prompt: PasswordPrompt) throws -> NewPassword {
    var typed = try prompt.line("New password of \(displayed(address.utf8)): ") ?? []
    defer { typed.wipe() }
    let first = try NewPassword(typed: typed)
    if !first.isPlain {
      Console.error(
        "buzon: the new password has letters beyond ASCII; some mail programs can't send them: think of others if a "
          + "login fails")
    }
    var again = try prompt.line("Once more: ") ?? []
    defer { again.wipe() }
    guard try !again.isEmpty && NewPassword(typed: again).isSame(as: first) else {
      throw HandoverDesk.Refusal.different
    }
    return first
  }
}
