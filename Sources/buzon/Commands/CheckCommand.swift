internal import ArgumentParser
internal import Configuration
internal import Forms
internal import Records
internal import Register
internal import Text

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check request forms.",
    discussion: """
      Prints each mistake of each form on a line of its own:

        FILE:LINE:COLUMN: KEY: what is wrong; what to write instead

      A form without mistakes prints nothing. A number that two of the forms have
      is a mistake. The command changes nothing. The exit code is 65 if there is
      a mistake, and 66 if a file cannot be read.

      EXAMPLE
        buzon check form.yaml
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "Forms to check; - for standard input.", completion: .forms)
  var files: [String]

  func run() throws {
    let rules = try common.configuration().rulesToday()
    var checked: [(file: String, findings: [Finding])] = []
    var numbers = FormNumbers()
    var code: ExitCode?
    let progress = Progress()
    for (place, file) in files.enumerated() {
      progress.show("Checking", place, of: files.count)
      let name = FormFiles.name(file)
      var findings: [Finding] = []
      switch FormFiles.judge(file, rules: rules) {
      case .form(let request, let bytes):
        numbers.finding(request.number, digest: Register.digest(of: bytes), file: name).map { findings.append($0) }
        if !findings.isEmpty { code = .dataError }
      case .invalid(let found):
        findings = found
        code = .dataError
      case .unreadable(let finding):
        findings = [finding]
        if code == nil { code = .noInput }
      }
      if json {
        checked.append((file, findings))
      } else {
        for finding in findings { Console.report(finding, of: name) }
      }
    }
    if json {
      try Console.document { json in
        json.field("forms", objects: checked) { json, form in
          json.field("file", form.file)
          json.field("valid", form.findings.isEmpty)
          json.field("errors", form.findings.map { $0.line(file: FormFiles.name(form.file)) })
          json.field("findings", objects: form.findings) { json, finding in
            json.field("file", form.file)
            json.field("line", finding.place?.line)
            json.field("column", finding.place?.column)
            json.field("key", finding.key.isEmpty ? nil : finding.key)
            json.field("message", finding.problem)
            json.field("remedy", finding.remedy)
          }
        }
      }
    }
    if let code { throw code }
  }
}
