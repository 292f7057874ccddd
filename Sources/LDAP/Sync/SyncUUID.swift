/// The name of an entry that never changes, whatever becomes of its DN: its `entryUUID` (RFC 4530), as content
/// synchronization tells it (RFC 4533 §2.1.1).
public struct SyncUUID: Hashable, Sendable, LosslessStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// The UUID of 16 bytes, the first one first; nil for any other number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The UUID of a text as `entryUUID` shows it; capital letters are taken too, nothing else is.
  public init?(_ text: String) {
    let text = Array(text.utf8)
    guard text.count == 36 else { return nil }
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if Self.hyphens.contains(index) {
        guard text[index] == UInt8(ascii: "-") else { return nil }
        index += 1
      }
      guard let high = Self.digit(text[index]), let low = Self.digit(text[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
      index += 2
    }
    self.init(bytes: bytes)
  }

  /// The 16 bytes.
  public var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }

  /// 36 characters in lower case, as `entryUUID` shows them (RFC 4530 §2.1).
  public var description: String {
    String(unsafeUninitializedCapacity: 36) { text in
      var index = 0
      for byte in bytes {
        if Self.hyphens.contains(index) {
          text[index] = UInt8(ascii: "-")
          index += 1
        }
        text[index] = Self.digits[Int(byte >> 4)]
        text[index + 1] = Self.digits[Int(byte & 0xF)]
        index += 2
      }
      return index
    }
  }

  private static let hyphens = [8, 13, 18, 23]
  private static let digits = Array("0123456789abcdef".utf8)

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
