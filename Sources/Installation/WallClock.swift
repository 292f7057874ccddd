internal import Glibc
internal import Records
internal import Text

/// The time of day that the agent goes by.
package enum WallClock {
  /// Milliseconds since 1970 UTC.
  package static let now: @Sendable () -> Int64 = { Timestamp.now().milliseconds + ahead }

  /// How far the agent's clock is ahead of the machine's, milliseconds: `BUZON_CLOCK_AHEAD`, seconds, of a debug build,
  /// so that a test sees an account expire. A release build has no such thing.
  private static let ahead: Int64 = {
    #if FAILPOINTS
      return getenv("BUZON_CLOCK_AHEAD").flatMap { Int64(String(cString: $0)) }.map { $0 * 1_000 } ?? 0
    #else
      return 0
    #endif
  }()
}
