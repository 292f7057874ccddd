public import Foundation

/// A child process. Killed when it goes, if it still runs.
public final class Program: @unchecked Sendable {  // used by one test at a time; Foundation's Process isn't Sendable
  private let process = Process()
  private let output: String
  private let errors: String

  /// Starts a program with output and errors to files, so that neither can fill a pipe and block it.
  public init(_ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws {
    let stem = NSTemporaryDirectory() + "buzon-run-\(UUID().uuidString)"
    output = stem + ".out"
    errors = stem + ".err"
    for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    if let input {
      let file = stem + ".in"
      try Data(input.utf8).write(to: URL(fileURLWithPath: file))
      process.standardInput = FileHandle(forReadingAtPath: file)
      try? FileManager.default.removeItem(atPath: file)
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
  }

  deinit {
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    for file in [output, errors] { try? FileManager.default.removeItem(atPath: file) }
  }

  public var isRunning: Bool { process.isRunning }
  public var processIdentifier: pid_t { process.processIdentifier }

  /// Sends a signal.
  public func signal(_ number: Int32) { if process.isRunning { Foundation.kill(process.processIdentifier, number) } }

  /// What it wrote to standard output and standard error up to now.
  public var written: (output: String, errors: String) {
    func text(_ file: String) -> String {
      String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: file))) ?? Data(), as: UTF8.self)
    }
    return (text(output), text(errors))
  }

  /// Waits for its end, at most `bound`, after which it is killed.
  ///
  /// - Returns: the exit status, or minus the signal that ended it.
  public func wait(atMost bound: Duration = .seconds(300)) -> Int32 {
    if !eventually(within: bound, { !process.isRunning }) { signal(SIGKILL) }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// Waits for its end without blocking other tests, at most `bound`, after which it is killed.
  public func outcome(atMost bound: Duration = .seconds(120)) async -> Outcome {
    if !(await comesTrue(within: bound) { !process.isRunning }) { signal(SIGKILL) }
    return Outcome(of: self)
  }

  /// Runs a program to its end.
  public static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
  ) async throws -> Outcome {
    try await Program(path, arguments, environment: environment, input: input).outcome()
  }

  /// A program of this build.
  public static func built(_ name: String) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // The test runner may be a helper of the toolchain; then the test bundle among its arguments tells the folder.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent(name).path
  }
}

/// How a program ended, and what it wrote.
public struct Outcome: Sendable {
  public var status: Int32
  public var output: String
  public var errors: String

  public init(of program: Program, atMost bound: Duration = .seconds(300)) {
    status = program.wait(atMost: bound)
    (output, errors) = program.written
  }
}
