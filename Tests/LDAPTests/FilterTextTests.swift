import LDAP
import Testing

@Suite struct FilterTextTests {
  @Test(arguments: [
    "(uid=maria)", "(cn=a\\2a\\28b\\29\\5cc\\00d)", "(cn=\\2a\u{301})", "(cn=\\ffA)", "(cn=Núñez)", "(cn=)", "(mail=*)",
    "(uidNumber>=7)", "(uidNumber<=7)", "(cn~=maria)", "(cn=a\\2a*)", "(cn=*b*\\28*c)", "(cn=a*b*c)", "(!(mail=*))",
    "(&(a=1)(|(b=2)(c=3)))", "(&)", "(|)", "(cn:caseExactMatch:=Maria)", "(ou:dn:=people)", "(:caseExactMatch:=x)",
    "(ou:dn:2.5.13.5:=x)", "(userCertificate;binary=*)", "(1.2.3=x)", "(cn=a=b)", "(cn=a:b<c>d~e)", "(cn= a )",
  ])
  func aFilterIsReadAsItIsWritten(text: String) throws {
    #expect(try Filter(parsing: text).description.utf8.elementsEqual(text.utf8))
  }

  @Test func theOutermostParenthesesMayBeLeftOut() throws {
    #expect(try Filter(parsing: "mail=*") == .present("mail"))
    #expect(try Filter(parsing: "cn=a*") == .substring("cn", initial: "a"))
  }

  @Test(arguments: [
    ("", 1), ("(", 2), ("()", 2), ("(mail=*", 8), ("(mail=*))", 9), ("mail=*)", 7), ("(&(a=b)", 8), ("(mail)", 6),
    ("(a=b)(c=d)", 6), ("(a=(b)", 4), ("(a=b\\2)", 5), ("(a=b\\zz)", 5), ("(a=b**c)", 8), ("(a>=b*)", 7), ("(a>b)", 4),
    ("(=b)", 3), ("(a b=c)", 6), ("(ñ=c)", 5), ("(:=x)", 4), ("(a:b:c:=x)", 9), ("(!a=b)", 3), ("(&a=b)", 3),
    ("(a=b) ", 6),
    ("(a=\0)", 4), (String(repeating: "(!", count: 5_000) + "(a=b)", 129),
    (String(repeating: "(&", count: 100_000), 129),
  ])
  func whatIsNoFilterIsToldWithItsPlace(text: String, byte: Int) {
    do {
      let filter = try Filter(parsing: text)
      Issue.record("it was read as \(filter)")
    } catch {
      guard case .invalid(let why) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(why.contains("\", byte \(byte): "), "\(why.suffix(80))")
    }
  }
}
