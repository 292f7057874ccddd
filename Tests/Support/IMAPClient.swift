internal import Foundation

/// One IMAP session (RFC 9051), as far as tests go.
public final class IMAPClient {
  private let lines: LoopbackLines
  private var count = 0

  /// Connects to 127.0.0.1 and reads the greeting.
  public init(port: UInt16) throws {
    lines = try LoopbackLines(port: port)
    let greeting = try lines.receive()
    guard greeting.hasPrefix("* OK") else { throw SiteError("no greeting: \(greeting)") }
  }

  /// `AUTHENTICATE PLAIN` (RFC 4616), which takes any text as a name.
  ///
  /// - Returns: `OK`, or `NO` with the response code: `NO [AUTHENTICATIONFAILED]`, `NO [UNAVAILABLE]`.
  public func logIn(_ name: String, _ password: String) throws -> String {
    let response = Data("\0\(name)\0\(password)".utf8).base64EncodedString()
    let words = try command("AUTHENTICATE PLAIN \(response)").result.split(separator: " ")
    return words.first == "OK" ? "OK" : words.prefix(2).joined(separator: " ")
  }

  /// How many messages the inbox holds; `nil` where it can't be opened.
  public func messages() throws -> Int? {
    let answer = try command("SELECT INBOX")
    guard answer.result.hasPrefix("OK") else { return nil }
    return answer.untagged.first { $0.hasSuffix(" EXISTS") }.flatMap { Int($0.dropLast(" EXISTS".utf8.count)) }
  }

  /// Puts a message into the inbox.
  public func append(_ message: String) throws -> String {
    let text = message + "\r\n"
    return try command("APPEND INBOX {\(text.utf8.count)+}\r\n\(text)").result
  }

  /// The limit of the inbox's quota in KiB (RFC 9208); `nil` where there is none.
  public func quota() throws -> Int? {
    let answer = try command("GETQUOTAROOT INBOX")
    // QUOTA "Mailbox" (STORAGE 0 3145728)
    guard let line = answer.untagged.first(where: { $0.hasPrefix("QUOTA ") }), line.contains("(STORAGE ") else {
      return nil
    }
    return line.split(separator: " ").last.flatMap { Int($0.dropLast()) }
  }

  private func command(_ text: String) throws -> (result: String, untagged: [String]) {
    count += 1
    let tag = "t\(count) "
    try lines.send(tag + text)
    var untagged: [String] = []
    while true {
      let line = try lines.receive()
      if line.hasPrefix(tag) { return (String(line.dropFirst(tag.count)), untagged) }
      if line.hasPrefix("* ") { untagged.append(String(line.dropFirst(2))) }
    }
  }
}
