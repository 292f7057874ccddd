internal import Text

/// A day as spreadsheets write it.
enum SpreadsheetDay {
  enum Reading: Equatable {
    case day(Day)
    /// Day and month can be read either way.
    case ambiguous
    /// The year has two digits.
    case shortYear
    /// No day at all: for the form's own rules to report.
    case other
  }

  /// `2026-12-31`, `2026/12/31`; `31/12/2026`, `12/31/2026`, with `-` or `.` too, where one of the two can be no month or
  /// both are the same.
  static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
    let separators = bytes.filter { !ASCIISet.digits.contains($0) }
    guard separators.count == 2, separators[0] == separators[1], "/-.".utf8.contains(separators[0]) else {
      return .other
    }
    let parts = bytes.split(separator: separators[0], omittingEmptySubsequences: false)
    let numbers = parts.compactMap { $0.count <= 4 ? Int(String(decoding: $0, as: UTF8.self)) : nil }
    guard numbers.count == 3 else { return .other }
    if parts[0].count == 4 {
      return Day(year: numbers[0], month: numbers[1], day: numbers[2]).map { .day($0) } ?? .other
    }
    guard parts[0].count <= 2, parts[1].count <= 2 else { return .other }
    guard parts[2].count == 4 else { return parts[2].count == 2 ? .shortYear : .other }
    let dayFirst = Day(year: numbers[2], month: numbers[1], day: numbers[0])
    let monthFirst = Day(year: numbers[2], month: numbers[0], day: numbers[1])
    switch (dayFirst, monthFirst) {
    case (let day?, nil), (nil, let day?): return .day(day)
    case (let day?, let other?) where day == other: return .day(day)
    case (nil, nil): return .other
    default: return .ambiguous
    }
  }
}
