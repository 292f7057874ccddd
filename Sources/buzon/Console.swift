internal import ArgumentParser
internal import Glibc

/// Standard output and standard error.
enum Console {
  static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Data.
  static func output(_ bytes: some Collection<UInt8>) throws {
    try write(Array(bytes), to: STDOUT_FILENO)
  }

  /// A line of data.
  static func print(_ line: String) throws { try output(Array(line.utf8) + [UInt8(ascii: "\n")]) }

  /// A line for the person at the terminal.
  static func error(_ line: String) { try? write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        // Whoever read the output has gone: nobody is left to tell.
        if errno == EPIPE { throw ExitCode.success }
        throw Failure("can't write the output: \(String(cString: strerror(errno)))", .inputOutput)
      }
      rest = rest.dropFirst(written)
    }
  }
}
