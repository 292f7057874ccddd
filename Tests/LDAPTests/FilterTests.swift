import LDAP
import Testing

/// Filters and their text by RFC 4515.
private var filters: [(filter: Filter, text: String)] {
  [
    (.equal("uid", "maria"), "(uid=maria)"),
    (.equal("cn", "a*(b)\\c\0d"), "(cn=a\\2a\\28b\\29\\5cc\\00d)"),
    (.equal("cn", "*\u{301}"), "(cn=\\2a\u{301})"),
    (.equal("cn", Value(bytes: [0xFF, 0x41])), "(cn=\\ffA)"),
    (.equal("cn", "Núñez"), "(cn=Núñez)"),
    (.equal("cn", ""), "(cn=)"),
    (.present("mail"), "(mail=*)"),
    (.greaterOrEqual("uidNumber", "7"), "(uidNumber>=7)"),
    (.lessOrEqual("uidNumber", "7"), "(uidNumber<=7)"),
    (.approximate("cn", "maria"), "(cn~=maria)"),
    (.substring("cn", initial: "a*"), "(cn=a\\2a*)"),
    (.substring("cn", any: ["b", "("], final: "c"), "(cn=*b*\\28*c)"),
    (.substring("cn", initial: "a", any: ["b"], final: "c"), "(cn=a*b*c)"),
    (.not(.present("mail")), "(!(mail=*))"),
    (.and([.equal("a", "1"), .or([.equal("b", "2"), .equal("c", "3")])]), "(&(a=1)(|(b=2)(c=3)))"),
    (.and([]), "(&)"),
    (.extensible(attribute: "cn", rule: "caseExactMatch", "Maria"), "(cn:caseExactMatch:=Maria)"),
    (.extensible(attribute: "ou", "people", inDN: true), "(ou:dn:=people)"),
  ]
}

@Suite struct FilterTests {
  @Test func aFilterIsWrittenWithEveryValueEscaped() {
    for (filter, text) in filters { #expect(filter.description.utf8.elementsEqual(text.utf8), "\(filter)") }
  }

  @Test func aNameThatCantBeOneNeverBecomesAPartOfTheFilter() {
    #expect(Filter.present("uid=*)(cn").description == "(\\75\\69\\64\\3d\\2a\\29\\28\\63\\6e=*)")
  }

  /// The assertion control carries our own BER, a search libldap's: both must choose the same entries.
  @Test func theBinaryFormChoosesTheSameEntriesAsTheText() async throws {
    let connection = try await Slapd.shared.get().connect()
    var entries: [DN] = []
    for (uid, cn) in [("ber1", "Ana María"), ("ber2", "ana*(x)"), ("ber3", "zoë")] {
      let (dn, attributes) = person(uid, [Attribute("description", [Value(cn), "abcde"]), Attribute("title", ["7"])])
      _ = try? await connection.delete(dn)
      try await connection.add(dn, attributes)
      entries.append(dn)
    }
    let cases: [Filter] = [
      .equal("description", "ana*(x)"), .equal("description", "ZOË"), .present("description"), .present("mail"),
      .greaterOrEqual("uid", "ber2"), .substring("description", initial: "ana", any: ["*"], final: ")"),
      .substring("description", any: ["bcd"]), .substring("description", initial: "ab", final: "de"),
      .not(.equal("uid", "ber1")), .and([.equal("uid", "ber1"), .present("title")]),
      .or([.equal("uid", "ber1"), .equal("uid", "ber3")]), .and([]), .or([]), .approximate("uid", "ber1"),
      .extensible(attribute: "uid", rule: "caseExactMatch", "BER1"), .extensible(rule: "caseIgnoreMatch", "ber1"),
      .extensible(attribute: "ou", "people", inDN: true),
      .equal("description", Value(String(repeating: "long", count: 100))),
      .or((0..<40).map { .equal("uid", Value("ber\($0)")) }),
    ]
    for filter in cases {
      for dn in entries {
        let found = try await connection.entry(dn, filter: filter, attributes: ["1.1"]) != nil
        let error = await ldapErrorOrNil { () async throws(LDAPError) in
          try await connection.modify(dn, [.replace("title", ["7"])], controls: [.assertion(filter)])
        }
        #expect(error?.code == (found ? nil : .assertionFailed), "\(filter) on \(dn): \(String(describing: error))")
      }
    }
    for dn in entries { try await connection.delete(dn) }
  }
}

/// The LDAPError that the body throws, if any.
func ldapErrorOrNil(_ body: () async throws(LDAPError) -> Void) async -> LDAPError? {
  do throws(LDAPError) {
    try await body()
    return nil
  } catch {
    return error
  }
}
