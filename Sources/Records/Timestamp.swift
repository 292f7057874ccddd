import Glibc

/// A moment: milliseconds since 1970 in UTC, without leap seconds.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970.
  public let milliseconds: Int64

  /// - Parameter milliseconds: since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// - Parameter seconds: since 1970; beyond what 64 bits hold in milliseconds, the nearest.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    milliseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds.flooredDivided(by: 1000).quotient }

  /// The system's clock.
  public static func now() -> Timestamp {
    var clock = timespec()
    clock_gettime(CLOCK_REALTIME, &clock)
    return Timestamp(milliseconds: Int64(clock.tv_sec) * 1000 + Int64(clock.tv_nsec) / 1_000_000)
  }

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

  /// RFC 3339 in UTC, to the second, e.g. `2026-11-22T11:05:23Z`. RFC 3339 knows the years 0 to 9999; a moment outside
  /// is told as the nearest it knows.
  public var rfc3339: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends ``rfc3339``.
  func append(to bytes: inout [UInt8]) {
    let known = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let (day, second) = known.flooredDivided(by: 86_400)
    let date = CivilDate(daysSince1970: Int(day))
    bytes.appendDecimal(date.year, digits: 4)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDecimal(date.month, digits: 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDecimal(date.day, digits: 2)
    bytes.append(UInt8(ascii: "T"))
    bytes.appendDecimal(Int(second) / 3600, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDecimal(Int(second) / 60 % 60, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDecimal(Int(second) % 60, digits: 2)
    bytes.append(UInt8(ascii: "Z"))
  }
}

extension [UInt8] {
  /// Appends the last digits of a number that isn't negative, with zeros before it.
  mutating func appendDecimal(_ value: Int, digits: Int) {
    var unit = 1
    for _ in 1..<digits { unit *= 10 }
    while unit > 0 {
      append(UInt8(truncatingIfNeeded: 0x30 + value / unit % 10))
      unit /= 10
    }
  }
}

extension FixedWidthInteger {
  /// Division that rounds towards minus infinity; the remainder is never negative for a positive divisor.
  func flooredDivided(by divisor: Self) -> (quotient: Self, remainder: Self) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
