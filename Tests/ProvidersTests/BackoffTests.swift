import Providers
import Testing

@Suite("Waiting for the directory")
struct BackoffTests {
  @Test("The first retry comes at once or nearly, each later one after twice as long, to a bound")
  func doubling() {
    var backoff = Backoff(first: .milliseconds(500), longest: .seconds(60))
    let waits = (0..<10).map { _ in backoff.next(jitter: 0) / .milliseconds(1) }
    #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    backoff.reset()
    #expect(backoff.next(jitter: 0) == .milliseconds(500))
  }

  @Test("Jitter shortens a wait by a fifth at most")
  func jitter() {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    #expect(backoff.next(jitter: 1) == .milliseconds(800))
  }

  @Test("A thousand failures don't overflow")
  func many() {
    var backoff = Backoff(first: .milliseconds(500), longest: .seconds(60))
    for _ in 0..<1_000 { #expect(backoff.next(jitter: 0) <= .seconds(60)) }
  }
}
