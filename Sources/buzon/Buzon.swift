internal import Agent
internal import ArgumentParser
internal import Glibc
internal import Installation

/// The command line. Standard output is data only; errors and progress go to standard error; the exit code is one of
/// sysexits(3). The only place of the program that ends it.
@main
struct Buzon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "buzon",
    abstract: "Keeps the mail accounts of an institution in step with its approved requests.",
    discussion: """
      You put approved request forms (FT-GTI-006) into a spool folder. The agent
      applies each of them to an OpenLDAP directory, exactly once. It writes
      delivery records and the corporate account list (FT-GTI-002).

      EXIT CODES
        0 success, 1 some failed, 64 usage, 65 bad data, 66 no such input,
        69 directory unavailable, 70 a bug, 73/74 files, 75 try again later,
        77 permission, 78 configuration

      ENVIRONMENT
        BUZON_CONFIG  the configuration file; default: /etc/buzon/buzon.yaml
        NO_COLOR      if it is not empty, the output has no colours
        LC_ALL, LC_MESSAGES, LANG
                      the first that is not empty names the language of what
                      people read: Spanish (es_CO.UTF-8) or else English. JSON,
                      CSV, LDIF and the log are the same in every language.

      EXAMPLE
        buzon sandbox start --home /tmp/try
        export BUZON_CONFIG=/tmp/try/buzon.yaml
        buzon check form.yaml && buzon submit form.yaml && buzon run --once
      """,
    version: VersionText.forThisCall,
    subcommands: [
      InitCommand.self, DoctorCommand.self, RunCommand.self, ReloadCommand.self, SubmitCommand.self, SignCommand.self,
      CheckCommand.self, PlanCommand.self, FormCommand.self, QueueCommand.self, RequestsCommand.self, ShowCommand.self,
      HistoryCommand.self, RetryCommand.self, HoldCommand.self, ReleaseCommand.self, CancelCommand.self,
      UndoCommand.self, AccountsCommand.self, HandoverCommand.self, DriftCommand.self, PersonCommand.self,
      ForgetCommand.self, VerifyCommand.self, EvidenceCommand.self, StatusCommand.self, RebuildCommand.self,
      BackupCommand.self, RestoreCommand.self, SandboxCommand.self,
    ])

  static func main() async {
    Console.prepare()
    #if FAILPOINTS
      WriteFailpoints.set()
    #endif
    // What is for others to read gets its mode by itself; what libraries and children write is the caller's alone.
    umask(0o077)
    // A Swift runtime that is linked statically finds the arguments by /proc/self/maps. Without them every command would
    // print the help and end with 0.
    guard !CommandLine.arguments.isEmpty else {
      Console.error("buzon: cannot read the program's own arguments; mount /proc")
      Self.exit(withError: ExitCode.inputOutput)
    }
    if let mistake = mistypedCommand(Array(CommandLine.arguments.dropFirst())) {
      Console.error("buzon: \(mistake)")
      Self.exit(withError: ExitCode.usage)
    }
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let interruption as Interruption {
      if let text = interruption.text { Console.error("buzon: \(text)") }
      interruption.end()
    } catch let failure as Failure {
      Console.error("buzon: \(failure.message)")
      Self.exit(withError: failure.code)
    } catch {
      if let failure = Failure(of: error) {
        Console.error("buzon: \(failure.message)")
        Self.exit(withError: failure.code)
      }
      let code = exitCode(for: error)
      if let text = ParserText.inCallersLanguage(fullMessage(for: error, columns: ParserText.endless)) {
        if code == .success { try? Console.print(text) } else { Console.errorAsIs(text) }
        Self.exit(withError: code)
      }
      Self.exit(withError: error)
    }
  }
}
