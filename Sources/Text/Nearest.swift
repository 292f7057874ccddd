/// The name that was probably meant by a mistyped one: the nearest of the names, where at most a third of its letters (and
/// at least one) differ. Capitals and small letters are the same, and so are `-`, `_` and the space.
///
/// - Parameter longest: a longer word has none, in bytes; the time grows with the product of the lengths.
public func nearest(to word: String, among names: some Sequence<String>, longest: Int = 40) -> String? {
  guard word.utf8.count <= longest else { return nil }
  let letters = folded(word)
  var best: (name: String, distance: Int)?
  for name in names {
    let apart = distance(letters, folded(name))
    if apart <= max(1, name.utf8.count / 3), apart < best?.distance ?? .max { best = (name, apart) }
  }
  return best?.name
}

private func folded(_ word: String) -> [UInt8] {
  word.utf8.map { byte in
    switch byte {
    case 0x41...0x5A: byte | 0x20
    case UInt8(ascii: "-"), UInt8(ascii: " "): UInt8(ascii: "_")
    default: byte
    }
  }
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in left.indices {
    var next = [row + 1]
    for column in right.indices {
      let change = last[column] + (left[row] == right[column] ? 0 : 1)
      var least = min(change, last[column + 1] + 1, next[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        least = min(least, beforeLast[column - 1] + 1)
      }
      next.append(least)
    }
    (beforeLast, last) = (last, next)
  }
  return last[right.count]
}
