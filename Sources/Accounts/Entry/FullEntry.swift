public import LDAP

extension Schema {
  /// An entry that has every attribute that an operation of ours can name, locked for good.
  ///
  /// - Parameters:
  ///   - name: its `uid`.
  ///   - container: what it stands below.
  ///   - address: its only one.
  ///   - password: one that nobody knows.
  public static func fullEntry(_ name: String, under container: DN, address: String, password: Value) -> Operation {
    let now: Value = "20000101000000Z"
    let values: [String: [Value]] = [
      objectClass: classes, uid: [Value(name)], mail: [Value(address)],
      localAddress: [Value(address)], kind: [Value("functional")], status: [Value("retained")], quota: ["0"],
      keepCopy: ["TRUE"], expires: [now], retainedSince: [now], self.password: [password], passwordReset: ["TRUE"],
      passwordEnd: [now], phone: ["0"],
    ]
    var attributes = modifiable.map { Attribute($0, values[$0] ?? [Value(address)]) }
    attributes.append(Attribute(stamp, [Value(name)]))
    attributes.append(Attribute(lockedTime, [lockedForGood]))
    return .add(.rdn(uid, name).under(container), attributes)
  }
}
