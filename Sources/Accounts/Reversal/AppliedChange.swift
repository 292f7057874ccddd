internal import LDAP

/// A change of a request that was applied, with what is known of it: what its undo is made from.
public struct AppliedChange: Sendable {
  /// In its form, from 0. Of an atomic request's changes of one account the last one, which holds their operation.
  public var index: Int
  /// What was sent; `nil`: it isn't known, for it was applied before the register was restored from a backup.
  public var intent: Intent?
  public var entryUUID: String?
  /// What the form calls the account.
  public var address: String
  /// Where the hand-over stands that it began.
  public var handover: HandoverState

  public init(index: Int, intent: Intent?, entryUUID: String?, address: String, handover: HandoverState) {
    self.index = index
    self.intent = intent
    self.entryUUID = entryUUID
    self.address = address
    self.handover = handover
  }
}

/// A change of the same entry by a later request.
public struct LaterChange: Sendable, Hashable {
  /// `NUMBER#INDEX`.
  public var name: String
  /// The form's keys that it changed.
  public var keys: Set<String>

  public init(name: String, keys: Set<String>) {
    self.name = name
    self.keys = keys
  }
}

/// A key of the form and the attributes that hold it.
struct ReversedKey: Sendable {
  /// As the form spells it.
  let name: String
  let attributes: [String]
  /// Whether its values come and go one by one.
  let hasSeveralValues: Bool

  private init(_ name: String, _ attributes: [String], several: Bool = false) {
    self.name = name
    self.attributes = attributes
    hasSeveralValues = several
  }

  static let aliases = ReversedKey("aliases", [Schema.localAddress], several: true)
  static let address = ReversedKey("address", [Schema.mail])
  static let owner = ReversedKey("owner", [Schema.owner])
  static let lists = ReversedKey("lists", [Schema.list], several: true)
  /// The first attribute says it; the others come and go with it.
  static let status = ReversedKey("status", [Schema.status, Schema.retainedSince, Schema.lockedTime])

  /// All that a form can change and change back. `uid` gains a value at a rename and keeps it.
  static let all = [
    address, ReversedKey("name", [Schema.commonName, Schema.surname, Schema.givenName, Schema.displayName]),
    ReversedKey("document", [Schema.document]), ReversedKey("position", [Schema.position]),
    ReversedKey("department", [Schema.department]), ReversedKey("phone", [Schema.phone]), owner, aliases,
    ReversedKey("forward", [Schema.forward], several: true), ReversedKey("keep_copy", [Schema.keepCopy]), lists,
    ReversedKey("members", [Schema.member], several: true), ReversedKey("quota", [Schema.quota]),
    ReversedKey("expires", [Schema.expires]), status,
  ]

  /// The values that tell whether it changed.
  func values(of entry: Entry) -> [[Value]] {
    (name == Self.status.name ? Array(attributes.prefix(1)) : attributes).map { entry[$0] }
  }
}
