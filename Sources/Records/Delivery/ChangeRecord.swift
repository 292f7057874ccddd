/// One change of a request, and what came of it.
public struct ChangeRecord: Sendable, Hashable {
  /// What came of a change.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    case applied
    /// It was so already.
    case unchanged
    case failed
    /// Applied, then taken back, because another change of an atomic request failed.
    case undone
    case skipped
  }

  /// Why a change failed.
  public struct Failure: Sendable, Hashable {
    /// The LDAP result code (RFC 4511 appendix A), e.g. 68.
    public var code: Int
    /// The code's name, e.g. `entryAlreadyExists`.
    public var name: String
    /// What the directory said.
    public var diagnostic: String
    /// What helps.
    public var remedy: String

    /// A failure by its parts.
    public init(code: Int, name: String, diagnostic: String, remedy: String) {
      self.code = code
      self.name = name
      self.diagnostic = diagnostic
      self.remedy = remedy
    }
  }

  /// `create`, `modify`, `adopt` or `delete`.
  public var operation: String
  /// The account's address as the form names it.
  public var address: String
  /// The entry's name; `nil` where there is none.
  public var dn: String?
  /// The entry's identity for ever (RFC 4530); `nil` where there is none.
  public var entryUUID: String?
  /// `nil` while the change waits.
  public var outcome: Outcome?
  /// Where the hand-over of the account's password stands.
  public var handover: Handover
  /// Why it failed.
  public var error: Failure?
  /// Addresses of functional accounts and lists whose owner this change took away.
  public var orphans: [String]

  /// A change by its parts.
  public init(
    operation: String, address: String, dn: String? = nil, entryUUID: String? = nil, outcome: Outcome?,
    handover: Handover = .none, error: Failure? = nil, orphans: [String] = []
  ) {
    self.operation = operation
    self.address = address
    self.dn = dn
    self.entryUUID = entryUUID
    self.outcome = outcome
    self.handover = handover
    self.error = error
    self.orphans = orphans
  }
}

/// Where the hand-over of an account stands.
public enum Handover: String, Sendable, Hashable, CaseIterable {
  case none, open
  /// The slip was received.
  case delivered
  /// The user changed the password.
  case closed
  case expired
}
