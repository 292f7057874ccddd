import Accounts
import LDAP
import Testing

/// How a password that is read back is judged, and what writes it once more.
@Suite struct RestingPasswordTests {
  private static let password: Value = "abcde-fghij-kmnpq-rstuv"

  private func entry(_ values: [Value], _ other: [String: [Value]] = [:]) -> Entry {
    Fixture.entry("ana@example.org", other.merging(["userPassword": values]) { $1 })
  }

  @Test(arguments: [
    ("a hash", ["{SSHA}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], RestingPassword.hashed),
    ("a hash of ours", ["{CRYPT}$y$j9T$aaaaaaaaaaaaaaaaaaaaaa$bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"], .hashed),
    ("as it was sent", ["abcde-fghij-kmnpq-rstuv"], .clearText),
    ("behind a word", ["{CLEARTEXT}abcde-fghij-kmnpq-rstuv"], .clearText),
    ("beside a hash", ["{SSHA}AAAAAAAAAAAAAAAA", "abcde-fghij-kmnpq-rstuv"], .clearText),
    ("nothing is shown", [], .unreadable),
    ("somebody's own", ["Kestrel-7-Kestrel"], .anothers),
  ])
  func isJudged(what: String, values: [String], rest: RestingPassword) {
    #expect(RestingPassword(entry(values.map { Value($0) }), of: Self.password) == rest)
  }

  @Test(
    arguments: [
      ("active", [:], false), ("suspended", ["buzonStatus": ["suspended"]], true),
      ("locked outside Buzón", ["pwdAccountLockedTime": ["000001010000Z"]], true),
      ("locked for a while, by mistyping", ["pwdAccountLockedTime": ["20261122110523Z"]], false),
    ] as [(String, [String: [Value]], Bool)])
  func isWrittenAgainBehindItsLock(what: String, other: [String: [Value]], isLocked: Bool) throws {
    let before = entry([Self.password], other)
    let (operation, controls) = RestingPassword.again(before, password: Self.password)
    let after = try SmallDirectory.apply(operation, to: before).get()
    #expect(after["userPassword"] == [Self.password] && after["pwdReset"] == ["TRUE"])
    #expect((after["pwdAccountLockedTime"] == ["000001010000Z"]) == isLocked)
    #expect(controls.contains(.assertion(.and([.equal("userPassword", Self.password)]))))
  }
}
