internal import Accounts
public import Configuration
internal import Files
internal import Forms
internal import Glibc
internal import LDAP
internal import Records
internal import Register
internal import Synchronization
internal import Text

/// The agent's log: one event a line on standard error, each with a name that stays.
///
///     2026-11-22T16:05:23Z info change.settled request=2026-0142#0 operation=create address=ana@example.org outcome=applied
///
/// As JSON the same fields are the members of one object. Fields say what failed (`why`) and what helps (`do`). Control
/// characters, line separators and direction marks in values are written as escapes, so that no value can forge a line.
/// Passwords, identity numbers and names of persons are never given to the log.
///
/// Where standard error is the journal's, lines in text go to it by its own protocol instead, with the fields apart
/// (``Journal``).
///
/// A log that can't be written stops nobody.
public final class EventLog: Sendable {
  /// How much an event matters: `debug`, `info`, `warning` (survived, or one request failed), `error` (look at it).
  public enum Level: Int, Sendable, Comparable {
    case debug, info, warning, error

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    fileprivate var name: StaticString {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warning"
      case .error: "error"
      }
    }
  }

  /// How a line is written.
  public enum Format: Sendable {
    case text, json
  }

  /// A field's name and value.
  typealias Field = (StaticString, String)

  fileprivate struct State {
    var format: Format
    var threshold: Level
    /// Where lines in text go; `nil`: into the buffer.
    var journal: Journal?
    /// Lines that were reported and not written.
    var buffer: [UInt8] = []
    var repeated = RepeatedEvents()
    /// By kind, what stands for the events that are only counted.
    var others: [String: EventLog.Others] = [:]
    /// Whether a task waits for their end.
    var isCounting = false
  }

  /// Locked while lines are written, so that those of two threads don't mix.
  private let state: Mutex<State>
  private let descriptor: Int32

  /// - Parameter descriptor: where lines are written; borrowed.
  public convenience init(format: Format, threshold: Level, descriptor: Int32 = 2) {
    self.init(format, threshold, descriptor, Journal(behind: descriptor))
  }

  init(_ format: Format, _ threshold: Level, _ descriptor: Int32, _ journal: Journal?) {
    state = Mutex(State(format: format, threshold: threshold, journal: journal))
    self.descriptor = descriptor
  }

  /// The log that the configuration asks for, on standard error.
  public convenience init(_ configuration: Configuration.Log) {
    self.init(format: Format(configuration), threshold: Level(configuration))
  }

  /// From now on lines are written as this configuration asks.
  func use(_ configuration: Configuration.Log) {
    state.withLock { state in (state.format, state.threshold) = (Format(configuration), Level(configuration)) }
  }

  func debug(_ event: StaticString, _ fields: [Field]) { write(.debug, event, fields) }
  func info(_ event: StaticString, _ fields: [Field]) { write(.info, event, fields) }
  func warning(_ event: StaticString, _ fields: [Field]) { write(.warning, event, fields) }
  func error(_ event: StaticString, _ fields: [Field]) { write(.error, event, fields) }

  /// Reports the outcomes of a batch with one write.
  func settled(_ changes: [SettledChange]) {
    state.withLock { state in
      for change in changes {
        let result = change.result
        var fields: [Field] = [
          ("request", "\(change.number)#\(result.index)"), ("operation", result.operation), ("address", result.address),
          ("outcome", result.outcome?.rawValue ?? ""),
        ]
        guard let error = result.error else {
          state.append(.info, "change.settled", fields)
          continue
        }
        fields += [("code", "\(error.code.rawValue)"), ("why", error.diagnostic), ("do", error.remedy)]
        state.append(.warning, "change.failed", fields)
      }
      write(&state.buffer)
    }
  }

  /// Reports that requests of a batch are done and recorded, with one write.
  func done(_ requests: [FinishedRequest]) {
    state.withLock { state in
      for request in requests {
        let fields: [Field] = [
          ("request", request.request.number), ("outcome", request.outcome.rawValue),
          ("changes", "\(request.results.count)"),
        ]
        state.append(.info, "request.done", fields)
      }
      write(&state.buffer)
    }
  }

  /// - Returns: whether the event is to be written.
  func note(_ others: Others, at now: ContinuousClock.Instant) -> Bool {
    let (isWritten, end) = state.withLock { state -> (Bool, ContinuousClock.Instant?) in
      writeCounted(state.repeated.ended(by: now), &state)
      let kind = others.kind
      if state.repeated.isWritten(kind, now: now) { return (true, nil) }
      state.others[kind] = others
      defer { state.isCounting = true }
      return (false, state.isCounting ? nil : state.repeated.nextEnd)
    }
    if let end { writeCountedLater(end) }
    return isWritten
  }

  /// - Returns: when the next number is to be written; `nil`: nothing is counted.
  @discardableResult
  func writeCounted(isAll: Bool) -> ContinuousClock.Instant? {
    state.withLock { state in
      writeCounted(isAll ? state.repeated.end() : state.repeated.ended(by: .now), &state)
      let next = state.repeated.nextEnd
      state.isCounting = next != nil
      return next
    }
  }

  private func writeCounted(_ counted: [(kind: String, count: Int)], _ state: inout State) {
    if counted.isEmpty { return }
    for (kind, count) in counted {
      guard let others = state.others.removeValue(forKey: kind) else { continue }
      state.append(others.level, others.event, [("others", "\(count)")] + others.fields)
    }
    write(&state.buffer)
  }

  func write(_ level: Level, _ event: StaticString, _ fields: [Field]) {
    state.withLock { state in
      state.append(level, event, fields)
      write(&state.buffer)
    }
  }

  private func write(_ buffer: inout [UInt8]) {
    buffer.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        rest = rest.dropFirst(count)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

extension EventLog.State {
  fileprivate mutating func append(_ level: EventLog.Level, _ event: StaticString, _ fields: [EventLog.Field]) {
    guard level >= threshold else { return }
    switch format {
    case .text:
      let start = buffer.count
      buffer += Timestamp.now().rfc3339.utf8
      buffer.append(UInt8(ascii: " "))
      level.name.withUTF8Buffer { buffer += $0 }
      buffer.append(UInt8(ascii: " "))
      let message = buffer.count
      event.withUTF8Buffer { buffer += $0 }
      for (name, value) in fields {
        buffer.append(UInt8(ascii: " "))
        name.withUTF8Buffer { buffer += $0 }
        buffer.append(UInt8(ascii: "="))
        Self.append(value, to: &buffer)
      }
      if let journal, journal.send(level, event, fields, message: buffer[message...]) {
        buffer.removeSubrange(start...)
        return
      }
    case .json:
      var json = JSONWriter()
      json.object { json in
        json.field("time", Timestamp.now())
        json.field("level", "\(level.name)")
        json.field("event", "\(event)")
        for (name, value) in fields { json.field(name, value) }
      }
      buffer += json.bytes
    }
    buffer.append(UInt8(ascii: "\n"))
  }

  /// Plain where a value is one word, else in quotes.
  private static func append(_ value: String, to buffer: inout [UInt8]) {
    let isWord =
      !value.isEmpty
      && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isWord {
      buffer += value.utf8
      return
    }
    buffer.append(UInt8(ascii: "\""))
    for byte in displayed(value.utf8).utf8 {
      if byte == UInt8(ascii: "\"") { buffer.append(UInt8(ascii: "\\")) }
      buffer.append(byte)
    }
    buffer.append(UInt8(ascii: "\""))
  }
}

extension EventLog.Format {
  fileprivate init(_ configuration: Configuration.Log) { self = configuration.format == .json ? .json : .text }
}

extension EventLog.Level {
  fileprivate init(_ configuration: Configuration.Log) {
    self =
      switch configuration.level {
      case .trace, .debug: .debug
      case .info, .notice: .info
      case .warning: .warning
      case .error, .critical: .error
      }
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
