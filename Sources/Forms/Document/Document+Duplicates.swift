internal import Text

extension Document {
  /// Tells the keys of a mapping that stand in it before. They are compared by their bytes; the text is in NFC, so what
  /// looks the same is the same. Few keys are compared with each other, many by a set.
  func reportDuplicates(of mapping: Node, _ findings: Findings) {
    let count = count(mapping)
    if count < 2 { return }
    var seen: Set<[UInt8]> = []
    forEachPair(mapping) { name, _ in
      let isDouble = count <= 24 ? isBefore(name, in: mapping) : !seen.insert(withText(name) { Array($0) }).inserted
      guard isDouble else { return }
      findings.report(place(name), "", "the key \(text(name).quoted()) is there twice", "delete one of the two")
    }
  }

  /// Whether a key of the mapping that stands before this one is the same.
  private func isBefore(_ name: Node, in mapping: Node) -> Bool {
    var other = Node(index: mapping.index + 1)
    while other.index < name.index {
      if kind(other) == .scalar, isSame(other, name) { return true }
      other = after(after(other))
    }
    return false
  }

  private func isSame(_ left: Node, _ right: Node) -> Bool {
    guard length(left) == length(right) else { return false }
    return withText(left) { left in withText(right) { left.isSame(as: $0) } }
  }
}
