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

  /// RFC 3339 in UTC, to the second, e.g. `2026-11-22T11:05:23Z`; a moment outside the years 1 to 9999 as the nearest
  /// within.
  public var rfc3339: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends ``rfc3339``.
  public func append(to bytes: inout [UInt8]) {
    let known = min(max(seconds, Self.first), Self.last)
    let (day, second) = known.flooredDivided(by: 86_400)
    bytes.append(Day(nearest: Int(day)))
    bytes.append(UInt8(ascii: "T"))
    bytes.appendTime(Int(second))
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDecimal(Int(second) % 60, digits: 2)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The first and the last second of the calendar.
  private static let first = Int64(Day.first.daysSince1970) * 86_400
  private static let last = Int64(Day.last.daysSince1970) * 86_400 + 86_399
}
