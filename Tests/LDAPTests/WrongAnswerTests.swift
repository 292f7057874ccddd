import Glibc
import LDAP
import Synchronization
import Testing

/// A server that answers what it should not, and how its end is reported.
@Suite struct WrongAnswerTests {
  private static func connect(_ server: ScriptedServer) async throws -> Connection {
    try await Connection.open(LDAPURL(server.url), credentials: .anonymous)
  }

  /// A case of ``LDAPError`` and its words.
  private func failure(
    _ body: (Connection) async throws(LDAPError) -> Void, by script: @escaping ScriptedServer.Script
  ) async throws -> (outcome: Outcome, words: String, isUsable: Bool) {
    let server = try ScriptedServer(script)
    let connection = try await Self.connect(server)
    let error = await ldapError { () async throws(LDAPError) in try await body(connection) }
    let outcome = await Outcome { () async throws(LDAPError) in if let error { throw error } }
    return (outcome, "\(error.map { "\($0)" } ?? "")", connection.isUsable)
  }

  private static let delResponse: ScriptedServer.Script = { Answer.result($0.id, 0x6B) }

  @Test func aWriteThatIsAnsweredAsAnotherOperationIsOfUnknownOutcome() async throws {
    let (dn, attributes) = person("wrong")
    let rows = [
      ("add", try await failure({ c throws(LDAPError) in try await c.add(dn, attributes) }, by: Self.delResponse)),
      (
        "modify",
        try await failure({ c throws(LDAPError) in try await c.modify(dn, [.delete("mail")]) }, by: Self.delResponse)
      ),
      (
        "modifyDN",
        try await failure(
          { c throws(LDAPError) in try await c.modifyDN(dn, newRDN: DN.rdn("uid", "other")) }, by: Self.delResponse)
      ),
      (
        "passwordModify",
        try await failure(
          { c throws(LDAPError) in try await c.passwordModify(dn, new: Secret("secret-secret")) }, by: Self.delResponse)
      ),
      (
        "delete",
        try await failure({ c throws(LDAPError) in try await c.delete(dn) }, by: { Answer.result($0.id, 0x69) })
      ),
    ]
    for (name, (outcome, words, isUsable)) in rows {
      #expect(outcome == .unknown, "\(name): \(words)")
      #expect(words.contains("answered \(name) with \(name == "delete" ? "AddResponse" : "DelResponse")"), "\(words)")
      #expect(!isUsable, "\(name)")
    }
  }

  @Test func whatReadsFailsWhereItIsAnsweredAsAnotherOperation() async throws {
    let dn = person("wrong").dn
    let rows = [
      (
        "search",
        try await failure({ c throws(LDAPError) in _ = try await c.searchAll(base: dn) }, by: Self.delResponse)
      ),
      (
        "compare",
        try await failure({ c throws(LDAPError) in _ = try await c.compare(dn, "mail", "x") }, by: Self.delResponse)
      ),
      ("whoAmI", try await failure({ c throws(LDAPError) in _ = try await c.whoAmI() }, by: Self.delResponse)),
      (
        "an entry for whoAmI",
        try await failure({ c throws(LDAPError) in _ = try await c.whoAmI() }, by: { Answer.entry($0.id, "wrong") })
      ),
    ]
    for (name, (outcome, words, isUsable)) in rows {
      #expect(outcome == .notApplied, "\(name): \(words)")
      #expect(!isUsable, "\(name)")
    }
  }

  @Test func aBindThatIsAnsweredAsAnotherOperationIsNone() async throws {
    let server = try ScriptedServer(Self.delResponse)
    for credentials in [
      Credentials.simple(Slapd.admin, password: Slapd.password), .scram(user: "agent", password: Slapd.password),
    ] {
      let outcome = await Outcome { () async throws(LDAPError) in
        _ = try await Connection.open(LDAPURL(server.url), credentials: credentials)
      }
      #expect(outcome == .notApplied)
    }
  }

  // MARK: The end

  private static let notice = Answer.result(
    0, 0x78, code: 52, "maintenance until six", more: Answer.text("1.3.6.1.4.1.1466.20036", tag: 0x8A))

  /// RFC 4511 §4.4.1.
  @Test func aNoticeOfDisconnectionIsTheReasonOfTheEnd() async throws {
    let server = try ScriptedServer { request in request.tag == 0x66 ? Self.notice : [] }
    let connection = try await Self.connect(server)
    let error = await ldapError { () async throws(LDAPError) in
      try await connection.modify(person("noticed").dn, [.delete("mail")])
    }
    guard case .outcomeUnknown(let words)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words == "\(server.url): the server ended the connection: 52 unavailable: maintenance until six")
    #expect(await connection.closed() == .unavailable(words))
    #expect(!connection.isUsable)

    // While it is opened.
    let early = try ScriptedServer { _ in Self.notice }
    let refused = await ldapError { () async throws(LDAPError) in
      _ = try await Connection.open(
        LDAPURL(early.url), credentials: .simple(Slapd.admin, password: Slapd.password))
    }
    #expect(
      refused == .unavailable("\(early.url): the server ended the connection: 52 unavailable: maintenance until six"))
  }

  @Test func anotherUnsolicitedNotificationIsPassedOver() async throws {
    let server = try ScriptedServer { request in
      Answer.result(0, 0x78, more: Answer.text("1.2.3.4", tag: 0x8A)) + Answer.extended(request.id)
    }
    let connection = try await Self.connect(server)
    #expect(try await connection.whoAmI().isEmpty)
    #expect(connection.isUsable)
  }

  @Test func theEndSaysOnceWhereItWasAndWhatItWas() async throws {
    let search = { (c: Connection) async throws(LDAPError) in _ = try await c.searchAll(base: Slapd.base) }
    let whoAmI = { (c: Connection) async throws(LDAPError) in _ = try await c.whoAmI() }
    let page = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 100)
    let web: ScriptedServer.Script = { _ in Array(page.utf8) }
    let endless: ScriptedServer.Script = { _ in [0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1] }
    let rows = [
      (try await failure(search, by: web), "connection lost: the server does not speak LDAP"),
      (try await failure(whoAmI, by: web), "connection lost: the server does not speak LDAP"),
      (try await failure(whoAmI, by: endless), "connection lost: the server does not speak LDAP"),
      (try await failure(search, by: { _ in nil }), "connection lost: the server closed it"),
      (try await failure(whoAmI, by: { _ in nil }), "connection lost: the server closed it"),
    ]
    for ((_, words, _), expected) in rows {
      #expect(words.hasSuffix(": \(expected)"), "\(words)")
      #expect(words.split(separator: "ldap://").count == 2, "\(words)")
    }
  }
}
