/// Whether text is in Unicode's Normalization Form C (UAX #15).
///
/// Nearly all text is judged by a quick look at each scalar: below U+0300 everything is in NFC, and most of the rest is
/// told by public properties. Only a stretch with a scalar that may combine with what stands before it is normalised
/// for comparison. The time is linear but for sorting a run of combining marks.
package enum Normalization {
  /// UTF-8 lead bytes below this one begin scalars below U+0300: always in NFC, never reordered.
  package static let firstLeadToJudge: UInt8 = 0xCC

  package static func isNFC(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.contains(where: { $0 >= firstLeadToJudge }) else { return true }
    var good = true
    violations(in: bytes) { _ in
      good = false
      return false
    }
    return good
  }

  /// Calls `tell` with the byte offset of each stretch that is not in NFC, until it returns false.
  /// - Parameter bytes: good UTF-8.
  package static func violations(in bytes: UnsafeBufferPointer<UInt8>, _ tell: (Int) -> Bool) {
    var stretch = Stretch()
    var position = 0
    while position < bytes.count {
      let (scalar, length) = bytes.scalar(at: position)
      let role = Role(scalar)
      if role == .starter || role == .excludedStarter {
        if let offset = stretch.violation, !tell(offset) { return }
        stretch.begin(scalar, role, at: position)
      } else {
        stretch.append(scalar, role, at: position)
      }
      position += length
    }
    if let offset = stretch.violation { _ = tell(offset) }
  }

  /// The text in NFC, but for scalars that never stand in it (U+212B, the ångström sign): those stay, for the table of
  /// compositions doesn't know what they stand for.
  package static func composed(_ text: String) -> String {
    text.withScalars { Compositions.shared.normalize($0) }
  }

  /// The text without the marks that combine with its letters: `Teléfono` to `Telefono`. To compare, never to show.
  package static func withoutMarks(_ text: String) -> String {
    text.withScalars { scalars in
      Compositions.shared.decompose(scalars).filter {
        Unicode.Scalar($0)?.properties.canonicalCombiningClass == .notReordered
      }
    }
  }

  /// What a scalar may do to the normal form of the text around it.
  private enum Role: Equatable {
    /// Begins a stretch and combines with nothing before it.
    case starter
    /// May combine with what stands before it (NFC_Quick_Check=Maybe).
    case joiner(Unicode.CanonicalCombiningClass)
    /// A mark that only takes its place in the order of marks.
    case mark(Unicode.CanonicalCombiningClass)
    /// Never stands in NFC (NFC_Quick_Check=No).
    case excludedStarter, excludedMark

    init(_ scalar: Unicode.Scalar) {
      if scalar.value < 0x300 {
        self = .starter
        return
      }
      let properties = scalar.properties
      let order = properties.canonicalCombiningClass
      if properties.isFullCompositionExclusion {
        self = order == .notReordered ? .excludedStarter : .excludedMark
      } else if Compositions.shared.seconds.contains(scalar.value) || Hangul.isSecond(scalar.value) {
        self = .joiner(order)
      } else {
        self = order == .notReordered ? .starter : .mark(order)
      }
    }
  }

  /// Scalars from a starter up to the next one.
  private struct Stretch {
    private var scalars: [UInt32] = []
    private var start = 0
    private var last = Unicode.CanonicalCombiningClass.notReordered
    private var isSuspect = false
    private var isBad = false

    mutating func begin(_ scalar: Unicode.Scalar, _ role: Role, at offset: Int) {
      scalars.removeAll(keepingCapacity: true)
      scalars.append(scalar.value)
      start = offset
      last = .notReordered
      isSuspect = false
      isBad = role == .excludedStarter
    }

    mutating func append(_ scalar: Unicode.Scalar, _ role: Role, at offset: Int) {
      if scalars.isEmpty { start = offset }
      scalars.append(scalar.value)
      switch role {
      case .starter: break
      case .excludedStarter, .excludedMark: isBad = true
      case .joiner(let order), .mark(let order):
        if case .joiner = role { isSuspect = true }
        // Marks stand in the order of their classes.
        if order != .notReordered, last > order { isBad = true }
        last = order
      }
    }

    /// Where the stretch begins, if it isn't in NFC.
    var violation: Int? {
      isBad || (isSuspect && Compositions.shared.normalize(scalars) != scalars) ? start : nil
    }
  }
}

extension String {
  fileprivate func withScalars(_ body: ([UInt32]) -> [UInt32]) -> String {
    var result = String.UnicodeScalarView()
    // Every number comes of scalars and of the table, which holds scalars.
    result.append(contentsOf: body(unicodeScalars.map(\.value)).lazy.compactMap(Unicode.Scalar.init))
    return String(result)
  }
}

/// Canonical decomposition and composition.
private struct Compositions {
  static let shared = Compositions()

  private var composites: [UInt64: UInt32] = [:]
  private var parts: [UInt32: (first: UInt32, second: UInt32)] = [:]
  /// Scalars that stand second in a composition.
  private(set) var seconds: Set<UInt32> = []

  private init() {
    let table = CompositionPairs.table
    for row in stride(from: 0, to: table.count, by: 3) {
      let (first, second, composite) = (table[row], table[row + 1], table[row + 2])
      composites[Self.key(first, second)] = composite
      parts[composite] = (first, second)
      seconds.insert(second)
    }
  }

  private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

  private func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.compose(first, second) ?? composites[Self.key(first, second)]
  }

  private func decompose(_ scalar: UInt32, into list: inout [UInt32]) {
    if let parts = parts[scalar] ?? Hangul.decompose(scalar) {
      decompose(parts.first, into: &list)
      decompose(parts.second, into: &list)
    } else {
      list.append(scalar)
    }
  }

  func decompose(_ scalars: [UInt32]) -> [UInt32] {
    var decomposed: [UInt32] = []
    for scalar in scalars { decompose(scalar, into: &decomposed) }
    return decomposed
  }

  /// The NFC of a stretch that has no scalars that are excluded from it.
  func normalize(_ stretch: [UInt32]) -> [UInt32] {
    let ordered = Self.ordered(decompose(stretch))
    var result: [UInt32] = []
    var starter: Int?
    var last: UInt8 = 0
    for (scalar, order) in ordered {
      // A mark is blocked from the starter by one of its own class or higher, a starter by anything between.
      if let starter, result.count == starter + 1 || last < order,
        let composite = compose(result[starter], scalar)
      {
        result[starter] = composite
        continue
      }
      if order == 0 { starter = result.count }
      last = order
      result.append(scalar)
    }
    return result
  }

  /// Runs of marks sorted by their classes, those of one class in their order.
  private static func ordered(_ scalars: [UInt32]) -> [(UInt32, UInt8)] {
    var list: [(UInt32, UInt8)] = scalars.map {
      ($0, Unicode.Scalar($0)?.properties.canonicalCombiningClass.rawValue ?? 0)
    }
    var start = 0
    while start < list.count {
      var end = start
      while end < list.count, list[end].1 != 0 { end += 1 }
      if end - start > 1 {
        let sorted = list[start..<end].enumerated().sorted {
          ($0.element.1, $0.offset) < ($1.element.1, $1.offset)
        }
        list.replaceSubrange(start..<end, with: sorted.map(\.element))
      }
      start = end + 1
    }
    return list
  }
}

/// The arithmetic of Hangul syllables (The Unicode Standard §3.12).
private enum Hangul {
  private static let syllables: UInt32 = 0xAC00
  private static let leads: UInt32 = 0x1100
  private static let vowels: UInt32 = 0x1161
  /// One less than the first trailing consonant: none.
  private static let trails: UInt32 = 0x11A7
  private static let syllableCount: UInt32 = 11_172

  static func isSecond(_ scalar: UInt32) -> Bool {
    (vowels..<vowels + 21).contains(scalar) || (trails + 1..<trails + 28).contains(scalar)
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if (leads..<leads + 19).contains(first), (vowels..<vowels + 21).contains(second) {
      return syllables + ((first - leads) * 21 + (second - vowels)) * 28
    }
    if (syllables..<syllables + syllableCount).contains(first), (first - syllables) % 28 == 0,
      (trails + 1..<trails + 28).contains(second)
    {
      return first + (second - trails)
    }
    return nil
  }

  static func decompose(_ scalar: UInt32) -> (first: UInt32, second: UInt32)? {
    guard (syllables..<syllables + syllableCount).contains(scalar) else { return nil }
    let index = scalar - syllables
    if index % 28 != 0 { return (scalar - index % 28, trails + index % 28) }
    return (leads + index / 588, vowels + index % 588 / 28)
  }
}
