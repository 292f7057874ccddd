import Testing
import Text

/// One row a class: what each writer makes of a scalar of it.
@Suite("What is safe to print")
struct ScalarClassTests {
  private struct Row: Sendable, CustomTestStringConvertible {
    let scalars: [ClosedRange<UInt32>]
    let `class`: ScalarClass
    var testDescription: String { "\(`class`)" }
  }

  private static let rows = [
    Row(
      scalars: [
        0...0x1F, 0x7F...0x9F, 0x2028...0x2029, 0xFDD0...0xFDEF, 0xFEFF...0xFEFF,
      ] + (0...0x10).map { $0 << 16 | 0xFFFE...$0 << 16 | 0xFFFF }, class: .control),
    Row(scalars: [0x61C...0x61C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069], class: .direction),
    Row(
      scalars: [
        0xAD...0xAD, 0x180E...0x180E, 0x200B...0x200B, 0x2060...0x2065, 0x206A...0x206F, 0xFFF9...0xFFFB,
        0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE00FF, 0xE01F0...0xE0FFF,
      ], class: .invisible),
    Row(scalars: [0x200C...0x200D, 0xE0100...0xE01EF], class: .joiner),
    Row(scalars: [0xFFFD...0xFFFD], class: .replacement),
  ]

  @Test("each scalar has one class, and all that no row names is plain")
  func classes() {
    var expected: [UInt32: ScalarClass] = [:]
    for row in Self.rows { for value in row.scalars.joined() { expected[value] = row.class } }
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value), ScalarClass(scalar) != expected[value] ?? .plain else { continue }
      Issue.record("\(scalar.codePoint)")
    }
  }

  @Test("no control, separator or mark of direction of Unicode's own data is plain")
  func properties() {
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator:
        #expect(ScalarClass(scalar) == .control, "\(scalar.codePoint)")
      // These join what follows them and are seen.
      case .format
      where ![0x600...0x605, 0x6DD...0x6DD, 0x70F...0x70F, 0x890...0x891, 0x8E2...0x8E2, 0x110BD...0x110CD]
        .contains { $0.contains(value) }:
        #expect(ScalarClass(scalar).isUnsafeToPrint, "\(scalar.codePoint)")
      default: break
      }
      if scalar.properties.isBidiControl { #expect(ScalarClass(scalar) == .direction, "\(scalar.codePoint)") }
      if scalar.properties.isNoncharacterCodePoint { #expect(ScalarClass(scalar) == .control, "\(scalar.codePoint)") }
    }
  }

  @Test(
    "every writer goes by the class",
    arguments: [
      ("plain", "ñ漢😀\u{E000}", "ñ漢😀\u{E000}", "ñ漢😀\u{E000}", "ñ漢😀\u{E000}", "ñ漢😀\u{E000}"),
      ("control", "\u{1B}", #"\u{1B}"#, #"\u001b"#, #"\u{1B}"#, "\u{FFFD}"),
      ("separator", "\u{2028}", #"\u{2028}"#, #"\u2028"#, #"\u{2028}"#, "\u{FFFD}"),
      ("direction", "\u{202E}", #"\u{202E}"#, #"\u202e"#, #"\u{202E}"#, "\u{FFFD}"),
      (
        "invisible", "\u{AD}\u{E0041}", #"\u{AD}\u{E0041}"#, #"\u00ad\udb40\udc41"#, #"\u{AD}\u{E0041}"#,
        "\u{FFFD}\u{FFFD}"
      ),
      ("joiner", "a\u{200D}b", #"a\u{200D}b"#, "a\u{200D}b", "a\u{200D}b", "a\u{200D}b"),
      ("replacement", "\u{FFFD}", "\u{FFFD}", "\u{FFFD}", "\u{FFFD}", "\u{FFFD}"),
    ])
  func writers(name: String, text: String, line: String, json: String, html: String, csv: String) {
    func isSame(_ bytes: some Sequence<UInt8>, _ expected: String) -> Bool { bytes.elementsEqual(expected.utf8) }
    #expect(isSame(displayed(text.utf8).utf8, line) && isSame(text.neutralized().utf8, line))
    var writer = JSONWriter()
    writer.string(text)
    #expect(isSame(writer.bytes, "\"\(json)\""))
    var bytes: [UInt8] = []
    bytes.appendHTML(text)
    #expect(isSame(bytes, html))
    bytes = []
    CSVCell.append(text, to: &bytes)
    #expect(isSame(bytes, csv == text ? csv : "\"\(csv)\""))
  }

  @Test("text for a message is short and harmless")
  func quoting() {
    #expect("a\u{1B}[2J\r\nb\u{202E}".quoted() == "'a\\u{1B}[2J\\u{D}\\u{A}b\\u{202E}'")
    #expect(String(repeating: "ñ", count: 41).quoted() == "'\(String(repeating: "ñ", count: 40))…'")
  }

  @Test("bytes that are no UTF-8 are shown one by one")
  func bytes() {
    #expect(displayed([0x61, 0xFF, 0xC3, 0x5C, 0xED, 0xA0, 0x80]) == #"a\xFF\xC3\\\xED\xA0\x80"#)
  }
}
