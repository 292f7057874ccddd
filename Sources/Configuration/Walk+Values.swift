import Forms
import LDAP

extension Walk {
  /// A duration with its unit.
  /// - Parameter unit: the only unit that makes sense, where there is one.
  func duration(_ field: Field, _ range: ClosedRange<Duration>, daysOnly: Bool = false) -> Duration? {
    let sample = daysOnly ? "90 d" : "500 ms, 30 s, 5 min, 24 h or 90 d"
    guard isScalar(field, "write a whole number and a unit: \(sample)") else { return nil }
    guard let duration = DurationText.parse(document.text(field.node)),
      !daysOnly || duration == .days(duration.wholeDays)
    else {
      report(field, "\(quoted(field)) is not a time with a unit", "write a whole number and a unit: \(sample)")
      return nil
    }
    if range.contains(duration) { return duration }
    report(
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
    report(
      field, "\(quoted(field)) is not a number from \(range.lowerBound) to \(range.upperBound)",
      "write \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  /// A size within a range.
  func size(_ field: Field, _ range: ClosedRange<UInt64>) -> ByteCount? {
    guard let size = size(field) else { return nil }
    if range.contains(size.bytes) { return size }
    let bounds = [range.lowerBound, range.upperBound].map { ByteCount(bytes: $0)?.description ?? "" }
    report(field, "\(quoted(field)) is out of range", "write \(bounds[0]) to \(bounds[1])")
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
    report(
      field, "\(quoted(field)) is not an absolute path", "write it from the root, without '.', '..', '//' or a last '/'"
    )
    return nil
  }

  /// A distinguished name in the string form of RFC 4514.
  func distinguishedName(_ field: Field) -> DN? {
    guard let text = text(field, most: 1024) else { return nil }
    if let name = try? DN(parsing: text), !name.isEmpty { return name }
    report(field, "\(quoted(field)) is not a distinguished name", "write it as dc=example,dc=org")
    return nil
  }
}

extension ASCIISet {
  /// Whether a text has nothing else in it; not for an empty one.
  func isAll(of text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(contains) }
}
