@testable import Text

/// Time zones: a file of the tz database, and the rule at its end. The files are root's; damaged they are refused.
enum ZoneTarget {
  private static let moments: [Int64] = [
    .min / 1000, -62_167_219_200, -1, 0, 951_782_400, 1_795_392_000, 4_102_444_800, 253_402_300_799, .max / 1000,
  ]

  @Sendable static func check(_ input: [UInt8]) throws {
    if let transitions = try? Transitions(tzif: input) {
      for moment in moments {
        let offset = transitions.offset(at: moment)
        try promise(abs(offset) <= 1 << 31, "an offset of \(offset) s")
      }
    }
    guard let rule = PosixZone(input[...]) else { return }
    for moment in moments {
      let offset = rule.offset(at: moment)
      try promise(offset == rule.standard || offset == rule.daylight?.offset, "an offset of \(offset) s")
    }
  }
}
