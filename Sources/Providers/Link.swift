package import Register

/// Whether the directory may be tried, and when again: the dispatcher's view of the directory as a whole. Pure.
///
/// | state | a batch got through | a batch failed as a whole |
/// |---|---|---|
/// | up | stays | waits: the first retry within a second |
/// | waiting | – | the failure that began the wait counts for all that were in flight with it |
/// | trying (the wait is over) | up; the trouble is over | waits twice as long |
package struct Link {
  private var backoff: Backoff
  /// Why the queue waits; `nil` while it doesn't.
  package private(set) var trouble: Trouble?
  /// Not before.
  package private(set) var retryAt: ContinuousClock.Instant?

  package init(_ backoff: Backoff) { self.backoff = backoff }

  /// Failures since something got through.
  package var failures: Int { backoff.failures }

  package func isWaiting(_ now: ContinuousClock.Instant) -> Bool { retryAt.map { now < $0 } ?? false }

  /// Something failed as a whole.
  ///
  /// - Parameters:
  ///   - longest: the longest wait for this.
  ///   - jitter: from 0 to 1.
  /// - Returns: how long to wait, where it is to be logged; `nil` where it was logged already.
  package mutating func failed(
    _ trouble: Trouble, now: ContinuousClock.Instant, atMost longest: Duration = .seconds(3_600), jitter: Double
  ) -> Duration? {
    if isWaiting(now) { return nil }
    let wait = min(longest, backoff.next(jitter: jitter))
    retryAt = now + wait
    defer { self.trouble = trouble }
    return trouble == self.trouble ? nil : wait
  }

  /// Something got through.
  ///
  /// - Returns: whether that is news.
  package mutating func succeeded() -> Bool {
    let wasInTrouble = trouble != nil
    self = Link(Backoff(first: backoff.first, longest: backoff.longest))
    return wasInTrouble
  }

  /// From now on the pauses are as long as this one's; what has failed counts on.
  package mutating func use(_ other: Backoff) { (backoff.first, backoff.longest) = (other.first, other.longest) }

  /// The wait is off: there is reason to think that it is better now.
  package mutating func tryNow() { retryAt = nil }
}
