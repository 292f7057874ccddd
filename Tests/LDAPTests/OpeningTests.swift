import LDAP
import Testing

/// A task that is cancelled while it opens a connection. Each limit is far longer than a test may last.
@Suite struct OpeningTests {
  private static let options = Connection.Options(connect: .seconds(3_600))

  /// Cancels an opening once the server has a reason to keep it waiting.
  private func cancelled(
    _ url: String, tls: TLS = .none, _ credentials: Credentials, when isWaiting: () -> Bool
  ) async throws -> LDAPError? {
    let url = try LDAPURL(url)
    let task = Task {
      await ldapError { () async throws(LDAPError) in
        _ = try await Connection.open(url, tls: tls, credentials: credentials, options: Self.options)
      }
    }
    try await waitUntil("it waits") { isWaiting() }
    task.cancel()
    return await task.value
  }

  private func check(_ error: LDAPError?, sourceLocation: SourceLocation = #_sourceLocation) {
    guard case .unavailable(let words)? = error, words.hasSuffix("cancelled while it was opened") else {
      Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
      return
    }
  }

  @Test(.timeLimit(.minutes(5))) func aBindWithoutAnswerIsLeft() async throws {
    let server = try ScriptedServer { _ in [] }
    for credentials in [
      Credentials.simple(Slapd.admin, password: Slapd.password), .scram(user: "agent", password: Slapd.password),
    ] {
      let count = server.requests.count { $0.tag == 0x60 }
      check(try await cancelled(server.url, credentials) { server.requests.count { $0.tag == 0x60 } > count })
    }
  }

  @Test(.timeLimit(.minutes(5))) func aHandshakeWithASilentPeerIsLeft() async throws {
    let peer = SilentPeer()
    let port = peer.port
    let slapd = try Slapd.shared.get()
    check(
      try await cancelled("ldaps://127.0.0.1:\(port)", tls: TLS(caFile: slapd.caFile), .anonymous) { peer.hasVisitor })
  }

  @Test(.timeLimit(.minutes(5))) func whatIsCancelledBeforeIsNotOpened() async throws {
    let server = try ScriptedServer { _ in [] }
    let url = try LDAPURL(server.url)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return await ldapError { () async throws(LDAPError) in
        _ = try await Connection.open(
          url, credentials: .simple(Slapd.admin, password: Slapd.password), options: Self.options)
      }
    }
    task.cancel()
    check(await task.value)
    #expect(server.requests.isEmpty)
  }
}
