internal import Accounts
public import Configuration
public import Forms
internal import LDAP
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
    let context: PlanContext
    do {
      context = try configuration.planContext(zone: zone, now: WallClock.now())
    } catch {
      throw AgentError.configuration("directory.accounts: \(error)")
    }
    for account in accounts {
      let repair = DriftRepair(
        expected: account.expected, present: account.present, rules: rules, context: context)
      changes += repair.changes
      notes += repair.notes.map { "\(account.address): \($0)" }
    }
  }
}

extension Configuration {
  /// What plans are made under.
  ///
  /// - Parameter now: milliseconds since 1970 UTC.
  func planContext(zone: Zone, now: Int64) throws(LDAPError) -> PlanContext {
    PlanContext(
      container: try DN(parsing: directory.accounts), quota: policy.quota.bytes,
      passwordLife: policy.password.life.components.seconds, now: now / 1_000,
      zone: zone, domains: domains, retention: policy.retention.components.seconds)
  }
}
