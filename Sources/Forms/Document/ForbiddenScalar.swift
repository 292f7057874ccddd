internal import Text

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
    switch ScalarClass(scalar) {
    case .plain, .joiner: return nil
    case .control:
      if scalar == "\t" || scalar == "\n" { return nil }
      self = .control
    case .direction, .invisible: self = .invisible
    case .replacement: self = .replacement
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
