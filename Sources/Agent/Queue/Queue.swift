/// First in, first out, in constant time.
struct Queue<Element> {
  private var elements: [Element] = []
  private var first = 0

  var count: Int { elements.count - first }
  var isEmpty: Bool { count == 0 }
  /// The next to leave.
  var head: Element? { isEmpty ? nil : elements[first] }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Puts one before all others; costs what is in it.
  mutating func prepend(_ element: Element) { elements.insert(element, at: first) }

  mutating func popFirst() -> Element? {
    guard first < elements.count else { return nil }
    defer {
      first += 1
      // What has left goes when it is the larger half.
      if first * 2 > elements.count {
        elements.removeFirst(first)
        first = 0
      }
    }
    return elements[first]
  }

  /// Whether one of those in it is like this; costs what is in it.
  func contains(where isWanted: (Element) -> Bool) -> Bool { elements[first...].contains(where: isWanted) }

  /// Removes the first one that is like this; costs what is in it.
  ///
  /// - Returns: whether there was one.
  mutating func remove(where isWanted: (Element) -> Bool) -> Bool {
    guard let place = elements[first...].firstIndex(where: isWanted) else { return false }
    elements.remove(at: place)
    return true
  }
}
