internal import Forms
internal import LDAP

extension Plan {
  /// A delete closes the account and keeps it (suspended, marked, its addresses still its own) until the retention is
  /// over; with `immediately` the entry goes at once, and so do its claims on its addresses.
  ///
  /// An account that isn't there is an error, not «already so»: the form may have mistyped it, and then another account
  /// would stay open unnoticed.
  static func delete(_ delete: Change.Delete, stamp: Stamp, holders: AddressIndex, context: PlanContext)
    throws(ChangeError) -> Plan
  {
    let entry = try holders.account(delete.address)
    if delete.immediately {
      return .send(
        Intent(
          operation: .delete(entry.dn), entryUUID: entry.text(Schema.entryUUID), stampRead: entry.text(Schema.stamp),
          preImage: entry))
    }
    if entry.status == .retained { return .unchanged(entry) }
    var edit = EntryEdit(entry)
    edit.retain(context)
    guard let intent = try edit.intent(stamp: stamp) else { return .unchanged(entry) }
    return .send(intent)
  }
}
