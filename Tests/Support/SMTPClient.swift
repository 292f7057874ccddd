/// One SMTP session (RFC 5321), as far as tests go.
public final class SMTPClient {
  private let lines: LoopbackLines

  /// Connects to 127.0.0.1, reads the greeting and says hello.
  public init(port: UInt16) throws {
    lines = try LoopbackLines(port: port)
    _ = try reply()
    try lines.send("EHLO tests.example.net")
    _ = try reply()
  }

  /// Sends one message.
  ///
  /// - Returns: the reply that ended it: of the recipient where he was refused, else of the message.
  public func send(to recipient: String, from sender: String = "quien@example.net") throws -> String {
    for command in ["MAIL FROM:<\(sender)>", "RCPT TO:<\(recipient)>", "DATA"] {
      try lines.send(command)
      let answer = try reply()
      guard answer.hasPrefix("2") || answer.hasPrefix("354") else {
        try lines.send("RSET")
        _ = try reply()
        return answer
      }
    }
    try lines.send("Subject: Prueba\r\n\r\nHola.\r\n.")
    return try reply()
  }

  /// The last line of a reply.
  private func reply() throws -> String {
    while true {
      let line = try lines.receive()
      if !line.dropFirst(3).hasPrefix("-") { return line }
    }
  }
}
