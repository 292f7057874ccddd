internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Forms
internal import Glibc
internal import Installation
internal import Records
internal import Register
internal import Text

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what request forms would change.",
    usage: """
      buzon plan [--json] <files or folders> ...
      buzon plan [--json] --out <plan> [--force] <form>
      """,
    discussion: """
      Prints what the agent would do with the forms now, as LDIF change records
      that ldapmodify reads. The words stand as comments before each record: each
      of the form's keys before and after, what hangs on the account, and what
      would fail, wait or be held, with the remedy. All changes of an account are
      one record. No password stands in it.

      Nothing is written to the directory. The directory itself says whether it would take each operation (No-Op control). Where it
      cannot be asked, entries are compared, and the comments say so.

      Forms are planned one after the other, each on what those before it leave. Of
      a folder the forms are taken in the order in which the agent would take them.

      The directory is read as directory.bind says: run it as a user who may read
      the accounts. Without the right to read the register it is not known whether a
      number is used, which addresses are remembered and what policy.limits says;
      the comments say so.

      --out writes a file that binds the form to what the plan depended on, for
      `buzon submit FORM --plan PLAN`: the agent carries the form out only if
      nothing of that has moved. It is written for one form that would be done as a
      whole, and the register must be readable. Only you may read it.

      EXIT CODES
        0 nothing would change, 1 nothing would change, and something would fail,
        2 something would change, 65 a form has a mistake (then nothing is planned),
        66 no such file, 69 the directory cannot be read, 73 the plan cannot be
        written, 77 permission

      EXAMPLE
        buzon plan form.yaml
        buzon plan form.yaml --out form.plan
        buzon plan --json /var/spool/buzon/incoming
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false
  @Option(help: ArgumentHelp("Write what the plan depended on to this file.", valueName: "plan"))
  var out: String?
  @Flag(help: "Replace the file if it is there.")
  var force = false
  @Argument(help: "Forms to plan, or folders of forms; - for standard input.", completion: .forms)
  var files: [String]

  func validate() throws {
    if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
    if force, out == nil { throw ValidationError("--force goes with --out") }
    if out != nil, files.count != 1 { throw ValidationError(Self.oneForm) }
  }

  private static let oneForm = "--out takes one form, for a plan binds one; plan each form by itself"

  func run() async throws {
    let configuration = try common.configuration()
    let rules = try configuration.rulesToday()
    let sources = try sources(rules)
    if out != nil, sources.count != 1 { throw ValidationError(Self.oneForm) }
    let file = try out.map { try OutputFile($0, replaces: force) }
    var register: Register?
    var reason: String?
    do {
      register = try common.register(configuration)
    } catch let failure as Failure {
      // Who may submit need not be allowed to read it.
      if out != nil { throw failure }
      reason = failure.message
    }
    let plan = try await Self.plan(sources, register, reason, configuration, rules)
    try Console.output(json ? plan.json : plan.ldif)
    if let file, let source = sources.first { try Self.write(plan, of: source, to: file) }
    if plan.isAny { throw ExitCode(2) }
    if plan.isTroubled { throw ExitCode.someFailed }
  }

  private static func plan(
    _ sources: [FormPlan.Source], _ register: Register?, _ reason: String?, _ configuration: Configuration,
    _ rules: Rules
  ) async throws -> FormPlan {
    do {
      return try await FormPlan(sources, register, reason: reason, configuration, rules: rules)
    } catch let failure as DirectorySearch.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
  }

  /// Writes what the plan of one form depended on.
  private static func write(_ plan: FormPlan, of source: FormPlan.Source, to file: OutputFile) throws {
    guard let bound = plan.forms.first?.bound else {
      throw Failure(
        "\(source.file): no plan is written, for the form would not be done as it stands; correct what the plan says, then "
          + "plan it again", .someFailed)
    }
    let written = PlanFile(
      form: Register.digest(of: source.bytes), number: source.request.number, made: .now(), program: buzonVersion,
      plan: bound)
    try file.write(written.bytes)
  }

  // MARK: Forms

  /// The forms in their order; every mistake of each is reported.
  private func sources(_ rules: Rules) throws -> [FormPlan.Source] {
    var sources: [FormPlan.Source] = []
    var code: ExitCode?
    for file in try files.flatMap(Self.forms) {
      let name = FormFiles.name(file)
      switch FormFiles.judge(file, rules: rules) {
      case .form(let request, let bytes):
        // No signature of ssh-keygen is longer.
        let signature = file == "-" ? nil : try? readFile(file + ".sig", limit: KeygenAnswer.longest)
        sources.append(FormPlan.Source(file: name, request: request, bytes: bytes, signature: signature))
      case .invalid(let findings):
        for finding in findings { Console.report(finding, of: name) }
        code = .dataError
      case .unreadable(let finding):
        Console.report(finding, of: name)
        if code == nil { code = .noInput }
      }
    }
    if let code { throw code }
    return sources
  }

  /// The files of a folder as the agent takes them; a file is itself.
  private static func forms(_ path: String) throws -> [String] {
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    let entries = try Files.Directory(path).scan().entries
    let forms = entries.filter { entry in
      entry.kind == .regular && ([".yaml", ".yml", ".json"] as [StaticString]).contains { entry.name.hasSuffix($0) }
    }
    if forms.isEmpty {
      throw Failure("\(displayed(path.utf8)): no form lies in it (.yaml, .yml, .json)", .noInput)
    }
    return forms.map { "\(path)/\($0.name)" }
  }
}
