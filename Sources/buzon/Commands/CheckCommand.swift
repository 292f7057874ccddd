internal import ArgumentParser
internal import Configuration
internal import Records
internal import Text

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check request forms.",
    discussion: """
      Prints each mistake of each form on a line of its own:

        FILE:LINE:COLUMN: KEY: what is wrong; what to write instead

      A form without mistakes prints nothing. The command changes nothing. The
      exit code is 65 if there is a mistake, and 66 if a file cannot be read.

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
    var checked: [(file: String, errors: [String])] = []
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
      if json { checked.append((file, lines)) } else { for line in lines { Console.error(line) } }
    }
    if json {
      try Console.document { json in
        json.field("forms", objects: checked) { json, form in
          json.field("file", form.file)
          json.field("valid", form.errors.isEmpty)
          json.field("errors", form.errors)
        }
      }
    }
    if let code { throw code }
  }
}
