internal import Forms
public import LDAP

/// The life of a temporary password after it was granted, as the clock follows it.
///
/// | what happens | the entry |
/// |---|---|
/// | it is granted (create, `reset: password`) | `userPassword`, `pwdReset: TRUE`, `pwdEndTime` |
/// | the user writes his own | `pwdReset` goes, `pwdEndTime` stays |
/// | the clock settles it (`reset: settled`) | `pwdEndTime` goes |
/// | unused at the end of its life, it is scrambled (`reset: expired`) | `userPassword` is one nobody is told |
extension Plan {
  /// What the clock asks for, which is nothing where it isn't due any more.
  ///
  /// A scrambled password keeps its `pwdEndTime`: after it the directory refuses the account by itself. A closed account
  /// is served as any other, and stays closed.
  static func ofClock(_ reset: Change.Reset, _ entry: Entry, stamp: Stamp, context: PlanContext) throws(ChangeError)
    -> Plan
  {
    var edit = EntryEdit(entry)
    switch reset {
    case .expired:
      // A later end: it was granted anew since the clock looked.
      guard entry.isReset, entry.temporaryPasswordEnds.map({ $0 <= context.now }) ?? true else {
        return .unchanged(entry)
      }
      edit.scramblePassword()
    case .settled:
      guard !entry.isReset else { return .unchanged(entry) }
      edit.clearPasswordEnd()
    case .password: return .unchanged(entry)
    }
    return try edit.intent(stamp: stamp).map { .send($0) } ?? .unchanged(entry)
  }
}

extension Intent {
  /// Where `operation` carries a password that nobody will be told, this value stands in its place.
  public static let scrambledPassword: Value = "{scrambled}"

  /// Whether the operation grants a password that is to be handed over.
  public var handsOver: Bool { grantsPassword && written(Schema.password) != [Self.scrambledPassword] }

  /// When the life of the temporary password ends that the operation hands over, seconds since 1970 UTC; `nil` where it
  /// hands none over.
  public var temporaryPasswordEnds: Int64? {
    guard handsOver else { return nil }
    guard let end = written(Schema.passwordEnd)?.first else { return preImage?.temporaryPasswordEnds }
    return GeneralizedTime.seconds(end).map { $0 - PlanContext.passwordGrace }
  }

  /// What must hold of the entry besides its stamp, which the user's own change of the password leaves as it is.
  ///
  /// It follows from the operation: one who isn't told must not take a password that the user has chosen, and the end of
  /// a password that must still be changed isn't taken away.
  var condition: Filter? {
    guard case .modify = operation else { return nil }
    let isReset = Filter.equal(Schema.passwordReset, "TRUE")
    if written(Schema.password) == [Self.scrambledPassword] { return isReset }
    return written(Schema.passwordEnd) == [] ? .not(isReset) : nil
  }

  /// The values that the operation gives to an attribute as a whole; `nil` where it doesn't name it.
  private func written(_ name: String) -> [Value]? {
    switch operation {
    case .add(_, let attributes): attributes.first { $0.name == name }?.values
    case .modify(_, let modifications): modifications.first { $0.attribute == name }?.values
    case .delete: nil
    }
  }
}

extension Entry {
  /// Whether the password must be changed before anything else (slapo-ppolicy(5), `pwdReset`).
  public var isReset: Bool { self[Schema.passwordReset].first == "TRUE" }

  /// When the life of a temporary password ends, seconds since 1970 UTC; `nil` where the entry has no `pwdEndTime` or none
  /// that can be read.
  public var temporaryPasswordEnds: Int64? { instant(Schema.passwordEnd).map { $0 - PlanContext.passwordGrace } }
}
