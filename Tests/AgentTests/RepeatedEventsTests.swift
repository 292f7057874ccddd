import Testing

@testable import Agent

@Suite("Many events of a kind")
struct RepeatedEventsTests {
  private let start = ContinuousClock.now

  /// Events of a kind at once; how many are written.
  private func take(_ count: Int, _ kind: String, _ events: inout RepeatedEvents, at now: ContinuousClock.Instant)
    -> Int
  {
    var written = 0
    for _ in 0..<count where events.isWritten(kind, now: now) { written += 1 }
    return written
  }

  @Test(
    "The first hundred are written, and one number stands for the others",
    arguments: [(1, 1, nil), (100, 100, nil), (101, 100, 1), (100_000, 100, 99_900)] as [(Int, Int, Int?)])
  func number(count: Int, written: Int, others: Int?) {
    var events = RepeatedEvents()
    let first = take(count, "found", &events, at: start)
    #expect(first == written)
    #expect((events.nextEnd != nil) == (others != nil))
    let ended = events.ended(by: start + RepeatedEvents.pause)
    #expect(ended.map(\.count) == [others].compactMap(\.self))
    #expect(events.nextEnd == nil)
    let again = take(1, "found", &events, at: start + .seconds(60))
    #expect(again == 1)
  }

  @Test("Kinds are counted apart")
  func kinds() {
    var events = RepeatedEvents()
    _ = take(150, "found", &events, at: start)
    let other = take(50, "over", &events, at: start)
    #expect(other == 50)
    _ = take(60, "over", &events, at: start)
    let ended = events.end()
    #expect(ended.map(\.kind) == ["found", "over"] && ended.map(\.count) == [50, 10])
  }

  @Test("While more come the number waits, but not for ever")
  func goesOn() {
    var events = RepeatedEvents()
    var numbers: [Int] = []
    var written = 0
    // Four a second for ten minutes.
    for tick in 0..<2_400 {
      let now = start + .milliseconds(250 * tick)
      numbers += events.ended(by: now).map(\.count)
      written += take(1, "found", &events, at: now)
    }
    numbers += events.end().map(\.count)
    #expect(written == 200 && numbers == [1_100, 1_100])
  }

  @Test("The batches of a slow reading are one go")
  func slowly() {
    var events = RepeatedEvents()
    var written = 0
    for batch in 0..<10 {
      let now = start + .seconds(20 * batch)
      let ended = events.ended(by: now)
      #expect(ended.isEmpty)
      written += take(500, "found", &events, at: now)
    }
    let ended = events.end()
    #expect(written == 100 && ended.map(\.count) == [4_900])
  }

  @Test("What comes one after the other is written")
  func slow() {
    var events = RepeatedEvents()
    for tick in 0..<1_000 {
      let now = start + .seconds(3 * tick)
      let ended = events.ended(by: now)
      let written = events.isWritten("found", now: now)
      #expect(ended.isEmpty && written)
    }
  }
}
