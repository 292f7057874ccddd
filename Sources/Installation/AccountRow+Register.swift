internal import Accounts
public import Records
public import Register
internal import Text

extension AccountRow {
  /// The row of an account of the mirror.
  public init(_ mirrored: MirroredAccount) {
    let account = mirrored.account
    self.init(
      address: account.address, kind: account.kind, name: account.name, department: account.department,
      position: account.position, status: account.status, aliases: account.aliases,
      quota: account.quota.flatMap { UInt64(exactly: $0) }, owner: account.owner, lists: account.lists,
      created: account.created.map(Timestamp.init(seconds:)), changed: account.changed.map(Timestamp.init(seconds:)),
      handover: mirrored.handover, drift: mirrored.drift)
  }
}
