/// Writes BER (X.690, the subset of RFC 4511 §5.1) from the end to the beginning, so that a length is known when it is
/// written. Children are written last to first.
struct BERWriter {
  private var reversed: [UInt8] = []

  /// Bytes written so far: the mark for ``close(_:since:)``.
  var mark: Int { reversed.count }

  /// The encoding.
  var bytes: [UInt8] { reversed.reversed() }

  /// Puts tag and length before what was written since the mark.
  mutating func close(_ tag: UInt8, since mark: Int) {
    var length = reversed.count - mark
    if length < 0x80 {
      reversed.append(UInt8(length))
    } else {
      var count: UInt8 = 0
      while length > 0 {
        reversed.append(UInt8(truncatingIfNeeded: length))
        length >>= 8
        count += 1
      }
      reversed.append(0x80 | count)
    }
    reversed.append(tag)
  }

  /// A primitive with these bytes, an OCTET STRING by default.
  mutating func octets(_ bytes: some BidirectionalCollection<UInt8>, tag: UInt8 = 0x04) {
    let mark = mark
    reversed.append(contentsOf: bytes.reversed())
    close(tag, since: mark)
  }

  /// A BOOLEAN.
  mutating func boolean(_ value: Bool, tag: UInt8 = 0x01) {
    octets(CollectionOfOne<UInt8>(value ? 0xFF : 0), tag: tag)
  }

  /// An INTEGER or ENUMERATED.
  mutating func integer(_ value: Int, tag: UInt8 = 0x02) {
    let mark = mark
    var rest = value
    while true {
      let byte = UInt8(truncatingIfNeeded: rest)
      reversed.append(byte)
      rest >>= 8
      if (rest == 0 && byte < 0x80) || (rest == -1 && byte >= 0x80) { break }
    }
    close(tag, since: mark)
  }
}

/// Reads BER; each function answers nil, and stays where it is, where something else stands.
struct BERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The tag of the next element.
  var tag: UInt8? { rest.first }

  /// The contents of the next element, if it has this tag.
  mutating func octets(_ tag: UInt8) -> ArraySlice<UInt8>? {
    guard rest.count >= 2, rest.first == tag else { return nil }
    var index = rest.startIndex + 1
    var length = Int(rest[index])
    index += 1
    if length >= 0x80 {
      let count = length & 0x7F
      guard count > 0, count <= 4, rest.endIndex - index >= count else { return nil }
      length = rest[index..<index + count].reduce(0) { $0 << 8 | Int($1) }
      index += count
    }
    guard rest.endIndex - index >= length else { return nil }
    defer { rest = rest[(index + length)...] }
    return rest[index..<index + length]
  }

  /// A reader of the contents of the next element, if it has this tag.
  mutating func constructed(_ tag: UInt8) -> BERReader? {
    octets(tag).map { BERReader($0) }
  }

  /// The next element as an integer, if it has this tag and fits.
  mutating func integer(_ tag: UInt8 = 0x02) -> Int? {
    var copy = self
    guard let bytes = copy.octets(tag), let first = bytes.first, bytes.count <= 8 else { return nil }
    self = copy
    return bytes.reduce(first >= 0x80 ? -1 : 0) { $0 << 8 | Int($1) }
  }

  /// The next element as text (repaired where it isn't UTF-8), if it has this tag.
  mutating func text(_ tag: UInt8 = 0x04) -> String? {
    octets(tag).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Entry {
  /// A SearchResultEntry (RFC 4511 §4.5.2), as the read-entry controls carry it. Its tag is [APPLICATION 4], and
  /// OpenLDAP writes it as a plain SEQUENCE.
  init?(ber bytes: [UInt8]) {
    var outer = BERReader(bytes[...])
    guard var entry = outer.constructed(0x30) ?? outer.constructed(0x64), let name = entry.text(),
      var list = entry.constructed(0x30)
    else { return nil }
    // What a later version may add at the end of a SEQUENCE is passed over (RFC 4511 §4); nothing else may follow.
    guard outer.isAtEnd else { return nil }
    dn = DN(fromServer: name)
    attributes = []
    while var attribute = list.constructed(0x30) {
      guard let name = attribute.text(), var set = attribute.constructed(0x31) else { return nil }
      var values: [Value] = []
      while let value = set.octets(0x04) { values.append(Value(bytes: Array(value))) }
      guard set.isAtEnd else { return nil }
      attributes.append(Attribute(name, values))
    }
    guard list.isAtEnd else { return nil }
  }
}
