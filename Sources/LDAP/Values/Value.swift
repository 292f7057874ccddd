/// One attribute value: bytes. Text is a view of them.
///
/// Two values are equal when their bytes are: matching rules are the server's business (RFC 4511 §4.1.5).
public struct Value: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The value as it travels.
  public var bytes: [UInt8]

  /// The UTF-8 of a text.
  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Any bytes.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The UTF-8 of a literal.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// The value as text, or nil where it isn't valid UTF-8.
  public var text: String? {
    String(validating: bytes, as: UTF8.self)
  }
}
