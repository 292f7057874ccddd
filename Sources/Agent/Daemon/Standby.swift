internal import Configuration
internal import Files
internal import Glibc
internal import Installation

/// Waits where another agent works on the same spool and state, and takes over when that one ends, however it ends: the kernel
/// releases its lock. The next start resumes what it left.
///
/// Both must see the same files, and the register is SQLite's with a log beside it, which no network file system can hold:
/// so both run on one host, or on hosts of which one at a time mounts the disk.
struct Standby {
  /// How often it looks whether the lock is free. A takeover begins within this time.
  private static let pause = Duration.milliseconds(100)
  /// An agent that is just ending is waited for without a word.
  private static let patience = Duration.seconds(3)

  let configuration: Configuration
  let manager: ServiceManager
  let log: EventLog

  /// - Returns: whether another agent was waited for: the configuration may have changed meanwhile.
  /// - Throws: `FileError`.
  func wait() async throws -> Bool {
    guard let spool = try? Directory(configuration.spool), var holder = try LockFile.holder("agent.lock", in: spool)
    else {
      return false
    }
    // A word for the other one is none for this one, whose work begins with reading all.
    for number in [SIGUSR1, SIGHUP] { signal(number, SIG_IGN) }
    defer { signal(SIGHUP, SIG_DFL) }
    let begin = ContinuousClock.now
    var own: StandbyLock?
    while true {
      if own == nil, begin.duration(to: .now) > Self.patience {
        own = StandbyLock(configuration.state)
        log.info("agent.standby", [("holder", holder.pid.map { "\($0)" } ?? "?"), ("spool", configuration.spool)])
        manager.ready()
        manager.say("waits for \(holder) to end")
      }
      if manager.watchdog != nil { manager.isAlive() }
      try await Task.sleep(for: Self.pause)
      guard let now = try LockFile.holder("agent.lock", in: spool) else { break }
      holder = now
    }
    if own != nil { log.info("agent.takeover", [("spool", configuration.spool)]) }
    return true
  }
}

/// The lock of the one that waits, which `buzon status` names. A third one waits without it.
private final class StandbyLock {
  private let lock: LockFile?

  init(_ state: String) {
    lock = (try? Directory(state)).flatMap { try? LockFile(StateFiles.standby, in: $0, mode: AgentLock.mode) }
  }
}
