import Testing
import Text

@Suite("Days")
struct DayTests {
  @Test("days follow the calendar, one after the other")
  func days() throws {
    var day = try #require(Day(parsing: "1999-12-31"))
    var number = day.daysSince1970
    #expect(number == 10_956)
    for _ in 0..<50_000 {
      let next = try #require(day.adding(days: 1))
      number += 1
      #expect(next > day && next.daysSince1970 == number && next.days(since: day) == 1)
      #expect(Day(parsing: next.description) == next)
      day = next
    }
    #expect(day.description == "2136-11-22")
    #expect(Day(daysSince1970: 0)?.description == "1970-01-01")
    #expect(Day(parsing: "0001-01-01")?.daysSince1970 == -719_162)
    #expect(Day(parsing: "9999-12-31")?.adding(days: 1) == nil)
    #expect(Day(parsing: "0001-01-01")?.adding(days: -1) == nil)
    #expect(Day(daysSince1970: .max) == nil && Day(daysSince1970: .min) == nil)
    #expect(day.adding(days: .max) == nil)
  }

  @Test(
    "a day that isn't in the calendar or isn't written YYYY-MM-DD is none",
    arguments: [
      "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-10-00", "0000-01-01", "2026-1-1",
      "20260101", "2026/01/01", "2026-01-01 ", "+026-01-01", "２０２６-01-01", "",
    ])
  func noDays(text: String) { #expect(Day(parsing: text) == nil) }

  @Test("leap days are every four years, but for centuries that 400 doesn't divide")
  func leapDays() {
    #expect(Day(parsing: "2024-02-29") != nil && Day(parsing: "2000-02-29") != nil)
    #expect(Day(parsing: "2100-02-29") == nil)
  }

  @Test("a day beyond the calendar is its first or last")
  func nearestDay() {
    #expect(Day(nearest: .min) == .first && Day.first.description == "0001-01-01")
    #expect(Day(nearest: .max) == .last && Day.last.description == "9999-12-31")
    #expect(Day(nearest: 0).description == "1970-01-01")
  }
}
