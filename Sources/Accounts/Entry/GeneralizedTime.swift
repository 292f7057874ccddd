internal import Forms
public import LDAP
internal import Text

/// Instants as the directory spells them (RFC 4517 §3.3.13), in UTC and whole seconds: `20261122110523Z`.
public enum GeneralizedTime {
  /// - Parameter seconds: seconds since 1970 UTC.
  public static func value(_ seconds: Int64) -> Value {
    // `2026-11-22T11:05:23Z` without its marks.
    let marks = Array("-:T".utf8)
    return Value(bytes: Timestamp(seconds: seconds).rfc3339.utf8.filter { !marks.contains($0) })
  }

  /// Seconds since 1970 UTC, or `nil` where the text isn't of the form `YYYYMMDDhhmmss[.f…]Z`, which is all that slapd
  /// itself writes.
  public static func seconds(_ value: Value) -> Int64? {
    let bytes = value.bytes
    guard bytes.count >= 15, bytes.last == UInt8(ascii: "Z") else { return nil }
    guard bytes.count == 15 || (bytes.count > 16 && bytes[14] == UInt8(ascii: ".")) else { return nil }
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    guard bytes.dropFirst(15).dropLast().allSatisfy(isDigit) else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var result = 0
      for byte in bytes[range] {
        guard isDigit(byte) else { return nil }
        result = result * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return result
    }
    guard let year = number(0..<4), let month = number(4..<6), let dayOfMonth = number(6..<8),
      let hour = number(8..<10), let minute = number(10..<12), let second = number(12..<14),
      let day = Day(year: year, month: month, day: dayOfMonth), hour < 24, minute < 60, second <= 60
    else { return nil }
    return Int64(day.daysSince1970) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
  }
}
