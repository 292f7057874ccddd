import Foundation
import Support
import Testing

@Suite("buzon init", .enabled(if: geteuid() == 0, "is run by root"))
struct InitTests {
  private static let options = [
    "--base", BareDirectory.suffix, "--domain", "example.org", "--organization", "Alcaldía de Mocoa",
  ]

  @Test("prepares a bare directory; a second run does nothing; doctor finds nothing; an account can be opened")
  func prepares() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    let first = try await bare.initialise("--yes")
    #expect(first.status == 0, "\(first)")
    #expect(first.output.contains("put right: the schema of Buzón is not loaded"), "\(first.output)")
    let after = try await bare.everything()
    #expect(
      !after.contains("olcAccess: {0}to * by dn.exact=\"gidNumber"), "the rule for the time of the command is gone")

    let dry = try await bare.initialise("--dry-run")
    #expect(dry.status == 0 && dry.output == "nothing to do: directory and host are prepared\n", "\(dry)")
    let second = try await bare.initialise("--yes")
    #expect(second.status == 0 && second.output == dry.output, "\(second)")
    #expect(try await bare.everything() == after)

    let doctor = try await bare.answer("doctor")
    let bad = doctor["findings"].array.filter { $0["severity"].text != "not-checked" }
    #expect(bad.isEmpty, "\(bad)")

    try bare.drop(
      form(number: "2026-0001", changes: ["create: {address: ana@example.org, name: {given: Ana, family: Paz}}"]),
      as: "a.yaml")
    let run = try await bare.asAgent("run", "--once")
    #expect(run.status == 0, "\(run)")
    #expect(try bare.record("2026-0001") != nil)
    let again = try await bare.run("doctor")
    #expect(again.status == 0, "\(again)")
  }

  @Test("a dry run writes nothing, and without --yes nobody at a terminal means 64")
  func asks() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    let before = try await bare.everything()
    let dry = try await bare.initialise("--dry-run")
    #expect(dry.status == 2 && dry.output.contains("missing: the access rules of Buzón are not there"), "\(dry)")
    #expect(try await bare.initialise().status == 64)
    let after = try await bare.everything()
    let other = Set(after.split(separator: "\n")).symmetricDifference(before.split(separator: "\n"))
    #expect(after == before, "\(other)")
    #expect(!exists(bare.state) && !exists(bare.folder.path + "/mail.password"))
  }

  @Test("what is needed and not given is a mistake of usage, which names the option")
  func needsAnswers() async throws {
    let bare = try await BareDirectory()
    let missing = try await bare.initialise("--yes", "--domain", "example.org", "--base", BareDirectory.suffix)
    #expect(missing.status == 64 && missing.errors.contains("--organization"), "\(missing)")
    #expect(!exists(bare.config))
  }

  @Test("writes the configuration where there is none, or the shipped example as it is")
  func writesConfiguration() async throws {
    let bare = try await BareDirectory()
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let example = try Data(contentsOf: root.appending(path: "config/buzon.yaml"))
    try bare.folder.write(example, to: "buzon.yaml")
    // The folders of the example are the host's own: only what would be done is looked at.
    let dry = try await bare.start(
      ["init", "--uri", bare.uri, "--user", BareDirectory.user, "--dry-run"] + Self.options
    ).outcome()
    #expect(dry.status == 2 && dry.output.contains("missing: write the configuration"), "\(dry)")
  }

  @Test("a run that was cut off is continued by the next one", arguments: [3, 9, 20, 40])
  func continues(after milliseconds: Int) async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    let cut = try bare.start([
      "init", "--yes", "--uri", bare.uri, "--user", BareDirectory.user, "--mail-password-file",
      bare.folder.path + "/mail.password",
    ])
    try await Task.sleep(for: .milliseconds(60 + milliseconds * 3))
    cut.signal(SIGKILL)
    _ = await cut.outcome()
    let next = try await bare.initialise("--yes")
    #expect(next.status == 0, "\(next)")
    #expect(try await bare.initialise("--dry-run").status == 0)
    #expect(try await !bare.everything().contains("{0}to * by dn.exact=\"gidNumber"))
  }

  @Test("what differs is shown, and changed with --yes alone")
  func keepsWhatDiffers() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    #expect(try await bare.initialise("--yes").status == 0)
    try await bare.modify(
      """
      dn: olcOverlay={1}ppolicy,olcDatabase={1}mdb,cn=config
      changetype: modify
      replace: olcPPolicyHashCleartext
      olcPPolicyHashCleartext: FALSE
      """)
    try FileManager.default.removeItem(atPath: bare.folder.path + "/mail.password")
    let shown = try await bare.initialise()
    #expect(
      shown.status == 1 && shown.output.contains("differs: the directory stores passwords as clear text"), "\(shown)")
    #expect(try await bare.everything().contains("olcPPolicyHashCleartext: FALSE"))
    #expect(try await bare.initialise("--yes").status == 0)
    #expect(try await bare.everything().contains("olcPPolicyHashCleartext: TRUE"))
    #expect(!exists(bare.folder.path + "/mail.password"), "no password that nobody has")
  }

  @Test("replaces the access rules of an earlier version, and leaves the others behind them")
  func replacesRules() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    #expect(try await bare.initialise("--yes").status == 0)
    let right = try await bare.everything()
    try await bare.modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      delete: olcAccess
      olcAccess: {18}
      """)
    #expect(try await bare.initialise("--dry-run").output.contains("differs: the access rules of Buzón differ"))
    #expect(try await bare.initialise("--yes").status == 0)
    let rules = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("olcAccess: ") } }
    #expect(try await rules(bare.everything()) == rules(right))
  }

  @Test("takes away the access rule that a run left which was cut off")
  func closes() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    #expect(try await bare.initialise("--yes").status == 0)
    let before = try await bare.everything()
    try await bare.modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      add: olcAccess
      olcAccess: {0}to * by dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth" manage by * break
      """)
    let dry = try await bare.initialise("--dry-run")
    #expect(dry.status == 2 && dry.output == "missing: take away the access rule that an earlier run left\n", "\(dry)")
    #expect(try await bare.initialise("--yes").status == 0)
    let rules = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("olcAccess: ") } }
    #expect(try await rules(bare.everything()) == rules(before))
  }

  @Test("asks a person at a terminal, and does what he says", arguments: ["y", "n"])
  func terminal(answer: String) async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    let words = [
      Program.built("buzon"), "init", "--uri", bare.uri, "--user", BareDirectory.user, "--mail-password-file",
      bare.folder.path + "/mail.password",
    ].joined(separator: " ")
    let outcome = try await Program.run(
      "/usr/bin/script", ["-qec", words, "/dev/null"], environment: ["BUZON_CONFIG": bare.config, "TERM": "xterm"],
      input: answer + "\n")
    #expect(outcome.status == (answer == "y" ? 0 : 1) && outcome.output.contains("[y/N]"), "\(outcome)")
    #expect(try await bare.everything().contains("cn=buzon,ou=services") == (answer == "y"))
  }

  @Test("--ldif is what an administrator applies instead; nothing is left to do then")
  func writesLDIF() async throws {
    let bare = try await BareDirectory()
    try bare.configure()
    let file = bare.folder.path + "/all.ldif"
    let written = try await bare.initialise("--ldif", file)
    #expect(written.status == 0 && bare.folder.mode("all.ldif") == 0o600, "\(written)")
    for _ in 1...2 {
      _ = try await Program.run("/usr/bin/ldapadd", ["-c", "-Q", "-Y", "EXTERNAL", "-H", bare.uri, "-f", file])
    }
    // What it lacks is of this host, the folders; and an index that is there and is of another kind (80).
    let left = try await bare.initialise("--dry-run")
    let lines = left.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    #expect(lines.allSatisfy { $0.hasPrefix("missing: make the folder") || $0.hasSuffix("(eq) of mail") }, "\(left)")
  }
}
