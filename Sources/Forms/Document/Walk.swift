internal import Text

/// A value of a document and the key it stands under, which is how findings name it.
package struct Field: Sendable {
  package var node: Node
  package var key: StaticString
  /// The position in the list that stands under the key; -1 for the value of the key itself.
  package var element = -1

  package init(node: Node, key: StaticString, element: Int = -1) {
    self.node = node
    self.key = key
    self.element = element
  }
}

/// The keys that a mapping may have.
package struct Keys: Sendable {
  /// What the mapping is, for messages: `create`.
  package let owner: StaticString
  package let names: [StaticString]

  package init(_ owner: StaticString, _ names: [StaticString]) {
    self.owner = owner
    self.names = names
  }
}

/// A walk through a document by the types that its keys should have. Each reading function reports what is wrong and
/// returns `nil` for it; the walk goes on, so that one pass finds everything.
package struct Walk {
  private enum Step {
    case key(StaticString)
    case index(Int)
  }

  package let document: Document
  package let findings: Findings
  /// The keys from the root to the mapping that is being read.
  private var path: [Step] = []
  /// Keys that are missing because they are misspelled, which has been reported.
  private var misspelled: [(mapping: Node, key: String)] = []

  package init(_ document: Document, _ findings: Findings) {
    self.document = document
    self.findings = findings
    path.reserveCapacity(Document.deepest)
  }

  package var root: Field { Field(node: document.root, key: "") }

  // MARK: Where we are

  package mutating func enter(_ field: Field) {
    if field.key.utf8CodeUnitCount > 0 { path.append(.key(field.key)) }
    if field.element >= 0 { path.append(.index(field.element)) }
  }

  package mutating func leave(_ field: Field) {
    if field.element >= 0 { path.removeLast() }
    if field.key.utf8CodeUnitCount > 0 { path.removeLast() }
  }

  /// `changes[2].create` and what follows it.
  private func name(_ tail: String, element: Int = -1) -> String {
    var name = ""
    func join(_ key: String) { name += name.isEmpty || key.isEmpty ? key : ".\(key)" }
    for step in path {
      switch step {
      case .key(let key): join("\(key)")
      case .index(let index): name += "[\(index)]"
      }
    }
    join(tail)
    return element >= 0 ? "\(name)[\(element)]" : name
  }

  package func report(_ field: Field, _ problem: @autoclosure () -> String, _ remedy: @autoclosure () -> String) {
    findings.report(
      document.place(field.node), name("\(field.key)", element: field.element), problem(), remedy())
  }

  // MARK: Mappings and lists

  /// Whether the value is a mapping; reports the keys that it may not have.
  /// - Parameter hint: a remedy for a key that is known to be written in the wrong place.
  package mutating func isMapping(_ field: Field, _ keys: Keys, hint: (String) -> String? = { _ in nil }) -> Bool {
    switch document.kind(field.node) {
    case .invalid: return false
    case .mapping: break
    case .sequence:
      report(field, "is a list", "write the keys of \(keys.owner)")
      return false
    case .scalar:
      report(
        field, "has no keys",
        "write the keys of \(keys.owner): \(keys.names.prefix(4).map { "\($0)" }.joined(separator: ", ")) …")
      return false
    }
    var unknown: [Node] = []
    document.forEachPair(field.node) { name, _ in
      if !keys.names.contains(where: { document.isText(name, $0) }) { unknown.append(name) }
    }
    if !unknown.isEmpty {
      enter(field)
      let absent = keys.names.filter { document.value(field.node, $0) == nil }
      for node in unknown {
        if let meant = reportUnknown(node, keys, absent, hint) { misspelled.append((field.node, meant)) }
      }
      leave(field)
    }
    return true
  }

  /// - Returns: the key that was probably meant.
  private func reportUnknown(
    _ node: Node, _ keys: Keys, _ absent: [StaticString], _ hint: (String) -> String?
  ) -> String? {
    guard !findings.isFull else {
      // Counted; the first of those is named.
      findings.report(
        document.place(node), name(String(document.text(node).unicodeScalars.prefix(40)).neutralized()), "", "")
      return nil
    }
    // Key names are the writer's own words: made harmless and shortened like values.
    let short = String(document.text(node).unicodeScalars.prefix(40))
    let hint = hint(short)
    let meant = hint == nil ? nearest(to: short, among: absent.map { "\($0)" }) : nil
    findings.report(
      document.place(node), name(short.neutralized()), "\(keys.owner) has no such key",
      hint ?? meant.map { "write \($0)" }
        ?? "write what it says under one of these keys: \(keys.names.map { "\($0)" }.joined(separator: ", "))")
    return meant
  }

  package func field(_ mapping: Field, _ key: StaticString) -> Field? {
    document.value(mapping.node, key).map { Field(node: $0, key: key) }
  }

  /// The value of a key that must be there. The walk stands in the mapping.
  package func required(_ mapping: Field, _ key: StaticString, _ remedy: @autoclosure () -> String) -> Field? {
    if let field = field(mapping, key) { return field }
    let isMisspelled = misspelled.contains { $0.mapping == mapping.node && $0.key == "\(key)" }
    if !isMisspelled { findings.report(document.place(mapping.node), name("\(key)"), "is missing", remedy()) }
    return nil
  }

  /// The elements of a list.
  package func list(_ field: Field) -> [Field]? {
    switch document.kind(field.node) {
    case .invalid: return nil
    case .sequence: break
    case .mapping:
      report(field, "has keys and is not a list", "write [one, another], or lines that begin with '- '")
      return nil
    case .scalar:
      report(field, isNull(field) ? "is empty" : "is not a list", "write [one, another], or lines that begin with '- '")
      return nil
    }
    var list: [Field] = []
    list.reserveCapacity(document.count(field.node))
    for node in document.elements(field.node) {
      list.append(Field(node: node, key: field.key, element: list.count))
    }
    return list
  }
}
