/// A size of storage, 1 byte to 2⁶³−1 bytes (what an LDAP INTEGER of 64 bits holds).
///
/// It is written as a whole number and a binary unit (IEC 80000-13): `5 GiB`, `500 MiB`. The decimal units (`GB`) are
/// refused: half of those who write them mean the binary ones, and a quota that is 7 % too small goes unnoticed.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// 1…2⁶³−1
  public let bytes: UInt64

  /// `nil` for none and for more than 2⁶³−1.
  public init?(bytes: UInt64) {
    guard bytes > 0, bytes <= UInt64(Int64.max) else { return nil }
    self.bytes = bytes
  }

  /// Why a text is no size.
  package enum ParseError: Error, Hashable {
    case noUnit, decimalUnit, unknownUnit, notWhole, outOfRange
  }

  /// Units from the largest, with their powers of two.
  private static let units: [(name: String, shift: UInt64)] = [
    ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0),
  ]

  /// A whole number, at most one space, a unit of `B`, `KiB`, `MiB`, `GiB`, `TiB`; `nil` for anything else.
  public init?(parsing text: String) {
    guard let size = try? Self.parse(text) else { return nil }
    self = size
  }

  package static func parse(_ text: String) throws(ParseError) -> ByteCount {
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    var rest = text.utf8[digits.endIndex...]
    guard !digits.isEmpty else { throw .notWhole }
    if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") { throw .notWhole }
    if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
    if rest.isEmpty { throw .noUnit }
    let name = String(Substring(rest))
    guard let unit = units.first(where: { $0.name == name }) else {
      let decimal = ["kB", "KB", "MB", "GB", "TB", "K", "M", "G", "T", "k", "m", "g", "kb", "mb", "gb", "tb"]
      throw decimal.contains(name) ? .decimalUnit : .unknownUnit
    }
    guard digits.count <= 19, let number = UInt64(Substring(digits)) else { throw .outOfRange }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << unit.shift)
    guard !overflow, let size = ByteCount(bytes: bytes) else { throw .outOfRange }
    return size
  }

  /// By size.
  public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

  /// With the largest unit that leaves a whole number: `5 GiB`, `1536 MiB`. It reads back as the same size.
  public var description: String {
    for unit in Self.units where bytes % (1 << unit.shift) == 0 {
      return "\(bytes >> unit.shift) \(unit.name)"
    }
    return "\(bytes) B"
  }
}
