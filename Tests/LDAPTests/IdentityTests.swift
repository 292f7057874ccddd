import LDAP
import Testing

/// Whom the server takes us for stands in the refusals that may come of it.
@Suite struct IdentityTests {
  let slapd: Slapd
  let agent = DN.rdn("uid", "agent").under(Slapd.people)

  init() throws {
    slapd = try Slapd.shared.get()
  }

  private func refusal(
    _ connection: Connection, _ body: () async throws(LDAPError) -> Void
  ) async throws -> LDAPError.Refusal {
    let error = try #require(await ldapError(body))
    guard case .refused(let refusal) = await connection.identifying(error) else { throw error }
    return refusal
  }

  @Test func aRefusalForLackOfAccessNamesWhoWeAre() async throws {
    let (dn, attributes) = person("unwritable")
    try await slapd.connect().add(dn, attributes)
    let connection = try await Connection.open(
      slapd.ldapi, credentials: .simple(agent, password: Secret("agent-secret")))
    let refused = try await refusal(connection) { () async throws(LDAPError) in
      try await connection.modify(dn, [.replace("title", ["x"])])
    }
    #expect(refused.response.code == .insufficientAccessRights)
    #expect(refused.authorizationID == "dn:\(agent)")
    #expect("\(LDAPError.refused(refused))".contains("(as dn:\(agent))"))
    try await slapd.connect().delete(dn)
  }

  @Test func soDoesWhatIsNotThereOrHidden() async throws {
    let connection = try await slapd.connect()
    let refused = try await refusal(connection) { () async throws(LDAPError) in
      try await connection.delete(person("nobody-here").dn)
    }
    #expect(refused.response.code == .noSuchObject)
    #expect(refused.authorizationID?.hasSuffix(",cn=peercred,cn=external,cn=auth") == true)
    let anonymous = try await Connection.open(slapd.ldap, credentials: .anonymous)
    let hidden = try await refusal(anonymous) { () async throws(LDAPError) in
      try await anonymous.compare(person("nobody-here").dn, "uid", "x") ? () : ()
    }
    #expect(hidden.authorizationID == "" && "\(LDAPError.refused(hidden))".contains("(as anonymous)"))
  }

  @Test func otherErrorsStayAsTheyAre() async throws {
    let connection = try await slapd.connect()
    let taken = try await refusal(connection) { () async throws(LDAPError) in
      try await connection.add(agent, person("agent").attributes)
    }
    #expect(taken.response.code == .entryAlreadyExists && taken.authorizationID == nil)
    let lost = LDAPError.unavailable("gone")
    #expect(await connection.identifying(lost) == lost)
    // A connection that has ended can't be asked.
    await connection.close()
    let refused = LDAPError.refused(
      .init(operation: "add", dn: agent, response: Response(code: .insufficientAccessRights)))
    #expect(await connection.identifying(refused) == refused)
  }
}
