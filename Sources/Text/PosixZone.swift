/// A zone as the variable TZ states it (POSIX.1-2017 section 8.3, with the hours of RFC 9636 section 3.3.1), e.g.
/// `<-05>5` or `CET-1CEST,M3.5.0,M10.5.0/3`: what a TZif file says of the time after its last transition.
struct PosixZone: Sendable, Hashable {
  /// A day of each year.
  enum Day: Sendable, Hashable {
    /// `Mm.w.d`: the w-th (5: the last) weekday d (0: Sunday) of month m.
    case weekday(month: Int, week: Int, day: Int)
    /// `Jn`: 1 to 365, 29 February never counted.
    case withoutLeapDay(Int)
    /// `n`: 0 to 365.
    case ofYear(Int)
  }

  /// When the offset changes: seconds after midnight of a day, by the clock until then.
  struct Change: Sendable, Hashable {
    let day: Day
    let second: Int
  }

  /// Daylight saving time.
  struct Daylight: Sendable, Hashable {
    /// Seconds east of UTC.
    let offset: Int
    let start: Change
    let end: Change
  }

  /// Seconds east of UTC.
  let standard: Int
  let daylight: Daylight?

  /// Seconds east of UTC at a moment, seconds since 1970.
  func offset(at second: Int64) -> Int {
    guard let daylight else { return standard }
    let day = Int((second + Int64(standard)).flooredDivided(by: 86_400).quotient)
    let year = Text.Day(nearest: day).year
    // The start is given in standard time, the end in daylight saving time.
    let start = Int64(daylight.start.secondsSince1970(year)) - Int64(standard)
    let end = Int64(daylight.end.secondsSince1970(year)) - Int64(daylight.offset)
    let isDaylight = start < end ? (start..<end).contains(second) : !(end..<start).contains(second)
    return isDaylight ? daylight.offset : standard
  }
}

extension PosixZone.Change {
  /// By the local clock.
  func secondsSince1970(_ year: Int) -> Int { day.daysSince1970(year) * 86_400 + second }
}

extension PosixZone.Day {
  func daysSince1970(_ year: Int) -> Int {
    let newYear = Self.first(1, of: year)
    switch self {
    case .ofYear(let day): return newYear + day
    case .withoutLeapDay(let day): return newYear + day - 1 + (Text.Day.isLeap(year) && day >= 60 ? 1 : 0)
    case .weekday(let month, let week, let weekday):
      let first = Self.first(month, of: year)
      let next = month == 12 ? Self.first(1, of: year + 1) : Self.first(month + 1, of: year)
      // 1970-01-01 was a Thursday (4).
      let day = first + (weekday - (first + 4)).flooredDivided(by: 7).remainder + (week - 1) * 7
      return day < next ? day : day - 7
    }
  }

  /// The first day of a month, days since 1970-01-01. The year is one of the calendar or the one behind it.
  private static func first(_ month: Int, of year: Int) -> Int {
    Text.Day(year: year, month: month, day: 1)?.daysSince1970 ?? Text.Day.last.daysSince1970 + 1
  }
}

extension PosixZone {
  /// `nil` where the text isn't such a rule, or has daylight saving time without saying when.
  init?(_ text: ArraySlice<UInt8>) {
    var rest = text
    guard rest.takeName(), let west = rest.takeTime() else { return nil }
    standard = -west
    if rest.isEmpty {
      daylight = nil
      return
    }
    guard rest.takeName() else { return nil }
    var offset = standard + 3600
    if rest.first != UInt8(ascii: ",") {
      guard let west = rest.takeTime() else { return nil }
      offset = -west
    }
    guard let start = Change(&rest), let end = Change(&rest), rest.isEmpty else { return nil }
    daylight = Daylight(offset: offset, start: start, end: end)
  }
}

extension PosixZone.Change {
  /// `,DAY` or `,DAY/TIME`; the time is 02:00 where none is given.
  fileprivate init?(_ rest: inout ArraySlice<UInt8>) {
    guard rest.take(","), let day = PosixZone.Day(&rest) else { return nil }
    self.day = day
    if rest.take("/") {
      guard let time = rest.takeTime() else { return nil }
      second = time
    } else {
      second = 7200
    }
  }
}

extension PosixZone.Day {
  fileprivate init?(_ rest: inout ArraySlice<UInt8>) {
    if rest.take("M") {
      guard let month = rest.takeNumber(1...12), rest.take("."), let week = rest.takeNumber(1...5), rest.take("."),
        let day = rest.takeNumber(0...6)
      else { return nil }
      self = .weekday(month: month, week: week, day: day)
    } else if rest.take("J") {
      guard let day = rest.takeNumber(1...365) else { return nil }
      self = .withoutLeapDay(day)
    } else {
      guard let day = rest.takeNumber(0...365) else { return nil }
      self = .ofYear(day)
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func takeNumber(_ range: ClosedRange<Int>) -> Int? {
    let digits = prefix { (0x30...0x39).contains($0) }.prefix(4)
    guard !digits.isEmpty else { return nil }
    removeFirst(digits.count)
    let number = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    return range.contains(number) ? number : nil
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  fileprivate mutating func takeTime() -> Int? {
    let isNegative = take("-")
    if !isNegative { _ = take("+") }
    guard let hours = takeNumber(0...167) else { return nil }
    var seconds = hours * 3600
    if take(":") {
      guard let minutes = takeNumber(0...59) else { return nil }
      seconds += minutes * 60
      if take(":") {
        guard let more = takeNumber(0...59) else { return nil }
        seconds += more
      }
    }
    return isNegative ? -seconds : seconds
  }

  /// Three letters or more, or `<…>`.
  fileprivate mutating func takeName() -> Bool {
    if take("<") {
      guard let end = firstIndex(of: UInt8(ascii: ">")) else { return false }
      self = self[(end + 1)...]
      return true
    }
    let letters = prefix { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    removeFirst(letters.count)
    return letters.count >= 3
  }
}
