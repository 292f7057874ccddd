import Forms
import Support
import Testing
import Text

@Suite("A hostile form")
struct HostileFormTests {
  /// A shape, repeated to about 1 MiB, or less where a debug build needs long for what a release does in 0.2 s.
  struct Shape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ unit: String, before: String = "", after: String = "", size: Int = 1 << 20) {
      testDescription = name
      text = before + String(repeating: unit, count: size / unit.utf8.count) + after
    }
  }

  static let shapes = [
    Shape("opening brackets", "["), Shape("opening braces", "{"), Shape("braces with keys", "{a: "),
    Shape("dashes in a line", "- "), Shape("dashes in lines", "-\n", size: 1 << 18), Shape("question marks", "? "),
    Shape("question marks in lines", "?\n", size: 1 << 18), Shape("braces and question marks", "{?"),
    Shape("keys in a line", "a: "),
    Shape("anchors", "&a "), Shape("aliases", "*a "), Shape("tags", "!a "), Shape("documents", "---\n"),
    Shape("directives", "%TAG !a! x:\n"), Shape("directives after a document", "%TAG !a! x:\n", before: "a: 1\n...\n"),
    Shape("one line", "x"), Shape("spaces", " "), Shape("line feeds", "\n"), Shape("comments", "#\n"),
    Shape("a plain text of many lines", "  y\n", before: "number: x\n"),
    Shape("a quoted text of many lines", "y\n", before: "number: \"", after: "\""),
    Shape("a block", "  y\n\n", before: "number: >\n"), Shape("escapes", "\\u00e1", before: "number: \"", after: "\""),
    Shape("surrogate pairs", "\\ud83d\\ude00", before: "{\"number\": \"", after: "\"}"),
    Shape("open quotation marks", "\""), Shape("percent signs", "%"), Shape("bars", "|"),
    Shape("a list of nothing", ",", before: "number: ["), Shape("a list", "a,", before: "changes: [", after: "a]"),
    Shape("an address's list", "a@example.org,", before: "changes: [{create: {aliases: [", after: "]}}]"),
    Shape("empty lists", "[],", before: "changes: [", after: "a]"),
    Shape("one key many times", "a: b\n"), Shape("combining marks", "\u{0301}\u{0323}", before: "number: e"),
    Shape("accents apart", "e\u{0301}"), Shape("control characters", "\u{7}"), Shape("bidi controls", "\u{202E}"),
    Shape("NULs", "\0"), Shape("carriage returns", "\r"), Shape("byte order marks", "\u{FEFF}"),
    Shape("keys misspelt", "numbr: 1\n"), Shape("an unknown change", "- {}\n", before: "changes:\n"),
  ]

  @Test("of up to a mebibyte is refused in bounded time with bounded findings", arguments: shapes)
  func shape(shape: Shape) throws {
    let bytes = Array(shape.text.utf8)
    let rules = try rules { $0.formSize = 2 << 20 }
    let clock = ContinuousClock()
    var findings: [Finding] = []
    let time = clock.measure {
      if case .invalid(let told) = FormReader.read(bytes, rules: rules) { findings = told }
    }
    #expect(!findings.isEmpty && findings.count <= 101)
    // A debug build on a busy machine; libyaml alone takes 5.6 s for the directives, and for ever for the brackets.
    #expect(time < .seconds(60), "\(time)")
  }

  @Test("of many different keys is refused as fast")
  func manyKeys() throws {
    let text = (0..<60_000).map { "k\($0): v\n" }.joined()
    let findings = problems(Array(text.utf8), try rules())
    #expect(findings.count == 101)
    // Five keys are missing beside them.
    #expect(findings.last == "101:1: k100: and 59905 more findings")
  }

  @Test("that is an alias bomb of 300 bytes is refused in under 50 ms")
  func aliasBomb() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      text += "a\(level): &a\(level) [\((0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ","))]\n"
    }
    let bytes = Array(text.utf8.prefix(300))
    let rules = try rules()
    // The best of five: another process may have the processor.
    let times = (0..<5).map { _ in ContinuousClock().measure { _ = FormReader.read(bytes, rules: rules) } }
    #expect(!problems(bytes, rules).isEmpty)
    #expect(try #require(times.min()) < .milliseconds(50))
  }

  @Test("that is an alias as a key is refused")
  func aliasKey() throws {
    #expect(problems(Array("? &a [x]\n: {*a : y}\n".utf8), try rules()).contains { $0.contains("an alias") })
  }

  @Test("of any damage gives a request or findings", arguments: ["yaml", "json"])
  func mutations(kind: String) throws {
    let seeds = try kind == "json" ? [Samples.bytes("05-crear.json")] : Samples.yaml.map(Samples.bytes)
    var random = SeededGenerator(seed: kind == "json" ? 7 : 42)
    let rules = try rules { $0.domains = ["putumayo.gov.co"] }
    var outcomes = (accepted: 0, refused: 0)
    for round in 0..<4000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) { Self.damage(&bytes, seeds, &random) }
      switch FormReader.read(bytes, rules: rules) {
      case .request(let request):
        outcomes.accepted += 1
        #expect(!request.changes.isEmpty)
        #expect(try FormReader.reread(bytes) == request)
      case .invalid(let findings):
        outcomes.refused += 1
        #expect(!findings.isEmpty && findings.count <= 101)
      }
    }
    #expect(outcomes.accepted > 50 && outcomes.refused > 1000, "\(outcomes)")
  }

  private static let tokens: [[UInt8]] = [
    "&a ", "*a", "!x ", "<<: ", "- ", ": ", "? ", "[", "]", "{", "}", "\"", "'", "|\n", ">\n", "#", "%", "---\n",
    "...\n",
    "\t", "\r\n", "\n", "\0", "\\", "\\u0000", "\\ud83d", "é", "e\u{0301}", "\u{202E}", "\u{FEFF}", "null", "~", "true",
    "99999999999999999999", "@", "..",
  ].map { Array($0.utf8) }

  private static func damage(_ bytes: inout [UInt8], _ seeds: [[UInt8]], _ random: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 0..<20, using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
    case 4:
      bytes.removeSubrange(place...)  // cut short
      if place < 20 { bytes = seeds[0] }
    default:
      let other = seeds.randomElement(using: &random) ?? []
      let from = Int.random(in: 0...other.count, using: &random)
      bytes.replaceSubrange(place..<end, with: other[from..<min(other.count, from + 20)])
    }
  }

  @Test("of random bytes is refused")
  func noise() throws {
    var random = SeededGenerator(seed: 1)
    let rules = try rules()
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(!problems(bytes, rules).isEmpty)
    }
  }
}
