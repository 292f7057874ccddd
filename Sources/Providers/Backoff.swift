/// How long to wait before the directory is tried again: from `first`, twice as long each time, at most `longest`, each
/// shortened by up to a fifth so that agents that failed together don't return together.
package struct Backoff: Sendable {
  package var first: Duration
  package var longest: Duration
  package private(set) var failures = 0

  package init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
  }

  /// - Parameter jitter: from 0 to 1.
  package mutating func next(jitter: Double) -> Duration {
    failures += 1
    let doubled = failures > 20 ? longest : min(longest, first * (1 << (failures - 1)))
    return doubled * (1 - 0.2 * jitter)
  }

  package mutating func reset() { failures = 0 }
}
