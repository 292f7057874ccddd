internal import Accounts
public import Configuration
internal import Files
internal import Glibc
internal import LDAP
internal import Records
internal import Register

/// The agent's log: one event a line on standard error, each with a name that stays.
///
///     2026-11-22T16:05:23Z info change.settled request=2026-0142#0 operation=create address=maria.lopez@example.org outcome=applied
///
/// As JSON the same fields are the members of one object. Fields say what failed (`why`) and what helps (`do`). Control
/// characters, line separators and direction marks in values are written as escapes, so that no value can forge a line.
/// Passwords, identity numbers and names of persons are never given to the log.
public struct EventLog: Sendable {
  public enum Level: Int, Sendable, Comparable {
    case debug, info, warning, error
    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    var name: String {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warning"
      case .error: "error"
      }
    }
  }

  public enum Format: Sendable {
    case text, json
  }

  private let format: Format
  private let threshold: Level
  private let descriptor: Int32

  /// - Parameter descriptor: where lines are written; borrowed.
  public init(format: Format, threshold: Level, descriptor: Int32 = 2) {
    self.format = format
    self.threshold = threshold
    self.descriptor = descriptor
  }

  /// The log that the configuration asks for, on standard error.
  public init(_ configuration: Configuration.Log) {
    let threshold: Level =
      switch configuration.level {
      case .trace, .debug: .debug
      case .info, .notice: .info
      case .warning: .warning
      case .error, .critical: .error
      }
    self.init(format: configuration.format == .json ? .json : .text, threshold: threshold)
  }

  typealias Fields = [(String, String)]

  func debug(_ event: StaticString, _ fields: Fields) { write(.debug, event, fields) }
  func info(_ event: StaticString, _ fields: Fields) { write(.info, event, fields) }
  func warning(_ event: StaticString, _ fields: Fields) { write(.warning, event, fields) }
  func error(_ event: StaticString, _ fields: Fields) { write(.error, event, fields) }

  func settled(_ change: SettledChange) {
    let result = change.result
    var fields: Fields = [
      ("request", "\(change.number)#\(result.place)"), ("operation", result.operation), ("address", result.address),
      ("outcome", result.outcome?.rawValue ?? ""),
    ]
    guard let error = result.error else { return info("change.settled", fields) }
    fields += [("code", "\(error.code.rawValue)"), ("why", error.diagnostic), ("do", error.remedy)]
    warning("change.failed", fields)
  }

  private func write(_ level: Level, _ event: StaticString, _ fields: Fields) {
    guard level >= threshold else { return }
    let time = Timestamp.now().rfc3339
    var line: [UInt8] = []
    line.reserveCapacity(200)
    switch format {
    case .text:
      line += "\(time) \(level.name) \(event)".utf8
      for (name, value) in fields {
        line += " \(name)=".utf8
        Self.append(value, to: &line)
      }
    case .json:
      var json = JSONBytes()
      json.beginObject()
      for (name, value) in [("time", time), ("level", level.name), ("event", "\(event)")] + fields {
        json.key(name)
        json.string(value)
      }
      json.endObject()
      line = json.bytes
    }
    line.append(UInt8(ascii: "\n"))
    // One write: lines of several threads don't mix (POSIX: O_APPEND and pipes up to PIPE_BUF). A log that can't be
    // written stops nobody.
    line.withUnsafeBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Plain where a value is one word, else in quotes.
  private static func append(_ value: String, to line: inout [UInt8]) {
    let isWord =
      !value.isEmpty
      && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isWord {
      line += value.utf8
      return
    }
    line.append(UInt8(ascii: "\""))
    for byte in displayed(value.utf8).utf8 {
      if byte == UInt8(ascii: "\"") { line.append(UInt8(ascii: "\\")) }
      line.append(byte)
    }
    line.append(UInt8(ascii: "\""))
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
