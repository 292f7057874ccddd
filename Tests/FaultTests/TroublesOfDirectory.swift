import Foundation
import Sandbox
import Support
import Testing

extension Trouble {
  private static func row(
    _ name: String, _ exit: Int32, _ findings: Set<String>, remedy: String? = nil, queue: String? = nil,
    event: String? = nil,
    make: @escaping @Sendable (TroubledPlace) async throws -> Void,
    mend: @escaping @Sendable (TroubledPlace) async throws -> Void
  ) -> Trouble {
    let options = Workplace.Options.with { ($0.connectTimeout, $0.operationTimeout) = ("2 s", "5 s") }
    return Trouble(
      .directory, name, exit, findings, remedy: remedy, queue: queue, event: event, options: options, make: make,
      mend: mend)
  }

  private static let database = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"

  /// What is wrong in the directory's configuration, while a form waits for it.
  private static func broken(_ name: String, breaks: String, remedy: String, mends: String) -> Trouble {
    row(
      name, 2, ["directory-waiting"], remedy: remedy, queue: "The queue waits since", event: "directory.waiting"
    ) {
      try await $0.start()
      try $0.modify(breaks)
      // Who the agent is is found out when it connects.
      $0.agent?.signal(SIGHUP)
      let agent = $0.agent
      #expect(await comesTrue { agent?.written.errors.contains("configuration.reread") == true })
      try $0.drop("D-1", create((name.split(separator: " ").last ?? "x").lowercased() + "1"))
    } mend: {
      try $0.modify(mends)
      try await $0.place.recorded("D-1")
    }
  }

  static let ofDirectory: [Trouble] = [
    row(
      "the directory is stopped", 2, ["directory-waiting"], remedy: "ldapsearch -x -H ldapi://", event: "mirror.waiting"
    ) {
      try await $0.start()
      try $0.site.stopDirectory()
    } mend: {
      try $0.site.startDirectory()
    },
    row(
      "the directory is stopped, and a form waits", 2, ["directory-waiting"], queue: "The queue waits since",
      event: "directory.waiting"
    ) {
      try await $0.start()
      try $0.site.stopDirectory()
      try $0.drop("D-1", create("stopped1"))
    } mend: {
      try $0.site.startDirectory()
      try await $0.place.recorded("D-1")
    },
    row("the directory is frozen", 2, ["directory-waiting"], event: "mirror.waiting") {
      try await $0.start()
      $0.kept = try $0.site.directoryProcess()
      #expect(kill($0.kept, SIGSTOP) == 0)
    } mend: {
      #expect(kill($0.kept, SIGCONT) == 0)
    },
    broken(
      "the directory is read-only", breaks: database + "replace: olcReadOnly\nolcReadOnly: TRUE",
      remedy: "let that server take writes (olcReadOnly)",
      mends: database + "delete: olcReadOnly"),
    broken(
      "the agent may not write",
      breaks: database + "add: olcAccess\nolcAccess: {0}to * by dn.exact=\"@AGENT@\" read by * break",
      remedy: "the access rights of config/slapd (buzon init)",
      mends: database + "delete: olcAccess\nolcAccess: {0}"),
    broken(
      "the agent may not read",
      breaks: database + "add: olcAccess\nolcAccess: {0}to * by dn.exact=\"@AGENT@\" none by * break",
      remedy: "the access rights of config/slapd (buzon init)",
      mends: database + "delete: olcAccess\nolcAccess: {0}"),
    broken(
      "the directory does not know the agent", breaks: "dn: cn=config\nchangetype: modify\ndelete: olcAuthzRegexp",
      remedy: "`ldapwhoami -Q -Y EXTERNAL -H ldapi://%2F",
      mends: "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: {0}"
        + "\"gidNumber=.*,cn=peercred,cn=external,cn=auth\" \"@AGENT@\""),
    broken(
      "the password policy refuses our passwords",
      breaks: "dn: cn=default,ou=policies,@BASE@\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 100",
      remedy: "policy.password",
      mends: "dn: cn=default,ou=policies,@BASE@\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 12"),
    row(
      "the directory refuses the agent's password", 2, ["directory-waiting"],
      remedy: "ldapwhoami -x -W -H ldapi://%2F", event: "mirror.waiting"
    ) {
      try $0.site.setAgentPassword("correct horse")
      try $0.usePassword("wrong")
      $0.agent = try $0.place.start(["run"])
    } mend: {
      try $0.usePassword("correct horse")
      $0.agent?.signal(SIGHUP)
    },
    Trouble(
      .directory, "no trusted authority signed its certificate", 2, ["directory-waiting"],
      remedy: "directory.tls.ca_file",
      event: "mirror.waiting", hasTLS: true
    ) {
      try $0.site.setAgentPassword("correct horse")
      try $0.useTLS(authority: Authority($0.place.folder + "/stranger").own.certificate)
      $0.agent = try $0.place.start(["run"])
    } mend: {
      try $0.useTLS(authority: #require($0.site.sandbox.caFile))
      $0.agent?.signal(SIGHUP)
    },
    row("one entry is closed to the agent", 1, ["held"], queue: "held", event: "request.held") {
      try await $0.start()
      try await $0.place.carryOut(form(number: "D-0", changes: [create("closed1")]), "D-0")
      try $0.modify(
        database
          + "add: olcAccess\nolcAccess: {0}to dn.exact=\"\($0.site.dn("closed1"))\" by dn.exact=\"@AGENT@\" read "
          + "by * break")
      try $0.drop("D-1", "modify: {address: closed1@example.org, set: {position: X}}")
    } mend: {
      try $0.modify(database + "delete: olcAccess\nolcAccess: {0}")
      try await $0.succeed("retry", "D-1")
      try await $0.place.recorded("D-1")
    },
  ]
}
