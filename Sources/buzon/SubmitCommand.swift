internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Records

struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Check request forms and put them into the spool.",
    discussion: """
      A form with a mistake is told as by `buzon check` and not submitted; the others are. A submitted form stands in
      the spool whole and durably, as NUMBER.yaml, when this returns.

      EXAMPLE
        buzon submit form.yaml
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "Forms to submit.")
  var files: [String]

  func run() throws {
    let configuration = try common.configuration()
    let rules = try configuration.rulesToday()
    let incoming = try Directory(configuration.spool + "/incoming")
    var output = JSONBytes()
    output.beginObject()
    output.key("version")
    output.number(1)
    output.key("submitted")
    output.beginArray()
    var code: ExitCode?
    for file in files {
      switch FormFiles.judge(file, rules: rules) {
      case .invalid(let lines):
        for line in lines { Console.error(line) }
        code = .dataError
      case .unreadable(let why):
        Console.error("buzon: \(why)")
        if code == nil { code = .noInput }
      case .form(let request, let bytes):
        guard let name = FileName(request.number + ".yaml") else { continue }
        // The spool's group is the file's (setgid), so the agent can read what a submitter wrote.
        guard try incoming.writeDurably(bytes, as: name, mode: 0o640, replacing: .nothing) else {
          Console.error("buzon: a form with number \(request.number) waits in the spool already; let it be taken first")
          if code == nil { code = .tryAgain }
          continue
        }
        if json {
          output.beginObject()
          output.key("number")
          output.string(request.number)
          output.key("file")
          output.string(file)
          output.endObject()
        } else {
          try Console.print("\(request.number) submitted")
        }
      }
    }
    output.endArray()
    output.endObject()
    if json { try Console.output(output.bytes + [UInt8(ascii: "\n")]) }
    if let code { throw code }
  }
}
