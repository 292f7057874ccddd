internal import Text

/// A document made of something else than YAML, so that the same walk judges it: each node has the place where it stood
/// in its own source.
struct DocumentBuilder {
  private(set) var document = Document()
  /// The collections that are open.
  private var open: [Int] = []

  mutating func beginMapping(at place: Place) { begin(.mapping, place) }
  mutating func beginList(at place: Place) { begin(.sequence, place) }

  /// Ends the mapping or list that was begun last.
  mutating func end() {
    guard let node = open.popLast() else { return }
    document.records[node].next = UInt32(document.records.count)
  }

  /// A key of the open mapping; its value comes next.
  mutating func key(_ name: StaticString, at place: Place) {
    // An open mapping counts its keys, not their values.
    scalar(name.bytes, place)
    if let parent = open.last { document.records[parent].count += 1 }
  }

  /// A text: a value of the open mapping's last key, or an element of the open list.
  ///
  /// - Parameter isWord: it stands as without quotes: `true`, `false`.
  mutating func text(_ bytes: some Collection<UInt8>, at place: Place, isWord: Bool = false) {
    scalar(bytes, place)
    document.records[document.records.count - 1].isPlain = isWord
    countElement()
  }

  private mutating func begin(_ kind: Document.Kind, _ place: Place) {
    append(kind, place)
    countElement()
    open.append(document.records.count - 1)
  }

  private mutating func countElement() {
    guard let parent = open.last, document.records[parent].kind == .sequence else { return }
    document.records[parent].count += 1
  }

  private mutating func scalar(_ bytes: some Collection<UInt8>, _ place: Place) {
    append(.scalar, place)
    let node = document.records.count - 1
    document.records[node].start = UInt32(document.text.count)
    document.records[node].length = UInt32(bytes.count)
    document.records[node].next = UInt32(document.records.count)
    document.text.append(contentsOf: bytes)
  }

  private mutating func append(_ kind: Document.Kind, _ place: Place) {
    document.records.append(
      Document.Record(kind: kind, line: UInt32(clamping: place.line - 1), column: UInt32(clamping: place.column - 1)))
  }
}
