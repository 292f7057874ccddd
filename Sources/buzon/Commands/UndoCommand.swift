internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Forms
internal import Installation
internal import Records
internal import Register
internal import Text
internal import Translations

struct UndoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Write the form that would reverse a request.",
    usage: "buzon undo <number> [-o <file>] <options>",
    discussion: """
      Writes a form that puts back what the request changed, from what the register
      kept of each account. Check it, have it approved, and submit it as any other.
      Nothing is submitted. The directory is read, so that the form is one that it
      takes: run it as a user who may read the accounts.

      A created account is deleted (and retained). A deleted account that is still
      retained comes back with all that it had. A value that was changed since by
      somebody else stays as it is.

      What cannot be reversed (a purge, a reset password, an adopt, a closed
      hand-over, a value that was changed since) is a comment in the form and a
      line on standard error.

      By default the number is NUMBER-undo, the department, the requester and the
      approver are those of the request, and the day of the approval is today.

      The form goes to standard output, or with -o to a new file that only you may
      read: it may hold identity numbers.

      EXIT CODES
        0 all of it can be reversed, 1 some of it cannot, 64 usage, 65 nothing can
        be reversed, or the form would be rejected, 66 there is no such request, or
        it changed nothing, 69 the directory cannot be read, 73 the file cannot be
        written, 75 the request is not done yet, 77 permission

      EXAMPLE
        buzon undo 2026-0142 -o 0142-undo.yaml
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var header: FormHeaderOptions
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the form to this file.", valueName: "file"),
    completion: .file())
  var output: String?
  @Flag(help: "Replace the file if it is there.")
  var force = false
  @Argument(help: "The number of the request that is to be reversed.", completion: .numbers)
  var reversed: String

  func run() async throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let shown = displayed(reversed.utf8)
    guard let stored = try register.request(number: reversed) else {
      throw Failure(try SpoolForms.absence(of: reversed, register, configuration), .noInput)
    }
    guard stored.state == .done else {
      throw Failure("\(shown): the request is not done yet; try again when it is (buzon queue)", .tryAgain)
    }
    let rules = try configuration.rulesToday()
    let header = try header(for: stored, rules)
    let file = try output.flatMap { $0 == "-" ? nil : try OutputFile($0, replaces: force) }
    let undo = try await Self.undo(stored, register, configuration, rules)
    guard undo.hasApplied else { throw Failure("\(shown): the request changed nothing", .noInput) }
    for line in undo.lost + undo.hints { Console.error("buzon: \(displayed(line.utf8))") }
    if undo.changes.isEmpty {
      throw undo.lost.isEmpty
        ? Failure("\(shown): all that it changed is as it was before", .noInput)
        : Failure("\(shown): no form can reverse it", .dataError)
    }
    if self.header.number == nil, let number = header.number, try register.standing(of: number) != nil {
      throw Failure("number \(displayed(number.utf8)) is used already; give the form another one with --number", .usage)
    }
    let form =
      Self.comments(undo, shown)
      + (try self.form(undo, header.header(configuration, atomic: undo.request.atomic), rules))
    try FormHeaderOptions.requireRoom(for: form, limit: rules.formSize, configuration: common.path)
    if let file { try file.write(form) } else { try Console.output(form) }
    if !undo.lost.isEmpty { throw ExitCode.someFailed }
  }

  /// The header's options, with those of the request where one isn't given.
  private func header(for stored: StoredRequest, _ rules: Rules) throws -> FormHeaderOptions {
    var header = header
    if stored.submitter == nil, !header.missing.isEmpty {
      throw ValidationError("the clock made this request; missing: \(header.missing.joined(separator: ", "))")
    }
    let origin = stored.origin
    header.number = header.number ?? "\(stored.number)-undo"
    header.department = header.department ?? origin.department
    // Whose address it is is said with the name.
    if header.requester == nil, header.requesterAddress == nil {
      header.requesterAddress = origin.requester.address?.text
    }
    header.requester = header.requester ?? origin.requester.name
    header.approvedBy = header.approvedBy ?? origin.approval.by
    header.approvedOn = header.approvedOn ?? "\(rules.today)"
    return header
  }

  private static func undo(
    _ stored: StoredRequest, _ register: Register, _ configuration: Configuration, _ rules: Rules
  ) async throws -> UndoForm {
    do {
      return try await UndoForm(stored, register, configuration, rules: rules)
    } catch let failure as DirectorySearch.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
  }

  private static func comments(_ undo: UndoForm, _ number: String) -> [UInt8] {
    var lines = [translated("Reverses \(number).")]
    func list(_ title: String, _ items: [String]) {
      if !items.isEmpty { lines += [translated(title)] + items.map { "- " + translated($0) } }
    }
    list("What it does not reverse:", undo.lost)
    list("To know before it is approved:", undo.hints)
    return lines.flatMap { Array("# \(displayed($0.utf8))\n".utf8) }
  }

  /// The form's bytes, judged as they will be when they are submitted.
  private func form(_ undo: UndoForm, _ header: FormHeader, _ rules: Rules) throws -> [UInt8] {
    // The header is judged with a change that is good whatever the policy.
    switch BulkForm.adopts(of: undo.changes.prefix(1).map(\.address), header: header, rules: rules) {
    case .invalid(let findings): throw FormHeaderOptions.report(findings, file: "(undo)")
    case .request(var request):
      request.changes = undo.changes
      let form = FormWriter.write(request)
      if case .invalid(let findings) = FormReader.read(form, rules: rules) {
        throw FormHeaderOptions.report(findings, file: "(undo)")
      }
      return form
    }
  }
}
