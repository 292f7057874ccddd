extension Filter {
  /// The filter as it travels (RFC 4511 §4.5.1.7), which is also the value of an assertion control.
  var ber: [UInt8] {
    var writer = BERWriter()
    write(to: &writer)
    return writer.bytes
  }

  private func write(to writer: inout BERWriter) {
    let mark = writer.mark
    switch self {
    case .and(let filters):
      for filter in filters.reversed() { filter.write(to: &writer) }
      writer.close(0xA0, since: mark)
    case .or(let filters):
      for filter in filters.reversed() { filter.write(to: &writer) }
      writer.close(0xA1, since: mark)
    case .not(let filter):
      filter.write(to: &writer)
      writer.close(0xA2, since: mark)
    case .equal(let name, let value): Self.write(0xA3, name, value, to: &writer)
    case .substring(let name, let initial, let any, let final):
      if let final { writer.octets(final.bytes, tag: 0x82) }
      for value in any.reversed() { writer.octets(value.bytes, tag: 0x81) }
      if let initial { writer.octets(initial.bytes, tag: 0x80) }
      writer.close(0x30, since: mark)
      writer.octets(name.utf8)
      writer.close(0xA4, since: mark)
    case .greaterOrEqual(let name, let value): Self.write(0xA5, name, value, to: &writer)
    case .lessOrEqual(let name, let value): Self.write(0xA6, name, value, to: &writer)
    case .present(let name): writer.octets(name.utf8, tag: 0x87)
    case .approximate(let name, let value): Self.write(0xA8, name, value, to: &writer)
    case .extensible(let name, let rule, let value, let inDN):
      if inDN { writer.boolean(true, tag: 0x84) }
      writer.octets(value.bytes, tag: 0x83)
      if let name { writer.octets(name.utf8, tag: 0x82) }
      if let rule { writer.octets(rule.utf8, tag: 0x81) }
      writer.close(0xA9, since: mark)
    }
  }

  private static func write(_ tag: UInt8, _ name: String, _ value: Value, to writer: inout BERWriter) {
    let mark = writer.mark
    writer.octets(value.bytes)
    writer.octets(name.utf8)
    writer.close(tag, since: mark)
  }
}
