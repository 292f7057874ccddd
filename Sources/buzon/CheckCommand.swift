internal import ArgumentParser
internal import Configuration
internal import Records

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check request forms.",
    discussion: """
      Tells every mistake of each form on a line of its own:

        FILE:LINE:COLUMN: KEY: what is wrong; what to write instead

      Says nothing where there is none. Nothing is changed. Exit code 65 where
      there is a mistake, 66 where a file can't be read.

      EXAMPLE
        buzon check form.yaml
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "Forms to check; - for standard input.")
  var files: [String]

  func run() throws {
    let rules = try common.configuration().rulesToday()
    var output = JSONBytes()
    output.beginObject()
    output.key("version")
    output.number(1)
    output.key("forms")
    output.beginArray()
    var code: ExitCode?
    let progress = Progress()
    for (place, file) in files.enumerated() {
      progress.show("Checking", place, of: files.count)
      var lines: [String] = []
      switch FormFiles.judge(file, rules: rules) {
      case .form: break
      case .invalid(let findings):
        lines = findings
        code = .dataError
      case .unreadable(let why):
        lines = [why]
        if code == nil { code = .noInput }
      }
      if !json { for line in lines { Console.error(line) } }
      output.beginObject()
      output.key("file")
      output.string(file)
      output.key("valid")
      output.bool(lines.isEmpty)
      output.key("errors")
      output.strings(lines)
      output.endObject()
    }
    output.endArray()
    output.endObject()
    if json { try Console.output(output.bytes + [UInt8(ascii: "\n")]) }
    if let code { throw code }
  }
}
