import Glibc
import LDAP
import Testing

/// A person below ou=people.
func person(_ uid: String, _ more: [Attribute] = []) -> (dn: DN, attributes: [Attribute]) {
  (
    DN.rdn("uid", uid).under(Slapd.people),
    [
      Attribute("objectClass", ["inetOrgPerson"]), Attribute("uid", [Value(uid)]), Attribute("cn", [Value(uid)]),
      Attribute("sn", [Value(uid)]),
    ] + more
  )
}

/// Runs the body and returns the LDAPError it must throw.
func ldapError(
  _ body: () async throws(LDAPError) -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async -> LDAPError? {
  do throws(LDAPError) {
    try await body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

@Suite struct OperationTests {
  let connection: Connection

  init() async throws {
    connection = try await Slapd.shared.get().connect()
  }

  @Test func anEntryIsAddedReadModifiedRenamedComparedAndDeleted() async throws {
    let (dn, attributes) = person("lifecycle", [Attribute("mail", ["lifecycle@example.org"])])
    try await connection.add(dn, attributes)
    let entry = try #require(try await connection.entry(dn))
    #expect(entry.dn == dn)
    #expect(entry["MAIL"] == ["lifecycle@example.org"])
    #expect(entry.text("sn") == "lifecycle")

    try await connection.modify(
      dn,
      [
        .add("title", ["Secretaria"]), .replace("mail", ["second@example.org", "third@example.org"]),
        .delete("title", ["Secretaria"]), .add("telephoneNumber", ["+57 8 4201515"]),
      ])
    let changed = try #require(try await connection.entry(dn, attributes: ["mail", "title"]))
    #expect(Set(changed["mail"]) == ["second@example.org", "third@example.org"])
    #expect(changed["title"].isEmpty)

    #expect(try await connection.compare(dn, "mail", "third@example.org"))
    #expect(try await connection.compare(dn, "mail", "nobody@example.org") == false)

    try await connection.modifyDN(dn, newRDN: DN.rdn("uid", "renamed"))
    let renamed = DN.rdn("uid", "renamed").under(Slapd.people)
    #expect(try await connection.entry(dn) == nil)
    #expect(try await connection.entry(renamed)?["uid"] == ["renamed"])

    try await connection.delete(renamed)
    #expect(try await connection.entry(renamed) == nil)
  }

  @Test func namesAndValuesOfAnyBytesComeBackAsTheyWent() async throws {
    let odd = "a+b,c\"d\\e<f>g;h#i=j* (ñ)\u{301}"
    let (dn, attributes) = person(odd, [Attribute("jpegPhoto", [Value(bytes: Array(0...255))])])
    try await connection.add(dn, attributes)
    let entry = try #require(try await connection.entry(dn))
    #expect(entry.dn.matches(dn))
    #expect(entry["uid"] == [Value(odd)])
    #expect(entry["jpegPhoto"] == [Value(bytes: Array(0...255))])
    let found = try await connection.searchAll(base: Slapd.people, filter: .equal("uid", Value(odd)))
    #expect(found.count == 1)
    let none = try await connection.searchAll(base: Slapd.people, filter: .equal("uid", Value("a*")))
    #expect(none.isEmpty)
    try await connection.delete(dn)
  }

  @Test func aRefusalTellsOperationNameCodeDiagnosticAndMatchedDN() async throws {
    let dn = DN.rdn("uid", "child").under(DN.rdn("uid", "nobody").under(Slapd.people))
    let error = try #require(await ldapError { () async throws(LDAPError) in try await connection.delete(dn) })
    guard case .refused(let refusal) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(refusal.operation == "delete")
    #expect(refusal.dn == dn)
    #expect(refusal.response.code == .noSuchObject)
    #expect(refusal.response.matchedDN == Slapd.people.string)
    #expect(!error.description.utf8.contains(10))

    let (existing, attributes) = person("agent")
    let again = await ldapError { () async throws(LDAPError) in try await connection.add(existing, attributes) }
    #expect(again?.code == .entryAlreadyExists)
  }

  @Test func anArgumentThatCantBeSentIsRefusedHere() async throws {
    let (dn, _) = person("never")
    let rows: [(String, () async throws(LDAPError) -> Void)] = [
      ("attribute name", { () async throws(LDAPError) in try await connection.add(dn, [Attribute("a b", ["x"])]) }),
      ("NUL in a name", { () async throws(LDAPError) in try await connection.modify(dn, [.replace("mail\0x", [])]) }),
      (
        "built-in type of a DN",
        { () async throws(LDAPError) in try await connection.delete(DN.rdn("uid=a,ou", "b").under(Slapd.people)) }
      ),
      (
        "filter injection by a name",
        { () async throws(LDAPError) in
          _ = try await connection.searchAll(base: Slapd.base, filter: .present("uid=*)(cn"))
        }
      ),
      (
        "empty substring",
        { () async throws(LDAPError) in
          _ = try await connection.searchAll(base: Slapd.base, filter: .substring("cn"))
        }
      ),
      ("empty password", { () async throws(LDAPError) in try await connection.passwordModify(dn, new: Secret("")) }),
    ]
    for (name, body) in rows {
      guard case .invalid? = await ldapError(body) else {
        Issue.record("\(name) was not refused")
        continue
      }
    }
    #expect(connection.isUsable)
    #expect(try await connection.whoAmI().isEmpty == false)
  }

  @Test func aReferralIsToldAndNotFollowed() async throws {
    // A server that must never hear of us: libldap would send it the whole request.
    let stranger = SilentPeer()
    let elsewhere = DN.rdn("ou", "stranger").under(Slapd.base)
    let url = "ldap://127.0.0.1:\(stranger.port)/\(elsewhere)"
    try await connection.add(
      elsewhere,
      [
        Attribute("objectClass", ["referral", "extensibleObject"]), Attribute("ou", ["stranger"]),
        Attribute("ref", [Value(url)]),
      ], controls: [.manageDSAIT])
    let dn = DN.rdn("uid", "x").under(elsewhere)
    let error = await ldapError { () async throws(LDAPError) in try await connection.delete(dn) }
    #expect(error?.code == .referral)
    #expect(error?.response?.referrals.first?.hasPrefix("ldap://127.0.0.1:\(stranger.port)/") == true)
    let base = await ldapError { () async throws(LDAPError) in
      _ = try await connection.searchAll(base: elsewhere, scope: .base)
    }
    #expect(base?.code == .referral)
    let visited = stranger.hasVisitor
    #expect(!visited)
    try await connection.delete(elsewhere, controls: [.manageDSAIT])

    var references: [[String]] = []
    let messages = try await connection.searchMessages(base: Slapd.base)
    for try await message in messages {
      if case .reference(let urls) = message { references.append(urls) }
    }
    #expect(references.count == 1)
    #expect(await messages.response?.code == .success)
  }

  @Test func manyTasksShareAConnectionAndEachGetsItsOwnAnswer() async throws {
    let connection = connection
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let (dn, attributes) = person("share\(number)", [Attribute("title", [Value("\(number)")])])
          let response = try await connection.add(dn, attributes, controls: [.postRead(["title"])])
          #expect(response.postRead?.text("title") == "\(number)")
          #expect(try await connection.entry(dn)?.text("title") == "\(number)")
          try await connection.delete(dn)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func thePasswordIsChangedAndOneIsMadeWhereNoneIsGiven() async throws {
    let slapd = try Slapd.shared.get()
    let (dn, attributes) = person("changing", [Attribute("userPassword", ["first-one"])])
    try await connection.add(dn, attributes)
    let made = try await connection.passwordModify(dn, new: nil)
    let generated = try #require(made.generated)
    let own = try await Connection.open(slapd.ldap, credentials: .simple(dn, password: generated))
    #expect(try await own.whoAmI() == "dn:\(dn)")
    try await own.passwordModify(old: generated, new: Secret("third-one"))
    let again = try await Connection.open(slapd.ldap, credentials: .simple(dn, password: Secret("third-one")))
    await again.close()
    try await connection.delete(dn)
  }
}

/// What a program that uses this library alone may rely on.
@Suite struct ConsumerTests {
  /// In a process of its own, where the environment names a point of Buzón's tests.
  @Test func noWordOfTheEnvironmentEndsAWrite() async throws {
    await #expect(processExitsWith: .success) {
      await explained {
        setenv("BUZON_FAILPOINT", "1:before", 1)
        let server = try ScriptedServer { request in request.tag == 0x68 ? Answer.result(request.id, 0x69) : [] }
        let connection = try await Connection.open(LDAPURL(server.url), credentials: .anonymous)
        let (dn, attributes) = person("consumer")
        try await connection.add(dn, attributes)
        _ = server
      }
    }
  }
}
