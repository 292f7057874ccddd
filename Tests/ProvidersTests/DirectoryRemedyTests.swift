import Configuration
import LDAP
import Providers
import Testing

@Suite("What helps against an error of the directory")
struct DirectoryRemedyTests {
  private static let external = "uris: [\"ldapi://%2Frun%2Fx\", \"ldapi://%2Frun%2Fy\"]"
  private static let byCertificate = """
    uris: ["ldaps://b.example.org"]
      bind: {method: external}
      tls: {certificate_file: /etc/c, key_file: /etc/k}
    """
  private static let simple = """
    uris: ["ldap://b.example.org"]
      bind: {method: simple, dn: "cn=o'buzon,dc=x", password_file: /etc/p}
      tls: {mode: starttls, ca_file: "/etc/our authorities.pem"}
    """

  private func remedy(_ error: LDAPError, _ directory: String) throws -> String {
    let text = """
      organization: {name: X}
      directory:
        base: dc=x
        \(directory)
      domains: [example.org]

      """
    return error.remedy(for: try Configuration.read(Array(text.utf8), file: "x").directory)
  }

  private static func refused(_ code: ResultCode, _ operation: String, as identity: String? = nil) -> LDAPError {
    var refusal = LDAPError.Refusal(
      operation: operation, dn: nil, response: Response(code: code), authorizationID: identity)
    refusal.server = "ldapi://%2Frun%2Fx"
    return .refused(refusal)
  }

  private static func tls(_ reason: TLSFailure.Reason) -> LDAPError {
    .tls(TLSFailure(server: "ldap://b.example.org", host: "b.example.org", authorities: "/x", reason: reason))
  }

  @Test(
    "follows the reason; its command has the server's own URI",
    arguments: [
      (
        .unavailable("ldapi://%2Frun%2Fy: connection lost"), external,
        "slapd runs and answers (ldapsearch -x -H ldapi://%2Frun%2Fy -s base -b '')"
      ),
      (
        .unavailable("no answer"), external,
        "slapd runs and answers (ldapsearch -x -H ldapi://%2Frun%2Fx -s base -b '')"
      ),
      (
        .unavailable("no answer"), simple,
        "(LDAPTLS_CACERT='/etc/our authorities.pem' ldapsearch -x -ZZ -H ldap://b.example.org -s base -b '')"
      ),
      (
        .unavailable("the password's file: cannot open /etc/p: permission denied"), simple,
        "agent's user read that file"
      ),
      (
        tls(.expired("2026-01-01")), simple,
        "(openssl s_client -connect b.example.org:389 -starttls ldap -CAfile '/etc/our authorities.pem' "
          + "-verify_hostname b.example.org </dev/null)"
      ),
      (.unavailable("ldap://b.example.org: GSSAPI bind: Local error (no credentials)"), simple, "`kinit -k -i`"),
      (tls(.expired("2026-01-01")), simple, "a new certificate"),
      (tls(.notYetValid("2027-01-01")), simple, "the clock"),
      (tls(.otherHost(["c.example.org"])), simple, "in directory.uris"),
      (tls(.selfSigned), simple, "directory.tls.ca_file"),
      (tls(.unknownAuthority("Some authority")), simple, "directory.tls.ca_file"),
      (tls(.handshake("x")), simple, "directory.tls"),
      (tls(.closed(showsCertificate: false)), simple, "olcTLSVerifyClient"),
      (tls(.closed(showsCertificate: true)), simple, "olcTLSCACertificateFile"),
      (.invalid("CA file /x: no such file"), simple, "directory.tls in the configuration"),
      (refused(.protocolError, "StartTLS"), simple, "offer StartTLS"),
      (
        refused(.invalidCredentials, "simple bind"), simple,
        "ldapwhoami -x -W -ZZ -H ldap://b.example.org -D 'cn=o'\\''buzon,dc=x'"
      ),
      (refused(.invalidCredentials, "EXTERNAL bind"), external, "(ldapwhoami -Q -Y EXTERNAL -H ldapi://%2Frun%2Fx)"),
      (
        refused(.invalidCredentials, "EXTERNAL bind"), byCertificate,
        "(LDAPTLS_CERT=/etc/c LDAPTLS_KEY=/etc/k ldapwhoami -Q -Y EXTERNAL -H ldaps://b.example.org)"
      ),
      (
        tls(.closed(showsCertificate: true)), byCertificate,
        "(openssl s_client -connect b.example.org:636 -cert /etc/c -key /etc/k -verify_hostname b.example.org </dev/null)"
      ),
      (refused(.busy, "simple bind"), simple, "the directory's log"),
      (
        refused(.noSuchObject, "search", as: "dn:gidNumber=9+uidNumber=9,cn=peercred,cn=external,cn=auth"), external,
        "olcAuthzRegexp (buzon init), then restart the agent; run as that user, `ldapwhoami -Q -Y EXTERNAL "
          + "-H ldapi://%2Frun%2Fx`"
      ),
      (
        refused(.noSuchObject, "search", as: "dn:uid=buzon,cn=gssapi,cn=auth"), external,
        "map dn:uid=buzon,cn=gssapi,cn=auth to the agent's identity with olcAuthzRegexp"
      ),
      (refused(.noSuchObject, "search", as: "dn:cn=buzon"), byCertificate, "map dn:cn=buzon to the agent's identity"),
      (
        refused(.noSuchObject, "search", as: "dn:cn=buzon,dc=x"), byCertificate,
        "directory.accounts names the container"
      ),
      (refused(.noSuchObject, "search", as: "dn:cn=buzon"), external, "directory.accounts names the container"),
      (
        refused(.insufficientAccessRights, "search", as: "dn:cn=buzon"), external,
        "access rights of config/slapd (buzon init)"
      ),
      (refused(.sizeLimitExceeded, "search"), external, "the limits of config/slapd (buzon init)"),
      (refused(ResultCode(rawValue: 81), "search"), external, "the proxy"),
      (refused(.filterError, "search"), external, "slapd runs and answers"),
    ] as [(LDAPError, String, String)])
  func reason(error: LDAPError, directory: String, expected: String) throws {
    let text = try remedy(error, directory)
    #expect(text.contains(expected), "\(text)")
  }
}

extension ResultCode {
  /// A code that says nothing of the agent's configuration.
  fileprivate static let filterError = ResultCode(rawValue: 12_345)
}
