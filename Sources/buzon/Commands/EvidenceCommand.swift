internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Register
internal import Text

struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Write a folder that proves a request without Buzón.",
    discussion: """
      Writes the form as received, its signature, the delivery record, the page, the
      ledger's lines from the request's first one on, what these lines hold (salt and
      value), a short program that checks them, and README.md, which explains it in
      the configured language. The folder must be new or empty. Only you may read it,
      because it holds personal data.

      EXIT CODES
        0 written, 64 usage, 66 no such request, 73 the folder cannot be written,
        77 permission

      EXAMPLE
        buzon evidence 2026-0142 -o evidence-2026-0142
        cd evidence-2026-0142 && python3 verify.py 2026-0142.yaml
      """)

  @OptionGroup var common: CommonOptions
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to write it.", valueName: "folder"),
    completion: .directory)
  var output: String
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "The request's number.", completion: .numbers)
  var number: String

  func run() throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    guard let stored = try register.request(number: number) else {
      throw Failure(try SpoolForms.absence(of: number, register, configuration), .noInput)
    }
    let result: Evidence.Result
    do {
      result = try Evidence(configuration, register).write(stored, to: output)
    } catch is Evidence.NotEmpty {
      throw Failure("\(displayed(output.utf8)) is not empty; name a new folder", .cannotCreate)
    } catch let error as FileError {
      throw Failure("\(error)\(error.remedy.map { "; \($0)" } ?? "")", .cannotCreate)
    }
    guard json else {
      return try Console.say(
        "\(number): \(result.files.count) files in \(displayed(output.utf8)); README.md explains how to check them")
    }
    try Console.document { json in
      json.field("number", number)
      json.field("files", result.files)
      json.key("head")
      json.object { json in
        json.field("sequence", result.head.sequence)
        json.field("hash", result.head.hash)
      }
    }
  }
}
