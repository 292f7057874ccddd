public import Forms
public import LDAP

/// What one form would have to ask for, so that all accounts are again as their last requests left them.
///
/// The accounts are planned together, on the directory as it is: an address is freed before it is given, an entry that is
/// there already is adopted, and two accounts that exchanged their primary addresses exchange them back by a third one.
/// Each change is tried before it is proposed: the form's reader takes it, its plan on the entries as they are then can be
/// carried out, and the account is nearer to what it should be. What still differs is reported in a note, for no form can
/// put it right: the class, `uid`, `buzonKind`, a value that no form may hold, an instant in the past.
public struct DriftRepair: Sendable, Hashable {
  /// An account that was changed, made or removed outside Buzón.
  public struct Account: Sendable, Hashable {
    public var entryUUID: String
    public var address: String
    /// As the last request left it; `nil`: no request made it.
    public var expected: ManagedImage?

    public init(entryUUID: String, address: String, expected: ManagedImage?) {
      self.entryUUID = entryUUID
      self.address = address
      self.expected = expected
    }
  }

  /// The changes of the form, in their order; empty where no form can do anything.
  public private(set) var changes: [Change] = []
  /// What remains, one harmless line each, which begins with the account's address; no identity number.
  public private(set) var notes: [String] = []

  /// - Parameters:
  ///   - accounts: those that drifted.
  ///   - entries: the directory's entries that are these accounts, that hold an address of theirs, or that are referred to.
  ///   - others: the entryUUIDs of accounts that are as they should be: nobody else's repair touches them.
  ///   - retired: by address in lower case, those that left an account and are given to nobody else for a time.
  ///   - references: what owner and lists are judged by; `nil`: they are not judged.
  ///   - rules: what forms are judged by today.
  ///   - ignoring: attributes that are no matter where they still differ.
  ///   - context: what plans are made under.
  public init(
    _ accounts: [Account], entries: [Entry], others: Set<String> = [], retired: [String: RetiredAddress] = [:],
    references: References? = References(), rules: Rules, ignoring: Set<String> = [], context: PlanContext
  ) {
    var planner = RepairPlanner(
      entries: entries, retired: retired, references: references, rules: rules, context: context)
    var all = RepairedAccount.all(accounts, entries: entries, others: others)
    var waiting = Array(all.indices)
    while !waiting.isEmpty {
      let before = changes.count
      for index in waiting {
        while let change = planner.next(&all[index]) { changes.append(change) }
      }
      // Another account may free what one waits for.
      waiting.removeAll { all[$0].refusals.isEmpty }
      if changes.count == before {
        guard let change = planner.makeRoom(&all, among: waiting) else { break }
        changes.append(change)
      }
    }
    for account in all { notes += Self.notes(account, ignoring).map { "\(account.address): \($0)" } }
  }

  // MARK: What remains

  private static func notes(_ account: RepairedAccount, _ ignored: Set<String>) -> [String] {
    guard let expected = account.expected else {
      if !account.mustAdopt || account.entry == nil { return [] }
      return account.refusals.isEmpty
        ? ["no request made the entry, and it has no address, so no form can name it"] : account.refusals
    }
    guard let entry = account.entry else {
      return ["the entry has gone, and no form can make it again as it was"] + account.refusals
    }
    let differences = ManagedImage(entry).differences(from: expected).filter {
      if ignored.contains($0.attribute) { return false }
      // The hint names the login that stays from a temporary address.
      return !(account.hasMadeRoom && $0.attribute == Schema.uid && $0.expected.isEmpty)
    }
    let remainders = remainders(differences, isStampAlone: account.changes == 0)
    return account.hints + account.refusals + remainders
  }

  private static func remainders(_ differences: [ManagedImage.Difference], isStampAlone: Bool) -> [String] {
    differences.compactMap { difference in
      if difference.attribute == Schema.stamp {
        return isStampAlone && differences.count == 1
          ? "\(Schema.stamp) was changed outside Buzón; the next request writes its own" : nil
      }
      let (expected, present) = (line(difference.expected), line(difference.present))
      let what =
        switch (expected.isEmpty, present.isEmpty) {
        case (false, true): "lacks \(expected)"
        case (true, false): "has \(present) besides"
        default: "should be \(expected) and is \(present)"
        }
      return "\(difference.attribute) \(what); no form can put that right"
    }
  }

  /// At most 300 characters: the drift itself is reported in full elsewhere.
  private static func line(_ values: [String]) -> String {
    let scalars = values.joined(separator: ", ").unicodeScalars
    return scalars.dropFirst(300).isEmpty ? String(scalars) : "\(String(scalars.prefix(300)))…"
  }
}

extension ManagedImage {
  /// The addresses that the account has, in lower case.
  public var addresses: [String] { texts(Schema.mail) + texts(Schema.localAddress) }
  /// The addresses that it refers to: its owner and its lists.
  public var references: [String] { texts(Schema.owner) + texts(Schema.list) }

  /// The values of an attribute that are texts and kept whole, without those under options.
  func texts(_ name: String) -> [String] {
    guard let slot = Self.attributes.firstIndex(of: name) else { return [] }
    return values[slot].compactMap { $0.plain?.text }
  }

  /// The one value of an attribute; `nil` where there is none, or several, or one that is no text.
  func text(_ name: String) -> String? {
    let texts = texts(name)
    return texts.count == 1 && isWhole(name) ? texts[0] : nil
  }

  /// Whether ``texts(_:)`` are all values that the attribute has.
  func isWhole(_ name: String) -> Bool {
    guard let slot = Self.attributes.firstIndex(of: name) else { return false }
    return values[slot].allSatisfy { $0.plain?.text != nil }
  }
}
