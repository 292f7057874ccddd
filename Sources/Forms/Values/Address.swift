/// The address of an account of ours: ASCII, lower case, of RFC 5321's dot-string form and within its limits.
///
/// That it is valid says nothing of the policy: whether its domain is one of ours and its local part of the characters
/// that `policy.local_part` allows is judged when a form is read (`Rules`).
public struct Address: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// `maria.lopez@example.org`: at most 254 bytes of ASCII.
  public let text: String
  private let at: UInt8

  /// Lower-cases; `nil` for a text that is no address.
  public init?(_ text: String) {
    guard let address = try? Self.parse(text) else { return nil }
    self = address
  }

  /// What stands before the `@`: 1 to 64 bytes.
  public var local: String { String(text.utf8.prefix(Int(at))) ?? "" }
  /// What stands after the `@`.
  public var domain: String { String(text.utf8.dropFirst(Int(at) + 1)) ?? "" }

  /// The order of the bytes.
  public static func < (left: Address, right: Address) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// The address itself.
  public var description: String { text }

  package static func parse(_ text: String) throws(AddressSyntax.Problem) -> Address {
    var text = text
    return try text.withUTF8 { bytes in parse(bytes) }.get()
  }

  package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Address, AddressSyntax.Problem> {
    AddressSyntax.check(bytes).map { Address(text: bytes.lowercasedASCII(), at: UInt8($0)) }
  }

  private init(text: String, at: UInt8) {
    self.text = text
    self.at = at
  }
}

/// An address of any domain: where mail is forwarded to, or an external member of a list. ASCII, lower case, of
/// RFC 5321's dot-string form and within its limits.
public struct ExternalAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// `maria@example.com`: at most 254 bytes of ASCII.
  public let text: String
  private let at: UInt8

  /// Lower-cases; `nil` for a text that is no address.
  public init?(_ text: String) {
    guard let address = Address(text) else { return nil }
    self.init(address)
  }

  /// An account's address as one to send to.
  public init(_ address: Address) {
    text = address.text
    at = UInt8(address.local.utf8.count)
  }

  /// What stands before the `@`: 1 to 64 bytes.
  public var local: String { String(text.utf8.prefix(Int(at))) ?? "" }
  /// What stands after the `@`.
  public var domain: String { String(text.utf8.dropFirst(Int(at) + 1)) ?? "" }

  /// The order of the bytes.
  public static func < (left: ExternalAddress, right: ExternalAddress) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// The address itself.
  public var description: String { text }

  package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<ExternalAddress, AddressSyntax.Problem> {
    AddressSyntax.check(bytes).map { ExternalAddress(text: bytes.lowercasedASCII(), at: UInt8($0)) }
  }

  private init(text: String, at: UInt8) {
    self.text = text
    self.at = at
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The text of ASCII bytes with its capital letters made small.
  package func lowercasedASCII() -> String {
    String(unsafeUninitializedCapacity: count) { buffer in
      for index in indices {
        let byte = self[index]
        let capital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        buffer[index] = capital ? byte | 0x20 : byte
      }
      return count
    }
  }
}
