internal import Forms
internal import LDAP
internal import Text

/// Addresses of purged accounts, which are not given to anybody else for a time: mail meant for the one must not come to
/// the other (`policy.address_memory`).
struct AddressMemory {
  /// By address in lower case: until when, seconds since 1970 UTC.
  var until: [String: Int64]
  var context: PlanContext

  func requireForgotten(_ address: Address) throws(ChangeError) {
    guard let until = until[address.text], until > context.now else { return }
    throw ChangeError(
      code: .constraintViolation,
      diagnostic: "\(address.text) belonged to an account that was purged; it is not given to anybody else until "
        + "\(day(until)) (policy.address_memory)",
      remedy: "choose another address")
  }

  /// The day it is then in the organisation's time zone.
  private func day(_ seconds: Int64) -> Day { context.zone.day(at: Timestamp(seconds: seconds)) }
}
