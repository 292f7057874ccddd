internal import Glibc
internal import LDAP

/// A value as an image keeps it: an opening, then the option it stands under, if any, then the value.
struct ImageValue: Hashable {
  /// What is kept of a value, beside it.
  private static let isTagged = 1
  private static let isCut = 2
  private static let isSum = 4

  /// Bytes of a value that is kept whole.
  static let longest = 4_096
  /// Bytes of values that an attribute keeps.
  static let largest = 4 << 20
  /// Bytes of an option that are kept.
  private static let longestTag = 64

  let encoded: ArraySlice<UInt8>

  /// - Parameter tag: the options, without the first `;`.
  init(_ slot: Int, _ value: Value, tag: [UInt8] = []) {
    let bytes = ManagedImage.isFolded[slot] ? value.folded : value.bytes
    let isLong = bytes.count > Self.longest
    var encoded: [UInt8] = []
    let kept = isLong ? Self.number(bytes.count) + Self.number(Self.digest(bytes[...])) : bytes
    let flags = (tag.isEmpty ? 0 : Self.isTagged) | (isLong ? Self.isCut : 0)
    encoded.appendCount(kept.count << 3 | flags)
    if !tag.isEmpty {
      let tag =
        tag.count > Self.longestTag ? tag.prefix(Self.longestTag) + Self.number(Self.digest(tag[...])) : tag[...]
      encoded.appendCount(tag.count)
      encoded += tag
    }
    encoded += kept
    self.encoded = encoded[...]
  }

  /// What stands for values that are too many to be kept.
  init(sumOf values: [ImageValue]) {
    var digest: UInt64 = 0
    for value in values { digest = Self.digest(value.encoded, from: digest) }
    var encoded: [UInt8] = []
    let kept = Self.number(values.count) + Self.number(digest)
    encoded.appendCount(kept.count << 3 | Self.isSum)
    self.encoded = (encoded + kept)[...]
  }

  init(encoded: ArraySlice<UInt8>) { self.encoded = encoded }

  // MARK: What it holds

  enum Content {
    case whole(ArraySlice<UInt8>)
    /// A value of so many bytes.
    case cut(count: Int)
    /// So many values.
    case sum(count: Int)
  }

  /// `nil` where the bytes are no value.
  var parts: (tag: ArraySlice<UInt8>, content: Content)? {
    var rest = encoded
    guard let opening = rest.takeCount() else { return nil }
    var tag: ArraySlice<UInt8> = []
    if opening & Self.isTagged != 0 {
      guard let count = rest.takeCount(), count > 0, let taken = rest.take(count) else { return nil }
      tag = taken
    }
    guard rest.count == opening >> 3 else { return nil }
    switch opening & 7 {
    case 0, Self.isTagged: return rest.count > Self.longest ? nil : (tag, .whole(rest))
    case Self.isCut, Self.isCut | Self.isTagged:
      return rest.count == 16 ? (tag, .cut(count: Self.count(rest))) : nil
    case Self.isSum: return rest.count == 16 ? (tag, .sum(count: Self.count(rest))) : nil
    default: return nil
    }
  }

  var isTagged: Bool { (encoded.first ?? 0) & UInt8(Self.isTagged) != 0 }
  var isSum: Bool { (encoded.first ?? 0) & UInt8(Self.isSum) != 0 }

  /// The value, where it stands under no option and is kept whole.
  var plain: Value? {
    guard let parts, parts.tag.isEmpty, case .whole(let bytes) = parts.content else { return nil }
    return Value(bytes: Array(bytes))
  }

  /// The order of the bytes.
  static func precedes(_ one: ImageValue, _ other: ImageValue) -> Bool {
    one.encoded.withUnsafeBytes { one in
      other.encoded.withUnsafeBytes { other in
        // Neither is empty: each has its opening, so each has a base address.
        guard let first = one.baseAddress, let second = other.baseAddress else { return one.count < other.count }
        let order = memcmp(first, second, min(one.count, other.count))
        return order == 0 ? one.count < other.count : order < 0
      }
    }
  }

  // MARK: Numbers

  private static func number(_ number: Int) -> [UInt8] { self.number(UInt64(number)) }

  private static func number(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  private static func count(_ bytes: ArraySlice<UInt8>) -> Int {
    Int(truncatingIfNeeded: bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & UInt64(Int64.max))
  }

  /// Eight bytes at a time, in the manner of FNV-1a.
  private static func digest(_ bytes: ArraySlice<UInt8>, from start: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { bytes in
      var digest = start ^ 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
      func mix(_ word: UInt64) {
        digest = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
        digest ^= digest >> 29
      }
      let whole = bytes.count & ~7
      for place in stride(from: 0, to: whole, by: 8) {
        mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      }
      mix(bytes[whole...].reduce(0) { $0 << 8 | UInt64($1) })
      return digest
    }
  }
}

extension [UInt8] {
  /// A count, seven bits a byte, the low ones first.
  mutating func appendCount(_ count: Int) {
    var count = count
    while count > 0x7F {
      append(UInt8(truncatingIfNeeded: count) | 0x80)
      count >>= 7
    }
    append(UInt8(truncatingIfNeeded: count))
  }
}

extension ArraySlice<UInt8> {
  /// At most 2⁴²−1, and in the fewest bytes.
  mutating func takeCount() -> Int? {
    var count = 0
    for shift in 0..<6 {
      guard let byte = popFirst() else { return nil }
      count |= Int(byte & 0x7F) << (shift * 7)
      if byte < 0x80 { return byte == 0 && shift > 0 ? nil : count }
    }
    return nil
  }

  /// An opening and what it announces.
  mutating func takeValue() -> ArraySlice<UInt8>? {
    var after = self
    guard let opening = after.takeCount() else { return nil }
    if opening & 1 != 0 { guard let count = after.takeCount(), after.take(count) != nil else { return nil } }
    guard after.take(opening >> 3) != nil else { return nil }
    defer { self = after }
    return self[startIndex..<after.startIndex]
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= self.count else { return nil }
    defer { self = dropFirst(count) }
    return prefix(count)
  }
}
