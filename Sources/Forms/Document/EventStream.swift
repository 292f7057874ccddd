import CYAML

/// The one owner of a libyaml parser. It lends the bytes of a scalar only until the next call.
struct EventStream: ~Copyable {
  private let parser: OpaquePointer
  private(set) var event = cyaml_event()

  /// `nil`: no memory. The bytes must outlive the stream.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let parser = cyaml_open(bytes.baseAddress, bytes.count) else { return nil }
    self.parser = parser
  }

  deinit { cyaml_close(parser) }

  /// Reads the next event into `event`.
  mutating func advance() { cyaml_next(parser, &event) }

  /// The text of a scalar event.
  func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: event.text, count: event.length))
  }
}
