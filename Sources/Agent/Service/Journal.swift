internal import Crypto
internal import Glibc
internal import Text

/// The journal, by its own protocol (systemd's JOURNAL_NATIVE_PROTOCOL): each event is an entry with its fields apart, so that
/// `journalctl BUZON_REQUEST=2026-0142` finds the story of a request, and `journalctl -x` says what an event means.
///
/// | field | what it is |
/// |---|---|
/// | `MESSAGE` | the line, without its time and level |
/// | `PRIORITY` | 7 debug, 6 info, 4 warning, 3 error |
/// | `MESSAGE_ID` | the event's, by which the catalogue finds its text |
/// | `BUZON_EVENT` | the event's name |
/// | `BUZON_REQUEST`, `BUZON_CHANGE` | the request's number; the change's index in its form |
/// | `BUZON_ADDRESS`, `BUZON_RESULT`, `BUZON_LDAP_CODE` | fields `address`, `outcome`, `code` |
/// | `BUZON_…` | each other field, in capitals |
struct Journal: Sendable {
  private let socket: DatagramSocket

  /// - Returns: `nil` where the descriptor doesn't lead to the journal.
  init?(behind descriptor: Int32, _ stream: String? = getenv("JOURNAL_STREAM").map { String(cString: $0) }) {
    guard let stream else { return nil }
    var raw = stat()
    guard fstat(descriptor, &raw) == 0, stream == "\(raw.st_dev):\(raw.st_ino)" else { return nil }
    self.init(socket: "/run/systemd/journal/socket")
  }

  init?(socket path: String) {
    guard let socket = DatagramSocket(path) else { return nil }
    self.socket = socket
  }

  /// - Returns: whether the journal took it. It takes none that is longer than its socket's buffer (some 200 KB).
  func send(_ level: EventLog.Level, _ event: StaticString, _ fields: [EventLog.Field], message: ArraySlice<UInt8>)
    -> Bool
  {
    socket.send(Self.entry(level, event, fields, message: message))
  }

  static func entry(
    _ level: EventLog.Level, _ event: StaticString, _ fields: [EventLog.Field], message: ArraySlice<UInt8>
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    append("MESSAGE", message, to: &bytes)
    append("PRIORITY", priority(of: level).utf8, to: &bytes)
    append("SYSLOG_IDENTIFIER", "buzon".utf8, to: &bytes)
    append("MESSAGE_ID", messageID(of: "\(event)").utf8, to: &bytes)
    append("BUZON_EVENT", "\(event)".utf8, to: &bytes)
    for (name, value) in fields {
      switch "\(name)" {
      case "request":
        // A change is named NUMBER#INDEX, and no number has a `#`.
        let parts = value.utf8.split(separator: UInt8(ascii: "#"), maxSplits: 1)
        append("BUZON_REQUEST", parts.first ?? value.utf8[...], to: &bytes)
        if parts.count > 1 { append("BUZON_CHANGE", parts[1], to: &bytes) }
      case "outcome": append("BUZON_RESULT", value.utf8, to: &bytes)
      case "code": append("BUZON_LDAP_CODE", value.utf8, to: &bytes)
      case let name: append("BUZON_" + name.uppercased(), value.utf8, to: &bytes)
      }
    }
    return bytes
  }

  /// The first half of SHA-256 of `buzon EVENT`, so that an event that keeps its name keeps its id.
  static func messageID(of event: String) -> String {
    hexadecimal(SHA256.hash(data: Array("buzon \(event)".utf8)).prefix(16))
  }

  private static func priority(of level: EventLog.Level) -> String {
    switch level {
    case .debug: "7"
    case .info: "6"
    case .warning: "4"
    case .error: "3"
    }
  }

  /// A field by its length, which any value may have, or in a line where it has no line's end.
  private static func append(_ name: String, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
    bytes += name.utf8
    if value.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value
    bytes.append(UInt8(ascii: "\n"))
  }
}
