internal import LDAP

/// Writes an image, attribute after attribute in the order of their numbers.
struct ImageWriter {
  private(set) var bytes: [UInt8] = []

  init() {
    bytes.reserveCapacity(640)
    bytes.append(ManagedImage.version)
  }

  mutating func append(_ slot: Int, _ values: [Value]) {
    guard values.count == 1, values[0].bytes.count <= ImageValue.longest else {
      return append(slot, values.map { ImageValue(slot, $0) })
    }
    // Nearly all are like this.
    bytes.append(UInt8(slot))
    bytes.append(1)
    bytes.appendCount(values[0].bytes.count << 3)
    let start = bytes.count
    bytes += values[0].bytes
    guard ManagedImage.isFolded[slot] else { return }
    for index in start..<bytes.count where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
  }

  /// An attribute as another image has it.
  mutating func append(_ slot: Int, record: ArraySlice<UInt8>) {
    if record.isEmpty { return }
    bytes.append(UInt8(slot))
    bytes += record
  }

  /// Values in any order, also more than once.
  mutating func append(_ slot: Int, _ values: [ImageValue]) {
    if values.isEmpty { return }
    var values = values.count == 1 ? values : values.sorted(by: ImageValue.precedes).withoutRepetition()
    if values.reduce(0, { $0 + $1.encoded.count }) > ImageValue.largest { values = [ImageValue(sumOf: values)] }
    bytes.append(UInt8(slot))
    bytes.appendCount(values.count)
    for value in values { bytes += value.encoded }
  }
}

/// Reads what an image says behind its version, attribute after attribute.
struct ImageReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next attribute, a count and the values; `nil` at the end, and where what follows is none.
  mutating func next() -> (slot: Int, record: ArraySlice<UInt8>)? {
    var after = rest
    guard let slot = after.popFirst(), Int(slot) < ManagedImage.attributes.count else { return nil }
    let start = after.startIndex
    guard let count = after.takeCount(), count > 0, count <= after.count else { return nil }
    for _ in 0..<count { guard after.takeValue() != nil else { return nil } }
    defer { rest = after }
    return (Int(slot), rest[start..<after.startIndex])
  }

  static func values(_ record: ArraySlice<UInt8>) -> [ImageValue] {
    var rest = record
    var values: [ImageValue] = []
    // A record that `next` gave has as many as it says.
    for _ in 0..<(rest.takeCount() ?? 0) {
      if let value = rest.takeValue() { values.append(ImageValue(encoded: value)) }
    }
    return values
  }

  /// Whether all of it is as ``ImageWriter`` writes it.
  static func isSound(_ bytes: ArraySlice<UInt8>) -> Bool {
    var reader = ImageReader(bytes)
    var last = -1
    while let (slot, record) = reader.next() {
      let values = values(record)
      guard slot > last, values.allSatisfy({ $0.parts != nil }),
        zip(values, values.dropFirst()).allSatisfy(ImageValue.precedes)
      else { return false }
      last = slot
    }
    return reader.rest.isEmpty
  }
}

extension [ImageValue] {
  /// What is sorted, each once.
  fileprivate func withoutRepetition() -> [ImageValue] {
    var last: ImageValue?
    return filter { value in
      defer { last = value }
      return value != last
    }
  }
}
