import LDAP
import Support
import Testing

@testable import Accounts

/// The image of all that the procedure manages: the same for the same content, and bytes that can be kept.
@Suite struct ManagedImageTests {
  private static func entry(_ other: [String: [Value]] = [:]) -> Entry { Fixture.entry("ana@example.org", other) }
  private static func image(_ other: [String: [Value]] = [:]) -> ManagedImage { ManagedImage(entry(other)) }

  /// Another order is another version: images that were stored would be read as something else.
  @Test func theOrderOfTheAttributesIsThatOfItsVersion() {
    #expect(ManagedImage.version == 1)
    #expect(
      ManagedImage.attributes == [
        "uid", "cn", "sn", "givenName", "displayName", "mail", "mailLocalAddress", "employeeNumber", "title", "ou",
        "telephoneNumber", "buzonKind", "buzonStatus", "buzonQuota", "buzonForward", "buzonKeepCopy", "buzonOwner",
        "buzonList", "buzonMember", "buzonExpires", "buzonRetainedSince", "buzonRequest", "pwdAccountLockedTime",
      ])
  }

  @Test func theSameContentHasTheSameBytesWhateverItsOrderAndCase() {
    let aliases: [Value] = ["ana@example.org", "a@example.org", "b@example.org"]
    let image = Self.image(["mailLocalAddress": aliases])
    var other = Self.entry([
      "mail": ["ANA@Example.ORG"], "mailLocalAddress": ["B@example.org", "a@EXAMPLE.org", "ana@example.org"],
      "buzonStatus": ["Active"], "uid": ["ANA"],
    ])
    other.attributes.reverse()
    for index in other.attributes.indices { other.attributes[index].name = other.attributes[index].name.uppercased() }
    #expect(ManagedImage(other) == image && ManagedImage(other).encoded == image.encoded)
    #expect(ManagedImage(other).differences(from: image) == [])
    // An attribute in two parts, a value twice: no server writes so.
    other.attributes.append(Attribute("mailLocalAddress", ["B@EXAMPLE.ORG"]))
    #expect(ManagedImage(other) == image)
  }

  /// What isn't managed doesn't matter, and neither does a lock that the directory itself puts on for a while.
  @Test(
    arguments: [
      ["entryCSN": ["20261122120000.000001Z#000000#000#000000"]], ["modifyTimestamp": ["20261122120000Z"]],
      ["pwdReset": ["TRUE"], "pwdEndTime": ["20261229110523Z"]], ["description": ["x"]], ["objectClass": ["top"]],
      ["pwdAccountLockedTime": ["20261122110000Z"]], ["userPassword": ["x"]], ["titles": ["x"]],
    ] as [[String: [Value]]])
  func whatIsNotManagedDoesNotMatter(_ other: [String: [Value]]) {
    #expect(Self.image(other) == Self.image())
  }

  /// Text as the directory compares it (RFC 4517): what it finds by the one spelling it finds by the other.
  @Test(
    arguments: [
      ("decomposed", "cn", "Jos\u{e9} Pe\u{f1}a", "Jose\u{301} Pen\u{303}a", true),
      ("in capitals", "title", "Asesora", "ASESORA", true),
      ("capitals with accents", "ou", "Tesorer\u{ed}a", "TESORER\u{cd}A", true),
      ("blanks", "displayName", "Ana Rosero", " Ana   Rosero ", true),
      ("blanks within a word", "displayName", "Ana Rosero", "An a Rosero", false),
      ("a mark less", "sn", "Pe\u{f1}a", "Pena", false),
      ("a telephone number", "telephoneNumber", "+57 8 4201515", "+5784-201515", true),
      ("another number", "telephoneNumber", "+57 8 4201515", "+57 8 4201516", false),
      ("a stamp in capitals", "buzonRequest", "a#0", "A#0", false),
      ("an identity number", "employeeNumber", "1124850000", "1124850001", false),
    ])
  func textThatTheDirectoryCallsEqualIsNoDifference(
    _ name: String, _ attribute: String, _ expected: String, _ present: String, _ isEqual: Bool
  ) {
    let (one, other) = (Self.image([attribute: [Value(expected)]]), Self.image([attribute: [Value(present)]]))
    #expect(other.differences(from: one).isEmpty == isEqual)
    #expect(one.differences(from: other).isEmpty == isEqual)
    #expect(one != other, "the bytes are kept as they are")
  }

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var entry: [String: [Value]]
    var difference: ManagedImage.Difference

    init(
      _ name: String, _ entry: [String: [Value]], _ attribute: String, lacks: [String] = [], has: [String] = []
    ) {
      (testDescription, self.entry) = (name, entry)
      difference = .init(attribute: attribute, expected: lacks, present: has)
    }
  }

  static let rows = [
    Row("another value", ["title": ["Jefa"]], "title", lacks: ["Secretaria"], has: ["Jefa"]),
    Row("none", ["title": []], "title", lacks: ["Secretaria"]),
    Row("one more", ["title": ["Secretaria", "Jefa"]], "title", has: ["Jefa"]),
    Row("an empty value", ["title": [Value(bytes: [])]], "title", lacks: ["Secretaria"], has: [""]),
    Row("a new attribute", ["buzonForward": ["X@example.com"]], "buzonForward", has: ["x@example.com"]),
    Row("an identity number", ["employeeNumber": ["1124850000"]], "employeeNumber", has: ["***"]),
    Row(
      "an identity number under an option", ["employeeNumber;x-a": ["1124850000"]], "employeeNumber", has: ["***"]),
    Row("the stamp", ["buzonRequest": ["2026-0001#1"]], "buzonRequest", lacks: ["2026-0001#0"], has: ["2026-0001#1"]),
    Row(
      "the lock", ["pwdAccountLockedTime": ["000001010000Z"]], "pwdAccountLockedTime", has: ["000001010000Z"]),
    Row(
      "an option", ["mailLocalAddress;LANG-es": ["Eve@example.org"]], "mailLocalAddress",
      has: ["(lang-es) eve@example.org"]),
    Row(
      "bytes that are no text", ["title": [Value(bytes: [0, 0xFF])]], "title", lacks: ["Secretaria"],
      has: ["2 bytes that are no text"]),
    Row(
      "what a terminal would take for a command", ["title": ["a\u{1B}[2J\nb\u{202E}"]], "title",
      lacks: ["Secretaria"], has: ["a\\u{1B}[2J\\u{A}b\\u{202E}"]),
    Row(
      "a value that is too long to be kept", ["title": [Value(bytes: Array(repeating: 0x61, count: 4_097))]], "title",
      lacks: ["Secretaria"], has: ["4097 bytes"]),
    Row(
      "a value that is just kept", ["title": [Value(bytes: Array(repeating: 0x61, count: 4_096))]], "title",
      lacks: ["Secretaria"], has: [String(repeating: "a", count: 200) + "…"]),
    Row(
      "many values", ["buzonList": (100..<130).map { Value("l\($0)@example.org") }], "buzonList",
      has: (100..<120).map { "l\($0)@example.org" } + ["and 10 more"]),
  ]

  @Test(arguments: rows) func aDifferenceIsToldOnceAndHarmlessly(_ row: Row) throws {
    let (image, present) = (Self.image(), Self.image(row.entry))
    #expect(present != image)
    #expect(present.differences(from: image) == [row.difference])
    let back = row.difference
    #expect(
      image.differences(from: present) == [
        .init(attribute: back.attribute, expected: back.present, present: back.expected)
      ])
    #expect(try #require(ManagedImage(encoded: present.encoded)) == present)
  }

  @Test func longValuesAreToldApartAndCostLittle() {
    let long = Array(repeating: UInt8(ascii: "a"), count: 1 << 20)
    var other = long
    other[1 << 19] = UInt8(ascii: "b")
    let image = Self.image(["title": [Value(bytes: long)]])
    #expect(image.encoded.count < 1_000)
    #expect(image != Self.image(["title": [Value(bytes: other)]]))
    #expect(image != Self.image(["title": [Value(bytes: long.dropLast())]]))
    #expect(image == Self.image(["title": [Value(bytes: long)]]))
    // Letter case doesn't count where it doesn't for a short one.
    let upper = Array(repeating: UInt8(ascii: "A"), count: 1 << 20)
    #expect(Self.image(["uid": [Value(bytes: long)]]) == Self.image(["uid": [Value(bytes: upper)]]))
  }

  @Test func anAttributeOfTooManyValuesIsKeptByADigest() {
    func values(_ count: Int) -> [Value] {
      (0..<count).map { Value(String(repeating: "x", count: 4_000) + "\($0)@example.org") }
    }
    let many = values(1_100)
    let image = Self.image(["buzonMember": many])
    #expect(image.encoded.count < 1_000 && image == Self.image(["buzonMember": many.reversed()]))
    #expect(image != Self.image(["buzonMember": Array(many.dropLast())]))
    #expect(image.differences(from: Self.image())[0].present == ["1100 values, which are too many to be kept"])
    #expect(ManagedImage(encoded: image.encoded) == image)
    #expect(Self.image(["buzonMember": values(1_000)]).encoded.count > 4_000_000)
  }

  @Test func damagedBytesAreNoImage() {
    let image = Self.image(["mailLocalAddress": ["ana@example.org", "b@example.org"], "title;lang-es": ["Jefa"]])
    let good = image.encoded
    for count in good.indices {
      // What is cut off between two attributes is an image of less.
      if let part = ManagedImage(encoded: Array(good.prefix(count))) { #expect(ManagedImage(part.entry) == part) }
    }
    #expect(ManagedImage(encoded: []) == nil)
    #expect(ManagedImage(encoded: [2]) == nil && ManagedImage(encoded: good + [0]) == nil)
    #expect(ManagedImage(encoded: [1, 23, 1, 0]) == nil)
    // The same attribute twice, values in the wrong order, one twice, a count in two bytes.
    for bytes: [UInt8] in [
      [1, 8, 1, 8, 97, 8, 1, 8, 98], [1, 8, 2, 8, 98, 8, 97], [1, 8, 2, 8, 97, 8, 97], [1, 8, 0x81, 0, 8, 97],
      [1, 8, 0], [1, 8, 1, 9, 0, 97], [1, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ] {
      #expect(ManagedImage(encoded: bytes) == nil, "\(bytes)")
    }
    #expect(ManagedImage(encoded: [1, 8, 1, 8, 97]) != nil)
  }

  @Test func whateverBytesItIsGivenItDoesNotCrashAndKeepsWhatItTakes() {
    var random = SeededGenerator(seed: 4)
    let good = Self.image(["title;lang-es": ["Jefa"], "uid": [Value(bytes: Array(repeating: 0, count: 5_000))]]).encoded
    var taken = 0
    for _ in 0..<3_000 {
      var bytes = good
      for _ in 0...random.next() % 3 {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      guard let image = ManagedImage(encoded: bytes) else { continue }
      taken += 1
      _ = image.differences(from: Self.image())
      #expect(image.encoded == bytes)
    }
    #expect(taken > 300 && taken < 2_900)
  }

  @Test func whateverEntryItIsGivenItsBytesAreAnImage() {
    var random = SeededGenerator(seed: 5)
    let names =
      ManagedImage.attributes.flatMap { [$0, $0.uppercased(), "\($0);x-ü", "\($0);", "\($0);;"] } + [";", ""]
    for _ in 0..<3_000 {
      let attributes = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        Attribute(
          names.randomElement(using: &random) ?? "",
          (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Value(bytes: (0..<Int.random(in: 0...3, using: &random)).map { _ in .random(in: 0...255, using: &random) })
          })
      }
      let image = ManagedImage(Entry(dn: Fixture.dn("x"), attributes: attributes))
      #expect(ManagedImage(encoded: image.encoded) == image, "\(attributes)")
      #expect(image == ManagedImage(Entry(dn: Fixture.dn("x"), attributes: attributes.shuffled(using: &random))))
    }
  }
}

extension ManagedImage {
  /// An entry of which this is the image.
  var entry: Entry {
    Entry(
      dn: Fixture.dn("x"),
      attributes: zip(Self.attributes, values).flatMap { name, values in
        values.compactMap { value in
          guard let (tag, content) = value.parts, case .whole(let bytes) = content else { return nil }
          let option = tag.isEmpty ? "" : ";" + String(decoding: tag, as: UTF8.self)
          return Attribute(name + option, [Value(bytes: Array(bytes))])
        }
      })
  }
}
