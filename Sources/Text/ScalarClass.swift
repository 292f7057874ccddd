/// What a scalar may do to the text that it stands in: the one table that every reader and writer of ours goes by.
///
/// | class | in a form | log, terminal, message | JSON | HTML | CSV, spreadsheet |
/// |---|---|---|---|---|---|
/// | plain | stays | stays | stays | stays | stays |
/// | control | refused, but for tab and line end | `\u{1B}` | `\u001b` | `\u{1B}` | U+FFFD |
/// | direction, invisible | refused | `\u{202E}` | `\u202e` | `\u{202E}` | U+FFFD |
/// | joiner | stays | `\u{200D}` | stays | stays | stays |
/// | replacement | refused | stays | stays | stays | stays |
public enum ScalarClass: Sendable, Hashable {
  /// A letter, a digit, a mark, a space.
  case plain
  /// Ends the line, moves the cursor or stands for nothing: C0 (tab and line ends too), DEL, C1, the separators U+2028 and
  /// U+2029, the byte order mark, and the scalars that are no characters.
  case control
  /// Turns the direction of writing, so that a name looks like another.
  case direction
  /// Can't be seen, so that two names look alike.
  case invisible
  /// Joins letters or keeps them apart (U+200C, U+200D), or chooses the form of one (U+E0100 to U+E01EF): a part of words in
  /// some scripts, and of emoji.
  case joiner
  /// U+FFFD: some program wrote it where a letter was lost.
  case replacement

  /// The class of a scalar (Unicode 16).
  @inlinable public init(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x20..<0x7F, 0xA0..<0xAD: self = .plain
    case 0..<0xA0: self = .control
    case 0xAD: self = .invisible
    case 0xAE..<0x61C: self = .plain
    case 0x200C, 0x200D, 0xE0100...0xE01EF: self = .joiner
    case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: self = .direction
    case 0x2028, 0x2029, 0xFEFF, 0xFDD0...0xFDEF: self = .control
    case 0x180E, 0x200B, 0x2060...0x206F, 0xFFF9...0xFFFB: self = .invisible
    // Formats of hieroglyphs, shorthand and music.
    case 0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: self = .invisible
    case 0xE0000...0xE0FFF: self = .invisible
    case 0xFFFD: self = .replacement
    case let value where value & 0xFFFE == 0xFFFE: self = .control
    default: self = .plain
    }
  }

  /// Whether it is written as an escape on a line for a terminal or a log.
  @inlinable public var isUnsafeToPrint: Bool {
    switch self {
    case .control, .direction, .invisible, .joiner: true
    case .plain, .replacement: false
    }
  }

  /// Whether it is written as an escape, or replaced, in a document that shows text to people or programs.
  @inlinable public var isUnsafeInDocuments: Bool { isUnsafeToPrint && self != .joiner }
}

extension UnsafeBufferPointer<UInt8> {
  /// The scalar at an index of good UTF-8 and its length in bytes, where it is unsafe in a document; `nil` for any other.
  @inlinable func scalarUnsafeInDocuments(at index: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    switch self[index] {
    case 0x20..<0x7F, 0x80..<0xC2, 0xC3...0xD7, 0xD9...0xE0, 0xE3...0xEE: return nil
    default:
      let (scalar, length) = scalar(at: index)
      return ScalarClass(scalar).isUnsafeInDocuments ? (scalar, length) : nil
    }
  }
}
