extension String {
  /// The text as a word of a command that somebody may copy into a shell (sh(1)), quoted where it must be.
  public var shellWord: String {
    let isPlain = utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "/:%._-,=@+".utf8.contains(byte)
      }
    }
    return isPlain && !utf8.isEmpty ? self : shellQuoted
  }

  /// The same, quoted in any case.
  public var shellQuoted: String {
    // A single quote ends the quoted part, stands for itself behind a backslash, and begins the next. By scalars: a quote
    // with a combining mark is no quote to a comparison of characters.
    var word = "'"
    for scalar in unicodeScalars {
      if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
    }
    return word + "'"
  }
}
