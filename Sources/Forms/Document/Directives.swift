/// `%YAML` and `%TAG` lines, which libyaml reads in time that grows with their square.
enum Directives {
  /// Whether no line before the document's first begins with `%`.
  static func areAbsent(_ text: UnsafeBufferPointer<UInt8>, _ findings: Findings) -> Bool {
    var line = 1
    var position = 0
    while position < text.count {
      let start = position
      while position < text.count, text[position] != 0x0A { position += 1 }
      let first = text[start..<position].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
      if first == UInt8(ascii: "%") {
        findings.report(Place(line: line, column: 1), "", "a directive (%) is not used here", "delete the line")
        return false
      }
      if let first, first != UInt8(ascii: "#") { return true }
      position += 1
      line += 1
    }
    return true
  }
}
