internal import Glibc
internal import Records
internal import Synchronization
internal import Text
internal import Translations

/// How far a long work has come, on standard error: on a terminal one line that is drawn anew, ten times a second at
/// most; elsewhere a plain line every five seconds. Work that is done sooner says nothing. Taken away when this goes.
final class Progress: Sendable {
  private static let redraw = Duration.milliseconds(100)
  private static let line = Duration.seconds(5)

  private let isDrawn = Terminal.isOne(STDERR_FILENO)
  private let next: Mutex<ContinuousClock.Instant>

  init() {
    next = Mutex(.now + (isDrawn ? .milliseconds(300) : Self.line))
  }

  deinit { Console.endProgress() }

  /// Tells it, if it is time.
  ///
  /// - Parameter text: one line, safe to print.
  func show(_ text: @autoclosure () -> String) {
    let isDue = next.withLock { next in
      let now = ContinuousClock.now
      guard now >= next else { return false }
      next = now + (isDrawn ? Self.redraw : Self.line)
      return true
    }
    guard isDue else { return }
    guard isDrawn else { return Console.error(text()) }
    // The last cell stays free: some terminals go on to the next line behind it.
    Console.progress(Cells.truncated(translated(text()), to: (Terminal.width(STDERR_FILENO) ?? 80) - 1))
  }

  /// Tells how many of how many.
  func show(_ what: String, _ done: Int, of all: Int?) {
    show(all.map { "\(what): \(done) of \($0)" } ?? "\(what): \(done)")
  }

  /// Tells how many bytes of how many.
  func show(_ what: String, bytes done: Int64, of all: Int64) {
    show("\(what): \(done >> 20) of \(all >> 20) MiB")
  }
}
