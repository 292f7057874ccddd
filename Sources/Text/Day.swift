/// A day of the calendar (ISO 8601, proleptic Gregorian) without a time or a zone, from 0001-01-01 to 9999-12-31.
public struct Day: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// 1…9999
  public let year: Int
  /// 1…12
  public let month: Int
  /// 1…31
  public let day: Int

  /// `nil` for a day that isn't in the calendar.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.length(of: month, in: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// `YYYY-MM-DD`, exactly; `nil` for anything else.
  public init?(parsing text: String) {
    var text = text
    let numbers: (Int, Int, Int)? = text.withUTF8 { bytes in
      guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
      func number(_ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
          guard bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") else { return nil }
          value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        return value
      }
      guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
      return (year, month, day)
    }
    guard let numbers else { return nil }
    self.init(year: numbers.0, month: numbers.1, day: numbers.2)
  }

  /// The day so many days after 1970-01-01 (before it, if negative); `nil` beyond the calendar.
  public init?(daysSince1970 days: Int) {
    guard days >= -719_162, days <= 2_932_896 else { return nil }
    // Days of a year that begins in March, so that the leap day is its last: the months then follow a line.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01; negative before it.
  public var daysSince1970: Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear / 400
    let yearOfEra = marchYear % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The day so many days later (earlier, if negative); `nil` beyond the calendar.
  public func adding(days: Int) -> Day? {
    let (sum, overflow) = daysSince1970.addingReportingOverflow(days)
    return overflow ? nil : Day(daysSince1970: sum)
  }

  /// How many days this day is after another; negative if it is before.
  public func days(since other: Day) -> Int { daysSince1970 - other.daysSince1970 }

  /// The calendar's order.
  public static func < (left: Day, right: Day) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// `YYYY-MM-DD`
  public var description: String {
    var bytes: [UInt8] = []
    bytes.append(self)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// 0001-01-01 and 9999-12-31.
  public static let first = Day(nearest: .min), last = Day(nearest: .max)

  /// The day so many days after 1970-01-01, or the first or last of the calendar where it is beyond.
  public init(nearest daysSince1970: Int) {
    guard let day = Day(daysSince1970: min(max(daysSince1970, -719_162), 2_932_896)) else {
      preconditionFailure("these are the calendar's first and last day")
    }
    self = day
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func length(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension [UInt8] {
  /// Appends `YYYY-MM-DD`.
  public mutating func append(_ day: Day) {
    appendDecimal(day.year, digits: 4)
    append(UInt8(ascii: "-"))
    appendDecimal(day.month, digits: 2)
    append(UInt8(ascii: "-"))
    appendDecimal(day.day, digits: 2)
  }

  /// Appends `hh:mm` of a second of the day.
  mutating func appendTime(_ second: Int) {
    appendDecimal(second / 3600, digits: 2)
    append(UInt8(ascii: ":"))
    appendDecimal(second / 60 % 60, digits: 2)
  }
}
