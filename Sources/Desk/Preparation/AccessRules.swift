internal import LDAP

/// Our access rules among those of a database. slapd takes the first rule that fits, so their places count. Pure.
///
/// | present | difference |
/// |---|---|
/// | ours stand together, and each rule before them ends in `break` | none |
/// | no rule is ours, and none names the agent | missing: they go before all others |
/// | the first ones are ours or name the agent, up to the last that does | other: these are replaced in one operation |
/// | all else | mixed: a person decides |
struct AccessRules {
  enum Difference: Hashable {
    case none, missing, mixed
    /// The places of those that ours replace.
    case other(Range<Int>)
  }

  /// As they are shipped, without places.
  let ours: [String]
  /// Those of the database, in their order, without places.
  let present: [String]
  /// What a rule has that names the agent.
  let agent: String

  var difference: Difference {
    if let start = present.indices.first(where: { present[$0...].starts(with: ours) }) {
      return present[..<start].allSatisfy { $0.hasSuffix(" break") } ? .none : .mixed
    }
    guard let last = present.lastIndex(where: isOurs) else { return .missing }
    // The password's rule for all others names nobody; it stands among ours.
    return present[...last].allSatisfy(isOurs) ? .other(0..<last + 1) : .mixed
  }

  /// Ours, each with the place that it gets.
  var numbered: [Value] { ours.enumerated().map { Value("{\($0.offset)}\($0.element)") } }

  private func isOurs(_ rule: String) -> Bool { rule.contains(agent) || ours.contains(rule) }
}
