import Foundation
import Support
import Testing

/// A user whom no rule of the directory's maps to the agent's identity.
@Suite("An agent whom the directory takes for somebody else", .enabled(if: geteuid() == 0))
struct IdentityTests {
  @Test("says whom, and which rule is missing")
  func named() async throws {
    let place = try Site().workplace("somebody")
    try place.drop(
      form(number: "W-1", changes: ["create: {address: quien@example.org, name: {given: Ana, family: Rojas}}"]),
      as: "1.yaml")
    let user = "65530"
    let start = "chown -R \(user):\(user) \"$F\" && exec setpriv --reuid \(user) --regid \(user) --clear-groups \"$@\""
    let run = try await Program.run(
      "/bin/sh", ["-c", start, "sh", Program.built("buzon"), "run", "--once"],
      environment: ["BUZON_CONFIG": place.config, "F": place.folder])
    #expect(run.status == 69 || run.status == 75, "\(run.status) \(run.errors)")
    let line = run.errors.split(separator: "\n").first { $0.contains(" directory.waiting ") } ?? ""
    #expect(
      line.contains("as dn:gidNumber=\(user)+uidNumber=\(user),cn=peercred,cn=external,cn=auth")
        && line.contains("olcAuthzRegexp"), "\(run.errors)")
  }
}
