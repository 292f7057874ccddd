/// Why a TZif file can't be used.
public struct TZifError: Error {
  /// What is wrong with it.
  public let reason: String
}

/// When a zone's offset from UTC changed, and the rule for the time after the last change.
struct Transitions: Sendable {
  /// Seconds since 1970, ascending.
  private let times: [Int64]
  /// The offset from each of `times` on, seconds east of UTC.
  private let offsets: [Int32]
  /// The offset before the first of `times`.
  private let first: Int32
  /// For the time from the last of `times` on.
  private let rule: PosixZone?

  init(times: [Int64], offsets: [Int32], first: Int32, rule: PosixZone?) {
    self.times = times
    self.offsets = offsets
    self.first = first
    self.rule = rule
  }

  /// Seconds east of UTC.
  func offset(at second: Int64) -> Int {
    guard let last = times.last, second < last else {
      return rule.map { $0.offset(at: second) } ?? Int(offsets.last ?? first)
    }
    var low = 0
    var high = times.count
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= second { low = middle + 1 } else { high = middle }
    }
    return Int(low == 0 ? first : offsets[low - 1])
  }
}

extension Transitions {
  /// Reads version 2 or later of the format (RFC 9636 section 3): its 64-bit block and the footer.
  init(tzif bytes: [UInt8]) throws(TZifError) {
    var reader = Reader(bytes: bytes[...])
    let old = try Header(&reader)
    guard old.version >= UInt8(ascii: "2") else { throw TZifError(reason: "the file has no 64-bit times (version 1)") }
    _ = try reader.take(old.blockSize(timeSize: 4))
    let header = try Header(&reader)
    guard header.leaps == 0 else { throw TZifError(reason: "the file counts leap seconds (\"right\" zone)") }
    guard header.types > 0 else { throw TZifError(reason: "the file states no offset") }

    var times: [Int64] = []
    for _ in 0..<header.times { times.append(try reader.integer(Int64.self)) }
    guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw TZifError(reason: "the file's times are out of order")
    }
    let indices = try reader.take(header.times)
    var types: [Int32] = []
    for _ in 0..<header.types {
      types.append(try reader.integer(Int32.self))
      _ = try reader.take(2)  // daylight saving or not, name
    }
    guard indices.allSatisfy({ Int($0) < types.count }) else {
      throw TZifError(reason: "the file names a missing type")
    }
    _ = try reader.take(header.names + header.standards + header.universals)
    self.init(
      times: times, offsets: indices.map { types[Int($0)] }, first: types[0], rule: try Self.footer(&reader))
  }

  private static func footer(_ reader: inout Reader) throws(TZifError) -> PosixZone? {
    guard try reader.take(1).first == UInt8(ascii: "\n"), let end = reader.bytes.firstIndex(of: UInt8(ascii: "\n"))
    else { throw TZifError(reason: "the file has no footer") }
    let text = reader.bytes[..<end]
    if text.isEmpty { return nil }
    guard let rule = PosixZone(text) else {
      throw TZifError(reason: "the file's rule can't be read: \(String(decoding: text, as: UTF8.self))")
    }
    return rule
  }
}

/// A TZif header: 44 bytes.
private struct Header {
  let version: UInt8
  let universals, standards, leaps, times, types, names: Int

  init(_ reader: inout Reader) throws(TZifError) {
    guard try reader.take(4).elementsEqual("TZif".utf8) else { throw TZifError(reason: "not a TZif file") }
    version = try reader.integer(UInt8.self)
    _ = try reader.take(15)
    universals = Int(try reader.integer(UInt32.self))
    standards = Int(try reader.integer(UInt32.self))
    leaps = Int(try reader.integer(UInt32.self))
    times = Int(try reader.integer(UInt32.self))
    types = Int(try reader.integer(UInt32.self))
    names = Int(try reader.integer(UInt32.self))
  }

  /// Bytes of the block behind the header; a leap second has a time and four bytes more.
  func blockSize(timeSize: Int) -> Int {
    times * (timeSize + 1) + types * 6 + names + leaps * (timeSize + 4) + standards + universals
  }
}

/// Takes bytes from the front, never more than there are.
private struct Reader {
  var bytes: ArraySlice<UInt8>

  mutating func take(_ count: Int) throws(TZifError) -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw TZifError(reason: "the file ends too early") }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  /// Big-endian.
  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(TZifError) -> Value {
    try take(MemoryLayout<Value>.size).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }
}
