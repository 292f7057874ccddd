public import Forms
internal import LDAP

/// What a form would have to ask for, so that an account is again as the last request left it.
///
/// Each change is tried before it is proposed: the form's reader takes it, its plan on the entry as it is can be carried
/// out, and the entry is nearer to what it should be. What still differs then is reported in a note, for no form can put it
/// right: the class, `uid`, `buzonKind`, a value that no form may hold, an instant in the past.
public struct DriftRepair: Sendable, Hashable {
  /// The changes of the form, in their order; empty where no form can do anything.
  public var changes: [Change] = []
  /// What remains, one harmless line each, without any identity number.
  public var notes: [String] = []

  /// - Parameters:
  ///   - expected: the account as the last request left it; `nil`: no request made it.
  ///   - present: the entry as it is; `nil`: it has gone.
  ///   - rules: what forms are judged by today.
  ///   - context: what plans are made under.
  public init(expected: ManagedImage?, present: ManagedImage?, rules: Rules, context: PlanContext) {
    var trial = RepairPlanner(present: present, rules: rules, context: context)
    guard let expected else {
      if let present { adopt(present, &trial) }
      return
    }
    // A rename leaves an alias behind, a create is active: some drift takes several changes, one after the other.
    for _ in 0..<Self.rounds {
      let wanted = DesiredState(expected: expected, present: trial.image, context: context)
      guard let change = trial.change(wanted) else { break }
      changes.append(change)
    }
    notes = trial.refusals
    guard let image = trial.image else {
      notes.insert("the entry has gone, and no form can make it again as it was", at: 0)
      return
    }
    notes += Self.remainders(image.differences(from: expected), isStampAlone: changes.isEmpty)
  }

  private static let rounds = 6

  private mutating func adopt(_ present: ManagedImage, _ trial: inout RepairPlanner) {
    let address = present.texts(Schema.mail).compactMap { Address($0) }.first
    if let change = address.map({ Change.adopt(.init(address: $0)) }), trial.take(change) {
      changes = [change]
      return
    }
    notes = trial.refusals
    if notes.isEmpty {
      notes = [
        address == nil
          ? "no request made the entry, and it has no address, so no form can name it"
          : "no request made the entry, and it is an account already: an adopt would change nothing"
      ]
    }
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
