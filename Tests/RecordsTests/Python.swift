import Files
import Support

/// Python's standard library as a second opinion: readers and a calendar that nobody here wrote.
enum Python {
  /// Whether there is one.
  static let isThere = (try? run("", in: Scratch())) == 0

  /// Runs a script in a folder.
  ///
  /// - Returns: its exit code. What it prints shows in the test's output.
  static func run(_ script: String, in scratch: Scratch) throws -> Int32 {
    try scratch.write(Array(script.utf8), to: "script.py")
    let outcome = Outcome(
      of: try Program("/usr/bin/env", ["-C", scratch.path, "python3", "-X", "utf8", "script.py"]))
    if !outcome.output.isEmpty || !outcome.errors.isEmpty { print(outcome.output, outcome.errors) }
    return outcome.status
  }
}

/// Text of any script, with what breaks writers: separators, quotes, line ends, accents that join to them, the ends of
/// Unicode's ranges. The same for the same seed.
struct RandomText {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A number below `bound`.
  mutating func number(_ bound: Int) -> Int {
    // A linear congruential generator (Knuth's MMIX constants); its high bits are good enough for texts.
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  /// A text of up to `length` scalars.
  mutating func text(_ length: Int = 12) -> String {
    var text = ""
    for _ in 0..<number(length + 1) { text.unicodeScalars.append(scalar()) }
    return text
  }

  private mutating func scalar() -> Unicode.Scalar {
    switch number(10) {
    case 0, 1, 2: Self.hard[number(Self.hard.count)]
    case 3, 4, 5, 6: Unicode.Scalar(UInt8(0x20 + number(0x5F)))
    case 7: Unicode.Scalar(UInt8(number(0x100)))
    case 8: Unicode.Scalar(UInt32(number(0xD800))) ?? " "
    default: Unicode.Scalar(UInt32(0xE000 + number(0x102000))) ?? " "
    }
  }

  private static let hard: [Unicode.Scalar] = [
    "\"", "\\", ",", ";", "\r", "\n", "\t", "=", "+", "-", "@", "'", " ", "\0", "\u{7F}", "\u{85}", "\u{9B}", "\u{301}",
    "\u{200D}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{FEFF}", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    "\u{FFFF}", "\u{10FFFF}",
  ]
}
