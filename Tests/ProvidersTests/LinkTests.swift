import Providers
import Register
import Testing

@Suite("The link to the directory")
struct LinkTests {
  private let start = ContinuousClock.now
  private let trouble = Trouble(what: "down", remedy: "start it")

  private func link() -> Link { Link(Backoff(first: .milliseconds(500), longest: .seconds(60))) }

  @Test("A failure is told once, and waits")
  func fails() {
    var link = link()
    let wait = link.failed(trouble, now: start, jitter: 0)
    #expect(wait == .milliseconds(500))
    #expect(link.isWaiting(start + .milliseconds(499)))
    #expect(!link.isWaiting(start + .milliseconds(500)))
    #expect(link.trouble == trouble)
  }

  @Test("What fails while it waits was in flight with what failed first, and doubles nothing")
  func together() {
    var link = link()
    _ = link.failed(trouble, now: start, jitter: 0)
    for _ in 0..<4 {
      let wait = link.failed(Trouble(what: "lost", remedy: ""), now: start, jitter: 0)
      #expect(wait == nil)
    }
    #expect(link.failures == 1)
    #expect(link.trouble == trouble)
    #expect(!link.isWaiting(start + .milliseconds(500)))
  }

  @Test("A try that fails waits twice as long; the same reason isn't told again, another is")
  func retrying() {
    var link = link()
    _ = link.failed(trouble, now: start, jitter: 0)
    let second = start + .milliseconds(600)
    let same = link.failed(trouble, now: second, jitter: 0)
    #expect(same == nil)
    #expect(link.isWaiting(second + .milliseconds(999)) && !link.isWaiting(second + .seconds(1)))
    let other = link.failed(Trouble(what: "refused", remedy: ""), now: second + .seconds(2), jitter: 0)
    #expect(other == .seconds(2))
    #expect(link.failures == 3)
  }

  @Test("What gets through ends the trouble, once")
  func succeeds() {
    var link = link()
    let before = link.succeeded()
    _ = link.failed(trouble, now: start, jitter: 0)
    let news = link.succeeded()
    let after = link.succeeded()
    #expect(!before && news && !after)
    #expect(link.trouble == nil && link.failures == 0 && !link.isWaiting(start))
  }

  @Test("A new configuration is tried at once")
  func tryNow() {
    var link = link()
    _ = link.failed(trouble, now: start, jitter: 0)
    link.tryNow()
    #expect(!link.isWaiting(start))
    #expect(link.trouble == trouble)
  }
}
