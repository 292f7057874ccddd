public import Text

/// A request as its form states it: FT-GTI-006, read and judged, its text NFC, its addresses lower case.
///
/// Nothing here is a default of the policy: what the form leaves out is `nil`, and the plan decides.
public struct Request: Sendable, Hashable {
  /// The responsible official.
  public struct Requester: Sendable, Hashable {
    /// As the form writes it.
    public var name: String
    /// An address of ours.
    public var address: Address?
    /// A requester.
    public init(name: String, address: Address? = nil) {
      self.name = name
      self.address = address
    }
  }

  /// Who approved the request, and when.
  public struct Approval: Sendable, Hashable {
    /// A person or, in mode `signed`, the principal of the signature.
    public var by: String
    /// The day of the approval.
    public var date: Day
    /// A memorandum or the like.
    public var reference: String?
    /// An approval.
    public init(by: String, date: Day, reference: String? = nil) {
      self.by = by
      self.date = date
      self.reference = reference
    }
  }

  /// Who asks, and who said yes: what a request is asked for most, without its form.
  public struct Origin: Sendable, Hashable {
    /// The department that asks.
    public var department: String
    public var requester: Requester
    public var approval: Approval
    /// An origin.
    public init(department: String, requester: Requester, approval: Approval) {
      self.department = department
      self.requester = requester
      self.approval = approval
    }
  }

  /// Whether a number is one of the clock's own requests, which no form from outside can have: it begins with `@`.
  public static func isOfClock(_ number: String) -> Bool { number.utf8.first == UInt8(ascii: "@") }

  /// Who asks, and who said yes.
  public var origin: Origin { Origin(department: department, requester: requester, approval: approval) }

  /// The form's code, where the form states one.
  public var form: String?
  /// Unique for ever: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
  public var number: String
  /// The department that asks.
  public var department: String
  /// The responsible official.
  public var requester: Requester
  /// Who approved the request, and when.
  public var approval: Approval
  /// All the changes or none.
  public var atomic: Bool
  /// One or more, in the order of the form.
  public var changes: [Change]

  /// A request.
  public init(
    form: String? = nil, number: String, department: String, requester: Requester, approval: Approval,
    atomic: Bool = false, changes: [Change]
  ) {
    self.form = form
    self.number = number
    self.department = department
    self.requester = requester
    self.approval = approval
    self.atomic = atomic
    self.changes = changes
  }
}

/// What an account is for.
public enum Kind: String, Sendable, Hashable, CaseIterable {
  case person, functional, list
}

/// Where an account stands. A form may set `active` and `suspended`; `retained` follows a delete.
public enum Status: String, Sendable, Hashable, CaseIterable {
  case active, suspended, retained
}

/// One change of a form: one operation on one account.
public enum Change: Sendable, Hashable {
  case create(Create)
  case modify(Modify)
  case adopt(Adopt)
  case delete(Delete)
  /// What it said of a person was removed. Stands in no form from outside.
  case forgotten(Forgotten)

  /// The account that the change is about, by the address the form names it with.
  public var address: Address {
    switch self {
    case .create(let create): create.address
    case .modify(let modify): modify.address
    case .adopt(let adopt): adopt.address
    case .delete(let delete): delete.address
    case .forgotten: Forgotten.address
    }
  }

  /// The operation's name as the form and the delivery record spell it.
  public var name: String {
    switch self {
    case .create: "create"
    case .modify: "modify"
    case .adopt: "adopt"
    case .delete: "delete"
    case .forgotten(let forgotten): forgotten.operation
    }
  }

  /// An account is opened.
  public struct Create: Sendable, Hashable {
    /// The account's primary address.
    public var address: Address
    /// What the account is for.
    public var kind: Kind
    /// A person's name or what the account is called.
    public var name: Name
    /// The identity number: personal data, never in a log or on a list.
    public var document: String?
    /// The person's position.
    public var position: String?
    /// The account's department; `nil` means the form's.
    public var department: String?
    /// A telephone number, in the characters of RFC 4517's printable string.
    public var phone: String?
    /// Required for functional accounts and lists.
    public var owner: Address?
    /// Further addresses of ours that mail for the account comes to.
    public var aliases: [Address]
    /// Where mail is forwarded to: any domain.
    public var forward: [ExternalAddress]
    /// Whether forwarded mail is also kept; `nil` means it is.
    public var keepCopy: Bool?
    /// The lists of ours that the account is a member of.
    public var lists: [Address]
    /// External members of a list.
    public var members: [ExternalAddress]
    /// `nil` means the policy's.
    public var quota: ByteCount?
    /// The account is suspended after this day.
    public var expires: Day?
    /// Whether an address is given although it is remembered (`policy.address_memory`).
    public var reuse: Bool

    /// A create; what is left out is as a form that leaves it out.
    public init(
      address: Address, kind: Kind = .person, name: Name, document: String? = nil, position: String? = nil,
      department: String? = nil, phone: String? = nil, owner: Address? = nil, aliases: [Address] = [],
      forward: [ExternalAddress] = [], keepCopy: Bool? = nil, lists: [Address] = [], members: [ExternalAddress] = [],
      quota: ByteCount? = nil, expires: Day? = nil, reuse: Bool = false
    ) {
      self.address = address
      self.kind = kind
      self.name = name
      self.document = document
      self.position = position
      self.department = department
      self.phone = phone
      self.owner = owner
      self.aliases = aliases
      self.forward = forward
      self.keepCopy = keepCopy
      self.lists = lists
      self.members = members
      self.quota = quota
      self.expires = expires
      self.reuse = reuse
    }
  }

  /// A person's name in two parts, or what a functional account or a list is called.
  public enum Name: Sendable, Hashable {
    case person(given: String, family: String)
    case display(String)

    /// As people read it: in one.
    public var text: String {
      switch self {
      case .person(let given, let family): "\(given) \(family)"
      case .display(let display): display
      }
    }
  }

  /// A field of `set`: left out, cleared (`null`) or given a value.
  public enum Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    case keep
    case clear
    case set(Value)
  }

  /// What becomes of an account's temporary password. Only `password` stands in forms from outside.
  public enum Reset: String, Sendable, Hashable, CaseIterable {
    /// A new one is granted.
    case password
    /// The clock's: its life is over unused, so it stops serving, and nobody is told the one that takes its place.
    case expired
    /// The clock's: the user has a password of his own, so the temporary one's end is taken away.
    case settled
  }

  /// The clock's: an address that the account names as its owner or list left the account that had it.
  public struct Follow: Sendable, Hashable {
    public var from: Address
    /// What takes its place; `nil`: nothing does.
    public var to: Address?
    /// What is to be followed.
    public init(from: Address, to: Address?) {
      self.from = from
      self.to = to
    }
  }

  /// An account is changed. Exactly one of `fields` (with at least one field in it), `reset` and `follow`.
  public struct Modify: Sendable, Hashable {
    /// The account's primary address.
    public var address: Address
    /// What is set, added and removed.
    public var fields: Fields
    /// `reset: password`
    public var reset: Reset?
    /// Stands in no form from outside.
    public var follow: Follow?
    /// Whether an address is given although it is remembered (`policy.address_memory`).
    public var reuse: Bool

    /// A modify.
    public init(
      address: Address, fields: Fields = Fields(), reset: Reset? = nil, follow: Follow? = nil, reuse: Bool = false
    ) {
      self.address = address
      self.fields = fields
      self.reset = reset
      self.follow = follow
      self.reuse = reuse
    }
  }

  /// The fields of `set`, and the values of `add` and `remove`.
  public struct Fields: Sendable, Hashable {
    /// A rename: the old address stays as an alias. Can't be cleared.
    public var address: Address?
    /// Can't be cleared; `retained` can't be asked for.
    public var status: Status?
    /// Can't be cleared.
    public var name: Name?
    /// The identity number.
    public var document: Setting<String> = .keep
    /// The person's position.
    public var position: Setting<String> = .keep
    /// Can't be cleared.
    public var department: String?
    /// A telephone number.
    public var phone: Setting<String> = .keep
    /// Who answers for the account.
    public var owner: Setting<Address> = .keep
    /// Whether forwarded mail is also kept.
    public var keepCopy: Setting<Bool> = .keep
    /// Cleared: back to the policy's.
    public var quota: Setting<ByteCount> = .keep
    /// The account is suspended after this day.
    public var expires: Setting<Day> = .keep
    /// Further addresses of ours.
    public var aliases = ListSetting<Address>()
    /// Where mail is forwarded to.
    public var forward = ListSetting<ExternalAddress>()
    /// The lists of ours that the account is a member of.
    public var lists = ListSetting<Address>()
    /// External members of a list.
    public var members = ListSetting<ExternalAddress>()
    /// Nothing is changed.
    public init() {}

    /// Whether the account is given addresses, which it may have already.
    public var givesAddresses: Bool { address != nil || aliases.replacement != nil || !aliases.added.isEmpty }
  }

  /// A field of several values: replaced as a whole (`set`; `null` and `[]` clear it), or values added and removed.
  public struct ListSetting<Value: Sendable & Hashable>: Sendable, Hashable {
    /// `nil`: no `set` for this field.
    public var replacement: [Value]?
    /// Values to add, each once.
    public var added: [Value] = []
    /// Values to remove, each once; none of them is also added.
    public var removed: [Value] = []
    /// A setting; without arguments nothing is changed.
    public init(replacement: [Value]? = nil, added: [Value] = [], removed: [Value] = []) {
      self.replacement = replacement
      self.added = added
      self.removed = removed
    }
  }

  /// An entry that is there already comes under the procedure.
  public struct Adopt: Sendable, Hashable {
    /// The entry's address.
    public var address: Address
    /// An adopt.
    public init(address: Address) { self.address = address }
  }

  /// A change whose person was forgotten: which operation it was is all that is left of it.
  public struct Forgotten: Sendable, Hashable {
    /// What stands wherever the address stood (RFC 2606).
    public static let address: Address = {
      guard let address = Address("forgotten@forgotten.invalid") else { preconditionFailure("an address") }
      return address
    }()

    /// `create`, `modify`, `adopt` or `delete`.
    public var operation: String
    /// What is left of a change.
    public init(operation: String) { self.operation = operation }
  }

  /// An account is closed: retained and later purged, or at once.
  public struct Delete: Sendable, Hashable {
    /// The account's primary address.
    public var address: Address
    /// Why, in the department's words.
    public var reason: String?
    /// Without the time of retention.
    public var immediately: Bool
    /// A delete.
    public init(address: Address, reason: String? = nil, immediately: Bool = false) {
      self.address = address
      self.reason = reason
      self.immediately = immediately
    }
  }
}
