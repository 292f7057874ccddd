internal import LDAP
internal import Text

extension Value {
  /// The value with ASCII letters in lower case, as caseIgnoreIA5Match compares (RFC 4517 §4.2.3).
  var folded: [UInt8] { bytes.map(Self.folded) }

  /// The same as text, where it is UTF-8. Letters beyond ASCII stay as they are: to `lowercased()` a Kelvin sign is a k.
  var foldedText: String? { String(validating: folded, as: UTF8.self) }

  func isSame(as other: Value) -> Bool {
    bytes.count == other.bytes.count
      && (bytes == other.bytes || zip(bytes, other.bytes).allSatisfy { Self.folded($0) == Self.folded($1) })
  }

  private static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

extension RandomAccessCollection<Value> {
  /// The values that aren't among others.
  ///
  /// A few are looked for one by one: a form may add a member to a list of thousands ten thousand times.
  func without(_ others: [Value]) -> [Value] {
    if others.isEmpty || isEmpty { return Array(self) }
    if Swift.min(count, others.count) <= 4 {
      return filter { value in !others.contains { $0.isSame(as: value) } }
    }
    let folded = Set(others.map(\.folded))
    return filter { !folded.contains($0.folded) }
  }

  func withoutDoubles() -> [Value] {
    var seen: Set<[UInt8]> = []
    return filter { seen.insert($0.folded).inserted }
  }

  /// How many values two lists begin with alike.
  func countOfCommonHead(_ other: some RandomAccessCollection<Value>) -> Int {
    var count = 0
    var (mine, theirs) = (startIndex, other.startIndex)
    while mine != endIndex, theirs != other.endIndex, self[mine] == other[theirs] {
      count += 1
      formIndex(after: &mine)
      other.formIndex(after: &theirs)
    }
    return count
  }
}
