internal import Files
public import Foundation
internal import Sandbox
internal import Synchronization

/// A child process: the one way in which tests start other programs. Killed when it goes, if it still runs.
///
/// It is waited for by its process id and without blocking (waitpid(2), WNOHANG). Foundation's `Process` watches all
/// children from one thread, by a socket that each child inherits. A child that closes its descriptors and goes on
/// (Postfix's `master -d`) looks as if it had ended there; a wait that blocks follows, and every other wait in the process
/// stands still.
///
/// A child gets a clean slate: none of our descriptors but its input and its outputs, no signal blocked or ignored, and
/// a process group of its own. The environment is ours with the given changes.
public final class Program: Sendable {
  public let processIdentifier: pid_t
  private let output: String
  private let errors: String
  /// waitpid(2)'s status; `nil` as long as it runs. Nobody else may take a child from the process table, or its number
  /// could be another process's when a signal is sent.
  private let status = Mutex<Int32?>(nil)

  /// Starts a program with output and errors to files, so that neither can fill a pipe and block it.
  ///
  /// - Parameters:
  ///   - path: the program's file.
  ///   - input: what it reads as standard input.
  ///   - descriptor: what it gets as standard input instead; the caller closes its own copy.
  public init(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    descriptor: Int32? = nil
  ) throws {
    let stem = NSTemporaryDirectory() + "buzon-run-\(UUID().uuidString)"
    output = stem + ".out"
    errors = stem + ".err"
    var opened: [Int32] = []
    defer { for file in opened { close(file) } }
    func file(_ path: String, _ flags: Int32) throws -> Int32 {
      let file = open(path, flags | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw SiteError("\(path): errno \(errno)") }
      opened.append(file)
      return file
    }
    let standardInput: Int32
    if let descriptor {
      standardInput = descriptor
    } else if let input {
      try Data(input.utf8).write(to: URL(fileURLWithPath: stem + ".in"))
      defer { unlink(stem + ".in") }
      standardInput = try file(stem + ".in", O_RDONLY)
    } else {
      standardInput = try file("/dev/null", O_RDONLY)
    }
    let outputs = try [output, errors].map { try file($0, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND) }
    // Whoever tests may read Spanish; the tests read English.
    let language = ["LC_ALL": "C.UTF-8"].merging(environment) { $1 }
    let merged = ProcessInfo.processInfo.environment.merging(language) { $1 }
    do {
      processIdentifier = try Self.spawn(
        [path] + arguments, environment: merged.map { "\($0.key)=\($0.value)" },
        descriptors: [standardInput] + outputs)
    } catch {
      for file in [output, errors] { unlink(file) }
      throw error
    }
  }

  deinit {
    if isRunning { kill() }
    for file in [output, errors] { unlink(file) }
  }

  public var isRunning: Bool { status.withLock { collect(&$0) } == nil }

  /// Sends a signal; a program that has ended gets none.
  public func signal(_ number: Int32) {
    status.withLock { status in
      if collect(&status) == nil { Foundation.kill(processIdentifier, number) }
    }
  }

  /// What it wrote to standard output and standard error up to now.
  public var written: (output: String, errors: String) {
    func text(_ file: String) -> String {
      String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: file))) ?? Data(), as: UTF8.self)
    }
    return (text(output), text(errors))
  }

  /// Waits for its end, at most `bound`, after which it is killed.
  ///
  /// - Returns: the exit status, or minus the signal that ended it; ``Outcome/overdue`` where it didn't end in time.
  public func wait(atMost bound: Duration = .seconds(300)) -> Int32 {
    guard eventually(within: bound, { !isRunning }) else { return giveUp() }
    return result
  }

  /// Waits for its end without blocking other tests, at most `bound`, after which it is killed.
  public func outcome(atMost bound: Duration = .seconds(300)) async -> Outcome {
    let status = await comesTrue(within: bound) { !isRunning } ? result : giveUp()
    return Outcome(status: status, of: self, bound: bound)
  }

  /// Runs a program to its end.
  public static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) async throws -> Outcome {
    try await Program(path, arguments, environment: environment, input: input).outcome()
  }

  /// A program of this build.
  public static func built(_ name: String) -> String {
    // The release build, to try what an optimizer does.
    if name == "buzon", let given = getenv("BUZON_PROGRAM") { return String(cString: given) }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // The test runner may be a helper of the toolchain; then the test bundle among its arguments tells the folder.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }

  // MARK: The process

  /// Asks whether it has ended; the first time that it has takes it from the process table.
  private func collect(_ status: inout Int32?) -> Int32? {
    if status == nil {
      var code: Int32 = 0
      let pid = waitpid(processIdentifier, &code, WNOHANG)
      if pid == processIdentifier { status = code }
      // Somebody else took it: its status is lost, and that is no success.
      if pid < 0 && errno == ECHILD { status = SIGKILL }
    }
    return status
  }

  private var result: Int32 {
    guard let status = status.withLock({ $0 }) else { return Outcome.overdue }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
  }

  private func giveUp() -> Int32 {
    kill()
    return Outcome.overdue
  }

  /// Kills it and what it started in its process group.
  private func kill() {
    status.withLock { status in
      if collect(&status) == nil { Foundation.kill(-processIdentifier, SIGKILL) }
    }
    // A process that the kernel can't end stays a zombie of ours; nobody waits for it longer than this.
    _ = eventually(within: .seconds(30)) { !isRunning }
  }

  private static func spawn(_ arguments: [String], environment: [String], descriptors: [Int32]) throws -> pid_t {
    do throws(FileError) {
      return try Spawn.start(
        arguments[0], Array(arguments.dropFirst()), environment: environment, descriptors: descriptors, leadsGroup: true
      )
    } catch {
      throw SiteError("\(error)")
    }
  }
}

/// How a program ended, and what it wrote.
public struct Outcome: Sendable {
  /// The status of a program that didn't end within its bound and was killed. No program ends so by itself: a test that
  /// kills with SIGKILL doesn't mistake the one for the other.
  public static let overdue = Int32.min

  public var status: Int32
  public var output: String
  public var errors: String

  public init(of program: Program, atMost bound: Duration = .seconds(300)) {
    self.init(status: program.wait(atMost: bound), of: program, bound: bound)
  }

  init(status: Int32, of program: Program, bound: Duration) {
    self.status = status
    (output, errors) = program.written
    if status == Self.overdue { errors += "\nThe test ended it: it still ran after \(bound)." }
  }
}
