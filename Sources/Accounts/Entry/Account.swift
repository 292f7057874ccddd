internal import Forms
public import LDAP

/// An account as the corporate list and the register's mirror know it: what an entry says, without personal data.
///
/// The entry may have been written by any hand, so nothing is trusted: what can't be read as what it should be is left out.
public struct Account: Sendable, Hashable {
  /// The directory's own name for the entry, unique for ever (RFC 4530).
  public var entryUUID: String
  public var dn: String
  public var address: String
  public var aliases: [String]
  public var kind: String
  public var name: String
  public var department: String?
  public var position: String?
  public var status: String
  /// Bytes.
  public var quota: Int64?
  public var owner: String?
  public var lists: [String]
  /// Seconds since 1970 UTC.
  public var created: Int64?
  /// Seconds since 1970 UTC.
  public var changed: Int64?
  /// The entry's version for the mirror: of two images the one with the greater entryCSN is the later.
  public var entryCSN: String
  /// The end of the account's last day, seconds since 1970 UTC.
  public var expires: Int64?
  /// When it was deleted and has been retained since, seconds since 1970 UTC.
  public var retainedSince: Int64?
  /// When failed logins locked it (slapo-ppolicy(5), `pwdAccountLockedTime`), seconds since 1970 UTC; the lock may be over.
  public var lockedSince: Int64?

  public init(
    entryUUID: String, dn: String, address: String, aliases: [String], kind: String, name: String, department: String?,
    position: String?, status: String, quota: Int64?, owner: String?, lists: [String], created: Int64?, changed: Int64?,
    entryCSN: String, expires: Int64? = nil, retainedSince: Int64? = nil, lockedSince: Int64? = nil
  ) {
    self.entryUUID = entryUUID
    self.dn = dn
    self.address = address
    self.aliases = aliases
    self.kind = kind
    self.name = name
    self.department = department
    self.position = position
    self.status = status
    self.quota = quota
    self.owner = owner
    self.lists = lists
    self.created = created
    self.changed = changed
    self.entryCSN = entryCSN
    self.expires = expires
    self.retainedSince = retainedSince
    self.lockedSince = lockedSince
  }

  /// Reads an entry; `nil` where it isn't of our class, or has no mail address or no entryUUID, and so is no account.
  public init?(_ entry: Entry) {
    guard entry.isAccount, let uuid = entry.text(Schema.entryUUID), let mail = entry[Schema.mail].first?.foldedText
    else { return nil }
    func addresses(_ name: String) -> [String] {
      entry[name].compactMap { $0.bytes.contains(UInt8(ascii: " ")) ? nil : $0.foldedText }
    }
    self.init(
      entryUUID: uuid, dn: entry.dn.description, address: mail,
      aliases: addresses(Schema.localAddress).filter { $0 != mail },
      kind: entry.text(Schema.kind) ?? Kind.person.rawValue,
      name: entry.text(Schema.displayName) ?? entry.text(Schema.commonName) ?? "",
      department: entry.text(Schema.department), position: entry.text(Schema.position),
      status: entry.text(Schema.status) ?? Status.active.rawValue,
      quota: entry.text(Schema.quota).flatMap { Int64($0) }, owner: entry.text(Schema.owner),
      lists: addresses(Schema.list), created: entry.instant(Schema.createTimestamp),
      changed: entry.instant(Schema.modifyTimestamp), entryCSN: entry.text(Schema.entryCSN) ?? "",
      expires: entry.instant(Schema.expires), retainedSince: entry.instant(Schema.retainedSince),
      lockedSince: entry[Schema.lockedTime] == [Schema.lockedForGood] ? nil : entry.instant(Schema.lockedTime))
  }
}
