internal import Accounts
internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Installation
internal import Records
internal import Register
internal import Text
internal import Translations

struct AccountsCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, csv, json, xlsx, html
  }

  static let configuration = CommandConfiguration(
    commandName: "accounts",
    abstract: "Print the corporate account list (FT-GTI-002).",
    usage: "buzon accounts [--format <format>] [--json] [<filters>]",
    discussion: """
      Prints the accounts that the agent knows, by address: as a table, as CSV or
      JSON for programs, as a spreadsheet (xlsx) for people, or as a page to print.
      The memory that it needs does not grow with the list.

      EXAMPLE
        buzon accounts --status active --format xlsx >cuentas.xlsx
        buzon accounts --expiring 30d
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "table, csv, json, xlsx or html.")
  var format: Format?
  @Flag(help: "The same as --format json.")
  var json = false
  @Option(help: "Only accounts of this department.")
  var department: String?
  @Option(
    help: "Only accounts of this status: active, suspended, retained or locked.",
    completion: .list(["active", "suspended", "retained", "locked"]))
  var status: String?
  @Option(
    help: "Only accounts of this kind: person, functional or list.",
    completion: .list(["person", "functional", "list"]))
  var kind: String?
  @Option(
    help: ArgumentHelp(
      "Only active accounts that expire within this time, e.g. 30d; the table says when.", valueName: "duration"))
  var expiring: WaitTime?

  func validate() throws {
    if let status, status != "locked", Status(rawValue: status) == nil {
      throw ValidationError("--status is active, suspended, retained or locked")
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
    let style = try RecordStyle(configuration)
    switch json ? .json : format ?? .table {
    case .table: try printTable(register, style)
    case .csv:
      let csv = AccountListCSV(columns: style.columns)
      try stream(register, begin: csv.begin, row: { csv.append($0, to: &$1) }, end: csv.end)
    case .json:
      var list = AccountListJSON()
      try stream(register, begin: { list.begin(&$0) }, row: { list.append($0, to: &$1) }, end: { list.end(&$0) })
    case .xlsx: try printSheet(register, style)
    case .html:
      var page = AccountListPage(style.pages, columns: style.columns, updated: .now())
      try stream(register, begin: { page.begin(&$0) }, row: { page.append($0, to: &$1) }, end: { page.end(&$0) })
    }
  }

  private func printTable(_ register: Register, _ style: RecordStyle) throws {
    var table = Table(
      ["ADDRESS", "NAME", "DEPARTMENT", "STATUS", "HAND-OVER"] + (expiring == nil ? [] : ["EXPIRES"]))
    try forEach(register) { row, expires in
      let day = expires.map { style.zone.day(at: Timestamp(seconds: $0)).description }
      table.append(
        [
          row.address, row.name, row.department ?? "", translated(row.status, of: "account"),
          translated(row.handover.rawValue, of: "hand-over"),
        ] + (expiring == nil ? [] : [day ?? ""]))
    }
    try Console.print(table.text)
  }

  /// - Parameter body: gets each account that the filters let through, and when it expires, in seconds since 1970 UTC.
  private func forEach(_ register: Register, _ body: (AccountRow, Int64?) throws -> Void) throws {
    let latest = expiring.map { WallClock.now() / 1_000 + $0.duration.components.seconds }
    var departments: Set<String> = []
    try register.forEachAccount { mirrored in
      let row = AccountRow(mirrored)
      if let other = row.department, department != nil { departments.insert(other) }
      guard department == nil || row.department == department, status == nil || row.status == status,
        kind == nil || row.kind == kind
      else { return }
      if let latest {
        guard let expires = mirrored.account.expires, expires <= latest, ["active", "locked"].contains(row.status)
        else { return }
      }
      try body(row, mirrored.account.expires)
    }
    if let department {
      UnknownDepartment(department, of: "account", among: departments, command: "buzon accounts")?.report()
    }
  }

  /// A spreadsheet is whole before its first byte is printed.
  private func printSheet(_ register: Register, _ style: RecordStyle) throws {
    guard isatty(STDOUT_FILENO) == 0 else {
      throw Failure("a spreadsheet can't be shown on a terminal; write it to a file: > cuentas.xlsx", .usage)
    }
    let file = try PrivateFile()
    var sheet = try AccountSheet(
      style.pages, columns: style.columns, path: file.path, folder: file.folder, shown: file.folder)
    try forEach(register) { row, _ in try sheet.append(row) }
    try sheet.finish()
    try file.read { try Console.output(Array($0)) }
  }

  /// Written in pieces, so that memory doesn't grow with the list.
  private func stream(
    _ register: Register, begin: (inout [UInt8]) -> Void, row: (AccountRow, inout [UInt8]) -> Void,
    end: (inout [UInt8]) -> Void
  ) throws {
    var buffer: [UInt8] = []
    begin(&buffer)
    try forEach(register) { account, _ in
      row(account, &buffer)
      if buffer.count > 65_536 {
        try Console.output(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    end(&buffer)
    try Console.output(buffer)
  }
}
