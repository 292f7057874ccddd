internal import Accounts
internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Installation
internal import LDAP
internal import Records
internal import Register
internal import Text

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a request: its state, its people, each change.",
    discussion: """
      Prints the state of the request, who asked for it, approved it and submitted
      the form, and the outcome of each change. --json prints the delivery record
      with state and history. --html prints the page that the records folder has
      as NUMBER.html.

      The exit code is 66 if there is no such request. A rejected form does not use
      its number.

      EXAMPLE
        buzon show 2026-0142
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Flag(help: "Print as a page (HTML).")
  var html = false
  @Argument(help: "The request's number.")
  var number: String

  func validate() throws {
    if json, html { throw ValidationError("--json and --html don't go together") }
  }

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    guard let stored = try register.request(number: number) else {
      throw Failure(
        "there is no request \(displayed(number.utf8)); a form that was rejected used up no number: see rejected/ in "
          + "the spool", .noInput)
    }
    let record = try DeliveryRecord(
      stored, events: try register.events(of: stored.id), formCode: configuration.organization.form.code)
    if json { return try Console.output(record.json()) }
    if html { return try Console.output(try RecordStyle(configuration).pages.page(record)) }

    func line(_ name: String, _ value: String) throws {
      try Console.print(Cells.padded(name, to: 12) + value)
    }
    try line("Request", record.number)
    try line("State", stored.state.rawValue.tinted + (record.outcome.map { ", \($0.rawValue.tinted)" } ?? ""))
    if let reason = stored.reason { try line("Reason", displayed(reason.utf8)) }
    try line("Department", displayed(record.department.utf8))
    try line("Requester", displayed(record.requester.name.utf8))
    try line("Approved", displayed("by \(record.approval.by) on \(record.approval.date)".utf8))
    try line("Received", record.received.rfc3339 + " as \(stored.file)")
    if let submitted = record.submitted { try line("Submitted", displayed("by \(submitted.who)".utf8)) }
    if let completed = record.completed { try line("Completed", completed.rfc3339) }
    for (index, change) in record.changes.enumerated() {
      let handover = change.handover == .none ? "" : ", hand-over \(change.handover.rawValue)"
      try line(
        "Change \(index)",
        displayed("\(change.operation) \(change.address): \(change.outcome?.rawValue ?? "waiting")\(handover)".utf8))
      if let dn = change.dn { try line("", displayed(dn.utf8)) }
      if let error = change.error {
        try line("", displayed("\(error.code.rawValue) \(error.code.name): \(error.diagnostic)".utf8))
        try line("", displayed(error.remedy.utf8))
      }
      if !change.reused.isEmpty { try line("", "addresses reused: \(change.reused.joined(separator: " "))") }
      if !change.orphans.isEmpty { try line("", "without an owner now: \(change.orphans.joined(separator: " "))") }
    }
  }
}
