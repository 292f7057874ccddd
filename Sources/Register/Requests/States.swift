public import Accounts
public import Forms

/// Where a request stands while it lives.
public enum RequestState: String, Sendable, CaseIterable {
  case awaitingSignature = "awaiting-signature"
  /// Accepted; its changes wait for their turn.
  case ready
  /// Set aside until an operator releases it; the others may overtake it.
  case held
  /// At least one of its changes was begun.
  case working
  case done
}

/// What became of a request.
public enum RequestOutcome: String, Sendable, CaseIterable {
  /// Every change was applied or was so already.
  case applied
  case partly
  case failed
  case cancelled

  /// The outcome of a request whose changes ended like this.
  public init(of changes: some Sequence<ChangeOutcome>) {
    var succeeded = false
    var failed = false
    for change in changes {
      switch change {
      case .applied, .unchanged: succeeded = true
      case .failed, .undone, .skipped: failed = true
      }
    }
    self = failed ? (succeeded ? .partly : .failed) : .applied
  }
}

/// What became of a change.
public enum ChangeOutcome: String, Sendable, CaseIterable {
  case applied
  /// The directory was so already.
  case unchanged
  case failed
  case undone
  case skipped
}

/// A change of an accepted request: the request's place in the order of acceptance, and the change's index in its form.
public struct ChangeID: Sendable, Hashable {
  public var request: Int64
  public var index: Int

  public init(request: Int64, index: Int) {
    self.request = request
    self.index = index
  }
}

/// What is known of a change once it was begun.
public struct ChangeResult: Sendable, Hashable {
  public var index: Int
  public var operation: String
  public var address: String
  /// Whom the account is of, where that is known.
  public var name: String?
  /// Why, as the form states it.
  public var reason: String?
  /// `nil` while its outcome isn't known.
  public var outcome: ChangeOutcome?
  public var dn: String?
  public var entryUUID: String?
  public var error: ChangeError?
  public var handover: HandoverState
  /// Milliseconds since 1970 UTC: of the outcome, or of the intent while there is none.
  public var at: Int64
  /// The addresses of functional accounts and lists whose owner the change took away; known once it is settled.
  public var orphans: [String]
  /// The addresses that it gave though another account had them not long ago (`reuse: true`).
  public var reused: [String]
  /// What it really changed; `nil`: that isn't known, for it was applied before the register was restored from a backup.
  /// In an atomic request the changes of one account are one operation, whose values stand at the last of them.
  public var values: [ChangedValue]? = []
  /// What happened to the temporary password that it granted, in order of time; known once it is settled.
  public var handoverEvents: [HandoverEvent] = []
  /// What its form asks for that is no value.
  public var deed: Deed?

  /// What a change does that is no value of the account.
  public enum Deed: Sendable, Hashable, CaseIterable {
    /// A new temporary password; the clock's: its life is over, or its end is taken away (`Change.Reset`).
    case passwordReset, passwordExpired, passwordSettled
    /// Owner and lists follow an address that left its account.
    case follow

    init?(_ modify: Change.Modify) {
      switch modify.reset {
      case .password: self = .passwordReset
      case .expired: self = .passwordExpired
      case .settled: self = .passwordSettled
      case nil:
        guard modify.follow != nil else { return nil }
        self = .follow
      }
    }
  }

  public init(
    index: Int, operation: String, address: String, name: String? = nil, reason: String? = nil,
    outcome: ChangeOutcome?, dn: String? = nil,
    entryUUID: String? = nil, error: ChangeError? = nil, handover: HandoverState = .none, at: Int64,
    orphans: [String] = [], reused: [String] = []
  ) {
    self.index = index
    self.operation = operation
    self.address = address
    self.name = name
    self.reason = reason
    self.outcome = outcome
    self.dn = dn
    self.entryUUID = entryUUID
    self.error = error
    self.handover = handover
    self.at = at
    self.orphans = orphans
    self.reused = reused
  }
}

extension ChangeResult {
  /// What became of a change, with what its form states of it.
  public init(_ change: Change, index: Int, outcome: ChangeOutcome?, error: ChangeError? = nil, at: Int64) {
    self.init(
      index: index, operation: change.name, address: change.address.text, outcome: outcome, error: error, at: at)
    switch change {
    case .create(let create): name = create.name.text
    case .delete(let delete): reason = delete.reason
    case .modify(let modify): deed = Deed(modify)
    case .adopt, .forgotten: break
    }
  }
}
