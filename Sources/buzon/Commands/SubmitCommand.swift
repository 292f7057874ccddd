internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import Records
internal import Register
internal import Text
internal import Translations

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Check request forms and put them into the spool.",
    usage: """
      buzon submit [--sign <key>] [--wait [--timeout <time>]] <files> ...
      buzon submit --plan <plan> [--sign <key>] [--wait] <form>
      """,
    discussion: """
      A form with a mistake is reported as by `buzon check`, and is not submitted
      (exit code 65). The other forms are. When the command returns, a submitted
      form is in the spool, complete and durable. Its file is named
      NUMBER-RANDOM.yaml. Other submitters cannot list or guess that name, so they
      cannot read the form or take its name first. `cp` gives no such protection.

      A signature that lies beside a form (FILE.sig, by `buzon sign`) goes with it.
      --sign makes one with your key. Where forms must be signed (approval.mode),
      one without a signature waits for it: submit the same form again, with it.

      --plan binds one form to its plan (buzon plan FORM --out PLAN): the agent
      carries the form out only if no account that the plan depended on has moved
      since. If one has, the request fails, and says which. A plan of another form,
      and one that was changed, is refused here (65).

      With --wait the command returns when each form is done, and prints the
      outcome. The exit code is 0 if all were applied. It is 1 if some failed,
      completely or in part, or were rejected. It is 75 if some are held, or still
      wait when the time is over. --wait must read the register. If you may not
      read it, the forms are submitted all the same, and the exit code is 77.

      EXAMPLE
        buzon submit form.yaml
        buzon submit --sign ~/.ssh/id_ed25519 form.yaml
        buzon submit --plan form.plan form.yaml
        buzon submit --wait --timeout 2min form.yaml
      """)

  @OptionGroup var common: CommonOptions
  @Option(
    help: ArgumentHelp("Sign the forms as their approver, with this key.", valueName: "key"), completion: .file())
  var sign: String?
  @Option(help: ArgumentHelp("Carry the form out only as this file planned it.", valueName: "plan"))
  var plan: String?
  @Flag(help: "Wait until each form is done.")
  var wait = false
  @Option(help: ArgumentHelp("How long to wait: a number and ms, s, min, h or d. Default: 10min.", valueName: "time"))
  var timeout: WaitTime?
  @Flag(help: "Print the result as JSON.")
  var json = false
  @Argument(help: "Forms to submit; - for standard input.", completion: .forms)
  var files: [String]

  func validate() throws {
    if timeout != nil, !wait { throw ValidationError("--timeout goes with --wait") }
    if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
    if plan != nil, files.count != 1 { throw ValidationError("--plan goes with one form, for a plan binds one") }
  }

  func run() async throws {
    let configuration = try common.configuration()
    var (forms, code) = try submit(configuration)
    guard wait else {
      if json { return try finish(Self.json(forms.map { ($0, nil) }), code) }
      if let code { throw code }
      return
    }
    var endings: [(SubmittedForm, FormEnding?)] = []
    do {
      try await Waiting.wait(for: forms, configuration, atMost: timeout?.duration ?? .seconds(600)) { form, ending in
        if json { endings.append((form, ending)) } else { try Self.report(form, ending) }
        if code == nil || code == .tryAgain, !ending.isGood { code = ending.isOpen ? .tryAgain : .someFailed }
      }
    } catch let failure as Failure where failure.code == .noPermission {
      if json {
        try Console.output(Self.json(forms.map { ($0, nil) }))
      } else {
        for form in forms { try Console.say("\(form.number) submitted") }
      }
      throw failure
    }
    try finish(json ? Self.json(endings) : [], code)
  }

  private func finish(_ output: [UInt8], _ code: ExitCode?) throws {
    try Console.output(output)
    if let code { throw code }
  }

  /// Puts what is good into the spool.
  private func submit(_ configuration: Configuration) throws -> ([SubmittedForm], ExitCode?) {
    let rules = try configuration.rulesToday()
    let incoming = try Self.incoming(configuration.spool + "/incoming")
    // Who may not read it learns of a used number from the agent.
    let register = try? common.register(configuration)
    var numbers = FormNumbers()
    let progress = Progress()
    var forms: [SubmittedForm] = []
    var code: ExitCode?
    for (place, file) in files.enumerated() {
      progress.show("Submitting", place, of: files.count)
      switch FormFiles.judge(file, rules: rules) {
      case .invalid(let findings):
        for finding in findings { Console.report(finding, of: FormFiles.name(file)) }
        code = .dataError
      case .unreadable(let finding):
        Console.report(finding, of: "buzon: \(FormFiles.name(file))")
        if code == nil { code = .noInput }
      case .form(let request, let bytes):
        let digest = Register.digest(of: bytes)
        let finding =
          numbers.finding(request.number, digest: digest, file: FormFiles.name(file))
          ?? Self.used(request.number, digest, register, isBound: plan != nil)
        if let finding {
          Console.report(finding, of: FormFiles.name(file))
          code = .dataError
          continue
        }
        let planned = try plan.map { try FormPlanFile.read($0, of: request, bytes: bytes) }
        let signature: [UInt8]?
        do {
          signature =
            try sign.map { try FormSignature.make(over: bytes, key: $0) } ?? FormSignature.beside(file, bytes)
        } catch let failure as Failure where failure.code == .dataError {
          Console.error("buzon: \(failure.message)")
          code = .dataError
          continue
        }
        let name = try Self.write(bytes, signature, planned, request.number, in: incoming)
        forms.append(SubmittedForm(number: request.number, file: file, digest: digest, name: name))
        if !json, !wait { try Console.say("\(request.number) submitted") }
      }
    }
    return (forms, code)
  }

  private static func incoming(_ path: String) throws -> Files.Directory {
    guard access(path, W_OK | X_OK) != 0, errno == EACCES else { return try Files.Directory(path) }
    throw Failure(
      "you may not put forms into \(path); have yourself added to the group buzon-submit "
        + "(usermod -aG buzon-submit \(Caller.name)), and log in again", .noPermission)
  }

  /// What is wrong where another request has the number already.
  ///
  /// - Parameter isBound: whether the form is to be bound to a plan: what was accepted before can't be.
  private static func used(_ number: String, _ digest: [UInt8], _ register: Register?, isBound: Bool) -> Finding? {
    guard let standing = try? register?.standing(of: number), isBound || standing.digest != digest else { return nil }
    if standing.digest == digest {
      return Finding(
        place: nil, key: "number", problem: "this form was accepted before, so no plan can bind it any more",
        remedy: "see what came of it (buzon show \(number))")
    }
    return Finding(
      place: nil, key: "number", problem: "number \(number) belongs to another form, which was accepted before",
      remedy: "give this form a number of its own (buzon show \(number) shows the other)")
  }

  /// Writes a form under a name that begins with its number, so that forms of one moment are taken in their order, and
  /// that nobody can guess. The file's group is the spool's (setgid), so that the agent can read it; every submitter is in
  /// that group, and may search the folder but not list it: who knows the name can read the form. Its plan and its signature
  /// come first, so that the form never waits for them, and is never carried out without its plan.
  private static func write(
    _ bytes: [UInt8], _ signature: [UInt8]?, _ plan: [UInt8]?, _ number: String, in incoming: Files.Directory
  ) throws -> FileName {
    while true {
      guard let name = FileName.unguessable(number, suffix: ".yaml"), let signed = name.appending(".sig"),
        let planned = name.appending(".plan")
      else {
        throw Failure("\(displayed(number.utf8)) can't name a file; write a shorter number", .dataError)
      }
      if let plan {
        guard try incoming.writeDurably(plan, as: planned, mode: 0o640, replacing: .nothing) else { continue }
      }
      if let signature {
        guard try incoming.writeDurably(signature, as: signed, mode: 0o640, replacing: .nothing) else { continue }
      }
      if try incoming.writeDurably(bytes, as: name, mode: 0o640, replacing: .nothing) { return name }
    }
  }

  private static func report(_ form: SubmittedForm, _ ending: FormEnding) throws {
    let line = "\(form.number) \(ending.word.tinted(of: "request"))"
    switch ending {
    case .done(.applied): try Console.print(line)
    case .done: try Console.print("\(line); \(translated("buzon show \(form.number) shows why"))")
    case .rejected(let report):
      try Console.print(line)
      for row in report.utf8.split(separator: UInt8(ascii: "\n")) {
        Console.errorAsIs("  " + translated(report: displayed(row)))
      }
    case .held(let reason): try Console.print("\(line): \(displayed(translated(reason ?? "").utf8))")
    case .waiting:
      let word = translated(ending.word, of: "request")
      try Console.say("\(form.number) waits (\(word)); buzon queue shows for what")
    }
  }

  private static func json(_ forms: [(SubmittedForm, FormEnding?)]) -> [UInt8] {
    JSONWriter.document { json in
      json.field("submitted", objects: forms) { json, form in
        let (form, ending) = form
        json.field("number", form.number)
        json.field("file", form.file)
        if let ending {
          json.field("outcome", ending.isOpen ? nil : ending.word)
          json.field("state", ending.state)
          json.field("reason", ending.reason)
        }
      }
    }
  }
}

extension FormEnding {
  /// The request's state; `nil` where there is no request.
  fileprivate var state: String? {
    switch self {
    case .done: RequestState.done.rawValue
    case .rejected: nil
    case .held: RequestState.held.rawValue
    case .waiting(let state): state?.rawValue
    }
  }

  /// Why it is held or was rejected.
  fileprivate var reason: String? {
    switch self {
    case .done, .waiting: nil
    case .rejected(let report): report
    case .held(let reason): reason
    }
  }
}
