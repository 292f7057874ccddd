internal import ArgumentParser
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text
internal import Translations

struct RequestsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requests",
    abstract: "List requests, also those that are done.",
    usage: "buzon requests [--json] [<filters>]",
    discussion: """
      Lists the requests in the order of their acceptance: number, time, state,
      outcome, changes, department, requester. The days are those of
      organization.timezone. The memory that it needs does not grow with the list.
      `buzon queue` lists those that wait, and why; `buzon show` shows one.

      EXAMPLE
        buzon requests --since 2026-11-01 --until 2026-11-30 --outcome failed
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Option(help: ArgumentHelp("Only requests received on this day or later.", valueName: "YYYY-MM-DD"))
  var since: String?
  @Option(help: ArgumentHelp("Only requests received on this day or before.", valueName: "YYYY-MM-DD"))
  var until: String?
  @Option(help: "Only requests of this department.")
  var department: String?
  @Option(
    help: "Only requests that ended so: applied, partly, failed or cancelled.",
    completion: .list(["applied", "partly", "failed", "cancelled"]))
  var outcome: String?
  @Option(
    help: "Only requests in this state: ready, held, working or done.",
    completion: .list(["ready", "held", "working", "done"]))
  var state: String?

  func validate() throws {
    for (name, text) in [("since", since), ("until", until)] {
      guard let text, Day(parsing: text) == nil else { continue }
      throw ValidationError("--\(name) is a day: YYYY-MM-DD")
    }
    if let outcome, RequestOutcome(rawValue: outcome) == nil {
      throw ValidationError("--outcome is applied, partly, failed or cancelled")
    }
    if let state, RequestState(rawValue: state) == nil {
      throw ValidationError("--state is ready, held, working or done")
    }
  }

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let zone = try RecordStyle(configuration).zone
    let begin = since.flatMap { Day(parsing: $0) }.map { zone.beginning(of: $0).milliseconds } ?? 0
    let end = until.flatMap { Day(parsing: $0) }.map { (zone.end(of: $0) + 1) * 1_000 } ?? .max
    try json ? printJSON(register, begin, end) : printLines(register, begin, end, zone)
  }

  private func matches(_ request: ListedRequest) -> Bool {
    (department == nil || request.department == department) && (outcome == nil || request.outcome?.rawValue == outcome)
      && (state == nil || request.state.rawValue == state)
  }

  private func printLines(_ register: Register, _ begin: Int64, _ end: Int64, _ zone: Zone) throws {
    var isFirst = true
    try register.forEachRequest(since: begin, until: end) { request in
      guard matches(request) else { return }
      if isFirst {
        try Console.print(
          Self.line(
            ["NUMBER", "RECEIVED (\(zone.name))", "STATE", "OUTCOME", "CHANGES", "DEPARTMENT, REQUESTER"]
              .map { translated($0) }))
      }
      isFirst = false
      try Console.print(
        Self.line([
          request.number, zone.dateAndTime(at: Timestamp(milliseconds: request.received)),
          translated(request.state.rawValue, of: "request"),
          request.outcome.map { translated($0.rawValue, of: "request") } ?? "", "\(request.count)",
          "\(request.department), \(request.requester)",
        ]))
    }
    guard isFirst else { return }
    if let unknown = try unknownDepartment(register) { return unknown.report() }
    Console.error("buzon: there are no such requests")
  }

  /// Where no request, also of other days and outcomes, has the department that was asked for.
  private func unknownDepartment(_ register: Register) throws -> UnknownDepartment? {
    guard let department else { return nil }
    var known: Set<String> = []
    try register.forEachRequest(since: .min, until: .max) { known.insert($0.department) }
    return UnknownDepartment(department, of: "request", among: known, command: "buzon requests")
  }

  /// The list is printed as it is read, so no column knows its widest cell.
  private static func line(_ cells: [String]) -> String {
    let widths = MessageLanguage.ofProcess == .english ? [16, 28, 20, 11, 9] : [16, 28, 20, 19, 9]
    return cells.enumerated().map { column, cell in
      let cell = displayed(cell.utf8)
      return column < widths.count ? Cells.padded(cell + " ", to: widths[column]) : cell
    }.joined()
  }

  private func printJSON(_ register: Register, _ begin: Int64, _ end: Int64) throws {
    var buffer = Array("{\"version\":1,\"requests\":[".utf8)
    var isFirst = true
    try register.forEachRequest(since: begin, until: end) { request in
      guard matches(request) else { return }
      buffer.append(contentsOf: (isFirst ? "\n" : ",\n").utf8)
      isFirst = false
      Self.append(request, to: &buffer)
      guard buffer.count > 65_536 else { return }
      try Console.output(buffer)
      buffer.removeAll(keepingCapacity: true)
    }
    if isFirst { try unknownDepartment(register)?.report() }
    buffer.append(contentsOf: "\n]}\n".utf8)
    try Console.output(buffer)
  }

  private static func append(_ request: ListedRequest, to buffer: inout [UInt8]) {
    var json = JSONWriter(borrowing: &buffer)
    json.object { json in
      json.field("number", request.number)
      json.field("state", request.state.rawValue)
      json.field("outcome", request.outcome?.rawValue)
      json.field("received", Timestamp(milliseconds: request.received))
      json.field("completed", request.completed.map(Timestamp.init(milliseconds:)))
      json.field("changes", request.count)
      json.field("department", request.department)
      json.field("requester", request.requester)
      json.field("submitted", object: request.submitter) { json, submitter in
        json.field("by", submitter.name)
        json.field("uid", submitter.uid)
      }
    }
    json.give(back: &buffer)
  }
}
