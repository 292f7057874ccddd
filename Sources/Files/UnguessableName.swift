/// 128 random bits of the kernel (getrandom(2)) as 32 lower-case hexadecimal digits: a name with it can't be guessed.
///
/// In a drop folder nobody but the agent can list the names. So only who knows a name can open, watch or take it.
func unguessableWord() -> String {
  var generator = SystemRandomNumberGenerator()
  return (0..<2).map { _ in
    let digits = String(generator.next() as UInt64, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }.joined()
}

extension FileName {
  /// `BEGINNING-` and 128 random bits and the suffix; `nil` where the beginning is too long or can't name a file.
  ///
  /// What belongs together differs in the suffix alone: ``replacing(_:with:)`` gives the other name.
  public static func unguessable(_ beginning: String, suffix: String) -> FileName? {
    FileName("\(beginning)-\(unguessableWord())\(suffix)")
  }

  /// The same stem with another suffix, e.g. `.sig` beside `.yaml`; `nil` where the name doesn't end in `suffix`.
  public func replacing(_ suffix: StaticString, with other: String) -> FileName? {
    hasSuffix(suffix) ? FileName(Array(bytes.dropLast(suffix.utf8CodeUnitCount)) + Array(other.utf8)) : nil
  }
}
