import Foundation
import Support
import Testing

@testable import Forms

@Suite("Values")
struct ValueTests {
  @Test("days follow the calendar, one after the other")
  func days() throws {
    var day = try #require(Day(parsing: "1999-12-31"))
    var number = day.daysSince1970
    #expect(number == 10_956)
    for _ in 0..<50_000 {
      let next = try #require(day.adding(days: 1))
      number += 1
      #expect(next > day && next.daysSince1970 == number && next.days(since: day) == 1)
      #expect(Day(parsing: next.description) == next)
      day = next
    }
    #expect(day.description == "2136-11-22")
    #expect(Day(daysSince1970: 0)?.description == "1970-01-01")
    #expect(Day(parsing: "0001-01-01")?.daysSince1970 == -719_162)
    #expect(Day(parsing: "9999-12-31")?.adding(days: 1) == nil)
    #expect(Day(parsing: "0001-01-01")?.adding(days: -1) == nil)
    #expect(Day(daysSince1970: .max) == nil && Day(daysSince1970: .min) == nil)
    #expect(day.adding(days: .max) == nil)
  }

  @Test(
    "a day that isn't in the calendar or isn't written YYYY-MM-DD is none",
    arguments: [
      "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-10-00", "0000-01-01", "2026-1-1",
      "20260101", "2026/01/01", "2026-01-01 ", "+026-01-01", "２０２６-01-01", "",
    ])
  func noDays(text: String) { #expect(Day(parsing: text) == nil) }

  @Test("leap days are every four years, but for centuries that 400 doesn't divide")
  func leapDays() {
    #expect(Day(parsing: "2024-02-29") != nil && Day(parsing: "2000-02-29") != nil)
    #expect(Day(parsing: "2100-02-29") == nil)
  }

  @Test(
    "sizes read and print",
    arguments: [
      ("5 GiB", 5 << 30, "5 GiB"), ("500MiB", 500 << 20, "500 MiB"), ("1536 MiB", 1536 << 20, "1536 MiB"),
      ("1024 MiB", 1 << 30, "1 GiB"), ("1 B", 1, "1 B"), ("1000 KiB", 1_024_000, "1000 KiB"),
      ("007 TiB", 7 << 40, "7 TiB"),
    ] as [(String, UInt64, String)])
  func sizes(text: String, bytes: UInt64, printed: String) throws {
    let size = try #require(ByteCount(parsing: text))
    #expect(size.bytes == bytes && size.description == printed)
    #expect(ByteCount(parsing: size.description) == size)
  }

  @Test("an address has a local part and a domain, in lower case")
  func addresses() throws {
    let address = try #require(Address("Ana.Rosero@Example.ORG"))
    #expect(
      address.text == "ana.rosero@example.org" && address.local == "ana.rosero" && address.domain == "example.org")
    #expect(ExternalAddress(address) == ExternalAddress("ANA.rosero@example.org"))
    #expect(ExternalAddress(address).domain == "example.org")
    // FACTS 15: escapes and comparisons are of bytes.
    #expect(Address("*\u{301}@example.org") == nil && Address("a@example.org\r\n") == nil)
    #expect(try #require(Address("a@example.org")) < #require(Address("b@example.org")))
  }

  @Test(
    "the key that was meant is the nearest",
    arguments: [
      ("adress", "address"), ("Kind", "kind"), ("keep-copy", "keep_copy"), ("qouta", "quota"), ("alias", "aliases"),
      ("phonee", "phone"), ("zzz", nil), ("", nil), (String(repeating: "a", count: 1000), nil),
    ] as [(String, String?)])
  func nearest(key: String, meant: String?) {
    #expect(NearestKey.of(key, in: ["address", "aliases", "kind", "keep_copy", "phone", "quota"]) == meant)
  }

  @Test("text for a message is short and harmless")
  func quoting() {
    #expect("a\u{1B}[2J\r\nb\u{202E}".quoted() == "'a\\u{1B}[2J\\u{D}\\u{A}b\\u{202E}'")
    #expect(String(repeating: "ñ", count: 41).quoted() == "'\(String(repeating: "ñ", count: 40))…'")
  }
}

@Suite("Normalization Form C")
struct NormalizationTests {
  private static func isNFC(_ scalars: [Unicode.Scalar]) -> Bool {
    var text = String(String.UnicodeScalarView(scalars))
    return text.withUTF8 { Normalization.isNFC($0) }
  }

  private static func isNFCByFoundation(_ scalars: [Unicode.Scalar]) -> Bool {
    let text = String(String.UnicodeScalarView(scalars))
    return Array(text.precomposedStringWithCanonicalMapping.unicodeScalars) == scalars
  }

  /// Scalars of Unicode 13 and before, which Foundation's tables have for certain.
  private static func isOld(_ scalar: Unicode.Scalar) -> Bool {
    guard let age = scalar.properties.age else { return false }
    return age.major <= 13
  }

  @Test("is judged as Foundation judges it, for every scalar alone")
  func scalars() {
    for value in (0x00...0x323AF as ClosedRange<UInt32>) {
      guard let scalar = Unicode.Scalar(value), Self.isOld(scalar) else { continue }
      let isGood = Self.isNFC([scalar]) == Self.isNFCByFoundation([scalar])
      if !isGood { Issue.record("U+\(String(value, radix: 16))") }
    }
  }

  @Test("has no Hangul that would compose")
  func hangul() {
    #expect(Self.isNFC(["\u{AC38}", "\u{AC41}"]))
    #expect(!Self.isNFC(["\u{AC38}", "\u{11B0}"]))
    #expect(!Self.isNFC(["\u{1100}", "\u{1161}"]))
    #expect(Self.isNFC(["\u{AC41}", "\u{11B0}"]) && Self.isNFC(["\u{1161}", "\u{1100}"]))
  }

  @Test("is judged as Foundation judges it, for random words of difficult scalars")
  func words() throws {
    // No trailing consonants of Hangul: CoreFoundation leaves a syllable and a trailing consonant apart, wrongly.
    // Letters that compose, marks of many classes, Hangul, and what follows them in the tables.
    let difficult =
      ([0x20...0x7A, 0xC0...0x24F, 0x300...0x345, 0x386...0x3CE, 0x5D0...0x5EA, 0x591...0x5BD, 0x622...0x655]
      + [0x9C7...0x9D7, 0xB47...0xB57, 0x1100...0x1112, 0x1161...0x1175, 0x1E00...0x1FFF]
      + [0x3046...0x309A, 0xAC00...0xAC40, 0xF900...0xF910, 0x11099...0x110BA])
      .flatMap { $0.compactMap { Unicode.Scalar(UInt32($0)) } }.filter(Self.isOld)
    let marks = difficult.filter { $0.properties.canonicalCombiningClass != .notReordered }
    var random = SeededGenerator(seed: 3)
    var bad = 0
    for _ in 0..<60_000 {
      let word = try (0..<Int.random(in: 1...6, using: &random)).map { _ in
        try #require((Bool.random(using: &random) ? difficult : marks).randomElement(using: &random))
      }
      let expected = Self.isNFCByFoundation(word)
      if !expected { bad += 1 }
      guard Self.isNFC(word) != expected else { continue }
      Issue.record("\(word.map { String($0.value, radix: 16) })")
    }
    #expect(bad > 10_000)
  }
}
