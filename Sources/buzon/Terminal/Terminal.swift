internal import Glibc
internal import Translations

/// What a descriptor is connected to: a person's terminal, or something that wants plain lines.
enum Terminal {
  /// Whether it is a terminal that can move its cursor.
  static func isOne(_ descriptor: Int32) -> Bool {
    guard isatty(descriptor) == 1, let kind = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return kind != "dumb" && !kind.isEmpty
  }

  /// Its width in cells; `nil`: it isn't a terminal, or its width isn't known.
  static func width(_ descriptor: Int32) -> Int? {
    guard isOne(descriptor) else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether colours are welcome there (no-color.org).
  static func takesTints(_ descriptor: Int32) -> Bool {
    guard isOne(descriptor) else { return false }
    return getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
  }
}

/// The colour of an outcome, on a terminal; never the colour alone.
enum Tint {
  case plain, good, waiting, bad

  /// Of a state or an outcome, by its word.
  init(_ word: String) {
    self =
      switch word {
      case "applied", "unchanged", "closed", "delivered": .good
      case "failed", "partly", "rejected", "cancelled", "undone", "skipped", "expired": .bad
      case "held", "awaiting-signature": .waiting
      default: .plain
      }
  }

  /// ECMA-48, SGR.
  func applied(to text: String) -> String {
    let colour: Int? =
      switch self {
      case .plain: nil
      case .good: 32
      case .waiting: 33
      case .bad: 31
      }
    return colour.map { "\u{1B}[\($0)m\(text)\u{1B}[0m" } ?? text
  }
}

extension String {
  /// A state or an outcome as the caller's language calls it of a thing, in its colour where standard output takes colours.
  func tinted(of thing: String) -> String {
    let text = translated(self, of: thing)
    return Terminal.takesTints(STDOUT_FILENO) ? Tint(self).applied(to: text) : text
  }
}
