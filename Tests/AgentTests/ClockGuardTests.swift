import Testing

@testable import Agent

@Suite("Whether the clock may act")
struct ClockGuardTests {
  private static let hour: Int64 = 3_600_000
  private static let day = 24 * hour
  /// 2026-11-22.
  private static let present: Int64 = 1_795_345_523_000

  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var state = ClockGuard.State.running
    /// The host's time less the newest time known, milliseconds; `nil`: nothing is known.
    var ahead: Int64? = 0
    var isHeard = true
    let verdict: Verdict

    enum Verdict: Sendable {
      /// The host's time is known from then on.
      case run
      /// What was known is newer, and stays so.
      case runBehind
      case wait, hold
    }

    var testDescription: String { name }
  }

  static let rows = [
    Row(name: "the same moment", verdict: .run),
    Row(name: "half a minute later", ahead: 30_000, verdict: .run),
    Row(name: "a jump to the millisecond is none yet", ahead: 26 * hour, verdict: .run),
    Row(name: "one millisecond more is one", ahead: 26 * hour + 1, verdict: .hold),
    Row(name: "a week", ahead: 7 * day, verdict: .hold),
    Row(name: "400 days", ahead: 400 * day, verdict: .hold),
    Row(name: "400 days, before the directory was heard", ahead: 400 * day, isHeard: false, verdict: .wait),
    Row(name: "no jump, before the directory was heard", ahead: hour, isHeard: false, verdict: .run),
    Row(name: "behind what is known: nothing is due before its time", ahead: -400 * day, verdict: .runBehind),
    Row(name: "behind, before the directory was heard", ahead: -1, isHeard: false, verdict: .runBehind),
    Row(name: "a new installation, nothing in the directory", ahead: nil, verdict: .run),
    Row(name: "a new installation, before the directory was heard", ahead: nil, isHeard: false, verdict: .wait),
    Row(name: "the difference overflows", ahead: .max, verdict: .hold),
    Row(name: "held, and as far ahead", state: .held, ahead: 400 * day, verdict: .hold),
    Row(name: "held, and no longer ahead: put right, for an operator to say so", state: .held, verdict: .hold),
    Row(name: "held, before the directory was heard", state: .held, isHeard: false, verdict: .hold),
    Row(name: "held, with nothing known", state: .held, ahead: nil, verdict: .hold),
    Row(name: "released, and as far ahead", state: .released, ahead: 400 * day, verdict: .run),
    Row(name: "released, and put right", state: .released, ahead: -400 * day, verdict: .run),
    Row(name: "released, before the directory was heard", state: .released, ahead: day, isHeard: false, verdict: .run),
    Row(name: "released, with nothing known", state: .released, ahead: nil, verdict: .run),
  ]

  @Test("Each state and each time has its verdict", arguments: rows)
  func table(_ row: Row) {
    let clock = ClockGuard(jump: 26 * Self.hour)
    let (known, now): (Int64?, Int64) =
      row.ahead == .max ? (-1_000, .max) : (row.ahead.map { Self.present - $0 }, Self.present)
    let verdict = clock.verdict(row.state, now: now, known: known, isHeard: row.isHeard)
    switch row.verdict {
    case .run: #expect(verdict == .run(known: now))
    case .runBehind: #expect(verdict == .run(known: known ?? 0))
    case .wait: #expect(verdict == .wait)
    case .hold: #expect(verdict == .hold)
    }
  }

  @Test(
    "Looking each half minute, a year goes by without a hold; the one jump in it is found, and only a release ends it")
  func life() {
    let clock = ClockGuard(jump: 26 * Self.hour)
    var (known, now) = (Self.present, Self.present)
    for _ in 0..<(365 * 24 * 2) {
      now += Self.hour / 2
      guard case .run(let next) = clock.verdict(.running, now: now, known: known, isHeard: true) else {
        Issue.record("held at \(now)")
        return
      }
      known = next
    }
    #expect(known == now)
    now += 27 * Self.hour
    for state in [ClockGuard.State.running, .held, .held] {
      #expect(clock.verdict(state, now: now, known: known, isHeard: true) == .hold)
      now += 30_000
    }
    #expect(clock.verdict(.released, now: now, known: known, isHeard: true) == .run(known: now))
  }

  @Test("The time is stored each hour, and more often where a jump is short")
  func stored() {
    #expect(ClockGuard(jump: 26 * Self.hour).storedEvery == Self.hour)
    #expect(ClockGuard(jump: Self.hour).storedEvery == Self.hour / 4)
  }

  @Test("A release is of the time that was shown with the hold")
  func released() {
    let clock = ClockGuard(jump: 100)
    #expect(clock.state(held: nil, isReleased: false, now: 5) == .running)
    #expect(clock.state(held: 500, isReleased: false, now: 5) == .held)
    #expect(clock.state(held: 500, isReleased: true, now: 600) == .released)
    #expect(clock.state(held: 500, isReleased: true, now: 5) == .released, "the time was put right")
    #expect(clock.state(held: 500, isReleased: true, now: 601) == .held, "it jumped once more")
  }
}
