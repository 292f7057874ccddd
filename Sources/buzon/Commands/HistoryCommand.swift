internal import Accounts
internal import ArgumentParser
internal import Forms
internal import Installation
internal import Records
internal import Register
internal import Text

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show every change of an account.",
    discussion: """
      Prints every change of the account that has, or ever had, the address: when,
      by which request, the outcome, what it really changed, the department, the
      requester, the approver and the submitter of the form; the events of its
      hand-overs; and what was changed outside Buzón, by whom, and whether it was
      mended or accepted (buzon drift). A renamed account has one history, under its
      old and its new address. If two accounts had the address, one after the
      other, each is printed by itself. Changes that no account belongs to, such as
      a create that failed, come last.

      The exit code is 66 if nothing is known of the address.

      EXAMPLE
        buzon history maria.lopez@putumayo.gov.co
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Argument(help: "The account's address, present or former.", completion: .addresses)
  var address: String

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let style = try RecordStyle(configuration)
    let address = String(decoding: address.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    let histories = try register.history(of: address)
    let forgotten = try register.forgotten(address)
    guard !histories.isEmpty || !forgotten.isEmpty else {
      throw Failure(
        "nothing is known of \(displayed(address.utf8)); `buzon accounts` lists the accounts that are", .noInput)
    }
    if json { return try printJSON(address, histories, forgotten, zone: style.zone) }
    for one in forgotten { try Console.print(one.line(style.zone)) }
    for (index, history) in histories.enumerated() {
      if index > 0 || !forgotten.isEmpty { try Console.print("") }
      try HistoryText(history, zone: style.zone).lines.forEach { try Console.print($0) }
    }
  }

  private func printJSON(
    _ address: String, _ histories: [AccountHistory], _ forgotten: [ForgottenAddress], zone: Zone
  ) throws {
    try Console.document { json in
      json.field("address", address)
      if !forgotten.isEmpty { json.field("forgotten", objects: forgotten) { $1.append(to: &$0) } }
      json.field("accounts", objects: histories) { json, history in
        json.field("entryUUID", history.entryUUID)
        json.field("address", history.address)
        json.field("status", history.status)
        json.field("events", objects: history.events) { json, event in append(&json, event, zone) }
        json.field("drift", objects: history.drift) { json, one in
          json.field("at", Timestamp(milliseconds: one.at))
          json.field("event", one.kind.rawValue)
          json.field("address", one.address)
          json.field("attribute", one.attribute)
          json.field("expected", one.expected)
          json.field("present", one.present)
          json.field("by", one.by)
          json.field("changedBy", one.changedBy)
        }
      }
    }
  }

  private func append(_ json: inout JSONWriter, _ event: AccountEvent, _ zone: Zone) {
    json.field("at", Timestamp(milliseconds: event.at))
    json.field("number", event.number)
    json.field("index", event.index)
    json.field("operation", event.operation)
    json.field("address", event.address)
    json.field("name", event.name)
    json.field("outcome", event.outcome?.rawValue)
    json.field("reason", event.reason)
    json.field("values", objects: event.values?.map { $0.stated(in: zone) }) { json, value in value.append(to: &json) }
    json.field("handoverEvents", objects: event.handoverEvents) { json, event in event.append(to: &json) }
    json.field("department", event.origin.department)
    json.field("requester", event.origin.requester.name)
    json.field("approval") { json in
      json.field("by", event.origin.approval.by)
      json.field("date", "\(event.origin.approval.date)")
      json.field("reference", event.origin.approval.reference)
    }
    json.field("submitted", object: event.submitted) { json, submitted in
      json.field("by", submitted.by.name)
      json.field("uid", submitted.by.uid)
      json.field("file", submitted.file)
    }
    json.field("error", object: event.error) { json, error in
      json.field("code", error.code)
      json.field("name", error.name)
      json.field("diagnostic", error.diagnostic)
      json.field("remedy", error.remedy)
    }
  }
}
