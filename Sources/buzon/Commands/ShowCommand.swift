internal import Accounts
internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
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
      the form, what each change really changed, and the history: all that
      happened, in order of time. Changes count from 0, as in the log. --json prints
      the delivery record with state and history. --html prints the page that the records folder has
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
  @Argument(help: "The request's number.", completion: .numbers)
  var number: String

  func validate() throws {
    if json, html { throw ValidationError("--json and --html don't go together") }
  }

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let unsigned = try register.request(number: number) == nil ? try register.unsigned(number: number).first : nil
    guard let stored = try register.request(number: number) ?? unsigned?.stored else {
      throw Failure(try SpoolForms.absence(of: number, register, configuration), .noInput)
    }
    let style = try RecordStyle(configuration)
    let record = try DeliveryRecord(
      stored, events: try register.events(of: stored.id), drift: try register.driftEvents(against: number), style)
    if json { return try Console.output(record.json()) }
    if html { return try Console.output(style.pages.page(record)) }
    let reason = unsigned?.awaits.reason(others: unsigned?.others ?? 0, try configuration.zone())
    try RecordText(record, reason: stored.reason ?? reason, zone: style.zone).lines.forEach { try Console.print($0) }
  }
}
