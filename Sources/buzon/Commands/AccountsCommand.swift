internal import Accounts
internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Forms
internal import Installation
internal import Records
internal import Register
internal import Text

struct AccountsCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, csv, json, html
  }

  static let configuration = CommandConfiguration(
    commandName: "accounts",
    abstract: "Print the corporate account list (FT-GTI-002).",
    usage: "buzon accounts [--format <format>] [--json] [<filters>]",
    discussion: """
      Prints the accounts that the agent knows, by address: as a table, as CSV for
      a spreadsheet, as JSON, or as a page to print. The memory that it needs does
      not grow with the list.

      EXAMPLE
        buzon accounts --status active --format csv >cuentas.csv
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "table, csv, json or html.")
  var format: Format?
  @Flag(help: "The same as --format json.")
  var json = false
  @Option(help: "Only accounts of this department.")
  var department: String?
  @Option(help: "Only accounts of this status: active, suspended or retained.")
  var status: String?
  @Option(help: "Only accounts of this kind: person, functional or list.")
  var kind: String?

  func validate() throws {
    if let status, Status(rawValue: status) == nil {
      throw ValidationError("--status is active, suspended or retained")
    }
    if let kind, Kind(rawValue: kind) == nil { throw ValidationError("--kind is person, functional or list") }
    if json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) don't go together")
    }
  }

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    try register.requireReading()
    switch json ? .json : format ?? .table {
    case .table:
      var table = Table(["ADDRESS", "NAME", "DEPARTMENT", "STATUS", "HAND-OVER"])
      try forEach(register) {
        table.append([$0.address, $0.name, $0.department ?? "", $0.status, $0.handover.rawValue])
      }
      try Console.print(table.text)
    case .csv:
      let csv = AccountListCSV(columns: try RecordStyle(configuration).columns)
      try stream(register, begin: csv.begin, row: { csv.append($0, to: &$1) }, end: csv.end)
    case .json:
      var list = AccountListJSON()
      try stream(register, begin: { list.begin(&$0) }, row: { list.append($0, to: &$1) }, end: { list.end(&$0) })
    case .html:
      let style = try RecordStyle(configuration)
      var page = AccountListPage(style.pages, columns: style.columns, updated: .now())
      try stream(register, begin: { page.begin(&$0) }, row: { page.append($0, to: &$1) }, end: { page.end(&$0) })
    }
  }

  private func forEach(_ register: Register, _ body: (AccountRow) throws -> Void) throws {
    try register.forEachAccount { mirrored in
      let row = AccountRow(mirrored)
      guard department == nil || row.department == department, status == nil || row.status == status,
        kind == nil || row.kind == kind
      else { return }
      try body(row)
    }
  }

  /// Written in pieces, so that memory doesn't grow with the list.
  private func stream(
    _ register: Register, begin: (inout [UInt8]) -> Void, row: (AccountRow, inout [UInt8]) -> Void,
    end: (inout [UInt8]) -> Void
  ) throws {
    var buffer: [UInt8] = []
    begin(&buffer)
    try forEach(register) {
      row($0, &buffer)
      if buffer.count > 65_536 {
        try Console.output(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    end(&buffer)
    try Console.output(buffer)
  }
}
