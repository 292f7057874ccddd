internal import Text

/// What is wrong with a text of one line.
///
/// Nothing is trimmed or mended: the form is archived as the evidence of what was approved, so what is written to the
/// directory is what the form says, to the letter.
enum TextFault: Equatable {
  case blank, spaceAtTheEdge, lineBreak, tab, beginsWithMark
  case tooLong(scalars: Int)

  /// - Parameter bytes: good UTF-8 without control characters but line feeds and tabs.
  static func first(in bytes: UnsafeBufferPointer<UInt8>, most: Int) -> TextFault? {
    var scalars = 0
    for byte in bytes {
      if byte == 0x0A { return .lineBreak }
      if byte == 0x09 { return .tab }
      if byte & 0xC0 != 0x80 { scalars += 1 }
    }
    guard scalars > 0 else { return .blank }
    let first = bytes.scalar(at: 0).0
    var end = bytes.count - 1
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    if isSpace(first) || isSpace(bytes.scalar(at: end).0) {
      return isBlank(bytes) ? .blank : .spaceAtTheEdge
    }
    if first.value >= 0x300, isMark(first) { return .beginsWithMark }
    return scalars > most ? .tooLong(scalars: scalars) : nil
  }

  /// White space, or a joiner that joins nothing.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value == 0x20 }
    return scalar.properties.isWhitespace || scalar.value == 0x200C || scalar.value == 0x200D
  }

  private static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy(isSpace)
  }

  /// A mark without a letter would stand on whatever comes before it in a line of the list.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: true
    default: false
    }
  }

  var problem: String {
    switch self {
    case .blank: "is empty"
    case .spaceAtTheEdge: "begins or ends with a space"
    case .lineBreak: "has a line break in it"
    case .tab: "has a tab in it"
    case .beginsWithMark: "begins with an accent that belongs to no letter"
    case .tooLong(let scalars): "has \(scalars) letters"
    }
  }

  func remedy(most: Int) -> String {
    switch self {
    case .blank: "write it"
    case .spaceAtTheEdge: "delete the space"
    case .lineBreak: "write it on one line"
    case .tab: "write a space"
    case .beginsWithMark: "delete the accent or write the letter"
    case .tooLong: "write at most \(most)"
    }
  }
}
