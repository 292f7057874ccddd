internal import Text

extension Document {
  /// The path of the key at each place, e.g. `changes[2].create.quota`: of the last node that begins there or before. Empty
  /// before the first key. The document may be one that could not be read to its end.
  ///
  /// - Parameter places: in their order.
  func keys(at places: [Place]) -> [String] {
    if places.isEmpty { return [] }
    // What a node stands in, and under what there. The nodes stand in the order of the text.
    var parents: [(node: Int, label: Label)] = []
    parents.reserveCapacity(records.count)
    var open: [(node: Int, end: Int, count: Int, key: Int)] = []
    var keys: [String] = []
    func name(_ node: Int) -> String { node < 0 ? "" : path(to: node, parents) }
    for (node, record) in records.enumerated() {
      let place = Place(line: Int(record.line) + 1, column: Int(record.column) + 1)
      while keys.count < places.count, places[keys.count] < place { keys.append(name(node - 1)) }
      if keys.count == places.count { return keys }
      while let last = open.last, last.end <= node { open.removeLast() }
      if var parent = open.popLast() {
        if records[parent.node].kind == .sequence {
          parents.append((parent.node, .element(parent.count)))
        } else {
          if parent.count.isMultiple(of: 2) { parent.key = node }
          parents.append((parent.node, .key(parent.key)))
        }
        parent.count += 1
        open.append(parent)
      } else {
        parents.append((-1, .none))
      }
      if record.kind != .scalar {
        // What is open still has no end.
        let end = Int(record.next)
        open.append((node, end > node ? end : .max, 0, node))
      }
    }
    while keys.count < places.count { keys.append(name(records.count - 1)) }
    return keys
  }

  private enum Label {
    /// The node of the mapping's key.
    case key(Int)
    case element(Int)
    case none
  }

  private func path(to node: Int, _ parents: [(node: Int, label: Label)]) -> String {
    var steps: [String] = []
    var node = node
    while node >= 0 {
      switch parents[node].label {
      case .key(let key) where records[key].kind == .scalar:
        // The writer's own words: made harmless and shortened like values.
        steps.append("." + String(text(Node(index: key)).unicodeScalars.prefix(40)).neutralized())
      case .element(let index): steps.append("[\(index)]")
      case .key, .none: break
      }
      node = parents[node].node
    }
    let path = steps.reversed().joined()
    return path.utf8.first == UInt8(ascii: ".") ? String(path.dropFirst()) : path
  }
}
