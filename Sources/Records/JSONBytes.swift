/// Writes JSON (RFC 8259) by appending bytes. Commas are its own business; that objects and arrays are closed, and
/// that a key stands before each value of an object, is the caller's.
///
/// Strings are escaped on their UTF-8 bytes, never on characters: `"` followed by a combining accent is one character
/// and would pass unseen. Besides what JSON demands it escapes what could end a line or move a cursor where the text
/// is printed (DEL, C1, U+2028, U+2029, marks of direction); readers get the same text back.
public struct JSONBytes: Sendable {
  /// What was written up to now.
  public private(set) var bytes: [UInt8]
  private var needsComma = false

  /// Starts with nothing, or behind what a buffer holds already.
  public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  /// Starts behind what a buffer holds, without copying it; ``give(back:)`` returns the buffer.
  init(borrowing buffer: inout [UInt8]) {
    bytes = []
    swap(&bytes, &buffer)
  }

  /// Puts the bytes into the buffer that was borrowed.
  mutating func give(back buffer: inout [UInt8]) { swap(&bytes, &buffer) }

  /// `{`
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }

  /// `}`
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// `[`
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }

  /// `]`
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// A key written in the source: ASCII without `"`, `\` and control characters, so it is copied as it is.
  public mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A key that comes from data.
  public mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A string, escaped.
  public mutating func string(_ text: String) {
    separate()
    bytes.appendJSONString(text)
  }

  /// An integer.
  public mutating func number(_ value: some BinaryInteger) {
    separate()
    bytes.append(contentsOf: String(value).utf8)
  }

  /// `true` or `false`.
  public mutating func bool(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// `null`
  public mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// A time as RFC 3339 in UTC, e.g. `"2026-11-22T11:05:23Z"`.
  public mutating func time(_ time: Timestamp) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    time.append(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func begin(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    needsComma = false
  }

  private mutating func end(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}

extension JSONBytes {
  /// A string, or `null`.
  public mutating func string(_ text: String?) {
    if let text { string(text) } else { null() }
  }

  /// A time, or `null`.
  public mutating func time(_ value: Timestamp?) {
    if let value { time(value) } else { null() }
  }

  /// An array of strings.
  public mutating func strings(_ values: some Sequence<String>) {
    beginArray()
    for value in values { string(value) }
    endArray()
  }
}
