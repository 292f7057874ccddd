internal import LDAP

extension Entry {
  /// The entry as a modify with these modifications would leave it, the permissive modify control given. What is added
  /// and deleted value by value compares without regard to ASCII case (``Schema/severalValued``).
  func applying(_ modifications: [Modification]) -> Entry {
    var image = self
    for modification in modifications { image.apply(modification) }
    return image
  }

  private mutating func apply(_ modification: Modification) {
    let name = modification.attribute
    let before = self[name]
    let after: [Value]
    switch modification.kind {
    case .replace: after = modification.values
    case .delete where modification.values.isEmpty: after = []
    case .delete: after = before.without(modification.values)
    case .add: after = before + modification.values.without(before)
    case .increment: return
    }
    put(name, after)
  }

  /// Puts these values in the place of the attribute's.
  mutating func put(_ name: String, _ values: [Value]) {
    let place = attributes.firstIndex { $0.name == name } ?? attributes.firstIndex { $0.name.isSameASCII(as: name) }
    switch (place, values.isEmpty) {
    case (let place?, true): attributes.remove(at: place)
    case (let place?, false): attributes[place].values = values
    case (nil, false): attributes.append(Attribute(name, values))
    case (nil, true): break
    }
  }
}

extension String {
  /// Whether two names of attributes are the same, whose case doesn't count.
  fileprivate func isSameASCII(as other: String) -> Bool {
    utf8.count == other.utf8.count
      && zip(utf8, other.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 && ($0 == $1 || (0x61...0x7A).contains($0 | 0x20)) }
  }
}
