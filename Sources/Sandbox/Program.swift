import Files
import Glibc

/// Other programs, run to their end with their output kept, or left running on their own.
///
/// They get a clean slate: no descriptor of ours, no signal blocked or ignored, and an environment in which libldap reads
/// no configuration of the user (`LDAPNOINIT`), least of all one that switches certificate checks off.
package enum Program {
  /// How a program ended.
  package struct Result: Sendable {
    /// The exit status, or 128 and the number of the signal that ended it.
    package var status: Int32
    package var output: [UInt8]
    package var errors: [UInt8]

    /// Both outputs as text, errors first, without the newline at the end.
    package var text: String {
      var bytes = errors + output
      while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private static let environment = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "LDAPNOINIT=1", "HOME=/nonexistent",
  ]

  /// The full path of a program of the system. `/usr/sbin` is searched whatever `PATH` says: users' often lacks it.
  ///
  /// - Throws: `SandboxError` (`missingProgram`) naming the package of Debian that brings it.
  package static func path(_ name: String, package: String) throws(SandboxError) -> String {
    for folder in ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/lib/openldap", "/usr/libexec"] {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    throw SandboxError(.missingProgram, "\(name) is not installed", remedy: "apt-get install \(package)")
  }

  /// Runs a program to its end. Blocks the calling thread.
  ///
  /// - Parameters:
  ///   - arguments: after the program's own path.
  ///   - input: what it reads as standard input.
  ///   - limit: after this long it is killed, which is an error.
  package static func run(
    _ path: String, _ arguments: [String], input: [UInt8] = [], limit: Duration = .seconds(60)
  ) throws(SandboxError) -> Result {
    // Files without a name and not pipes: nothing can block, however much either side writes.
    let standardInput = try namelessFile(input)
    defer { close(standardInput) }
    let standardOutput = try namelessFile([])
    defer { close(standardOutput) }
    let standardError = try namelessFile([])
    defer { close(standardError) }
    let pid = try spawn(path, arguments, descriptors: [standardInput, standardOutput, standardError])
    let status = try end(of: pid, path, limit: limit)
    let signal = status & 0x7f
    return Result(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: try contents(standardOutput),
      errors: try contents(standardError))
  }

  /// Waits for a program's end, and kills it where that doesn't come in time.
  ///
  /// - Returns: its status as waitpid(2) has it.
  private static func end(of pid: pid_t, _ path: String, limit: Duration) throws(SandboxError) -> Int32 {
    let deadline = ContinuousClock.now + limit
    var status: Int32 = 0
    while true {
      let ended = waitpid(pid, &status, WNOHANG)
      if ended == pid { return status }
      if ended < 0 && errno != EINTR {
        // Somebody else of this process collected it (SIGCHLD ignored, for instance): its status is lost.
        throw SandboxError(.directory, "\(path): \(systemError())", remedy: "leave SIGCHLD at its default")
      }
      if ContinuousClock.now > deadline {
        kill(pid, SIGKILL)
        // One that the kernel can't end (a disk that doesn't answer) is left behind.
        let last = ContinuousClock.now + .seconds(10)
        while waitpid(pid, &status, WNOHANG) == 0, ContinuousClock.now < last { usleep(500) }
        throw SandboxError(
          .directory, "\(path) did not end within \(limit)", remedy: "look whether the host is overloaded")
      }
      usleep(500)
    }
  }

  /// Starts a program and leaves it on its own: in a session of its own, and not as our child, so that neither a zombie
  /// nor the end of this process concerns it.
  ///
  /// - Parameters:
  ///   - log: its output is appended here.
  ///   - lock: a descriptor that it keeps open as its number 3 for as long as it lives.
  static func launch(_ path: String, _ arguments: [String], log: Int32, lock: Int32) throws(SandboxError) {
    let none = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard none >= 0 else { throw SandboxError(.file, "/dev/null: \(systemError())", remedy: "repair the host's /dev") }
    defer { close(none) }
    // slapd makes tables as long as the limit on descriptors: a container's 2^30 would cost it gigabytes.
    let shell = "cd /; ulimit -n 4096 2>/dev/null; \"$0\" \"$@\" &"
    let setsid = try Program.path("setsid", package: "util-linux")
    let pid = try spawn(
      setsid, ["/bin/sh", "-c", shell, path] + arguments, descriptors: [none, log, log, lock])
    _ = try end(of: pid, setsid, limit: .seconds(60))
  }

  private static func spawn(
    _ path: String, _ arguments: [String], descriptors: [Int32]
  ) throws(SandboxError) -> pid_t {
    do throws(FileError) {
      return try Spawn.start(path, arguments, environment: environment, descriptors: descriptors)
    } catch {
      throw SandboxError(
        .missingProgram, "\(path) can't be run: \(error.words)", remedy: "check that it is executable")
    }
  }

  private static func namelessFile(_ bytes: [UInt8]) throws(SandboxError) -> Int32 {
    var template = Array("/tmp/buzon-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw SandboxError(.file, "/tmp: \(systemError())", remedy: "make room in /tmp") }
    unlink(template)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    do throws(SandboxError) {
      try writeAll(file, bytes, name: "a file in /tmp")
    } catch {
      close(file)
      throw error
    }
    lseek(file, 0, SEEK_SET)
    return file
  }

  private static func contents(_ file: Int32) throws(SandboxError) -> [UInt8] {
    lseek(file, 0, SEEK_SET)
    return try readAll(file, name: "a file in /tmp")
  }
}
