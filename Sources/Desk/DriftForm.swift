internal import Accounts
public import Configuration
public import Forms
internal import Installation
internal import Records
public import Register
internal import Text

/// The form that puts right what was changed outside Buzón.
public struct DriftForm: Sendable {
  /// In the order of a form; empty: nothing a form can do.
  public var changes: [Change] = []
  /// What no form can put right, a line each, with the address; no identity number.
  public var notes: [String] = []

  /// - Throws: ``AgentError`` where the configuration is no good.
  public init(_ accounts: [DriftedAccount], _ configuration: Configuration, rules: Rules) throws {
    let zone = try RecordStyle(configuration).zone
    let context = configuration.planContext(zone: zone, now: WallClock.now())
    for account in accounts {
      let repair = DriftRepair(
        expected: account.expected, present: account.present, rules: rules, context: context)
      changes += repair.changes
      notes += repair.notes.map { "\(account.address): \($0)" }
    }
  }
}
