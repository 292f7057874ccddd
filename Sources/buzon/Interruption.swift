internal import Glibc
internal import Synchronization

/// SIGINT or SIGTERM during work that leaves something to clean away: the work learns it at its next step, cleans, and the
/// process ends by the signal after all, as a shell expects.
struct Interruption: Error {
  private static let caught = Atomic<Int32>(0)

  let signal: Int32
  /// What is said of it at the end; `nil`: it was said already.
  var text: String? = "interrupted; what was started is undone"

  /// From now on these signals wait for ``check()``. A second one ends the process at once.
  static func hold() {
    // Made before a handler touches it.
    caught.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      _ = Glibc.signal(number) { number in
        Interruption.caught.store(number, ordering: .relaxed)
        _ = Glibc.signal(number, SIG_DFL)
      }
    }
  }

  /// - Throws: ``Interruption`` where a signal came.
  static func check() throws {
    let number = caught.load(ordering: .relaxed)
    if number != 0 { throw Interruption(signal: number) }
  }

  /// Ends the process by the signal.
  func end() -> Never {
    _ = Glibc.signal(signal, SIG_DFL)
    // A thread of Swift's pool has all signals blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, signal)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(signal)
    _exit(128 + signal)
  }
}
