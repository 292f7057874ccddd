internal import Glibc
internal import Text

/// systemd as it watches over the agent (sd_notify(3)). Does nothing where none does.
struct ServiceManager: Sendable {
  private let socket: DatagramSocket?
  /// How long it waits for a sign of life before it kills the agent and starts it anew; `nil`: it doesn't.
  let watchdog: Duration?

  /// - Parameter environment: a variable's value.
  init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }, pid: Int32 = getpid()) {
    socket = environment("NOTIFY_SOCKET").flatMap(DatagramSocket.init)
    // A child that inherited the variables isn't meant.
    let isMeant = environment("WATCHDOG_PID").map { Int32($0) == pid } ?? true
    watchdog = environment("WATCHDOG_USEC").flatMap { Int64($0) }.flatMap {
      isMeant && $0 > 0 ? .microseconds($0) : nil
    }
  }

  /// It has begun to work. That the directory can't be reached is a state of it, and no failure to start.
  func ready() { send("READY=1") }
  func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds())") }
  func stopping() { send("STOPPING=1") }
  /// How it stands, in words, for `systemctl status`.
  func say(_ status: String) { send("STATUS=" + displayed(status.utf8)) }
  func isAlive() { send("WATCHDOG=1") }

  private func send(_ state: String) { socket?.send(Array(state.utf8)) }

  private static func monotonicMicroseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
  }
}
