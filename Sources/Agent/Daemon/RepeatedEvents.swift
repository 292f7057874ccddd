/// Which of many events of a kind are written, and how many are only counted. Pure.
///
/// A directory that others filled shows 100,000 accounts that nobody asked for. The log names the first hundred of a kind,
/// and one line has the number of the others; `buzon drift` and `history` have them all.
///
/// | an event of a kind | what follows |
/// |---|---|
/// | among the first ``limit`` | written |
/// | after those | counted |
/// | ``pause`` after the last one, or ``longest`` after the first | the number is written, and all begins anew |
struct RepeatedEvents {
  static let limit = 100
  /// A busy machine takes some seconds from one batch of a reading to the next.
  static let pause = Duration.seconds(30)
  static let longest = Duration.seconds(300)

  private struct Run {
    var first: ContinuousClock.Instant
    var last: ContinuousClock.Instant
    var events = 0
  }

  private var runs: [String: Run] = [:]

  /// Whether an event is written; `false`: it is counted.
  mutating func isWritten(_ kind: String, now: ContinuousClock.Instant) -> Bool {
    var run = runs[kind] ?? Run(first: now, last: now)
    run.last = now
    run.events += 1
    runs[kind] = run
    return run.events <= Self.limit
  }

  /// Ends what is over by now.
  ///
  /// - Returns: by kind, how many events were counted and not written; sorted.
  mutating func ended(by now: ContinuousClock.Instant) -> [(kind: String, count: Int)] {
    let over = runs.filter { now >= end(of: $0.value) }
    for kind in over.keys { runs[kind] = nil }
    return counted(over)
  }

  /// Ends all.
  mutating func end() -> [(kind: String, count: Int)] {
    defer { runs = [:] }
    return counted(runs)
  }

  /// When the next kind of which events were counted is over; `nil`: there is none.
  var nextEnd: ContinuousClock.Instant? {
    runs.values.filter { $0.events > Self.limit }.map { end(of: $0) }.min()
  }

  private func end(of run: Run) -> ContinuousClock.Instant { min(run.last + Self.pause, run.first + Self.longest) }

  private func counted(_ runs: [String: Run]) -> [(kind: String, count: Int)] {
    runs.filter { $0.value.events > Self.limit }.map { ($0.key, $0.value.events - Self.limit) }
      .sorted { $0.kind < $1.kind }
  }
}
