/// Python's standard library as a second opinion: readers and a calendar that nobody here wrote.
public enum Python {
  /// Whether there is one.
  public static let isThere = (try? run("", in: Scratch())) == 0

  /// A line of Python: `unseen` is the characters that no document of ours shows (`ScalarClass`), told a second time.
  public static let unseen = #"""
    unseen = ("\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef" + \
      "\ufeff\ufff9-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff" + \
      "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xfffe, 0xffff)))

    """#

  /// Runs a script in a folder.
  ///
  /// - Parameter arguments: what it finds in `sys.argv`.
  /// - Returns: its exit code. What it prints shows in the test's output.
  public static func run(_ script: String, in scratch: Scratch, arguments: [String] = []) throws -> Int32 {
    try scratch.write(Array(script.utf8), to: "script.py")
    let outcome = Outcome(
      of: try Program("/usr/bin/env", ["-C", scratch.path, "python3", "-X", "utf8", "script.py"] + arguments))
    if !outcome.output.isEmpty || !outcome.errors.isEmpty { print(outcome.output, outcome.errors) }
    return outcome.status
  }
}

/// Text of any script, with what breaks writers: separators, quotes, line ends, accents that join to them, the ends of
/// Unicode's ranges. The same for the same seed.
public struct RandomText {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// A number below `bound`.
  public mutating func number(_ bound: Int) -> Int {
    // A linear congruential generator (Knuth's MMIX constants); its high bits are good enough for texts.
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  /// A text of up to `length` scalars.
  public mutating func text(_ length: Int = 12) -> String {
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
