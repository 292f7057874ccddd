public import Forms
public import LDAP

/// The names (`uid`) of entries. A user may log in by one, so no two entries shall have the same, wherever they stand below
/// the container.
extension AddressIndex {
  /// How many names are read at once where the local part is taken.
  private static let some = 10

  /// What finds the entries that have any of these names.
  public static func filters(names: some Sequence<String>) -> [Filter] {
    names.map { .equal(Schema.uid, Value($0)) }
  }

  /// The name of a new entry: the local part, or `LOCAL-2`, `LOCAL-3`… where other entries have it.
  ///
  /// - Parameter taken: how many candidates are known to be taken though they can't be seen.
  func freeName(_ local: String, taken: Int) -> String {
    Self.candidate(local, firstFree(local, taken))
  }

  /// Whether an entry other than `dn` has the name.
  func isTaken(name: String, besides dn: DN) -> Bool { entries(named: name).contains { $0.dn != dn } }

  /// The names to read before these changes can be planned: the next candidates where the ones that were read are taken.
  ///
  /// - Parameter read: the names that were read.
  public func namesToRead(for changes: some Sequence<Change>, besides read: Set<String>) -> Set<String> {
    var names: Set<String> = []
    for case .create(let create) in changes {
      let local = create.address.local
      let first = firstFree(local, 0)
      if read.contains(Self.candidate(local, first)) { continue }
      for taken in first..<first + Self.some { names.insert(Self.candidate(local, taken)) }
    }
    return names
  }

  private func firstFree(_ local: String, _ taken: Int) -> Int {
    var taken = taken
    while !entries(named: Self.candidate(local, taken)).isEmpty { taken += 1 }
    return taken
  }

  private static func candidate(_ local: String, _ taken: Int) -> String {
    taken == 0 ? local : "\(local)-\(taken + 1)"
  }
}

extension Change {
  /// The name that the change gives its entry, where it is free.
  public var newName: String? {
    switch self {
    case .create(let create): create.address.local
    case .adopt(let adopt): adopt.address.local
    case .modify(let modify): modify.fields.address?.local
    case .delete, .forgotten: nil
    }
  }
}
