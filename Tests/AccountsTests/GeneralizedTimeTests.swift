import Accounts
import LDAP
import Testing

@Suite struct GeneralizedTimeTests {
  static let known: [(Int64, String)] = [
    (0, "19700101000000Z"), (-1, "19691231235959Z"), (-86_400, "19691231000000Z"), (-86_401, "19691230235959Z"),
    (951_782_399, "20000228235959Z"), (951_782_400, "20000229000000Z"), (951_868_800, "20000301000000Z"),
    (1_795_345_523, "20261122110523Z"), (4_107_542_399, "21000228235959Z"), (4_107_542_400, "21000301000000Z"),
    (-62_135_596_800, "00010101000000Z"), (-11_644_473_600, "16010101000000Z"), (253_402_300_799, "99991231235959Z"),
  ]

  @Test(arguments: known) func anInstantIsSpelledInUTCAndReadBack(seconds: Int64, text: String) {
    #expect(GeneralizedTime.value(seconds) == Value(text))
    #expect(GeneralizedTime.seconds(Value(text)) == seconds)
  }

  @Test(arguments: [Int64.min, Int64.min + 86_399, -62_135_596_801, 253_402_300_800, Int64.max])
  func anInstantBeyondTheCalendarIsTheNearestOfIt(_ seconds: Int64) {
    #expect(GeneralizedTime.value(seconds) == (seconds < 0 ? "00010101000000Z" : "99991231235959Z"))
  }

  /// Day after day by the rule of the calendar, from 1601 to 2401.
  @Test func everyDayOfEightCenturiesFollowsTheOneBefore() {
    var year = 1601
    var month = 1
    var day = 1
    var seconds: Int64 = -11_644_473_600 + 45_296
    while year <= 2401 {
      let text = Value("\(year)\(two(month))\(two(day))123456Z")
      guard GeneralizedTime.value(seconds) == text, GeneralizedTime.seconds(text) == seconds else {
        Issue.record("\(seconds) is \(text.text ?? "")")
        return
      }
      seconds += 86_400
      day += 1
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
        day = 1
        month += 1
      }
      if month > 12 {
        month = 1
        year += 1
      }
    }
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test(
    arguments: [
      ("20261122110523.0Z", 1_795_345_523), ("20261122110523.999999Z", 1_795_345_523),
      ("20161231235960Z", 1_483_228_800),
    ] as [(String, Int64)])
  func fractionsAreDroppedAndALeapSecondIsTheNext(text: String, seconds: Int64) {
    #expect(GeneralizedTime.seconds(Value(text)) == seconds)
  }

  @Test(arguments: [
    "", "Z", "20261122110523", "2026112211052Z", "202611221105Z", "20261122110523+0000", "20261122110523-0500",
    "20261122110523,5Z", "20261122110523.Z", "20261122110523.5", "20261122110523.xZ", "20261122110523.5Z5Z",
    "20261322110523Z", "20260022110523Z", "20260229000000Z", "19000229000000Z", "20261100110523Z", "20261131110523Z",
    "20261122240000Z", "20261122116000Z", "20261122110561Z", "000001010000Z", "00000101000000Z", " 20261122110523Z",
    "+0261122110523Z", "２０２６1122110523Z", "20261122110523z", "20261122110523Z\n",
  ]) func anythingElseIsNoInstant(_ text: String) {
    #expect(GeneralizedTime.seconds(Value(text)) == nil)
  }

  @Test func bytesThatAreNoTextAreNoInstant() {
    #expect(GeneralizedTime.seconds(Value(bytes: [UInt8](repeating: 0xFF, count: 14) + [0x5A])) == nil)
    #expect(GeneralizedTime.seconds(Value(bytes: [UInt8](repeating: 0, count: 14) + [0x5A])) == nil)
  }
}
