internal import ArgumentParser
internal import Files
internal import Records
internal import Register

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tell the story of an account.",
    discussion: """
      Prints every change of the account that holds or ever held the address:
      when, by which request, with what outcome, which department asked, who
      requested, who approved it and who dropped the form. A rename doesn't break the story: the old
      and the new address tell the same one. An address that belonged to two
      accounts, one after the other, shows both, each by itself. What was asked
      for the address and reached no account comes last.

      Exit code 66 where nothing is known of the address.

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
          Timestamp(milliseconds: event.at).rfc3339, "\(event.number)#\(event.place)", event.operation, event.address,
          event.outcome?.rawValue ?? "in work", origin?.department ?? "", origin?.requester ?? "",
          origin.map { "\($0.approvedBy), \($0.approvedOn)" } ?? "the clock",
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
    var output = JSONBytes()
    output.beginObject()
    output.key("version")
    output.number(1)
    output.key("address")
    output.string(address)
    output.key("accounts")
    output.beginArray()
    for history in histories {
      output.beginObject()
      output.key("entryUUID")
      output.string(history.entryUUID)
      output.key("address")
      output.string(history.address)
      output.key("status")
      output.string(history.status)
      output.key("events")
      output.beginArray()
      for event in history.events { append(event, to: &output) }
      output.endArray()
      output.endObject()
    }
    output.endArray()
    output.endObject()
    try Console.output(output.bytes + [UInt8(ascii: "\n")])
  }

  private func append(_ event: AccountEvent, to output: inout JSONBytes) {
    output.beginObject()
    output.key("at")
    output.time(Timestamp(milliseconds: event.at))
    output.key("number")
    output.string(event.number)
    output.key("index")
    output.number(event.place)
    output.key("operation")
    output.string(event.operation)
    output.key("address")
    output.string(event.address)
    output.key("outcome")
    output.string(event.outcome?.rawValue)
    output.key("department")
    output.string(event.origin?.department)
    output.key("requester")
    output.string(event.origin?.requester)
    output.key("approval")
    if let origin = event.origin {
      output.beginObject()
      output.key("by")
      output.string(origin.approvedBy)
      output.key("date")
      output.string("\(origin.approvedOn)")
      output.key("reference")
      output.string(origin.reference)
      output.endObject()
    } else {
      output.null()
    }
    output.key("submitted")
    if let (file, submitter) = event.submitted {
      output.beginObject()
      output.key("by")
      output.string(submitter.name)
      output.key("uid")
      output.number(Int(submitter.uid))
      output.key("file")
      output.string(file)
      output.endObject()
    } else {
      output.null()
    }
    output.key("error")
    if let error = event.error {
      output.beginObject()
      output.key("code")
      output.number(error.code)
      output.key("name")
      output.string(error.name)
      output.key("diagnostic")
      output.string(error.diagnostic)
      output.key("remedy")
      output.string(error.remedy)
      output.endObject()
    } else {
      output.null()
    }
    output.endObject()
  }
}
