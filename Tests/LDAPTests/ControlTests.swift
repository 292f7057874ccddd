import LDAP
import Testing

@Suite struct ControlTests {
  let connection: Connection

  init() async throws {
    connection = try await Slapd.shared.get().connect()
  }

  private func added(_ uid: String, _ more: [Attribute] = []) async throws -> DN {
    let (dn, attributes) = person(uid, more)
    try await connection.add(dn, attributes)
    return dn
  }

  @Test func anAssertionThatDoesNotHoldChangesNothing() async throws {
    let dn = try await added("assertion", [Attribute("title", ["one"])])
    let change = [Modification.replace("title", ["two"])]
    let error = await ldapError { () async throws(LDAPError) in
      try await connection.modify(dn, change, controls: [.assertion(.equal("title", "zero"))])
    }
    #expect(error?.code == .assertionFailed)
    #expect(try await connection.entry(dn)?.text("title") == "one")
    try await connection.modify(dn, change, controls: [.assertion(.equal("title", "one"))])
    #expect(try await connection.entry(dn)?.text("title") == "two")
    try await connection.delete(dn)
  }

  @Test func theAnswerBringsTheEntryBeforeAndAfter() async throws {
    let (dn, attributes) = person(
      "reading", [Attribute("title", ["before"]), Attribute("jpegPhoto", [Value(bytes: [0, 255])])])
    let added = try await connection.add(dn, attributes, controls: [.postRead(["entryUUID", "title"])])
    #expect(added.postRead?.dn == dn)
    #expect(added.postRead?.text("entryUUID")?.utf8.count == 36)
    #expect(added.preRead == nil)
    let modified = try await connection.modify(
      dn, [.replace("title", ["after"])], controls: [.preRead(["title"]), .postRead(["*", "+"])])
    #expect(modified.preRead?["title"] == ["before"])
    #expect(modified.postRead?["title"] == ["after"])
    #expect(modified.postRead?["jpegPhoto"] == [Value(bytes: [0, 255])])
    #expect(modified.postRead?.text("entryCSN") != nil)
    let deleted = try await connection.delete(dn, controls: [.preRead(["*", "+"])])
    #expect(deleted.preRead?["entryUUID"] == added.postRead?["entryUUID"])
  }

  @Test func noOpAnswersAndChangesNothing() async throws {
    let (dn, attributes) = person("noop", [Attribute("mail", ["noop@example.org"])])
    let response = try await connection.add(dn, attributes, controls: [.noOp])
    #expect(response.code == .noOperation)
    #expect(try await connection.entry(dn) == nil)
    try await connection.add(dn, attributes)
    let rows: [(String, Operation, ResultCode)] = [
      ("the entry is there", .add(dn, attributes), .entryAlreadyExists),
      (
        "the address is taken",
        .add(person("noop2").dn, person("noop2").attributes + [Attribute("mail", ["noop@example.org"])]),
        .constraintViolation
      ),
      ("no such entry", .delete(person("noop3").dn), .noSuchObject),
    ]
    for (name, operation, code) in rows {
      let error = await ldapError { () async throws(LDAPError) in
        try await connection.perform(operation, controls: [.noOp])
      }
      #expect(error?.code == code, "\(name)")
    }
    try await connection.delete(dn)
  }

  @Test func permissiveModifyTakesWhatIsAlreadySo() async throws {
    let dn = try await added("permissive", [Attribute("title", ["here"])])
    let change = [Modification.add("title", ["here"]), .delete("telephoneNumber", ["1"])]
    let error = await ldapError { () async throws(LDAPError) in try await connection.modify(dn, change) }
    #expect(error?.code == .attributeOrValueExists)
    try await connection.modify(dn, change, controls: [.permissiveModify])
    try await connection.delete(dn)
  }

  @Test func incrementAddsToANumber() async throws {
    let dn = try await added("increment")
    try await connection.modify(
      dn,
      [
        .add("objectClass", ["posixAccount"]), .add("uidNumber", ["10"]), .add("gidNumber", ["1"]),
        .add("homeDirectory", ["/"]),
      ])
    let response = try await connection.modify(
      dn, [Modification(.increment, "uidNumber", ["5"])], controls: [.postRead(["uidNumber"])])
    #expect(response.postRead?.text("uidNumber") == "15")
    try await connection.delete(dn)
  }

  @Test func thePasswordPolicySpeaksAtTheBindAndAtTheChange() async throws {
    let slapd = try Slapd.shared.get()
    let dn = try await added("policy", [Attribute("userPassword", ["temporary"]), Attribute("pwdReset", ["TRUE"])])
    let own = try await Connection.open(slapd.ldap, credentials: .simple(dn, password: Secret("temporary")))
    #expect(await own.bindResponse?.passwordPolicy?.error == .changeAfterReset)
    let error = await ldapError { () async throws(LDAPError) in
      try await own.modify(dn, [.replace("title", ["x"])], controls: [.passwordPolicy])
    }
    #expect(error?.code == .insufficientAccessRights)
    #expect(error?.response?.passwordPolicy?.error == .changeAfterReset)
    try await own.passwordModify(old: Secret("temporary"), new: Secret("my-own-one"), controls: [.passwordPolicy])
    #expect(try await connection.entry(dn, attributes: ["pwdReset"])?["pwdReset"].isEmpty == true)
    await own.close()

    try await connection.modify(dn, [.replace("pwdAccountLockedTime", ["000001010000Z"])])
    let locked = await ldapError { () async throws(LDAPError) in
      _ = try await Connection.open(slapd.ldap, credentials: .simple(dn, password: Secret("my-own-one")))
    }
    #expect(locked?.code == .invalidCredentials)
    #expect(locked?.response?.passwordPolicy?.error == .accountLocked)
    try await connection.delete(dn)
  }

  @Test func aCriticalControlThatNobodyKnowsIsRefused() async throws {
    let error = await ldapError { () async throws(LDAPError) in
      try await connection.delete(person("x").dn, controls: [Control(oid: "1.2.3.4", isCritical: true)])
    }
    #expect(error?.code == .unavailableCriticalExtension)
  }
}
