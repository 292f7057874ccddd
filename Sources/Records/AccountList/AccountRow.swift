public import Accounts
public import Configuration
public import Text

/// One account on the corporate account list (FT-GTI-002).
public struct AccountRow: Sendable, Hashable {
  /// The primary address.
  public var address: String
  /// `person`, `functional` or `list`.
  public var kind: String
  /// What the account is called.
  public var name: String
  /// The department that it belongs to.
  public var department: String?
  /// The person's position.
  public var position: String?
  /// `active`, `suspended`, `retained`, or `locked` where failed logins locked an active account.
  public var status: String
  /// Other addresses of the account.
  public var aliases: [String]
  /// Bytes; `nil`: none stated.
  public var quota: UInt64?
  /// The address of the one who answers for a functional account or a list.
  public var owner: String?
  /// The lists that it is a member of.
  public var lists: [String]
  /// When the entry was made; `nil`: not known.
  public var created: Timestamp?
  /// When the entry changed last; `nil`: not known.
  public var changed: Timestamp?
  /// Where the hand-over of its password stands.
  public var handover: HandoverState
  /// What was changed outside the procedure: names of attributes, or `entry` for an entry that was made there.
  public var drift: [String]

  /// A row by its parts.
  public init(
    address: String, kind: String, name: String, department: String? = nil, position: String? = nil, status: String,
    aliases: [String] = [], quota: UInt64? = nil, owner: String? = nil, lists: [String] = [],
    created: Timestamp? = nil, changed: Timestamp? = nil, handover: HandoverState = .none, drift: [String] = []
  ) {
    self.address = address
    self.kind = kind
    self.name = name
    self.department = department
    self.position = position
    self.status = status
    self.aliases = aliases
    self.quota = quota
    self.owner = owner
    self.lists = lists
    self.created = created
    self.changed = changed
    self.handover = handover
    self.drift = drift
  }
}

/// A column of the list: the keys of the JSON, in its order.
public typealias AccountColumn = Configuration.List.Column
