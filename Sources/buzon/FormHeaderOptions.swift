internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Text

/// The header of a form that a command writes, as its options.
struct FormHeaderOptions: ParsableArguments {
  @Option(help: "The request's number.")
  var number: String?
  @Option(help: "The department that asks.")
  var department: String?
  @Option(help: ArgumentHelp("The responsible official.", valueName: "name"))
  var requester: String?
  @Option(help: ArgumentHelp("The official's address.", valueName: "address"))
  var requesterAddress: String?
  @Option(help: ArgumentHelp("Who approved the request.", valueName: "name"))
  var approvedBy: String?
  @Option(help: ArgumentHelp("The day of the approval, YYYY-MM-DD.", valueName: "day"))
  var approvedOn: String?
  @Option(help: ArgumentHelp("A memorandum or the like.", valueName: "text"))
  var reference: String?

  /// The options that a form can't do without and that aren't there.
  var missing: [String] {
    [
      ("--number", number), ("--department", department), ("--requester", requester), ("--approved-by", approvedBy),
      ("--approved-on", approvedOn),
    ].filter { $0.1 == nil }.map(\.0)
  }

  /// The header; not judged yet.
  func header(_ configuration: Configuration, atomic: Bool = false) -> FormHeader {
    FormHeader(
      form: configuration.organization.form.code, number: number ?? "", department: department ?? "",
      requesterName: requester ?? "", requesterAddress: requesterAddress, approvedBy: approvedBy ?? "",
      approvedOn: approvedOn ?? "", reference: reference, atomic: atomic)
  }

  /// The keys of the header by the options that they come from.
  private static let options = [
    "number": "--number", "department": "--department", "requester.name": "--requester",
    "requester.address": "--requester-address", "approval.by": "--approved-by", "approval.date": "--approved-on",
    "approval.reference": "--reference", "atomic": "--atomic",
  ]

  /// Tells what is wrong.
  ///
  /// - Parameter file: what the changes come from.
  /// - Returns: the exit code: 64 where only options are.
  static func report(_ findings: [Finding], file: String) -> ExitCode {
    var code = ExitCode.usage
    for var finding in findings {
      if finding.place == nil, let option = options[finding.key] {
        finding.key = option
        Console.report(finding, of: "buzon")
      } else {
        code = .dataError
        Console.report(finding, of: file)
      }
    }
    return code
  }

  /// - Parameter configuration: the path of `buzon.yaml`.
  /// - Throws: ``Failure`` 65 where the form is longer than one may be.
  static func requireRoom(for form: [UInt8], limit: Int, configuration: String) throws {
    guard form.count > limit else { return }
    let remedy =
      form.count > FormReader.largestForm
      ? "no form may have more than \(FormReader.largestForm); divide what it is made from"
      : "raise limits.form_size in \(displayed(configuration.utf8)) to \((form.count + 1_048_575) >> 20) MiB, or divide "
        + "what it is made from"
    throw Failure("the form would have \(form.count) bytes, and limits.form_size is \(limit); \(remedy)", .dataError)
  }
}
