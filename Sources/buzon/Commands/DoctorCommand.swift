internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Translations

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether this place is set up as Buzón needs it.",
    discussion: """
      Looks at the directory (servers, certificates, bind, identity, schema, access
      rules, indexes, overlays, password policy, limits, clock) and at this host
      (folders, modes, file systems, room, state, locks, signers, templates, the
      page where passwords are changed, time zone). Nothing is written. What the
      agent may write is asked with the No-Op control, where that is safe.

      Each finding has a name, a place, and what helps: a command that can be run
      as it stands. What could not be looked at is listed as not checked, with the
      reason.

      Run it as root on the directory's host to see the most: root reads cn=config
      over ldapi:///, and then looks at all else as the agent's user. Run as the
      agent's user or as another one it sees less, and says so.

      EXIT CODES
        0 nothing is wrong, 1 there are warnings, 2 there are errors, 64 usage,
        78 the configuration has an error

      EXAMPLE
        buzon doctor
        buzon doctor --json
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Print as JSON.")
  var json = false

  func run() async throws {
    let report = await Doctor(try common.configuration(), file: common.path).examine()
    try Console.output(json ? report.json : Array(report.text { translated($0) }.utf8))
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }
}
