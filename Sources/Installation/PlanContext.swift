package import Accounts
internal import Configuration
internal import Forms
package import Text

extension Configuration {
  /// What plans are made under.
  ///
  /// - Parameter now: milliseconds since 1970 UTC.
  package func planContext(zone: Zone, now: Int64) -> PlanContext {
    PlanContext(
      container: directory.accounts, quota: policy.quota.bytes,
      passwordLife: policy.password.life.components.seconds, now: now / 1_000,
      zone: zone, domains: domains, retention: policy.retention.components.seconds,
      addressMemory: policy.addressMemory.components.seconds)
  }
}
