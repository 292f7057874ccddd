import Files
import Glibc
import Sandbox

/// One program run to its end, and what the kernel accounts to it alone (wait4(2)).
struct ChildProcess {
  /// Seconds from start to end.
  var wall: Double
  /// Seconds, user and system.
  var cpu: Double
  /// Largest resident set in bytes. The kernel lets a child inherit the peak of the process that spawned it, so a figure
  /// at or below ``floor`` says only that the child was not larger.
  var peak: Int
  /// Largest resident set of the benchmark itself, in bytes.
  var floor: Int
  /// The exit status, or 128 and the number of the signal that ended it.
  var status: Int32
}

extension ChildProcess {
  private static let environment = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "LDAPNOINIT=1", "HOME=/nonexistent",
  ]
  /// Seconds after which a program is taken to hang.
  private static let limit = 1_800.0

  /// - Parameters:
  ///   - command: the program's path and its arguments.
  ///   - output: the file for its standard output.
  ///   - errors: the file for its standard error.
  ///   - expected: any other status is a failure that shows the end of `errors`.
  @discardableResult
  static func run(
    _ command: [String], output: String, errors: String, expected: Int32 = 0
  ) throws(Failure) -> ChildProcess {
    let files = try [
      ("/dev/null", O_RDONLY), (output, O_WRONLY | O_CREAT | O_TRUNC), (errors, O_WRONLY | O_CREAT | O_TRUNC),
    ]
    .map { path, flags throws(Failure) in
      let file = open(path, flags | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw Failure(message: "\(path): \(String(cString: strerror(errno)))", code: 73) }
      return file
    }
    defer { for file in files { close(file) } }
    let began = now()
    let pid: pid_t
    do throws(FileError) {
      // A group of its own: Ctrl-C comes to the benchmark, which ends the child first.
      pid = try Spawn.start(
        command[0], Array(command.dropFirst()), environment: environment, descriptors: files, leadsGroup: true)
    } catch {
      throw Failure(message: "\(error)", code: 69)
    }

    var ended = try end(of: pid, command: command[0], began: began)
    ended.floor = floor()
    guard ended.status == expected else {
      throw Failure(
        message: "\(command.joined(separator: " ")) ended with \(ended.status), not \(expected):\n\(lastLines(errors))")
    }
    return ended
  }

  private static func end(of pid: pid_t, command: String, began: Double) throws(Failure) -> ChildProcess {
    var status: Int32 = 0
    var usage = rusage()
    while true {
      // Looked at every millisecond, so that an interruption and a hang are seen.
      let waited = wait4(pid, &status, WNOHANG, &usage)
      if waited == pid { break }
      do throws(Failure) {
        if waited < 0 && errno != EINTR { throw Failure(message: "wait4: \(String(cString: strerror(errno)))") }
        try Interruption.check()
        if now() - began > limit { throw Failure(message: "\(command) did not end within \(limit) s") }
      } catch {
        kill(pid, SIGKILL)
        // One that the kernel can't end (a disk that doesn't answer) is left behind.
        let last = now() + 10
        while wait4(pid, &status, WNOHANG, &usage) == 0, now() < last { usleep(1_000) }
        throw error
      }
      usleep(1_000)
    }
    let signal = status & 0x7f
    return ChildProcess(
      wall: now() - began, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), peak: usage.ru_maxrss * 1_024,
      floor: 0, status: signal == 0 ? status >> 8 & 0xff : 128 + signal)
  }

  private static func floor() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1_024
  }

  private static func lastLines(_ path: String) -> String {
    let lines = ((try? readText(path)) ?? "").utf8.split(separator: UInt8(ascii: "\n")).suffix(10)
    return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// Seconds by a clock that never goes back.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
