internal import Forms
internal import LDAP

extension Plan {
  /// Whether a change that the clock asks for no longer fits: between the clock's look at the list and the plan the
  /// account may have got a later day, been closed or brought back, or have gone.
  ///
  /// An expiry (`modify set status suspended`) fits an active account whose last day is over; a purge
  /// (`delete immediately`) a retained one whose time is over. Whether a temporary password is due is the plan's own
  /// question (``ofClock(_:_:stamp:context:)``).
  ///
  /// - Returns: `unchanged`, or `nil` where the change fits and is planned as any other.
  static func notDue(_ change: Change, holders: AddressIndex, context: PlanContext) -> Plan? {
    let entry: Entry
    do throws(ChangeError) {
      entry = try holders.account(change.address)
    } catch {
      // Renamed meanwhile it holds the address as an alias: it has not gone.
      return .unchanged(holders.entries(change.address).first)
    }
    let isDue: Bool
    switch change {
    case .modify(let modify) where modify.fields.status == .suspended:
      let expires = entry.instant(Schema.expires)
      isDue = entry.status == .active && expires.map { $0 <= context.now } ?? false
    case .delete(let delete) where delete.immediately:
      let since = entry.instant(Schema.retainedSince)
      isDue = entry.status == .retained && since.map { $0 <= context.now - context.retention } ?? false
    case .create, .modify, .adopt, .delete, .forgotten: isDue = true
    }
    return isDue ? nil : .unchanged(entry)
  }
}

extension Entry {
  /// Seconds since 1970 UTC.
  func instant(_ name: String) -> Int64? { self[name].first.flatMap(GeneralizedTime.seconds) }
}
