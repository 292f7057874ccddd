import Glibc
import Sandbox
import Testing

@Suite struct SandboxHome {
  @Test(arguments: [
    ("deeper than a socket's name can be", String(repeating: "a", count: 150)),
    ("spaces and letters beyond ASCII", "Alcaldía de Mocoa 50%"),
    ("an apostrophe", "l'alcaldía"),
    ("a plus and a hash", "a+b#c"),
  ])
  func aFolderMayBeCalled(what: String, name: String) throws {
    let fixture = try Fixture(Sandbox.Options(tls: true, durable: false), name: name)
    #expect(try fixture.admin.bind() == Code.success)
    try Sandbox.stop(home: fixture.sandbox.home)
    let again = try Sandbox.start(home: fixture.sandbox.home)
    #expect(again.uri == fixture.sandbox.uri)
    #expect(try fixture.agent.whoAmI() == "dn:\(again.agent)")
  }

  @Test func aFolderThatSlapdCannotBeToldIsRefused() throws {
    for name in ["a\"b", "a\\b", "a\nb", ""] {
      let folder = try temporaryFolder()
      defer { _ = try? Program.run("/bin/rm", ["-rf", folder]) }
      let error = #expect(throws: SandboxError.self) {
        try Sandbox.start(home: name.isEmpty ? "" : "\(folder)/\(name)")
      }
      #expect(error?.kind == .usage)
    }
  }

  @Test func secretsAreTheOwnersAloneAndEndWithoutANewline() throws {
    let fixture = try Fixture()
    for file in [fixture.sandbox.passwordFile, fixture.sandbox.mailPasswordFile] {
      var status = stat()
      #expect(stat(file, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      #expect(status.st_size == 24)
      #expect(try Program.run("/bin/cat", [file]).output.last != UInt8(ascii: "\n"))
    }
  }

  @Test(arguments: [
    ("spool/incoming", 0o3730), ("spool/taken", 0o700), ("spool/rejected", 0o750), ("state", 0o700), ("records", 0o750),
    ("slapd.d", 0o700), ("data", 0o700),
  ])
  func folderHasItsMode(name: String, mode: Int) throws {
    let fixture = try Fixture()
    var status = stat()
    #expect(stat("\(fixture.sandbox.home)/\(name)", &status) == 0)
    #expect(Int(status.st_mode & 0o7777) == mode)
  }

  @Test func theSuffixFollowsTheDomain() throws {
    let fixture = try Fixture(Sandbox.Options(domain: "putumayo.gov.co", durable: false))
    #expect(fixture.sandbox.base == "dc=putumayo,dc=gov,dc=co")
    #expect(try fixture.agent.whoAmI() == "dn:cn=buzon,ou=services,dc=putumayo,dc=gov,dc=co")
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.success)
  }

  @Test(arguments: [
    ("empty", "", nil), ("an empty label", "a..b", nil), ("one label", "local", nil),
    ("a comma", "example.org,dc=x", nil),
    ("a newline", "example\n.org", nil), ("a hyphen at the edge", "-example.org", nil),
    ("a base of another kind", "example.org", "o=example"), ("a base with an escape", "example.org", "dc=a\\2Cb"),
    ("a base with an empty component", "example.org", "dc=a,,dc=b"),
  ])
  func aDomainOrBaseThatIsNotOneIsRefused(what: String, domain: String, base: String?) throws {
    let folder = try temporaryFolder()
    defer { _ = try? Program.run("/bin/rm", ["-rf", folder]) }
    let error = #expect(throws: SandboxError.self) {
      try Sandbox.start(home: "\(folder)/home", options: Sandbox.Options(domain: domain, base: base))
    }
    #expect(error?.kind == .usage)
    #expect(access("\(folder)/home", F_OK) != 0)
  }

  @Test(arguments: ["/proc/buzon", "/proc/buzon/deeper", "/sys/buzon", "/dev/null/buzon"])
  func aFolderThatNobodyCanMakeIsAnError(home: String) throws {
    let error = #expect(throws: SandboxError.self) { try Sandbox.start(home: home) }
    #expect(error?.kind == .file && error?.what.contains("/buzon") == true)
  }

  @Test func tlsIsServedUnderItsOwnAuthority() throws {
    let fixture = try Fixture(Sandbox.Options(tls: true, durable: false))
    let tool = try Program.path("ldapwhoami", package: "ldap-utils")
    let authority = try #require(fixture.sandbox.caFile)
    func whoAmI(_ arguments: [String]) throws -> String {
      try Program.run(
        "/usr/bin/env", ["-u", "LDAPNOINIT", "LDAPTLS_CACERT=\(authority)", tool, "-x"] + arguments
      ).text
    }
    #expect(try whoAmI(["-H", try #require(fixture.sandbox.tlsURI)]) == "anonymous")
    #expect(try whoAmI(["-ZZ", "-H", try #require(fixture.sandbox.tcpURI)]) == "anonymous")
    // Without the authority's certificate nobody is fooled.
    #expect(try Program.run(tool, ["-x", "-H", try #require(fixture.sandbox.tlsURI)]).status != 0)
  }

  @Test func formsThatMustBeSignedHaveAnApproverWhoseKeySigns() throws {
    let fixture = try Fixture(Sandbox.Options(durable: false, approvalSigned: true))
    let keygen = try Program.path("ssh-keygen", package: "openssh-client")
    let form = "\(fixture.folder)/form.yaml"
    try write(form, "number: 2026-0001\n")
    let key = try #require(fixture.sandbox.signingKey)
    #expect(try Program.run(keygen, ["-Y", "sign", "-n", "buzon-request", "-f", key, form]).status == 0)
    let verified = try Program.run(
      keygen,
      [
        "-Y", "verify", "-n", "buzon-request", "-f", fixture.sandbox.signers, "-I", Sandbox.Description.approver,
        "-s", "\(form).sig",
      ], input: Array("number: 2026-0001\n".utf8))
    #expect(verified.status == 0, "\(verified.text)")
  }

  @Test func aSandboxMadeWithoutSignaturesIsNotStartedAsOneWith() throws {
    let fixture = try Fixture()
    let error = #expect(throws: SandboxError.self) {
      try Sandbox.start(home: fixture.sandbox.home, options: Sandbox.Options(approvalSigned: true))
    }
    #expect(error?.kind == .usage)
  }

  @Test func theDescriptionIsOneLineOfJSON() throws {
    let fixture = try Fixture(name: "with \u{e1}")
    let json = fixture.sandbox.json()
    #expect(!json.utf8.contains(UInt8(ascii: "\n")))
    #expect(json.utf8.starts(with: "{\"version\":1,\"pid\":\(fixture.sandbox.pid),\"config\":\"/".utf8))
    let keys = [
      "config", "uri", "base", "domain", "admin", "password_file", "spool", "state", "records", "signers",
    ]
    for key in keys { #expect(json.contains(",\"\(key)\":\""), "\(key)") }
    #expect(json.contains(",\"ca_file\":null"))
  }
}
