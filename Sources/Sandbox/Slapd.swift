import Glibc

/// A slapd of a sandbox, as a process.
struct Slapd {
  let home: Home

  /// Whether it lives, by the lock that it holds: a pid may be stale or belong to another program by now.
  func isRunning() throws(SandboxError) -> Bool {
    try FileLock.isHeld(home.file("slapd.lock"))
  }

  /// Its process, once it has written its pid file; `nil` where it has not within `patience`, or died.
  func pid(patience: Duration = .seconds(60)) throws(SandboxError) -> Int32? {
    let deadline = ContinuousClock.now + patience
    while true {
      if let pid = try writtenPID(), try isOurs(pid) { return pid }
      if ContinuousClock.now >= deadline { return nil }
      guard try isRunning() else { return nil }
      usleep(2000)
    }
  }

  private func writtenPID() throws(SandboxError) -> Int32? {
    guard let bytes = try readFile(home.file("slapd.pid")) else { return nil }
    let digits = bytes.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    // Whole only with its newline.
    guard digits.count < bytes.count else { return nil }
    return Int32(String(decoding: digits, as: UTF8.self))
  }

  /// Whether the process is a slapd with our configuration: its command line says so.
  private func isOurs(_ pid: Int32) throws(SandboxError) -> Bool {
    guard let line = try? readFile("/proc/\(pid)/cmdline") else { return false }
    return line.split(separator: 0).contains { $0.elementsEqual(home.slapdConfig.utf8) }
  }

  /// A process that somebody paused (SIGSTOP) takes connections and answers none: nobody need wait for it.
  ///
  /// - Throws: `SandboxError` (`directory`) where it is paused.
  func requireUnpaused() throws(SandboxError) {
    guard try isRunning(), let pid = try pid(patience: .zero), let line = try? readFile("/proc/\(pid)/stat"),
      let end = line.lastIndex(of: UInt8(ascii: ")")), line[end...].starts(with: Array(") T".utf8))
    else { return }
    throw SandboxError(
      .directory, "slapd (\(pid)) is paused (SIGSTOP)",
      remedy: "let it go on (kill -CONT \(pid)), or end it (buzon sandbox stop) and start it again")
  }

  /// Starts it. It may not answer yet.
  ///
  /// - Returns: `false` where one runs already.
  func launch(listeners: String) throws(SandboxError) -> Bool {
    let program = try Program.path("slapd", package: "slapd")
    if try isRunning() { return false }
    // A status that looks at the same moment holds the lock for an instant.
    guard let lock = try FileLock.take(home.file("slapd.lock"), patience: .milliseconds(200)) else { return false }
    // What is left of one that was killed; slapd itself removes its old socket.
    unlink(home.file("slapd.pid"))
    let log = open(home.file("slapd.log"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard log >= 0 else {
      throw SandboxError(.file, "slapd.log: \(systemError())", remedy: "run as the user who made the sandbox")
    }
    defer { close(log) }
    if lseek(log, 0, SEEK_END) > 1 << 20 { ftruncate(log, 0) }
    // "-d none" keeps it from detaching, so that what it says comes to the log, and logs errors only.
    try Program.launch(
      program, ["-d", "none", "-F", home.slapdConfig, "-h", listeners], log: log, lock: lock.descriptor)
    lock.close()
    return true
  }

  /// Waits until it takes connections at the socket.
  ///
  /// - Returns: `false` where it ended instead.
  func awaitConnection(_ socket: String) throws(SandboxError) -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while !connects(socket) {
      guard try isRunning() else { return false }
      if ContinuousClock.now >= deadline {
        throw SandboxError(
          .directory, "slapd does not listen after two minutes", remedy: "check \(home.file("slapd.log"))")
      }
      usleep(2000)
    }
    return true
  }

  /// Ends it: SIGTERM, and SIGKILL where that does not help within 10 seconds. Nothing happens where none runs.
  func stop() throws(SandboxError) {
    guard let pid = try pid() else {
      if try isRunning() {
        throw SandboxError(
          .directory, "a process holds \(home.file("slapd.lock")), but it is not a slapd of this sandbox",
          remedy: "end it by hand (fuser(1) names it)")
      }
      return
    }
    for (signal, patience) in [(SIGTERM, Duration.seconds(10)), (SIGKILL, .seconds(10))] {
      guard kill(pid, signal) == 0 || errno == ESRCH else {
        throw SandboxError(.directory, "slapd (\(pid)): \(systemError())", remedy: "stop it as the user who started it")
      }
      // A stopped process (SIGSTOP) does not hear SIGTERM before it goes on.
      kill(pid, SIGCONT)
      if let lock = try FileLock.take(home.file("slapd.lock"), patience: patience) {
        unlink(home.file("slapd.pid"))
        lock.close()
        return
      }
    }
    throw SandboxError(.directory, "slapd (\(pid)) does not end", remedy: "look for a file system that hangs")
  }

  /// The end of the log, for an error's text.
  func lastWords() -> String {
    guard let bytes = try? readFile(home.file("slapd.log")) else { return "" }
    let lines = bytes.split(separator: UInt8(ascii: "\n")).suffix(4)
    return lines.map { printable(String(decoding: $0, as: UTF8.self)) }.joined(separator: "\n")
  }

  private func connects(_ path: String) -> Bool {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // chooseSocket() keeps the path within sun_path, its final zero included.
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
