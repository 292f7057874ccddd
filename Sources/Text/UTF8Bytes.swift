import Glibc

extension UnsafeBufferPointer<UInt8> {
  /// The scalar that begins at an offset of good UTF-8, and its length in bytes.
  @inlinable public func scalar(at offset: Int) -> (Unicode.Scalar, length: Int) {
    decodeScalar(at: offset) ?? ("\u{FFFD}", 1)
  }

  /// The scalar at an offset and its length, or `nil` where the bytes are no UTF-8 (RFC 3629: nothing overlong, no
  /// surrogates, nothing beyond U+10FFFF, nothing cut short).
  @inlinable public func decodeScalar(at offset: Int) -> (Unicode.Scalar, length: Int)? {
    let lead = self[offset]
    if lead < 0x80 { return (Unicode.Scalar(lead), 1) }
    let length: Int
    var value: UInt32
    let least: UInt32
    switch lead {
    case 0xC2...0xDF: (length, value, least) = (2, UInt32(lead & 0x1F), 0x80)
    case 0xE0...0xEF: (length, value, least) = (3, UInt32(lead & 0x0F), 0x800)
    case 0xF0...0xF4: (length, value, least) = (4, UInt32(lead & 0x07), 0x10000)
    default: return nil
    }
    guard offset + length <= count else { return nil }
    for next in offset + 1..<offset + length {
      guard self[next] & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(self[next] & 0x3F)
    }
    guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }

  /// How many scalars a range of good UTF-8 holds.
  public func scalarCount(_ range: Range<Int>) -> Int {
    range.reduce(0) { $1 < count && self[$1] & 0xC0 != 0x80 ? $0 + 1 : $0 }
  }

  /// Whether a byte stands anywhere: memchr(3), which looks at 32 bytes at a time.
  public func holds(_ byte: UInt8) -> Bool {
    guard let baseAddress else { return false }
    return memchr(baseAddress, Int32(byte), count) != nil
  }

  /// Whether the bytes are the same.
  public func isSame(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    guard count > 0, let baseAddress, let otherAddress = other.baseAddress else { return true }
    return memcmp(baseAddress, otherAddress, count) == 0
  }
}

extension StaticString {
  /// Its bytes.
  public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
