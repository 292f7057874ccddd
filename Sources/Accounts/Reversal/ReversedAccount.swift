internal import Forms
internal import LDAP

/// One account on its way back to what it was before a request. Pure.
///
/// | the value of a key now | the undo |
/// |---|---|
/// | as the request left it | writes the value of before |
/// | as it was before | has nothing to do |
/// | another one: changed since | leaves it, and says who changed it |
struct ReversedAccount {
  /// The entry as it is now.
  let present: Entry
  /// The entry as it shall be.
  private(set) var wanted: Entry
  /// What can't be reversed, and why: a line each.
  private(set) var lost: [String] = []
  /// Whether the request made the account, which its undo deletes.
  let isCreated: Bool

  /// - Parameters:
  ///   - applied: the operations that the request applied to the entry, in their order; not an adopt, and no delete.
  ///   - asks: the form's keys of owner and lists that the request asked for itself. Else they only followed a rename.
  ///   - later: what later requests changed of the entry, in order of time.
  init(present: Entry, applied: [Intent], isCreated: Bool, asks: Set<String>, later: [LaterChange]) {
    self.present = present
    self.isCreated = isCreated
    wanted = present
    if isCreated {
      delete()
      return
    }
    for key in ReversedKey.all {
      let isFollowing = (key.name == "owner" || key.name == "lists") && !asks.contains(key.name)
      if isFollowing { continue }
      if key.hasSeveralValues { takeBack(several: key, applied) } else { takeBack(key, applied, later) }
    }
    // The primary stands among the addresses whatever is done to the aliases.
    for primary in wanted[Schema.mail] where !wanted[Schema.localAddress].contains(where: { $0.isSame(as: primary) }) {
      wanted.put(Schema.localAddress, wanted[Schema.localAddress] + [primary])
    }
  }

  private mutating func delete() {
    wanted.put(Schema.status, [Value(Status.retained.rawValue)])
    wanted.put(Schema.lockedTime, [Schema.lockedForGood])
  }

  /// Gives up aliases that another account is to have again.
  mutating func giveUp(_ addresses: Set<String>) {
    let primary = wanted[Schema.mail].compactMap(\.foldedText)
    wanted.put(
      Schema.localAddress,
      wanted[Schema.localAddress].filter { value in
        guard let address = value.foldedText else { return true }
        return primary.contains(address) || !addresses.contains(address)
      })
  }

  /// The addresses that it gets again.
  var regained: Set<String> { wanted.addresses.subtracting(present.addresses) }

  // MARK: Keys

  private mutating func takeBack(_ key: ReversedKey, _ applied: [Intent], _ later: [LaterChange]) {
    let steps = applied.compactMap { $0.images }.filter { key.values(of: $0.before) != key.values(of: $0.after) }
    guard let before = steps.first?.before, let after = steps.last?.after,
      key.values(of: before) != key.values(of: after)
    else { return }
    if key.values(of: present) == key.values(of: before) { return }
    guard key.values(of: present) == key.values(of: after) else {
      let who = later.filter { $0.keys.contains(key.name) }.map(\.name)
      lost.append(
        "\(present.primaryAddress): \(key.name) was changed since "
          + (who.isEmpty ? "outside Buzón" : "by \(who.joined(separator: ", "))") + "; it stays as it is now")
      return
    }
    for attribute in key.attributes { wanted.put(attribute, before[attribute]) }
  }

  private mutating func takeBack(several key: ReversedKey, _ applied: [Intent]) {
    let attribute = key.attributes[0]
    var (added, removed): ([Value], [Value]) = ([], [])
    for step in applied.compactMap(\.images) {
      for value in step.after[attribute].without(step.before[attribute]) {
        if removed.contains(where: { $0.isSame(as: value) }) {
          removed = removed.without([value])
        } else {
          added.append(value)
        }
      }
      for value in step.before[attribute].without(step.after[attribute]) {
        if added.contains(where: { $0.isSame(as: value) }) {
          added = added.without([value])
        } else {
          removed.append(value)
        }
      }
    }
    if added.isEmpty, removed.isEmpty { return }
    // An address that became the primary by a later rename is that one's.
    let kept = key.name == "aliases" ? wanted[Schema.mail] : []
    let rest = present[attribute].without(added.without(kept))
    wanted.put(attribute, rest + removed.without(rest))
  }
}

extension Intent {
  /// The entry before and after a modify.
  fileprivate var images: (before: Entry, after: Entry)? {
    guard case .modify(_, let modifications) = operation, let preImage else { return nil }
    return (preImage, preImage.applying(modifications))
  }
}
