/// Writes JSON (RFC 8259) by appending bytes. Commas are its own business; that a key stands before each value of an
/// object is the caller's.
///
/// Strings are escaped on their UTF-8 bytes, never on characters: `"` followed by a combining accent is one character
/// and would pass unseen. Besides what JSON demands it escapes what could end a line or move a cursor where the text
/// is printed or hide in it (``ScalarClass``); readers get the same text back.
public struct JSONWriter: Sendable {
  /// What was written up to now.
  public private(set) var bytes: [UInt8]
  private var needsComma = false

  /// Starts with nothing, or behind what a buffer holds already.
  public init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  /// Starts behind what a buffer holds, without copying it; ``give(back:)`` returns the buffer.
  public init(borrowing buffer: inout [UInt8]) {
    bytes = []
    swap(&bytes, &buffer)
  }

  /// Puts the bytes into the buffer that was borrowed.
  public mutating func give(back buffer: inout [UInt8]) { swap(&bytes, &buffer) }

  /// An object; the body writes its fields.
  public mutating func object(_ body: (inout Self) throws -> Void) rethrows {
    begin(UInt8(ascii: "{"))
    try body(&self)
    end(UInt8(ascii: "}"))
  }

  /// An array; the body writes its values.
  public mutating func array(_ body: (inout Self) throws -> Void) rethrows {
    begin(UInt8(ascii: "["))
    try body(&self)
    end(UInt8(ascii: "]"))
  }

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

extension JSONWriter {
  /// A whole document of ours: an object that begins with its version, and a line end.
  ///
  /// - Parameter version: it grows when a key goes or changes its meaning, not when one is added.
  public static func document(version: Int = 1, _ body: (inout Self) throws -> Void) rethrows -> [UInt8] {
    var json = Self()
    try json.object { json in
      json.field("version", version)
      try body(&json)
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }

  /// An array with an element for each value.
  public mutating func array<Value>(_ values: some Sequence<Value>, _ body: (inout Self, Value) throws -> Void) rethrows
  {
    try array { json in for value in values { try body(&json, value) } }
  }

  // MARK: Fields of an object

  /// A key with a string, or `null`.
  public mutating func field(_ name: StaticString, _ text: String?) {
    key(name)
    if let text { string(text) } else { null() }
  }

  /// A key with a number, or `null`.
  public mutating func field(_ name: StaticString, _ value: (some BinaryInteger)?) {
    key(name)
    if let value { number(value) } else { null() }
  }

  /// A key with `true` or `false`.
  public mutating func field(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// A key with a time, or `null`.
  public mutating func field(_ name: StaticString, _ value: Timestamp?) {
    key(name)
    if let value { time(value) } else { null() }
  }

  /// A key with an array of strings.
  public mutating func field(_ name: StaticString, _ values: [String]) {
    key(name)
    array(values) { $0.string($1) }
  }

  /// A key with an object.
  public mutating func field(_ name: StaticString, _ body: (inout Self) throws -> Void) rethrows {
    key(name)
    try object(body)
  }

  /// A key with an object, or `null`.
  public mutating func field<Value>(
    _ name: StaticString, object value: Value?, _ body: (inout Self, Value) throws -> Void
  ) rethrows {
    key(name)
    guard let value else { return null() }
    try object { try body(&$0, value) }
  }

  /// A key with an array of objects, or `null`.
  public mutating func field<Value>(
    _ name: StaticString, objects values: (some Sequence<Value>)?, _ body: (inout Self, Value) throws -> Void
  ) rethrows {
    key(name)
    guard let values else { return null() }
    try array(values) { json, value in try json.object { try body(&$0, value) } }
  }

  /// A key with its string, or neither.
  public mutating func optional(_ name: StaticString, _ text: String?) {
    if let text { field(name, text) }
  }
}

extension [UInt8] {
  /// Appends a JSON string with its quotes (RFC 8259 section 7), escaped on bytes.
  mutating func appendJSONString(_ text: String) {
    append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { appendEscaped($0) }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
    // Runs that need nothing are copied whole.
    var clean = 0
    var index = 0
    while index < text.count {
      let scalar: Unicode.Scalar
      let length: Int
      switch text[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): (scalar, length) = (Unicode.Scalar(text[index]), 1)
      default:
        guard let unsafe = text.scalarUnsafeInDocuments(at: index) else {
          index += 1
          continue
        }
        (scalar, length) = unsafe
      }
      append(contentsOf: UnsafeBufferPointer(rebasing: text[clean..<index]))
      appendEscape(scalar)
      index += length
      clean = index
    }
    append(contentsOf: UnsafeBufferPointer(rebasing: text[clean...]))
  }

  private mutating func appendEscape(_ scalar: Unicode.Scalar) {
    func short(_ letter: Unicode.Scalar) { append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: letter)]) }
    switch scalar {
    case "\"", "\\": short(scalar)
    case "\u{8}": short("b")
    case "\t": short("t")
    case "\n": short("n")
    case "\u{C}": short("f")
    case "\r": short("r")
    default:
      for unit in String(scalar).utf16 {
        append(contentsOf: "\\u".utf8)
        append(contentsOf: hexadecimal([UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8)
      }
    }
  }
}
