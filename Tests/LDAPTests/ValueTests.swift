import LDAP
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    ("ldapi:///", LDAPURL.Place.socket(path: "/run/slapd/ldapi")),
    ("ldapi://", .socket(path: "/run/slapd/ldapi")),
    ("ldapi://%2Ftmp%2fa%20b", .socket(path: "/tmp/a b")),
    ("ldapi://%2Ftmp%2Fa/", .socket(path: "/tmp/a")),
    ("ldapi:///tmp/a", .socket(path: "/tmp/a")),
    ("ldapi:///%2Ftmp%2Fa", .socket(path: "/tmp/a")),
    ("ldap://ldap1.example.org", .tcp(host: "ldap1.example.org", port: 389)),
    ("LDAP://127.0.0.1:3890/", .tcp(host: "127.0.0.1", port: 3890)),
    ("ldaps://ldap1.example.org", .tls(host: "ldap1.example.org", port: 636)),
    ("ldaps://[::1]:6360", .tls(host: "::1", port: 6360)),
  ])
  func aURLIsRead(_ text: String, _ place: LDAPURL.Place) throws {
    #expect(try LDAPURL(text).place == place)
    #expect(try LDAPURL(text).description == text)
  }

  @Test(arguments: [
    "", "http://x", "ldap:", "ldap://", "ldap://host:0", "ldap://host:70000", "ldap://host:+1", "ldap://host:",
    "ldap://::1",
    "ldap://host/dc=org", "ldap://a b", "ldap://host?x", "ldap://[::1", "ldapi://%2", "ldapi://%zz", "ldapi://tmp",
    "ldapi://%00", "ldapi://%2F" + String(repeating: "x", count: 107), "ldap://ñ.org", "ldap://u@host",
  ])
  func aURLThatIsNoneIsRefused(_ text: String) {
    #expect(throws: LDAPError.self) { try LDAPURL(text) }
  }

  @Test func aSecretNeverShowsItself() {
    let secret = Secret("not-for-eyes")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(Credentials.simple(DN.rdn("uid", "a").under(DN()), password: secret), to: &dumped)
    let texts = ["\(secret)", String(reflecting: secret), dumped, "\(Credentials.scram(user: "a", password: secret))"]
    #expect(texts.allSatisfy { !$0.contains("not-for-eyes") })
    #expect(secret.withBytes { Array($0) } == Array("not-for-eyes".utf8))
    #expect(Secret("").isEmpty && !secret.isEmpty)
  }

  @Test func resultCodesAreAnOpenSet() {
    #expect(ResultCode.entryAlreadyExists.description == "68 entryAlreadyExists")
    #expect(ResultCode.noOperation.rawValue == 0x410E)
    #expect(ResultCode(rawValue: 4711).name == "code 4711")
  }

  @Test func anErrorIsOneLineWhateverTheServerSays() {
    let response = Response(code: .other, matchedDN: "dc=a\nb", diagnostic: "first\r\nsecond\u{1B}[31m\u{2028}")
    let error = LDAPError.refused(
      LDAPError.Refusal(operation: "add", dn: DN.rdn("uid", "x").under(DN()), response: response))
    #expect(
      error.description
        == #"add "uid=x" refused: 80 other: first\u{d}\u{a}second\u{1b}[31m\u{2028} (matched "dc=a\u{a}b")"#)
  }

  @Test func entriesAreReadByNamesOfAnyCase() {
    let entry = Entry(
      dn: DN(), attributes: [Attribute("mailLocalAddress", ["a", "b"]), Attribute("x", [Value(bytes: [0xFF])])])
    #expect(entry["MAILLOCALADDRESS"] == ["a", "b"])
    #expect(entry["mailLocal"].isEmpty)
    #expect(entry.text("maillocaladdress") == "a")
    #expect(entry.text("x") == nil)
  }
}
