public import Forms

/// The accounts that the changes of one form create: what an earlier change of it may refer to already. Pure.
public struct PromisedAccounts: Sendable {
  /// By address, the change that creates it; empty where no change refers to an account.
  private let creates: [String: (index: Int, kind: Kind)]

  /// - Parameter changes: all changes of the form.
  public init(_ changes: [Change]) {
    guard changes.contains(where: { !$0.references.isEmpty }) else {
      creates = [:]
      return
    }
    var creates: [String: (index: Int, kind: Kind)] = [:]
    for (index, change) in changes.enumerated() {
      if case .create(let create) = change { creates[create.address.text] = (index, create.kind) }
    }
    self.creates = creates
  }

  /// What owner and lists of a change are judged by: what a later change of the form creates will be there.
  public func references(of change: Change, at index: Int) -> References {
    if creates.isEmpty { return References() }
    var promised: [String: Kind] = [:]
    for address in change.references {
      if let create = creates[address.text], create.index > index { promised[address.text] = create.kind }
    }
    return References(promised: promised)
  }
}
