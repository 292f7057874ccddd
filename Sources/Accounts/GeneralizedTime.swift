internal import Forms
public import LDAP

/// Instants as the directory spells them (RFC 4517 §3.3.13), in UTC and whole seconds: `20261122110523Z`.
public enum GeneralizedTime {
  /// - Parameter seconds: seconds since 1970 UTC.
  public static func value(_ seconds: Int64) -> Value {
    let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let second = Int(rest < 0 ? rest + 86_400 : rest)
    // Only an instant beyond the years 1 to 9999 has no day; the end of time serves for it.
    let day = Day(daysSince1970: Int(rest < 0 ? days - 1 : days)) ?? .last
    var bytes: [UInt8] = []
    bytes.reserveCapacity(15)
    func append(_ number: Int, _ digits: Int) {
      var divisor = 1
      for _ in 1..<digits { divisor *= 10 }
      while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
        divisor /= 10
      }
    }
    append(day.year, 4)
    append(day.month, 2)
    append(day.day, 2)
    append(second / 3_600, 2)
    append(second / 60 % 60, 2)
    append(second % 60, 2)
    bytes.append(UInt8(ascii: "Z"))
    return Value(bytes: bytes)
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

extension Day {
  /// 9999-12-31
  fileprivate static let last: Day = {
    guard let day = Day(year: 9_999, month: 12, day: 31) else { preconditionFailure("9999-12-31 is a day") }
    return day
  }()
}
