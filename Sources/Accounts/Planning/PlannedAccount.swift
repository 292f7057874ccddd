internal import Forms
public import LDAP
internal import Text

/// What planned changes come to on one account: its changes folded into one operation.
public struct PlannedAccount: Sendable, Hashable {
  /// A change of a form.
  public struct Reference: Sendable, Hashable, CustomStringConvertible {
    public var number: String
    public var index: Int

    public init(number: String, index: Int) {
      self.number = number
      self.index = index
    }

    /// `NUMBER#INDEX`
    public var description: String { "\(number)#\(index)" }
  }

  /// The entry as it was read; `nil` where a planned change creates it.
  public internal(set) var before: Entry?
  /// The entry as the changes leave it; `nil` where one of them deletes it.
  public internal(set) var after: Entry?
  /// In their order.
  public internal(set) var changes: [Reference] = []
  /// The addresses that it gets although they are remembered as another account's.
  public internal(set) var reused: [String] = []
  /// Whether a temporary password is granted.
  public internal(set) var grantsPassword = false

  /// By which its changes name it, in lower case; that of the latest image.
  public var address: String { (after ?? before)?.primaryAddress ?? "" }
  public var dn: DN? { (after ?? before)?.dn }

  /// The operation; `nil` where nothing is left to do: what was created is deleted again.
  ///
  /// It holds no password. Where one is granted, the operation that is sent has one besides.
  public var operation: Operation? {
    switch (before, after) {
    case (nil, nil): return nil
    case (nil, let after?):
      return .add(after.dn, after.attributes.filter { !Self.isPassing($0.name) })
    case (let before?, nil): return .delete(before.dn)
    case (let before?, let after?):
      let modifications = Schema.planned.flatMap { EntryEdit.difference($0, before[$0], after[$0]) }
      return modifications.isEmpty ? nil : .modify(before.dn, modifications)
    }
  }

  private static func isPassing(_ name: String) -> Bool { name == Schema.entryUUID || name == Schema.password }

  /// The operation as one that is guarded by the state that was read, so that the directory may judge it.
  ///
  /// - Parameter withPassword: whether a new account has its temporary password, the mark in its place. A password that is
  ///   reset is not part of it: the attributes that a policy may store beside one are not known to be safe (``Control/noOp``).
  public func intent(withPassword: Bool) -> Intent? {
    guard let operation else { return nil }
    guard case .add(let dn, var attributes) = operation else {
      return Intent(
        operation: operation, entryUUID: before?.uuid, stampRead: before?.text(Schema.stamp), preImage: before)
    }
    let grants = grantsPassword && withPassword
    if grants {
      attributes.append(Attribute(Schema.password, [Intent.temporaryPassword]))
    } else {
      // Without a password its state is no matter.
      attributes.removeAll { $0.name == Schema.passwordReset || $0.name == Schema.passwordEnd }
    }
    return Intent(operation: .add(dn, attributes), grantsPassword: grants)
  }

  /// What differs, under the form's keys.
  public var values: [ChangedValue] {
    operation.map { Intent(operation: $0, preImage: before).changedValues } ?? []
  }

  /// Whom the account is of.
  public var name: String? { (after ?? before)?.accountName }

  /// The addresses that leave it, in their order.
  public var leaving: [String] {
    let left = (before?.addresses ?? []).subtracting(after?.addresses ?? [])
    return left.sorted()
  }

  /// The addresses that it gets.
  public var getting: Set<String> { (after?.addresses ?? []).subtracting(before?.addresses ?? []) }

  /// What others may name it by as their owner or list, and won't any more as it is: it is renamed, closed or gone.
  public var namedBefore: String? {
    guard let before, before.status == .active || after == nil else { return nil }
    let isClosed = after?.status != .active
    return isClosed || after?.primaryAddress != before.primaryAddress ? before.primaryAddress : nil
  }

  /// Where its primary address goes: to a new one, or nowhere.
  public var isRenamed: Bool { after.map { $0.primaryAddress != before?.primaryAddress } ?? false }
}

extension PlannedAccount {
  /// The places of accounts in an order in which the directory takes their operations: what frees an address comes before
  /// what takes it; `nil` where they exchange addresses.
  public static func order(_ accounts: [PlannedAccount]) -> [Int]? {
    let moves = AddressMoves(
      accounts.map { account in
        let dn = account.dn ?? DN()
        return AccountMerge.Account(
          read: account.before, image: account.after ?? Entry(dn: dn, attributes: []), indices: [])
      })
    return try? moves.order(givenAt: [:]).get().accounts
  }
}

extension Schema {
  /// What a planned operation may name, in its order; no password.
  fileprivate static let planned = modifiable.filter { $0 != password } + [lockedTime, stamp]
}
