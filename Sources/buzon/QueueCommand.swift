internal import ArgumentParser
internal import Configuration
internal import Files
internal import Records
internal import Register

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "List the requests that wait, and why.",
    discussion: """
      EXAMPLE
        buzon queue
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let trouble = try register.trouble()
    let waiting = try register.queue()
    if json { return try printJSON(trouble, waiting) }
    if let trouble {
      try Console.print(
        "The queue waits since \(Timestamp(milliseconds: trouble.since).rfc3339): \(displayed(trouble.trouble.what.utf8))"
      )
      try Console.print("  \(displayed(trouble.trouble.remedy.utf8))")
    }
    if waiting.isEmpty { return try Console.print("Nothing waits.") }
    var table = Table(["NUMBER", "STATE", "RECEIVED", "CHANGES", "REASON"])
    for request in waiting {
      table.append([
        request.number, request.state.rawValue, Timestamp(milliseconds: request.received).rfc3339,
        "\(request.settled)/\(request.count)", request.reason ?? "",
      ])
    }
    try Console.print(table.text)
  }

  private func printJSON(_ trouble: (trouble: Trouble, since: Int64)?, _ waiting: [WaitingRequest]) throws {
    var output = JSONBytes()
    output.beginObject()
    output.key("version")
    output.number(1)
    output.key("trouble")
    if let trouble {
      output.beginObject()
      output.key("since")
      output.time(Timestamp(milliseconds: trouble.since))
      output.key("what")
      output.string(trouble.trouble.what)
      output.key("remedy")
      output.string(trouble.trouble.remedy)
      output.endObject()
    } else {
      output.null()
    }
    output.key("requests")
    output.beginArray()
    for request in waiting {
      output.beginObject()
      output.key("number")
      output.string(request.number)
      output.key("state")
      output.string(request.state.rawValue)
      output.key("received")
      output.time(Timestamp(milliseconds: request.received))
      output.key("changes")
      output.number(request.count)
      output.key("settled")
      output.number(request.settled)
      output.key("reason")
      output.string(request.reason)
      output.endObject()
    }
    output.endArray()
    output.endObject()
    try Console.output(output.bytes + [UInt8(ascii: "\n")])
  }
}
