import CLDAP
import Glibc

/// A moment of the monotonic clock, in nanoseconds: cheaper than `ContinuousClock.Instant` where one is taken per
/// operation.
struct MonotonicTime: Comparable, Sendable {
  let nanoseconds: UInt64

  /// Later than every other moment.
  static let never = MonotonicTime(nanoseconds: .max)

  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
  }

  static func < (a: MonotonicTime, b: MonotonicTime) -> Bool {
    a.nanoseconds < b.nanoseconds
  }

  /// The moment that much later; a negative duration counts as none, a huge one as for ever.
  static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let (seconds, attoseconds) = duration.components
    if seconds < 0 || attoseconds < 0 { return time }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return .never }
    let (sum, tooLate) = time.nanoseconds.addingReportingOverflow(whole &+ UInt64(attoseconds / 1_000_000_000))
    return tooLate ? .never : MonotonicTime(nanoseconds: sum)
  }

  /// Milliseconds from now to this moment for poll(2): rounded up, -1 where there is no end.
  var pollTimeout: Int32 {
    if self == .never { return -1 }
    let now = Self.now.nanoseconds
    if nanoseconds <= now { return 0 }
    return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
  }

  /// The time from now to this moment for libldap, at least a millisecond (zero would mean "do not wait").
  var timeLeft: timeval {
    let now = Self.now.nanoseconds
    let microseconds = nanoseconds <= now ? 1000 : max((nanoseconds - now) / 1000, 1000)
    return timeval(tv_sec: Int(min(microseconds / 1_000_000, 1 << 31)), tv_usec: Int(microseconds % 1_000_000))
  }
}
