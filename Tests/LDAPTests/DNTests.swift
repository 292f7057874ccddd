import LDAP
import Testing

@Suite struct DNTests {
  @Test(arguments: [
    ("plain", "maria", "uid=maria,dc=org"),
    ("comma and plus", "a,b+c", "uid=a\\,b\\+c,dc=org"),
    ("quote, backslash, semicolon, angles", "\"\\;<>", "uid=\\\"\\\\\\;\\<\\>,dc=org"),
    ("leading hash", "#1#2", "uid=\\#1#2,dc=org"),
    ("spaces at the ends", " a b ", "uid=\\ a b\\ ,dc=org"),
    ("one space", " ", "uid=\\ ,dc=org"),
    ("empty", "", "uid=,dc=org"),
    ("NUL and newline", "a\0b\nc", "uid=a\\00b\\0ac,dc=org"),
    ("other scripts", "Núñez Привет", "uid=Núñez Привет,dc=org"),
    ("an escaped character with a combining mark", ",\u{301}", "uid=\\,\u{301},dc=org"),
  ])
  func aValueIsEscapedAndComesBack(_ name: String, _ value: String, _ text: String) throws {
    let base = try DN(parsing: "dc=org")
    let dn = DN.rdn("uid", value).under(base)
    #expect(dn.string.utf8.elementsEqual(text.utf8), "\(name): \(dn)")
    let parsed = try DN(parsing: dn.string)
    #expect(parsed.rdn?.parts.first?.value == Value(value))
    #expect(parsed == dn)
    #expect(parsed.parent == base)
  }

  @Test func bytesThatAreNotTextAreEscapedOneByOne() throws {
    let dn = DN.rdn("cn", Value(bytes: [0xFF, 0x61, 0xC3])).under(DN())
    #expect(dn.string == "cn=\\ffa\\c3")
    #expect(try DN(parsing: dn.string).rdn?.parts.first?.value.bytes == [0xFF, 0x61, 0xC3])
  }

  @Test(arguments: [
    ("case of types", "UID=maria,DC=org", "uid=maria,dc=org"),
    ("spaces around separators", " uid = maria , dc = org ", "uid=maria,dc=org"),
    ("escapes", "uid=\\6d\\61ria,dc=org", "uid=maria,dc=org"),
    ("escapes by character or by number", "cn=a\\,b", "cn=a\\2cb"),
    ("UTF-8 as numbers", "cn=Nu\\c3\\b1ez", "cn=Nuñez"),
    ("parts of an RDN in any order", "cn=a+uid=b,dc=org", "uid=b+cn=a,dc=org"),
    ("hexadecimal digits", "cn=#04024869", "cn=#04024869"),
  ])
  func namesInOtherSpellingAreEqual(_ name: String, _ a: String, _ b: String) throws {
    let (a, b) = (try DN(parsing: a), try DN(parsing: b))
    #expect(a == b, "\(name)")
    #expect(a.hashValue == b.hashValue, "\(name)")
  }

  @Test func otherNamesDiffer() throws {
    let a = try DN(parsing: "uid=maria,dc=org")
    for other in [
      "uid=Maria,dc=org", "uid=maria", "uid=maria,dc=org,dc=org", "cn=maria,dc=org", "uid=mari\\00a,dc=org",
    ] {
      #expect(try DN(parsing: other) != a, "\(other)")
    }
    #expect(try DN(parsing: "UID=MARIA,dc=Org").matches(a))
    #expect(try DN(parsing: "uid=mariana,dc=org").matches(a) == false)
  }

  @Test(arguments: [
    "uid", "=x", "uid=a,", ",uid=a", "uid=a,,dc=b", "uid=a\\", "uid=a\\4", "uid=a\\zz", "uid=\"a\"", "uid=a;dc=b",
    "cn=#",
    "cn=#0", "cn=#0g", "u id=a", "uid=a<b", "uid=a\0b", "ñ=a", "-a=b",
  ])
  func whatIsNoNameIsRefused(_ text: String) {
    #expect(throws: LDAPError.self) { try DN(parsing: text) }
  }

  @Test func aNameKnowsItsPlaceInTheTree() throws {
    let base = try DN(parsing: "dc=example,dc=org")
    let dn = try DN(parsing: "cn=a\\,b+uid=c,OU=People, DC=example,dc=org")
    #expect(dn.isDescendant(of: base))
    #expect(dn.isDescendant(of: DN()))
    #expect(!base.isDescendant(of: base))
    #expect(!base.isDescendant(of: dn))
    #expect(try DN(parsing: "dc=xexample,dc=org").isDescendant(of: base) == false)
    #expect(dn.parent?.parent == base)
    #expect(dn.components?.count == 4)
    #expect(dn.rdn?.parts.map(\.type) == ["cn", "uid"])
    #expect(DN().isEmpty && DN().parent == nil && DN().components == [])
    #expect(RDN([RDN.Part("cn", "a"), RDN.Part("uid", "b")]).under(base).string == "cn=a+uid=b,dc=example,dc=org")
  }

  @Test func aTypeThatCantBeOneIsNeverReadAsAName() {
    let dn = DN.rdn("uid=admin,ou", "x").under(DN())
    #expect(throws: LDAPError.self) { try DN(parsing: dn.string) }
  }
}
