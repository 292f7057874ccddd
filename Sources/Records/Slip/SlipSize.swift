/// How large the texts of a slip are printed, so that each slip is one sheet: `slip.css` has a style for each size.
enum SlipSize: String {
  case usual = ""
  case long
  case longest = "long longest"

  init(_ slip: Slip) {
    self =
      switch slip.lines {
      case ...2: .usual
      case ...10: .long
      default: .longest
      }
  }
}

extension Slip {
  /// About how many lines the slip's texts take beyond those of one with short texts.
  fileprivate var lines: Int {
    let department = department ?? ""
    let columns = [name, department, position ?? ""].map { Self.lines($0, row: 14) }.max() ?? 0
    let logins = logins.reduce(logins.count - 2) { $0 + Self.lines($1, row: 24) }
    return 2 * Self.lines(address, row: 20) + columns + max(logins, 0) + Self.lines(requester ?? "", row: 16)
      + Self.lines(address + name + department, row: 36) + Self.lines(changeURL ?? "", row: 18)
      + 2 * Self.lines(password, row: 14)
  }

  /// The lines of a text beyond its first.
  ///
  /// - Parameter row: the width of a line, in widths of an em.
  private static func lines(_ text: String, row: Int) -> Int {
    let quarters = text.unicodeScalars.reduce(0) { sum, scalar in
      let isWide = "mwMW@".unicodeScalars.contains(scalar) || scalar.properties.isUppercase
      return sum + (scalar.value > 0x2FF ? 4 : isWide ? 3 : 2)
    }
    return max(0, (quarters - 1) / (4 * row))
  }
}
