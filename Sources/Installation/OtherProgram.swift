internal import CSystem
internal import Files
internal import Glibc

/// Another program of this host, as ssh-keygen(1) or curl(1). It is started without a shell, in an empty environment, with no
/// descriptor of ours but what a call gives it, and never longer than a bound.
///
/// What it reads lies in files without a name: nobody can change them meanwhile, and neither side can block the other.
package struct OtherProgram: Sendable {
  /// One call.
  package struct Call: Sendable {
    /// Behind the program's own path. ``file(_:)`` names what `files` holds.
    package var arguments: [String]
    /// Standard input.
    package var input: [UInt8]
    /// What it may open by ``file(_:)``, the first one first.
    package var files: [[UInt8]]

    package init(_ arguments: [String], input: [UInt8] = [], files: [[UInt8]] = []) {
      self.arguments = arguments
      self.input = input
      self.files = files
    }

    /// The path of a file of the call.
    package static func file(_ index: Int) -> String { "/proc/self/fd/" + String(3 + index) }
  }

  /// How a call ended.
  package struct Result: Sendable, Hashable {
    package enum End: Sendable, Hashable {
      case exited(Int32)
      /// By this signal.
      case killed(Int32)
      /// It did not end within the bound, and was killed.
      case overdue
      /// It could not be started: an errno.
      case notStarted(Int32)
    }

    package var end: End
    /// What it wrote, 64 KiB of each at most.
    package var output: String
    package var errors: String

    package init(_ end: End, output: String = "", errors: String = "") {
      self.end = end
      self.output = output
      self.errors = errors
    }
  }

  /// The full path of the program.
  package let path: String
  /// Calls that run at the same time.
  private let width: Int

  private static let most = 64 << 10
  /// Dates of allowed signers are of the host's time zone, as ssh-keygen has them at a terminal.
  private static let environment =
    ["PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/nonexistent"]
    + (getenv("TZ").map { ["TZ=" + String(cString: $0)] } ?? [])

  /// - Returns: `nil` where no folder of `PATH` has the program.
  package init?(_ name: String) {
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin").utf8.split(separator: 0x3A)
    let paths = folders.filter { $0.first == UInt8(ascii: "/") }
      .map { String(decoding: $0, as: UTF8.self) + "/" + name }
    guard let path = paths.first(where: { access($0, X_OK) == 0 }) else { return nil }
    self.path = path
    width = min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 2), 8)
  }

  /// Carries out calls, several at once. Blocks.
  ///
  /// - Parameter limit: how long a call may take.
  /// - Returns: the results in the order of the calls.
  package func run(_ calls: [Call], limit: Duration = .seconds(30)) -> [Result] {
    var results = [Result](repeating: Result(.overdue), count: calls.count)
    var running: [Running] = []
    var next = 0
    while next < calls.count || !running.isEmpty {
      while next < calls.count, running.count < width {
        switch start(calls[next], index: next, limit) {
        case .success(let one): running.append(one)
        case .failure(let failure): results[next] = Result(.notStarted(failure.code))
        }
        next += 1
      }
      let before = running.count
      running.removeAll { one in
        guard let end = one.end() else { return false }
        results[one.index] = Result(end, output: one.outputs[0].text(Self.most), errors: one.outputs[1].text(Self.most))
        return true
      }
      if running.count == before, !running.isEmpty { usleep(300) }
    }
    return results
  }

  private struct Failure: Error { var code: Int32 }

  private func start(_ call: Call, index: Int, _ limit: Duration) -> Swift.Result<Running, Failure> {
    do throws(Failure) {
      let inputs = try ([call.input] + call.files).map { bytes throws(Failure) in try MemoryFile(bytes) }
      let outputs = [try MemoryFile([]), try MemoryFile([])]
      let descriptors = [inputs[0].descriptor] + outputs.map(\.descriptor) + inputs.dropFirst().map(\.descriptor)
      let process: pid_t
      do throws(FileError) {
        // Else an optimized build lets go of them, which closes them, before the child has its copies.
        process = try withExtendedLifetime((inputs, outputs)) { () throws(FileError) in
          try Spawn.start(path, call.arguments, environment: Self.environment, descriptors: descriptors)
        }
      } catch {
        throw Failure(code: error.code)
      }
      return .success(Running(index: index, process: process, outputs: outputs, deadline: .now + limit))
    } catch {
      return .failure(error)
    }
  }

  private struct Running {
    let index: Int
    let process: pid_t
    let outputs: [MemoryFile]
    let deadline: ContinuousClock.Instant

    /// - Returns: `nil` as long as it runs.
    func end() -> Result.End? {
      var status: Int32 = 0
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F) }
      if ended < 0, errno != EINTR { return .notStarted(errno) }
      guard ContinuousClock.now > deadline else { return nil }
      kill(process, SIGKILL)
      // One that the kernel can't end is left behind.
      for _ in 0..<1_000 where waitpid(process, &status, WNOHANG) == 0 { usleep(1_000) }
      return .overdue
    }
  }

  /// A file without a name.
  private final class MemoryFile {
    let descriptor: Int32

    init(_ bytes: [UInt8]) throws(Failure) {
      descriptor = buzon_memory_file("buzon")
      guard descriptor >= 0 else { throw Failure(code: errno) }
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes {
          write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Failure(code: errno) }
        written += count
      }
      lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    /// What was written, so many bytes at most.
    func text(_ most: Int) -> String {
      let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
        count = max(pread(descriptor, buffer.baseAddress, most, 0), 0)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
