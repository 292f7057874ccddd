internal import ArgumentParser
internal import Files
internal import Forms
internal import Records
internal import Register
internal import Text

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show every change of an account.",
    discussion: """
      Prints every change of the account that has, or ever had, the address: when,
      by which request, the outcome, the department, the requester, the approver
      and the submitter of the form. A renamed account has one history, under its
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
  @Argument(help: "The account's address, present or former.")
  var address: String

  func run() throws {
    let register = try common.register(try common.configuration())
    let address = String(decoding: address.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    let histories = try register.history(of: address)
    guard !histories.isEmpty else {
      throw Failure(
        "nothing is known of \(displayed(address.utf8)); `buzon accounts` lists the accounts that are", .noInput)
    }
    if json { return try printJSON(address, histories) }
    for (place, history) in histories.enumerated() {
      if place > 0 { try Console.print("") }
      try Console.print(Self.title(history))
      var table = Table(
        [
          "TIME", "CHANGE", "OPERATION", "ADDRESS", "OUTCOME", "DEPARTMENT", "REQUESTER", "APPROVED BY", "SUBMITTED BY",
          "ERROR",
        ],
        tinted: 4)
      for event in history.events {
        let origin = event.origin
        table.append([
          Timestamp(milliseconds: event.at).rfc3339, "\(event.number)#\(event.index)", event.operation, event.address,
          event.outcome?.rawValue ?? "in work", origin.department, origin.requester.name,
          "\(origin.approval.by), \(origin.approval.date)",
          event.submitted.map { "\($0.by)" } ?? "the clock",
          event.error.map { "\($0.code) \($0.name): \($0.diagnostic)" } ?? "",
        ])
      }
      try Console.print(table.text)
    }
  }

  private static func title(_ history: AccountHistory) -> String {
    guard let entry = history.entryUUID else { return "Reached no account" }
    guard let address = history.address, let status = history.status else { return "Account \(entry), gone" }
    return "Account \(entry), now \(displayed(address.utf8)), \(displayed(status.utf8))"
  }

  private func printJSON(_ address: String, _ histories: [AccountHistory]) throws {
    try Console.document { json in
      json.field("address", address)
      json.field("accounts", objects: histories) { json, history in
        json.field("entryUUID", history.entryUUID)
        json.field("address", history.address)
        json.field("status", history.status)
        json.field("events", objects: history.events, append)
      }
    }
  }

  private func append(_ json: inout JSONWriter, _ event: AccountEvent) {
    json.field("at", Timestamp(milliseconds: event.at))
    json.field("number", event.number)
    json.field("index", event.index)
    json.field("operation", event.operation)
    json.field("address", event.address)
    json.field("outcome", event.outcome?.rawValue)
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
