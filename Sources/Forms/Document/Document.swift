internal import Text

/// A node of a document: a number that means something only to its `Document`.
package struct Node: Sendable, Hashable {
  fileprivate(set) var index: Int
  init(index: Int) { self.index = index }
}

/// A document as read: a tree in one array, its text in another, so that a document of ten thousand changes is two
/// allocations. Nodes stand in the order of the text; a mapping's children are key, value, key, value.
package struct Document: Sendable {
  package enum Kind: UInt8, Sendable {
    case scalar, mapping, sequence
    /// What can't be used and has been reported: an alias, a key that is no text, a merge key.
    case invalid
  }

  /// 28 bytes a node.
  struct Record {
    var kind: Kind
    /// Of a scalar: it stands without quotes.
    var isPlain = false
    var line: UInt32
    var column: UInt32
    /// Of a scalar: its text in `text`.
    var start: UInt32 = 0
    var length: UInt32 = 0
    /// The index after the node and all within it.
    var next: UInt32 = 0
    /// Of a mapping, its keys; of a sequence, its elements.
    var count: UInt32 = 0
  }

  var records: [Record] = []
  var text: [UInt8] = []

  package var root: Node { Node(index: 0) }

  package func kind(_ node: Node) -> Kind { records[node.index].kind }
  package func isPlain(_ node: Node) -> Bool { records[node.index].isPlain }
  /// The keys of a mapping, the elements of a sequence.
  package func count(_ node: Node) -> Int { Int(records[node.index].count) }

  package func place(_ node: Node) -> Place {
    Place(line: Int(records[node.index].line) + 1, column: Int(records[node.index].column) + 1)
  }

  /// The bytes of a scalar, good UTF-8 in NFC.
  package func withText<Result>(_ node: Node, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let record = records[node.index]
    return text.withUnsafeBufferPointer { text in
      // The reader wrote the range; an empty text has no address to move.
      body(UnsafeBufferPointer(start: text.baseAddress.map { $0 + Int(record.start) }, count: Int(record.length)))
    }
  }

  package func text(_ node: Node) -> String { withText(node) { String(decoding: $0, as: UTF8.self) } }

  package func length(_ node: Node) -> Int { Int(records[node.index].length) }

  package func isText(_ node: Node, _ text: StaticString) -> Bool {
    let record = records[node.index]
    guard Int(record.length) == text.utf8CodeUnitCount, record.kind == .scalar else { return false }
    return withText(node) { $0.isSame(as: text.bytes) }
  }

  /// The node that follows a node and all within it: a sibling, if there is one.
  func after(_ node: Node) -> Node { Node(index: Int(records[node.index].next)) }

  /// The value of a mapping's key.
  package func value(_ mapping: Node, _ key: StaticString) -> Node? {
    var name = Node(index: mapping.index + 1)
    let end = Int(records[mapping.index].next)
    while name.index < end {
      let value = after(name)
      if isText(name, key) { return value }
      name = after(value)
    }
    return nil
  }

  /// Calls `body` with each key and value of a mapping. Keys that can't be used are left out.
  package func forEachPair(_ mapping: Node, _ body: (_ key: Node, _ value: Node) -> Void) {
    var name = Node(index: mapping.index + 1)
    let end = Int(records[mapping.index].next)
    while name.index < end {
      let value = after(name)
      if kind(name) == .scalar { body(name, value) }
      name = after(value)
    }
  }

  /// The elements of a sequence.
  package func elements(_ sequence: Node) -> Elements { Elements(document: self, sequence: sequence) }

  package struct Elements: Sequence, IteratorProtocol {
    private let records: [Record]
    private var index: Int
    private let end: Int

    init(document: Document, sequence: Node) {
      records = document.records
      index = sequence.index + 1
      end = Int(document.records[sequence.index].next)
    }

    package mutating func next() -> Node? {
      guard index < end else { return nil }
      defer { index = Int(records[index].next) }
      return Node(index: index)
    }
  }
}
