internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Glibc
internal import Text
internal import Translations

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Prepare a directory and this host for Buzón.",
    usage: """
      buzon init [--yes] <options>
      buzon init --dry-run <options>
      buzon init --ldif <file> <options>
      """,
    discussion: """
      Run it as root on the directory's host. It looks at cn=config and at the
      database over ldapi:///, at the user buzon, the folders and the
      configuration. It prints what is missing, asks, and puts it there: modules,
      schema, overlays, indexes, limits, access rules, the agent's identity,
      containers, the password policy, folders, buzon.yaml. These are the files of
      config/slapd, which are built in. A second run finds nothing to do. A run
      that was cut off is continued by the next one.

      What is there already and differs is shown. It is changed with --yes alone: an
      older schema, older access rules, another password policy.

      The base, the domains and the organisation's name are taken from the
      configuration, where there is one; else from the options; else they are asked
      for. A buzon.yaml that is the shipped example as it is counts as none.

      While entries are made, root may write the database by an access rule of its
      own, which is taken away at the end.

      --ldif writes all of it as LDIF instead, for the administrator of another host
      or of another directory. Only you may read the file: the mail service's
      password is in it.

      EXIT CODES
        0 nothing is left to do, 1 something was left as it is, 2 --dry-run:
        something would be done, 64 usage, 69 the directory cannot be asked,
        73 a file cannot be written, 77 permission, 78 the configuration

      EXAMPLE
        buzon init --base dc=example,dc=org --domain example.org \\
          --organization 'Example'
        buzon doctor
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("The suffix of the database.", valueName: "dn"))
  var base: String?
  @Option(help: ArgumentHelp("A mail domain of ours; may be given several times.", valueName: "domain"))
  var domain: [String] = []
  @Option(help: ArgumentHelp("The organisation's name, as it stands on printed pages.", valueName: "name"))
  var organization: String?
  @Option(help: ArgumentHelp("The directory's socket.", valueName: "ldapi"))
  var uri = "ldapi:///"
  @Option(help: ArgumentHelp("Where the mail service's password is written.", valueName: "file"))
  var mailPasswordFile = "/root/buzon-mail.password"
  @Option(help: ArgumentHelp("The agent's user.", valueName: "name"))
  var user = "buzon"
  @Flag(help: "Don't ask; change also what is there and differs.")
  var yes = false
  @Flag(help: "Print what would be done, and do nothing.")
  var dryRun = false
  @Option(help: ArgumentHelp("Write it as LDIF for somebody else; - for standard output.", valueName: "file"))
  var ldif: String?
  @Option(help: ArgumentHelp("With --ldif: the database's entry in cn=config.", valueName: "dn"))
  var database = "olcDatabase={1}mdb,cn=config"

  func validate() throws {
    if ldif != nil, yes || dryRun { throw ValidationError("--ldif changes nothing; leave --yes and --dry-run out") }
    if yes, dryRun { throw ValidationError("--yes and --dry-run don't go together") }
  }

  func run() async throws {
    let present = try presentConfiguration()
    let place = try await place(present)
    do {
      let preparation = try PlacePreparation(place, file: common.path, configuration: present)
      if let ldif { return try write(preparation.ldif(database: database), to: ldif) }
      try await prepare(preparation)
    } catch let failure as PlacePreparation.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
  }

  // MARK: What it needs to know

  /// What somebody has written; `nil`: nothing, or the example as it is shipped.
  private func presentConfiguration() throws -> Configuration? {
    if access(common.path, F_OK) != 0, errno == ENOENT { return nil }
    return PlacePreparation.isExample(common.path) ? nil : try common.configuration()
  }

  private func place(_ present: Configuration?) async throws -> PlacePreparation.Place {
    if let present {
      let presentBase = "\(present.directory.base)"
      if let base, base != presentBase {
        throw Failure("--base differs from directory.base of \(common.path); correct one of them", .usage)
      }
      return PlacePreparation.Place(
        base: presentBase, domains: present.domains, organization: present.organization.name,
        uri: uri, mailPasswordFile: mailPasswordFile, user: user)
    }
    let base = try await askedBase()
    let domains = try domain.isEmpty ? asked("Mail domain", "--domain").split(separator: " ").map(String.init) : domain
    return PlacePreparation.Place(
      base: base, domains: domains,
      organization: try organization ?? asked("Name of the organisation", "--organization"),
      uri: uri, mailPasswordFile: mailPasswordFile, user: user)
  }

  private func askedBase() async throws -> String {
    if let base { return base }
    let suffixes = ldif == nil ? (try? await PlacePreparation.suffixes(at: uri)) ?? [] : []
    if suffixes.count == 1, isatty(STDIN_FILENO) == 1 {
      let answer = try answer("Base of the directory [\(displayed(suffixes[0].utf8))]: ")
      return answer.isEmpty ? suffixes[0] : answer
    }
    return try asked(
      "Base of the directory" + (suffixes.isEmpty ? "" : " (\(suffixes.joined(separator: ", ")))"), "--base")
  }

  private func asked(_ what: String, _ option: String) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else { throw Failure("\(option) is missing, and there is nobody to ask", .usage) }
    let answer = try answer("\(what): ")
    guard !answer.isEmpty else { throw Failure("\(option) is missing", .usage) }
    return answer
  }

  private func answer(_ question: String) throws -> String {
    Console.prompt(question)
    return readLine()?.trimmingSpaces ?? ""
  }

  // MARK: What it does

  private func prepare(_ preparation: PlacePreparation) async throws {
    let lines = try await preparation.plan()
    if lines.isEmpty { return try Console.say("nothing to do: directory and host are prepared") }
    for line in lines { try print(line) }
    if dryRun { throw ExitCode(2) }
    let isAny = lines.contains { $0.kind == .missing || (yes && $0.kind == .differs) }
    guard isAny else { return try end(lines, "nothing was done; --yes changes what differs") }
    if !yes {
      guard isatty(STDIN_FILENO) == 1 else { throw Failure("--yes is missing, and there is nobody to ask", .usage) }
      guard ["y", "yes", "s", "sí", "si"].contains(try answer("Do what is missing? [y/N] ").lowercased()) else {
        return try end(lines, "nothing was done")
      }
    }
    try await preparation.apply(replaces: yes) { try? Console.print(displayed(translated($0).utf8)) }
    let left = try await preparation.plan()
    if left.isEmpty { return try Console.say("done; next: buzon doctor") }
    for line in left { try print(line) }
    try end(left, "the rest was left as it is")
  }

  private func end(_ lines: [PlacePreparation.Line], _ text: String) throws {
    Console.error("buzon: \(text)")
    throw ExitCode.someFailed
  }

  private func print(_ line: PlacePreparation.Line) throws {
    try Console.print("\(translated(line.kind.rawValue)): \(displayed(translated(line.what).utf8))")
    if line.detail.isEmpty { return }
    for one in translated(line.detail).split(separator: "\n") { try Console.print("    \(displayed(one.utf8))") }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    if path == "-" { return try Console.output(bytes) }
    try OutputFile(path, replaces: false).write(bytes)
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var rest = self[...]
    while rest.utf8.first == 0x20 { rest = rest.dropFirst() }
    while rest.utf8.last == 0x20 { rest = rest.dropLast() }
    return String(rest)
  }
}
