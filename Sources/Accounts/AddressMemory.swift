internal import Forms
internal import LDAP

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
  private func day(_ seconds: Int64) -> String {
    let utc = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    // A zone is at most a day away.
    let day = (-1...1).lazy.compactMap { Day(daysSince1970: utc + $0) }.first { context.endOfDay($0) >= seconds }
    return day?.description ?? "9999-12-31"
  }
}
