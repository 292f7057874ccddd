/// What the mirror has of an entry.
public struct KnownAccount: Sendable, Hashable {
  public var entryUUID: String
  public var csn: String
  public var dn: String
  public var address: String
  /// The primary one first, in lower case.
  public var addresses: [String]
  /// The entry as it was seen last (``ManagedImage/encoded``); `nil`: noted by a version that kept none.
  public var image: [UInt8]?
  /// What the procedure left of it; `nil`: nothing was changed outside Buzón.
  public var expected: [UInt8]?
  public var mustChange: Bool
  /// Seconds since 1970 UTC, as the directory keeps it.
  public var passwordChanged: Int64?
  /// The number of the request whose temporary password is on its way to the owner.
  public var openHandover: String?
  /// As in ``Account/lockedSince``.
  public var lockedSince: Int64?

  public init(
    entryUUID: String, csn: String, dn: String, addresses: [String], image: [UInt8]?, expected: [UInt8]? = nil,
    mustChange: Bool = false, passwordChanged: Int64? = nil, openHandover: String? = nil,
    lockedSince: Int64? = nil
  ) {
    self.entryUUID = entryUUID
    self.csn = csn
    self.dn = dn
    self.address = addresses.first ?? ""
    self.addresses = addresses
    self.image = image
    self.expected = expected
    self.mustChange = mustChange
    self.passwordChanged = passwordChanged
    self.openHandover = openHandover
    self.lockedSince = lockedSince
  }

  /// What the entry should show.
  var standard: [UInt8]? { expected ?? image }
  var stamp: String? { image.flatMap(ManagedImage.init(encoded:))?.stamp }
}

/// Whose a stamp is that an entry shows.
public enum StampOrigin: Sendable, Hashable {
  /// A change of ours that was begun, and its outcome isn't known.
  case open
  /// A change of ours that is settled.
  case settled
  /// A change of ours, and a later one was applied to the entry: the directory went back, or somebody wrote it back.
  case overtaken
  case unknown
}

/// What is remembered of entries. A judgement asks only for what it needs: of 100,000 entries that are as they were, a
/// row each.
public protocol MirrorMemory {
  func account(_ entryUUID: String) throws -> KnownAccount?
  /// The accounts under this address, by entryUUID.
  func holders(of address: String) throws -> [String]
  /// The CSN up to which nothing of an entry that went counts any more.
  func tombstone(_ entryUUID: String) throws -> String?
  /// How the procedure left an entry that went without it.
  func vanished(_ entryUUID: String) throws -> ManagedImage?
  /// The attributes in which the entry is known to be otherwise than the procedure left it.
  func drift(_ entryUUID: String) throws -> [String]
  func origin(of stamp: String?, on entryUUID: String) throws -> StampOrigin
  /// Whether a temporary password of the entry reached somebody, or it never had one from us (a list, an entry that was
  /// adopted).
  func wasHandedOver(_ entryUUID: String) throws -> Bool
  /// Whether a delete of ours on this entry is under way.
  func isBeingDeleted(_ entryUUID: String) throws -> Bool
  /// Whether a stamp is of a change of ours that is under way, or was taken back: the agent itself removes the entry that
  /// it made.
  func isTakenBack(_ stamp: String?) throws -> Bool
}
