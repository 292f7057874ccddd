internal import Forms
internal import LDAP
internal import Text

/// An address that left an account: it is given to nobody else for a time (`policy.address_memory`), for mail meant for
/// the one must not come to the other.
public struct RetiredAddress: Sendable, Hashable {
  /// Seconds since 1970 UTC.
  public var until: Int64
  /// The entryUUID of the account that had it, which may have it again.
  public var holder: String

  public init(until: Int64, holder: String) {
    self.until = until
    self.holder = holder
  }
}

/// The addresses that are remembered, while a change is planned.
struct AddressMemory {
  /// By address in lower case.
  var retired: [String: RetiredAddress]
  var context: PlanContext

  /// The addresses, among those that a change gives to its account, that are remembered as another's.
  ///
  /// - Parameters:
  ///   - entry: the account; `nil` where it is created.
  ///   - reuse: whether they are given all the same.
  /// - Throws: where one is remembered and isn't to be given.
  func reused(_ addresses: [Address], by entry: Entry? = nil, reuse: Bool) throws(ChangeError) -> [String] {
    var reused: [String] = []
    for address in addresses {
      guard let memory = retired[address.text], memory.until > context.now, memory.holder != entry?.uuid,
        entry?.holds(address) != true
      else { continue }
      guard reuse else { throw Self.remembered(address.text, until: memory.until, context) }
      reused.append(address.text)
    }
    return reused
  }

  static func remembered(_ address: String, until: Int64, _ context: PlanContext) -> ChangeError {
    ChangeError(
      code: .constraintViolation,
      diagnostic: "\(address) belonged to another account; it is not given to anybody else until "
        + "\(context.zone.day(at: Timestamp(seconds: until))) (policy.address_memory)",
      remedy: "choose another address, or write `reuse: true` in the change if that is approved")
  }
}
