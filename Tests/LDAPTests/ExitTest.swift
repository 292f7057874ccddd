import Glibc

/// Says a line of an exit test where the run's log is: the testing library shows nothing of a child that failed.
func say(_ line: String) {
  let log = open("/proc/\(getppid())/fd/2", O_WRONLY | O_APPEND | O_CLOEXEC)
  defer { close(log) }
  let line = "exit test: \(line)\n"
  _ = line.utf8CString.withUnsafeBytes { write(log, $0.baseAddress, $0.count - 1) }
}

/// Ends the child process of an exit test with the reason.
func fail(_ reason: String) -> Never {
  say(reason)
  _exit(1)
}

/// The body of an exit test that may throw: what it throws is its reason.
func explained(_ body: () async throws -> Void) async {
  do { try await body() } catch { fail("\(error)") }
}
