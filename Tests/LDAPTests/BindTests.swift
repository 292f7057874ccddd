import Glibc
import LDAP
import Support
import Testing

@Suite struct BindTests {
  let slapd: Slapd
  let agent = DN.rdn("uid", "agent").under(Slapd.people)

  init() throws {
    slapd = try Slapd.shared.get()
  }

  @Test func overLdapiTheProcessItselfIsTheCredential() async throws {
    let connection = try await Connection.open(slapd.ldapi, credentials: .external)
    #expect(
      try await connection.whoAmI() == "dn:gidNumber=\(getgid())+uidNumber=\(getuid()),cn=peercred,cn=external,cn=auth")
  }

  @Test func everyKindOfBindArrivesAsWhoItIs() async throws {
    let tls = TLS(caFile: slapd.caFile)
    let simple = Credentials.simple(agent, password: Secret("agent-secret"))
    let scram = Credentials.scram(user: "agent", password: Secret("agent-secret"))
    let rows: [(String, LDAPURL, TLS, Credentials, String)] = [
      ("anonymous", slapd.ldap, .none, .anonymous, ""),
      ("simple over ldapi", slapd.ldapi, .none, simple, "dn:\(agent)"),
      ("simple on loopback", slapd.ldap, .none, simple, "dn:\(agent)"),
      ("simple over StartTLS", slapd.ldap, TLS(startsTLS: true, caFile: slapd.caFile), simple, "dn:\(agent)"),
      ("simple over ldaps", slapd.ldaps, tls, simple, "dn:\(agent)"),
      ("SCRAM-SHA-256 over ldaps", slapd.ldaps, tls, scram, "dn:\(agent)"),
      ("SCRAM-SHA-256 on loopback", slapd.ldap, .none, scram, "dn:\(agent)"),
      (
        "SCRAM-SHA-1", slapd.ldap, .none,
        .scram(mechanism: "SCRAM-SHA-1", user: "agent", password: Secret("agent-secret")), "dn:\(agent)"
      ),
    ]
    for (name, url, tls, credentials, expected) in rows {
      let connection = try await Connection.open(url, tls: tls, credentials: credentials)
      #expect(try await connection.whoAmI() == expected, "\(name)")
      await connection.close()
    }
  }

  @Test func aWrongPasswordIsARefusal() async throws {
    let nobody = DN.rdn("uid", "nobody").under(Slapd.people)
    let rows: [(Credentials, String, ResultCode)] = [
      (.simple(agent, password: Secret("wrong")), "simple bind", .invalidCredentials),
      (.simple(nobody, password: Secret("wrong")), "simple bind", .invalidCredentials),
      (.scram(user: "agent", password: Secret("wrong")), "SCRAM-SHA-256 bind", .invalidCredentials),
      // Cyrus SASL in slapd tells a stranger from a wrong password.
      (.scram(user: "nobody", password: Secret("wrong")), "SCRAM-SHA-256 bind", .other),
    ]
    for (credentials, operation, code) in rows {
      let error = await ldapError { () async throws(LDAPError) in
        _ = try await Connection.open(slapd.ldap, credentials: credentials)
      }
      #expect(error?.code == code, "\(String(describing: error))")
      if case .refused(let refusal)? = error { #expect(refusal.operation == operation) }
    }
  }

  @Test func whatWouldBeAnAnonymousBindIsNotSent() async throws {
    for credentials in [
      Credentials.simple(agent, password: Secret("")), .simple(DN(), password: Secret("x")),
      .scram(user: "agent", password: Secret("")), .scram(user: "", password: Secret("x")),
      .scram(mechanism: "PLAIN", user: "agent", password: Secret("x")),
    ] {
      let error = await ldapError { () async throws(LDAPError) in
        _ = try await Connection.open(slapd.ldap, credentials: credentials)
      }
      guard case .invalid? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test func aServerThatIsNotThereIsUnavailable() async throws {
    for url in [
      "ldap://127.0.0.1:\(try freePort())", "ldapi://%2Ftmp%2Fno-such-socket", "ldap://no-such-host.invalid",
    ] {
      let error = await ldapError { () async throws(LDAPError) in
        _ = try await Connection.open(LDAPURL(url), credentials: .anonymous)
      }
      guard case .unavailable? = error else {
        Issue.record("\(url): \(String(describing: error))")
        continue
      }
    }
  }
}

/// Hands messages on to a directory, one at a time.
private final class Upstream: Sendable {
  private let descriptor: Int32

  init(_ port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw Command.Failed(description: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit {
    close(descriptor)
  }

  /// The answer to a request: small, so it comes at once.
  func answer(to request: [UInt8]) -> [UInt8] {
    _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return Array(buffer[..<max(0, count)])
  }
}

extension BindTests {
  /// The directory's own answer has no words, so a proxy adds some.
  @Test func theAnswerToABindOfSeveralStepsIsTheServersOwn() async throws {
    let upstream = try Upstream(slapd.port)
    let server = try ScriptedServer { request in
      let answer = upstream.answer(to: request.bytes)
      let success: [UInt8] = [0x0A, 1, 0, 0x04, 0, 0x04, 0, 0x87]
      guard let start = answer.indices.first(where: { answer[$0...].starts(with: success) }) else { return answer }
      return Answer.result(
        request.id, 0x61, "welcome", more: Answer.element(0x87, Array(answer[(start + success.count + 1)...])))
    }
    let connection = try await Connection.open(
      LDAPURL(server.url), credentials: .scram(user: "agent", password: Secret("agent-secret")))
    #expect(await connection.bindResponse?.diagnostic == "welcome")
  }
}
