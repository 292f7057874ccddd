internal import ArgumentParser
internal import Desk
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text

struct PersonCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  static let configuration = CommandConfiguration(
    commandName: "person",
    abstract: "Print all that is held about a person.",
    discussion: """
      Answers the right of access: which accounts, requests, files, hand-overs and
      ledger lines are about a person, and which kinds of values they hold. WHO is
      an address, present or former, or an identity number. Values are not printed,
      except names and addresses; a password never is.

      Other users of this host can see an argument. Give an identity number on
      standard input instead: WHO is then -. At a terminal it is asked for, and is
      not shown.

      All forms are read, one after the other. What cannot be read is named, and
      the exit code is 74.

      EXIT CODES
        0 printed, 64 usage, 66 nothing is held, 74 not everything could be read,
        77 permission

      EXAMPLE
        buzon person maria.lopez@putumayo.gov.co
        buzon person -
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "text or json.")
  var format: Format = .text
  @Argument(help: "An address; an identity number; or - to read it from standard input.")
  var who: String

  func run() throws {
    let key = try PersonKey.asked(who)
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let trace = try register.trace(key)
    let texts = trace.accounts.flatMap(\.addresses) + [key.text]
    let files = try PersonFiles(
      configuration,
      requests: trace.requests.filter { $0.isRecorded && !$0.changes.isEmpty }.map { ($0.number, $0.received) },
      texts: texts)
    guard !trace.isEmpty || !files.rejected.isEmpty || !files.unread.isEmpty else { throw Self.nothing(key) }
    let report = PersonText(trace, files, zone: try RecordStyle(configuration).zone)
    switch format {
    case .text: for line in report.lines { try Console.print(line) }
    case .json: try Console.output(report.json())
    }
    for number in trace.unread { Console.error("buzon: the form of request \(number) can't be read (buzon verify)") }
    for line in files.unread { Console.error("buzon: \(displayed(line.utf8))") }
    if !trace.unread.isEmpty || !files.unread.isEmpty { throw ExitCode.inputOutput }
  }

  private static func nothing(_ key: PersonKey) -> Failure {
    switch key {
    case .address(let address):
      Failure(
        "nothing is held about \(displayed(address.utf8)); `buzon accounts` lists the accounts that are", .noInput)
    case .document:
      Failure(
        "nothing is held under this identity number; of forgotten accounts no number is kept: ask by an address",
        .noInput)
    }
  }
}

extension PersonKey {
  /// Whom an argument names, or a line of standard input.
  fileprivate static func asked(_ argument: String) throws -> PersonKey {
    guard argument == "-" else {
      let key = PersonKey(argument)
      if case .document = key {
        Console.error("buzon: other users of this host can see an identity number in a command; give - instead of it")
      }
      guard key.isSearchable else { throw ValidationError("name an address or an identity number") }
      return key
    }
    guard let line = try PasswordPrompt().line("Address or identity number: ") else {
      throw ValidationError("standard input is empty; write an address or an identity number")
    }
    let text = String(decoding: line, as: UTF8.self)
    let key = PersonKey(String(text.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\r" }.reversed()))
    guard key.isSearchable else { throw ValidationError("write an address or an identity number") }
    return key
  }

  fileprivate var text: String {
    switch self {
    case .address(let text), .document(let text): text
    }
  }
}
