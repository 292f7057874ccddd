import Forms

extension Walk {
  /// A duration with its unit.
  /// - Parameter unit: the only unit that makes sense, where there is one.
  func duration(_ field: Field, _ range: ClosedRange<Duration>, daysOnly: Bool = false) -> Duration? {
    let sample = daysOnly ? "90 d" : "500 ms, 30 s, 5 min, 24 h or 90 d"
    guard isScalar(field, "write a whole number and a unit: \(sample)") else { return nil }
    guard let duration = DurationText.parse(document.text(field.node)),
      !daysOnly || duration == .days(duration.wholeDays)
    else {
      tell(field, "\(quoted(field)) is no time with a unit", "write a whole number and a unit: \(sample)")
      return nil
    }
    if range.contains(duration) { return duration }
    tell(
      field, "\(quoted(field)) is out of range",
      "write \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))")
    return nil
  }

  /// A whole number without a unit.
  func number(_ field: Field, _ range: ClosedRange<Int>) -> Int? {
    guard isScalar(field, "write a number") else { return nil }
    let text = document.text(field.node)
    let isNumber = ASCIISet.digits.isAll(of: text) && text.utf8.count <= 9 && (text == "0" || text.utf8.first != 0x30)
    if isNumber, let number = Int(text), range.contains(number) { return number }
    tell(
      field, "\(quoted(field)) is no number from \(range.lowerBound) to \(range.upperBound)",
      "write \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// A size within a range.
  func size(_ field: Field, _ range: ClosedRange<UInt64>) -> ByteCount? {
    guard let size = size(field) else { return nil }
    if range.contains(size.bytes) { return size }
    let bounds = [range.lowerBound, range.upperBound].map { ByteCount(bytes: $0)?.description ?? "" }
    tell(field, "\(quoted(field)) is out of range", "write \(bounds[0]) to \(bounds[1])")
    return nil
  }

  /// An absolute path in its plain form: no `.`, no `..`, no empty part.
  func path(_ field: Field) -> String? {
    guard let path = text(field, most: 1024) else { return nil }
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
    let isPlain = parts.allSatisfy { part in
      let name = String(Substring(part))
      return !name.isEmpty && name != "." && name != ".."
    }
    if path.utf8.first == UInt8(ascii: "/"), isPlain { return path }
    tell(field, "\(quoted(field)) is no absolute path", "write it from the root, without '.', '..', '//' or a last '/'")
    return nil
  }

  /// A distinguished name in the string form of RFC 4514, looked at only so far that slips are told; the directory
  /// judges the rest.
  func distinguishedName(_ field: Field) -> String? {
    guard let text = text(field, most: 1024) else { return nil }
    if DistinguishedNameText.isPlausible(text) { return text }
    tell(field, "\(quoted(field)) is no distinguished name", "write it as dc=example,dc=org")
    return nil
  }
}

extension ASCIISet {
  /// Whether a text has nothing else in it; not for an empty one.
  func isAll(of text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(contains) }
}

/// Distinguished names as text; the LDAP client has the real thing.
enum DistinguishedNameText {
  /// `type=value` in every part, and in the value nothing that must be escaped (RFC 4514 §3): what the LDAP client takes
  /// but for names of several attributes and `#` values, which no base needs.
  static func isPlausible(_ text: String) -> Bool {
    let type = ASCIISet.alphanumerics.union(ASCIISet("-."))
    return parts(text).allSatisfy { part in
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return false }
      let name = part[..<equals].split(separator: 0x20)
      guard name.count == 1, let first = name[0].first, ASCIISet.alphanumerics.contains(first),
        name[0].allSatisfy(type.contains)
      else { return false }
      let value = part[part.index(after: equals)...].drop { $0 == 0x20 }
      return !value.isEmpty && value.first != UInt8(ascii: "#") && isEscaped(value)
    }
  }

  private static func isEscaped(_ value: ArraySlice<UInt8>) -> Bool {
    let special = ASCIISet("\"+,;<>\\")
    let digits = ASCIISet("0123456789abcdefABCDEF")
    var rest = value
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let next = rest.popFirst() else { return false }
        if digits.contains(next) {
          guard let low = rest.popFirst(), digits.contains(low) else { return false }
        } else if !special.contains(next), !" #=".utf8.contains(next) {
          return false
        }
      } else if byte < 0x80, special.contains(byte) {
        return false
      }
    }
    return true
  }

  /// Whether a name stands below another; letters' case and spaces about the commas don't matter.
  static func stands(_ name: String, under base: String) -> Bool {
    let name = plain(name)
    let base = plain(base)
    return name.count > base.count && name.suffix(base.count) == base[...]
  }

  private static func plain(_ text: String) -> [[UInt8]] {
    parts(text).map { part in
      let small = part.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
      return Array(small.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed())
    }
  }

  private static func parts(_ text: String) -> [[UInt8]] {
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: ","), !isEscaped {
        parts.append([])
        continue
      }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      parts[parts.count - 1].append(byte)
    }
    return parts
  }
}
