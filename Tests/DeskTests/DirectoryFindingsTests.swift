import Configuration
import LDAP
import Testing

@testable import Desk

@Suite("What the facts of a directory mean")
struct DirectoryFindingsTests {
  private static let text = """
    organization: {name: X}
    directory: {uris: ["ldapi:///"], base: dc=x}
    domains: [example.org]

    """
  /// A moment.
  private static let now: Int64 = 1_800_000_000

  private static func refused(_ code: ResultCode) -> LDAPError {
    .refused(LDAPError.Refusal(operation: "add", dn: nil, response: Response(code: code)))
  }

  private static func tls(_ reason: TLSFailure.Reason) -> LDAPError {
    .tls(TLSFailure(server: "ldapi:///", host: "x", authorities: "/x", reason: reason))
  }

  /// Of a directory that has everything but our schema, changed.
  private func names(_ change: (inout DirectoryFacts) throws -> Void) throws -> [String] {
    let url = try LDAPURL("ldapi:///")
    var facts = DirectoryFacts(servers: [DirectoryFacts.Server(url: url)], isAgent: true)
    facts.identity = "dn:cn=buzon,ou=services,dc=x"
    facts.controls = ["1.3.6.1.1.12", "1.3.6.1.4.1.42.2.27.8.5.1"]
    facts.policy = .success(
      Entry(
        dn: try DN(parsing: "cn=default,ou=policies,dc=x"),
        attributes: [
          Attribute("pwdLockout", ["TRUE"]), Attribute("pwdMustChange", ["TRUE"]), Attribute("pwdCheckQuality", ["2"]),
        ]))
    facts.clock = Self.now
    facts.isLimited = false
    try change(&facts)
    let configuration = try Configuration.read(Array(Self.text.utf8), file: "x")
    return DirectoryFindings(
      facts: facts, configuration: configuration, agent: AgentUser(uid: 7, gid: 7), now: Self.now
    ).all().map { "\($0.severity.rawValue) \($0.name)" }
  }

  private static let noSchema = "error schema-missing"

  @Test("is one finding for each fault")
  func faults() throws {
    #expect(try names { _ in } == [Self.noSchema])
    #expect(try names { $0.controls = ["1.3.6.1.1.12"] } == [Self.noSchema, "error ppolicy-missing"])
    #expect(try names { $0.controls.remove("1.3.6.1.1.12") } == [Self.noSchema, "error assertion-missing"])
    #expect(try names { ($0.hasRoot, $0.controls) = (false, []) } == [Self.noSchema, "warning root-hidden"])
    #expect(try names { $0.clock = Self.now + 61 } == [Self.noSchema, "warning clock-differs"])
    #expect(try names { $0.clock = Self.now - 60 } == [Self.noSchema])
    #expect(
      try names { ($0.clock, $0.newestWrite) = (nil, Self.now + 3_600) } == [Self.noSchema, "warning clock-differs"])
    #expect(try names { ($0.clock, $0.newestWrite) = (nil, Self.now - 3_600) } == [Self.noSchema, "not-checked clock"])
    #expect(try names { $0.isLimited = true } == [Self.noSchema, "error limits"])
    #expect(try names { $0.isLimited = nil } == [Self.noSchema, "not-checked limits"])
    #expect(
      try names { $0.servers[0].certificateEnds = Self.now + 29 * 86_400 } == [
        "warning certificate-ends", Self.noSchema,
      ])
    #expect(try names { $0.servers[0].certificateEnds = Self.now + 31 * 86_400 } == [Self.noSchema])
    #expect(
      try names { $0.syncFailure = Self.refused(.unavailableCriticalExtension) } == [
        Self.noSchema, "warning syncprov-missing",
      ])
  }

  @Test("hides what hangs on a worse one")
  func hidden() throws {
    #expect(try names { $0.base = .absent } == ["error base-missing", Self.noSchema])
    #expect(try names { $0.identity = "" } == ["error identity"])
    #expect(
      try names { $0.identity = "dn:gidNumber=1+uidNumber=1,cn=peercred,cn=external,cn=auth" } == ["error identity"])
    #expect(try names { ($0.identity, $0.isAgent) = ("", false) } == ["not-checked rights"])
    #expect(
      try names { facts in
        facts.identity = nil
        facts.servers[0].failure = Self.tls(.selfSigned)
      } == ["error server-certificate", "not-checked directory"])
    #expect(
      try names { facts in
        facts.identity = nil
        facts.servers[0].failure = Self.tls(.closed(showsCertificate: false))
      } == ["error bind", "not-checked directory"])
  }
}

@Suite("What of a password policy breaks a promise")
struct PolicyFindingsTests {
  private func names(_ attributes: [Attribute], hash: String = "directory") throws -> [String] {
    let text = """
      organization: {name: X}
      directory: {uris: ["ldapi:///"], base: dc=x}
      domains: [example.org]
      policy: {password: {length: 20, hash: \(hash)}}

      """
    let policy = Entry(dn: try DN(parsing: "cn=default,dc=x"), attributes: attributes + Self.sound)
    let configuration = try Configuration.read(Array(text.utf8), file: "x")
    return PolicyFindings(policy: policy, password: configuration.policy.password).all().map(\.name)
  }

  private static let sound = [
    Attribute("pwdLockout", ["TRUE"]), Attribute("pwdMustChange", ["TRUE"]), Attribute("pwdCheckQuality", ["2"]),
  ]

  @Test("is the length of a temporary password with its hyphens, among others")
  func lengths() throws {
    #expect(try names([]) == [])
    #expect(try names([Attribute("pwdMinLength", ["23"])]) == [])
    #expect(try names([Attribute("pwdMinLength", ["24"])]) == ["policy-length"])
    #expect(try names([Attribute("pwdMaxLength", ["22"])]) == ["policy-length"])
    #expect(try names([Attribute("pwdMaxLength", ["0"])]) == [])
    #expect(try names([], hash: "yescrypt") == ["policy-quality"])
    #expect(try names([Attribute("pwdLockout", ["FALSE"])]) == ["policy-lockout"])
  }
}
