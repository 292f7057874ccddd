internal import ArgumentParser
internal import Files
internal import Forms
internal import Glibc
internal import Synchronization
internal import Text
internal import Translations

/// Standard output and standard error.
enum Console {
  /// Whether a line of progress stands on the terminal, to be erased before anything else is written.
  private static let hasProgress = Mutex(false)
  private static let erase = Array("\r\u{1B}[K".utf8)

  /// A reader that goes away (`buzon accounts | head`) is an error of write(2), not the end of the process; and a standard
  /// stream that was closed must not become some file that is opened later.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Data.
  static func output(_ bytes: some Collection<UInt8>) throws {
    if isatty(STDOUT_FILENO) == 1 { endProgress() }
    try write(Array(bytes), to: STDOUT_FILENO)
  }

  /// A document of data: an object with `version`, and the fields that the body writes.
  static func document(_ body: (inout JSONWriter) throws -> Void) throws { try output(JSONWriter.document(body)) }

  /// A line of data.
  static func print(_ line: String) throws { try output(Array(line.utf8) + [UInt8(ascii: "\n")]) }

  /// A line of words, in the caller's language.
  static func say(_ line: String) throws { try print(translated(line)) }

  /// A line for the person at the terminal, in the caller's language.
  static func error(_ line: String) {
    let name = "buzon: "
    errorAsIs(line.hasPrefix(name) ? name + translated(String(line.dropFirst(name.count))) : translated(line))
  }

  /// What is wrong with a file, in the caller's language.
  static func report(_ finding: Finding, of file: String) {
    errorAsIs(finding.translated { translated($0) }.line(file: file))
  }

  /// A line for the person at the terminal that is in the caller's language already.
  static func errorAsIs(_ line: String) {
    endProgress()
    try? write(Array(line.utf8) + [UInt8(ascii: "\n")], to: STDERR_FILENO)
  }

  /// A question to the person at the terminal, in the caller's language; the answer stands behind it.
  static func prompt(_ text: String) {
    endProgress()
    try? write(Array(translated(text).utf8), to: STDERR_FILENO)
  }

  /// A line that takes the place of the one before, on a terminal.
  static func progress(_ line: String) {
    hasProgress.withLock { hasProgress in
      try? write(erase + Array(line.utf8), to: STDERR_FILENO)
      hasProgress = true
    }
  }

  /// Takes the line of progress away.
  static func endProgress() {
    hasProgress.withLock { hasProgress in
      if hasProgress { try? write(erase, to: STDERR_FILENO) }
      hasProgress = false
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        // Whoever read the output has gone: nobody is left to tell.
        if errno == EPIPE { throw ExitCode.success }
        throw Failure("\(FileError(call: "write", path: "the output", code: errno)); write it elsewhere", .inputOutput)
      }
      rest = rest.dropFirst(written)
    }
  }
}
