import Sandbox
import Testing

/// The password policy and the overlays: config/slapd/tree.ldif and overlays.ldif.
@Suite struct Passwords {
  let fixture: Fixture
  let rosa: String
  let temporary = "Temporal-2026-Buzon"

  init() throws {
    fixture = try Fixture()
    rosa = fixture.account("rosa")
  }

  private func addRosa(_ extra: String = "", reset: Bool = true) throws {
    let record = accountRecord("rosa", base: fixture.sandbox.base, password: temporary, reset: reset, extra: extra)
    try #require(try fixture.agent.apply(record) == Code.success)
  }

  @Test func clearTextComesToRestAsAHash() throws {
    try addRosa()
    func stored() throws -> String? {
      // ldapsearch prints a password in base64 always.
      let line = try #require(try fixture.agent.read(rosa, "userPassword")?.first)
      let text = try Program.run(
        "/usr/bin/base64", ["-d"], input: Array(line.utf8.dropFirst("userPassword:: ".utf8.count)))
      return text.text
    }
    #expect(try stored()?.utf8.starts(with: "{SSHA}".utf8) == true)
    #expect(try fixture.agent.replace(rosa, "userPassword", "Otra-Temporal-2026") == Code.success)
    #expect(try stored()?.utf8.starts(with: "{SSHA}".utf8) == true)
  }

  @Test func theAgentSetsResetEndAndLockInOneAdd() throws {
    try addRosa("pwdEndTime: 20301231235959Z\npwdAccountLockedTime: 000001010000Z")
    #expect(
      try fixture.agent.read(rosa, "pwdReset", "pwdEndTime", "pwdAccountLockedTime").map(Set.init)
        == ["pwdReset: TRUE", "pwdEndTime: 20301231235959Z", "pwdAccountLockedTime: 000001010000Z"])
  }

  @Test func aTemporaryPasswordOpensNothingBeforeItIsChanged() throws {
    try addRosa()
    let user = fixture.user("rosa", temporary)
    #expect(try user.read(rosa, "cn") == nil)
    #expect(try user.changePassword(to: "La-Clave-de-Rosa-1"))
    #expect(try fixture.agent.read(rosa, "pwdReset") == [])
    #expect(try fixture.user("rosa", "La-Clave-de-Rosa-1").read(rosa, "title")?.count == 1)
  }

  @Test func aResetThatIsSentAgainIsRefusedByItsGuardAndNotByAPasswordHistory() throws {
    try addRosa()
    let change = """
      dn: \(rosa)
      changetype: modify
      replace: userPassword
      userPassword: Otra-Temporal-2026
      -
      replace: pwdReset
      pwdReset: TRUE
      -
      replace: buzonRequest
      buzonRequest: 2026-0143#0

      """
    #expect(try fixture.agent.apply(change, asserting: "(buzonRequest=2026-0142#0)") == Code.success)
    #expect(try fixture.agent.apply(change, asserting: "(buzonRequest=2026-0142#0)") == Code.assertionFailed)
  }

  @Test(arguments: [
    ("too short", "corta"), ("hashed already", "{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
  ])
  func aPasswordIsRefusedFromTheAgentToo(what: String, password: String) throws {
    let record = accountRecord("rosa", base: fixture.sandbox.base, password: password)
    #expect(try fixture.agent.apply(record) == Code.constraintViolation)
    try addRosa()
    #expect(try fixture.agent.replace(rosa, "userPassword", password) == Code.constraintViolation)
  }

  @Test func aLockedAccountDoesNotBindUntilItIsUnlocked() throws {
    try addRosa("pwdAccountLockedTime: 000001010000Z", reset: false)
    #expect(try fixture.user("rosa", temporary).bind() == Code.invalidCredentials)
    let unlock = "dn: \(rosa)\nchangetype: modify\ndelete: pwdAccountLockedTime\n"
    #expect(try fixture.agent.apply(unlock) == Code.success)
    #expect(try fixture.user("rosa", temporary).bind() == Code.success)
  }

  /// A write of the password removes the lock *after* the operation's own modifications, unless one of them deletes it.
  @Test(arguments: [
    ("locked before", true, "replace", Code.success), ("not locked before", false, "replace", Code.invalidCredentials),
    ("locked before", true, "replace, delete, add", Code.invalidCredentials),
    ("not locked before", false, "replace, delete, add", Code.invalidCredentials),
  ])
  func aLockInTheSameOperationAsThePassword(what: String, locked: Bool, form: String, bind: Int32) throws {
    try addRosa(locked ? "pwdAccountLockedTime: 000001010000Z" : "")
    let lock = ["replace: pwdAccountLockedTime", "pwdAccountLockedTime: 000001010000Z", "-"]
    let deleteAndAdd = [
      "delete: pwdAccountLockedTime", "-", "add: pwdAccountLockedTime", "pwdAccountLockedTime: 000001010000Z", "-",
    ]
    let change = """
      dn: \(rosa)
      changetype: modify
      replace: userPassword
      userPassword: Otra-Temporal-2026
      -
      \((lock + (form == "replace" ? [] : deleteAndAdd)).joined(separator: "\n"))
      replace: pwdReset
      pwdReset: TRUE

      """
    #expect(try fixture.agent.apply(change) == Code.success)
    #expect(try fixture.user("rosa", "Otra-Temporal-2026").bind() == bind)
    #expect(try fixture.agent.read(rosa, "pwdReset") == ["pwdReset: TRUE"])
  }

  @Test func aPasswordEndsAtItsTime() throws {
    try addRosa("pwdEndTime: 20200101000000Z", reset: false)
    #expect(try fixture.user("rosa", temporary).bind() == Code.invalidCredentials)
    #expect(try fixture.agent.replace(rosa, "pwdEndTime", "20991231235959Z") == Code.success)
    #expect(try fixture.user("rosa", temporary).bind() == Code.success)
  }

  @Test func nobodyLocksTheMailServiceOutByGuessing() throws {
    let wrong = fixture.directory(as: .password(fixture.sandbox.mailService, "adivinanza"))
    for _ in 0..<12 { #expect(try wrong.bind() == Code.invalidCredentials) }
    #expect(try fixture.mailService.bind() == Code.success)
  }

  @Test func aUserWhoIsGuessedAtIsLockedForAWhile() throws {
    try addRosa(reset: false)
    for _ in 0..<10 { #expect(try fixture.user("rosa", "adivinanza").bind() == Code.invalidCredentials) }
    #expect(try fixture.user("rosa", temporary).bind() == Code.invalidCredentials)
  }
}
