import Accounts
import Forms
import LDAP
import Testing

/// To Swift text is Characters, and two spellings of one are equal; to a directory a value is bytes. These pass where the
/// bytes decide (FACTS 15).
@Suite struct GraphemeTests {
  private let ana = Forms.Address(known: "ana@example.org")

  @Test func anotherSpellingOfTheSameLettersIsAnotherValue() {
    let composed: Value = "José"
    let decomposed = Value("Jose\u{301}")
    #expect("José" == "Jose\u{301}" && composed != decomposed)
    let entry = Fixture.entry("ana@example.org", ["title": [decomposed]])
    #expect(Fixture.modify([entry]) { $0.position = .set("José") }.modifications == [.replace("title", [composed])])
    #expect(Fixture.modify([entry]) { $0.position = .set("Jose\u{301}") }.isUnchanged)
  }

  @Test func aNameKeepsTheBytesThatTheFormGave() throws {
    let create = Change.Create(address: ana, name: .person(given: "Jose\u{301}", family: "\u{301}Ñ\u{200D}"))
    let entry = try #require(Fixture.plan(.create(create)).added)
    #expect(entry["givenName"] == [Value(bytes: [0x4A, 0x6F, 0x73, 0x65, 0xCC, 0x81])])
    #expect(entry["cn"].first?.bytes == Array("Jose\u{301}".utf8) + [0x20] + Array("\u{301}Ñ\u{200D}".utf8))
  }

  struct Lookalike: CustomTestStringConvertible, Sendable {
    var name: String
    var value: Value
    var testDescription: String { name }
  }

  static let lookalikes: [Lookalike] = [
    Lookalike(name: "a combining mark behind", value: "ana@example.org\u{301}"),
    Lookalike(name: "a combining mark within", value: "an\u{301}a@example.org"),
    Lookalike(name: "a zero-width joiner", value: "ana\u{200D}@example.org"),
    Lookalike(name: "a Cyrillic a", value: "\u{430}na@example.org"),
    Lookalike(name: "fullwidth letters", value: "ａｎａ@example.org"),
    Lookalike(name: "a line feed behind", value: "ana@example.org\n"),
    Lookalike(name: "a NUL behind", value: "ana@example.org\0"),
  ]

  @Test(arguments: lookalikes) func anAddressIsHeldByItsBytesAlone(_ other: Lookalike) {
    let entry = Fixture.entry("other@example.org", ["mail": [other.value], "mailLocalAddress": [other.value]])
    #expect(Fixture.plan(.create(.init(address: ana, name: .display("X"))), [entry]).intent != nil)
    #expect(Fixture.plan(.delete(.init(address: ana)), [entry]).error?.code == .noSuchObject)
  }

  @Test(arguments: lookalikes) func aLookalikeIsNeitherAddedNorRemovedForTheAddress(_ other: Lookalike) {
    let entry = Fixture.entry("b@example.org", ["mailLocalAddress": ["b@example.org", other.value]])
    #expect(
      Fixture.modify("b@example.org", [entry]) { $0.aliases.added = [ana] }.modifications
        == [.add("mailLocalAddress", ["ana@example.org"])])
    #expect(Fixture.modify("b@example.org", [entry]) { $0.aliases.removed = [ana] }.isUnchanged)
  }

  @Test func lettersBeyondASCIIHaveNoCase() {
    // To `lowercased()` a Kelvin sign is a k.
    #expect("\u{212A}@example.org".lowercased() == "k@example.org")
    let kelvin = Fixture.entry(
      "other@example.org", ["mail": ["\u{212A}@example.org"], "mailLocalAddress": ["\u{212A}@example.org"]])
    let k = Forms.Address(known: "k@example.org")
    #expect(Fixture.plan(.create(.init(address: k, name: .display("X"))), [kelvin]).intent != nil)
    // Nor is it the primary of whoever has the other as an alias.
    let both = Fixture.entry(
      "other@example.org", ["mail": ["\u{212A}@example.org"], "mailLocalAddress": ["k@example.org"]])
    #expect(Fixture.plan(.delete(.init(address: k)), [both]).error?.code == .noSuchObject)
    #expect(Account(kelvin)?.address.utf8.elementsEqual("\u{212A}@example.org".utf8) == true)
  }

  @Test func aStampIsComparedByItsBytes() {
    let stamp = Stamp(number: "2026-1", index: 0)
    #expect(!Intent.wasApplied(stamp, to: Fixture.entry("ana@example.org", ["buzonRequest": ["2026-1#0\u{301}"]])))
  }

  @Test func aLineEndIsOneCharacterAndTwoBytes() {
    #expect(Account(Fixture.entry("ana@example.org", ["displayName": ["a\r\nb"]]))?.name.utf8.count == 4)
  }
}
