/// The key that was probably meant, by the fewest letters to change.
enum NearestKey {
  /// The nearest of the names, if at most a third of its letters (and at least one) differ.
  static func of(_ key: String, in names: [StaticString]) -> String? {
    guard key.utf8.count <= 40 else { return nil }
    let key = Array(key.utf8.map { $0 == UInt8(ascii: "-") || $0 == 0x20 ? UInt8(ascii: "_") : $0 | 0x20 })
    var best: (name: StaticString, distance: Int)?
    for name in names {
      let letters = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount).map { $0 | 0x20 }
      let apart = distance(key.map { $0 | 0x20 }, letters)
      if apart <= max(1, letters.count / 3), apart < best?.distance ?? .max { best = (name, apart) }
    }
    return best.map { "\($0.name)" }
  }

  /// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
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
}
