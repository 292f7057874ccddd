/// Characters that no document of ours may hold, raw or written as an escape.
package enum ForbiddenScalar {
  /// A control character; a line separator that YAML 1.1 takes for a line break and editors don't; a byte order mark
  /// inside; a scalar that is none. The parser can't be let near these: it would refuse or miscount them.
  case control
  /// Changes the direction of the text around it or can't be seen at all: what is read isn't what is there.
  case invisible
  /// U+FFFD: some program put it where a letter was lost.
  case replacement

  /// `nil`: the scalar may stand. Line feed and tab may; carriage return is the caller's to judge.
  package init?(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x09, 0x0A: return nil
    case 0x00...0x1F, 0x7F...0x9F: self = .control
    case 0x20...0x60B: if scalar.value == 0xAD { self = .invisible } else { return nil }
    case 0x2028, 0x2029, 0xFEFF, 0xFDD0...0xFDEF: self = .control
    // Zero-width joiner and non-joiner (U+200C, U+200D) are letters' business in some scripts and may stand.
    case 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFFF9...0xFFFB: self = .invisible
    case 0xE0000...0xE007F: self = .invisible
    case 0xFFFD: self = .replacement
    case let value where value & 0xFFFE == 0xFFFE: self = .control
    default: return nil
    }
  }

  func problem(_ scalar: Unicode.Scalar) -> String {
    switch self {
    case .control: "the control character \(scalar.codePoint) is not allowed"
    case .invisible: "the invisible character \(scalar.codePoint) is not allowed"
    case .replacement: "a letter was lost here when the text was converted (\(scalar.codePoint))"
    }
  }

  var remedy: String {
    switch self {
    case .control, .invisible: "delete it"
    case .replacement: "write the letter again"
    }
  }
}
