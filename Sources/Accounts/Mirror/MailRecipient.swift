public import LDAP

/// An entry that receives mail (`inetLocalMailRecipient`) and is no account of the procedure: what others made, and what is
/// not adopted yet.
public struct MailRecipient: Sendable, Hashable {
  public var entryUUID: String
  /// All addresses, in lower case, sorted.
  public var addresses: [String]
  public var image: ManagedImage
  /// Who wrote the entry last.
  public var modifier: String?

  public init(entryUUID: String, addresses: [String], image: ManagedImage, modifier: String? = nil) {
    self.entryUUID = entryUUID
    self.addresses = addresses
    self.image = image
    self.modifier = modifier
  }

  /// What such entries are found by.
  public static let filter = Filter.and([
    .equal(Schema.objectClass, "inetLocalMailRecipient"), .not(.equal(Schema.objectClass, Schema.accountClass)),
  ])

  /// Reads an entry that was asked for ``Schema/synced``; what stands deeper doesn't show its entryUUID.
  public init(_ entry: Entry, entryUUID: String) {
    self.entryUUID = entryUUID
    addresses = entry.addresses.sorted()
    image = ManagedImage(entry)
    modifier = entry.text(Schema.modifiersName)
  }

  /// Which address makes the entry a change outside Buzón, that is to be reported; `nil`: none does. Pure.
  ///
  /// | the entry | reported |
  /// |---|---|
  /// | was there when such entries were read for the first time | no: a directory may be full of what is not adopted yet |
  /// | is, or was, an account | no: the accounts' own story says so |
  /// | is new, and holds an address of an account or of our domains | yes |
  /// | was there, and such an address came to it | yes |
  ///
  /// - Parameters:
  ///   - known: the addresses that it had; `nil`: it is new.
  ///   - isFirst: whether such entries are read for the first time.
  ///   - isAccount: whether it is an account, or one that went.
  ///   - isOurs: whether an account has the address, or it is in our domains.
  public func news(known: [String]?, isFirst: Bool, isAccount: Bool, isOurs: (String) throws -> Bool) rethrows
    -> String?
  {
    if isFirst || isAccount { return nil }
    let before = Set(known ?? [])
    return try addresses.first { try !before.contains($0) && isOurs($0) }
  }
}
