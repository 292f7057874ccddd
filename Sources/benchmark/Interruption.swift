import Glibc
import Synchronization

/// SIGINT and SIGTERM: what was started is ended before the benchmark itself ends.
enum Interruption {
  private static let came = Atomic<Bool>(false)

  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in Interruption.came.store(true, ordering: .relaxed) }
    }
    // A reader that goes away (`make bench | head`) must not leave a directory running.
    signal(SIGPIPE, SIG_IGN)
  }

  static func check() throws(Failure) {
    if came.load(ordering: .relaxed) { throw Failure(message: "interrupted", code: 130) }
  }
}
