internal import Files
internal import Glibc

/// Asks for a password: at a terminal without showing what is typed, from a pipe a line each time.
struct PasswordPrompt {
  private static let longest = 4_096

  /// Whether a person types.
  let isTerminal = isatty(STDIN_FILENO) == 1

  /// The next line, without its end; `nil` at the end of the input.
  ///
  /// The terminal is as it was before when this returns, or throws: a signal is held until then.
  ///
  /// - Throws: ``Interruption``; ``Failure``.
  func line(_ prompt: String) throws -> [UInt8]? {
    guard isTerminal else { return try read() }
    Interruption.hold()
    // The shell must not get the terminal back while nothing is shown on it.
    let stop = signal(SIGTSTP, SIG_IGN)
    let quit = signal(SIGQUIT, SIG_IGN)
    defer {
      signal(SIGTSTP, stop)
      signal(SIGQUIT, quit)
    }
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw Self.failure }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    silent.c_lflag |= tcflag_t(ECHONL | ICANON | ISIG)
    // What was typed before it was asked for is nobody's password.
    guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { throw Self.failure }
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
    Console.prompt(prompt)
    return try read()
  }

  private static var failure: Failure {
    Failure(
      "the terminal can't be kept from showing the password: \(FileError(call: "write", path: "", code: errno).words)",
      .inputOutput)
  }

  /// Byte by byte, so that nothing of the next line is taken. A signal may come to another thread, so it is looked for now
  /// and then.
  private func read() throws -> [UInt8]? {
    var line: [UInt8] = []
    line.reserveCapacity(Self.longest)
    while true {
      try Interruption.check()
      var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 100) > 0 else { continue }
      var byte: UInt8 = 0
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return line.isEmpty ? nil : line }
      if byte == UInt8(ascii: "\n") { return line }
      guard line.count < Self.longest else { throw Failure("the line is too long for a password", .dataError) }
      line.append(byte)
    }
  }
}

extension [UInt8] {
  /// Overwrites the bytes.
  mutating func wipe() { withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
}
