internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Records
internal import Register

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tell the story of a request.",
    discussion: """
      With --json it has the shape of the delivery record, with the state and the history.

      EXAMPLE
        buzon show 2026-0142
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Argument(help: "The request's number.")
  var number: String

  func run() throws {
    let configuration = try common.configuration()
    guard let stored = try common.register(configuration).request(number: number) else {
      throw Failure(
        "there is no request \(displayed(number.utf8)); a form that was rejected used up no number: see rejected/ in "
          + "the spool", .noInput)
    }
    let record = try DeliveryRecord(stored, formCode: configuration.organization.form.code)
    if json { return try Console.output(record.json()) }

    func line(_ name: String, _ value: String) throws {
      try Console.print(name.padded(to: 12) + displayed(value.utf8))
    }
    try line("Request", record.number)
    try line("State", stored.state.rawValue + (record.outcome.map { ", \($0.rawValue)" } ?? ""))
    if let reason = stored.reason { try line("Reason", reason) }
    try line("Department", record.department)
    try line("Requester", record.requester.name)
    try line("Approved", "by \(record.approval.by) on \(record.approval.date)")
    try line("Received", record.received.rfc3339 + " as \(stored.file)")
    if let completed = record.completed { try line("Completed", completed.rfc3339) }
    for (place, change) in record.changes.enumerated() {
      let handover = change.handover == .none ? "" : ", hand-over \(change.handover.rawValue)"
      try line(
        "Change \(place)", "\(change.operation) \(change.address): \(change.outcome?.rawValue ?? "waiting")\(handover)")
      if let dn = change.dn { try line("", dn) }
      if let error = change.error {
        try line("", "\(error.code) \(error.name): \(error.diagnostic)")
        try line("", error.remedy)
      }
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    utf8.count >= width ? self : self + String(repeating: " ", count: width - utf8.count)
  }
}
