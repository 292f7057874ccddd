import Foundation
import Sandbox
import Support
import Testing

/// Two directories that both count failed logins (slapo-ppolicy(5)).
@Suite("A bind that is refused")
struct RefusedBindTests {
  /// The agent's account gets a password there, under a policy that notes failed logins (and locks after many).
  private func setPassword(_ site: Site) throws {
    try site.setAgentPassword("correct horse")
    let policy = "cn=strict,ou=policies,\(site.sandbox.base)"
    try site.modify(
      """
      dn: \(policy)
      changetype: add
      objectClass: device
      objectClass: pwdPolicy
      cn: strict
      pwdAttribute: userPassword
      pwdLockout: TRUE
      pwdMaxFailure: 100

      dn: \(site.sandbox.agent)
      changetype: modify
      replace: pwdPolicySubentry
      pwdPolicySubentry: \(policy)

      """)
  }

  /// Since the last bind that was taken.
  private func failedLogins(_ site: Site) throws -> Int {
    let entry = try site.search(base: site.sandbox.agent, attributes: ["pwdFailureTime"]).first
    return try #require(entry)["pwdFailureTime"].count
  }

  @Test("is tried with no other server, neither by the agent nor by a command")
  func lockout() async throws {
    let (first, second) = (try Site(), try Site())
    try setPassword(first)
    try setPassword(second)
    let password = first.folder + "/agent.password"
    try Data("wrong\n".utf8).write(to: URL(fileURLWithPath: password))
    #expect(chmod(password, 0o600) == 0)
    let place = try first.workplace(
      "refused",
      .with {
        $0.uri = "\(first.sandbox.uri)\", \"\(second.sandbox.uri)"
        $0.bind = "{method: simple, dn: \"\(first.sandbox.agent)\", password_file: \"\(password)\"}"
        $0.longestRetry = "1 h"
      })
    let adopt = [
      "form", "--adopt", "(uid=x)", "--number", "RB-0", "--department", "D", "--requester", "R", "--approved-by", "A",
      "--approved-on", today(),
    ]
    let refused = try await place.start(adopt).outcome()
    #expect(refused.status == 77 && refused.errors.contains("49 invalidCredentials"), "\(refused.errors)")
    #expect(try failedLogins(first) == 1 && failedLogins(second) == 0)

    let agent = try await place.agent()
    try place.drop(
      form(number: "RB-1", changes: ["create: {address: rb1@example.org, name: {given: A, family: B}}"]), as: "RB-1")
    #expect(await agent.says("directory.waiting", "49 invalidCredentials"), "\(agent.log)")
    #expect(await agent.says("mirror.waiting", "49 invalidCredentials"), "\(agent.log)")
    #expect(try failedLogins(second) == 0)
    try Data("correct horse\n".utf8).write(to: URL(fileURLWithPath: password))
    agent.program.signal(SIGHUP)
    #expect(try await place.recorded("RB-1")["outcome"] == "applied")
    #expect(await agent.end() == 0)

    // The second is there for a server that doesn't answer.
    try first.stopDirectory()
    let passed = try await place.start(adopt).outcome()
    #expect(passed.status == 65 && passed.errors.contains("no entry to adopt"), "\(passed.errors)")
  }
}
