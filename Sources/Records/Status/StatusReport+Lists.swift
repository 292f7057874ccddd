public import Text

extension StatusReport {
  /// The open hand-overs of a department.
  public struct DepartmentHandovers: Sendable, Hashable {
    /// The department; empty: none.
    public var department: String
    /// How many are open.
    public var count: Int
    /// When the oldest was granted.
    public var oldest: Timestamp

    /// A department by its parts.
    public init(department: String, count: Int, oldest: Timestamp) {
      self.department = department
      self.count = count
      self.oldest = oldest
    }
  }

  /// An open hand-over.
  public struct OpenHandover: Sendable, Hashable {
    /// The account's address.
    public var address: String
    /// The department that it belongs to.
    public var department: String?
    /// The request's number.
    public var number: String
    /// When the temporary password was granted.
    public var granted: Timestamp
    /// When it stops serving.
    public var ends: Timestamp?
    /// Whether the slip was received; the password isn't changed yet.
    public var isDelivered: Bool

    /// A hand-over by its parts.
    public init(
      address: String, department: String? = nil, number: String, granted: Timestamp, ends: Timestamp? = nil,
      isDelivered: Bool = false
    ) {
      self.address = address
      self.department = department
      self.number = number
      self.granted = granted
      self.ends = ends
      self.isDelivered = isDelivered
    }
  }

  /// What was changed outside Buzón.
  public struct Drift: Sendable, Hashable {
    /// The account's address.
    public var address: String
    /// Names of the attributes, or `entry` for an entry that others made or removed.
    public var attributes: [String]
    /// Whether the entry was removed.
    public var isRemoved: Bool
    /// Who did it: modifiersName; `nil`: not known.
    public var by: String?
    /// When.
    public var at: Timestamp

    /// A drift by its parts.
    public init(
      address: String, attributes: [String], isRemoved: Bool = false, by: String? = nil, at: Timestamp
    ) {
      self.address = address
      self.isRemoved = isRemoved
      self.attributes = attributes
      self.by = by
      self.at = at
    }
  }

  /// What keeps requests or the whole queue back until a person acts.
  public struct Hold: Sendable, Hashable {
    /// What the clock is called, which no request can be.
    public static let clock = "CLOCK"

    /// What is kept back: a request's number, `queue`, or ``clock``.
    public var what: String
    /// Why.
    public var reason: String
    /// What helps.
    public var remedy: String?
    /// Since when.
    public var since: Timestamp?

    /// A hold by its parts.
    public init(what: String, reason: String, remedy: String? = nil, since: Timestamp? = nil) {
      self.what = what
      self.reason = reason
      self.remedy = remedy
      self.since = since
    }
  }

  /// A day's figures.
  public struct Day: Sendable, Hashable {
    /// The day in the organisation's zone.
    public var date: Text.Day
    /// Requests that were accepted.
    public var accepted: Int
    /// Changes that were applied.
    public var applied: Int
    /// Changes that failed.
    public var failed: Int

    /// A day by its parts.
    public init(date: Text.Day, accepted: Int = 0, applied: Int = 0, failed: Int = 0) {
      self.date = date
      self.accepted = accepted
      self.applied = applied
      self.failed = failed
    }
  }

  /// How many accounts of a kind have a status.
  public struct AccountCount: Sendable, Hashable {
    /// `person`, `functional` or `list`.
    public var kind: String
    /// `active`, `suspended` or `retained`.
    public var status: String
    /// Accounts.
    public var count: Int

    /// A count by its parts.
    public init(kind: String, status: String, count: Int) {
      self.kind = kind
      self.status = status
      self.count = count
    }
  }
}
