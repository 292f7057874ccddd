/// Durations as the configuration writes them: a whole number, at most one space, and a unit of `ms`, `s`, `min`, `h`, `d`.
enum DurationText {
  private static let units: [(name: String, length: Duration)] = [
    ("d", .seconds(86_400)), ("h", .seconds(3600)), ("min", .seconds(60)), ("s", .seconds(1)), ("ms", .milliseconds(1)),
  ]

  /// `nil`: not written so, or beyond a million years.
  static func parse(_ text: String) -> Duration? {
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    var rest = text.utf8[digits.endIndex...]
    if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
    let name = String(Substring(rest))
    guard (1...9).contains(digits.count), let number = Int(Substring(digits)) else { return nil }
    return units.first { $0.name == name }.map { $0.length * number }
  }

  /// With the largest unit that leaves a whole number.
  static func text(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    for unit in units {
      let length = unit.length.components.seconds * 1000 + unit.length.components.attoseconds / 1_000_000_000_000_000
      if milliseconds % length == 0 { return "\(milliseconds / length) \(unit.name)" }
    }
    return "\(milliseconds) ms"
  }
}

extension Duration {
  /// Days of 24 hours, the rest left off.
  public var wholeDays: Int { Int(components.seconds / 86_400) }

  /// Days of 24 hours.
  public static func days(_ days: Int) -> Duration { .seconds(days * 86_400) }
}
