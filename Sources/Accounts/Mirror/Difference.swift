internal import Forms
internal import Text

extension ManagedImage {
  /// What an attribute has that nobody asked for, and what it lacks, as texts for people: one harmless line each, cut at
  /// 200 characters, at most 20 and then how many more. No identity number is ever reported: `***`.
  public struct Difference: Sendable, Hashable {
    /// As the schema spells it.
    public var attribute: String
    /// Values that should be there and aren't.
    public var expected: [String]
    /// Values that are there and shouldn't be.
    public var present: [String]

    public init(attribute: String, expected: [String], present: [String]) {
      self.attribute = attribute
      self.expected = expected
      self.present = present
    }
  }

  /// Where this image differs from what it should be, by attribute; empty where they are equal to the directory
  /// (``MatchingKey``).
  public func differences(from expected: ManagedImage) -> [Difference] {
    if self == expected { return [] }
    return zip(expected.records, records).enumerated().compactMap { slot, pair in
      if pair.0 == pair.1 { return nil }
      let (expected, present) = (ImageReader.values(pair.0), ImageReader.values(pair.1))
      let rule = Self.matching[slot]
      let (missing, more) = (expected.unmatched(by: present, rule), present.unmatched(by: expected, rule))
      if missing.isEmpty, more.isEmpty { return nil }
      return Difference(
        attribute: Self.attributes[slot], expected: Self.texts(slot, missing), present: Self.texts(slot, more))
    }
  }

  private static let most = 20

  private static func texts(_ slot: Int, _ values: [ImageValue]) -> [String] {
    let texts = values.prefix(most).map { slot == document ? "***" : $0.text }
    return values.count > most ? texts + ["and \(values.count - most) more"] : texts
  }
}

extension [ImageValue] {
  /// Those of a sorted list that aren't in another.
  func without(_ others: [ImageValue]) -> [ImageValue] {
    if isEmpty || others.isEmpty { return self }
    let others = Set(others)
    return filter { !others.contains($0) }
  }
}

extension ImageValue {
  fileprivate var text: String {
    guard let (tag, content) = parts else { return "" }
    let value =
      switch content {
      case .whole(let bytes): Self.line(bytes) ?? "\(bytes.count) bytes that are no text"
      case .cut(let count): "\(count) bytes"
      case .sum(let count): "\(count) values, which are too many to be kept"
      }
    return tag.isEmpty ? value : "(\(Self.line(tag) ?? "?")) \(value)"
  }

  /// `nil` where it isn't UTF-8.
  private static func line(_ bytes: ArraySlice<UInt8>) -> String? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let scalars = text.unicodeScalars
    let head = String(scalars.prefix(200)).neutralized()
    return scalars.dropFirst(200).isEmpty ? head : "\(head)…"
  }
}
