public import Accounts
public import Forms
internal import LDAP
public import Text

/// What forms would do, were they submitted now (`buzon plan`): nothing of it is done.
public struct FormPlan: Sendable {
  /// A form that is planned.
  public struct Source: Sendable {
    /// As messages call it.
    public var file: String
    public var request: Request
    public var bytes: [UInt8]
    /// What lies beside it as its signature; `nil`: nothing.
    public var signature: [UInt8]?

    public init(file: String, request: Request, bytes: [UInt8], signature: [UInt8]?) {
      self.file = file
      self.request = request
      self.bytes = bytes
      self.signature = signature
    }
  }

  /// Who says that the directory takes an operation.
  public enum Judge: String, Sendable {
    /// The directory itself, by the No-Op control.
    case directory
    /// Buzón alone, by comparing the change with the entries that it read.
    case comparison
  }

  public struct Change: Sendable {
    public enum Outcome: String, Sendable {
      case applied, unchanged, failed, skipped
      /// It would wait, or hold the queue: the directory refuses it for a reason that isn't the change's.
      case waits
    }

    public var index: Int
    public var operation: String
    public var address: String
    public var outcome: Outcome
    /// What it changes by itself, after those before it. Of an atomic form's changes of one account the last one has all.
    public var values: [ChangedValue] = []
    public var grantsPassword = false
    public var reused: [String] = []
    public var error: ChangeError?
    public var judge: Judge?
  }

  public struct Form: Sendable {
    public var file: String
    public var number: String
    /// What no directory knows, and what would hold or reject the form: a line each.
    public var notes: [String]
    /// Why it would be rejected; `nil`: it would not.
    public var rejection: String?
    /// Whether it was accepted before, so that nothing would be done.
    public var isRepeated = false
    public var changes: [Change]
    /// What it depends on; `nil` where it would not be done as a whole, and no form can be bound to that.
    public internal(set) var bound: BoundPlan?

    /// Whether each of its changes would be done, or is so already.
    var isWhole: Bool {
      rejection == nil && !isRepeated && changes.allSatisfy { $0.outcome == .applied || $0.outcome == .unchanged }
    }
  }

  public struct Account: Sendable {
    public var planned: PlannedAccount
    /// By address, the day until which it is given to nobody else.
    public var remembered: [(address: String, until: Day)] = []
    /// The accounts and lists that name it as their owner, and lose it or follow it; at most ``FormPlan/most``.
    public var owned: [String] = []
    /// How many accounts are members of it.
    public var members = 0
  }

  /// How many names are listed of what hangs on an account.
  public static let most = 20

  /// In the order in which they would be taken.
  public internal(set) var forms: [Form] = []
  /// In an order in which the directory takes their operations: what frees an address comes before what takes it.
  public internal(set) var accounts: [Account] = []
  /// Whether there is no such order, for accounts exchange addresses.
  public internal(set) var isExchange = false
  /// Which server was asked, and whom it takes the caller for.
  public internal(set) var server = ""
  public internal(set) var identity = ""
  /// Why the directory was not asked, each reason once; empty: it was asked of every operation.
  public internal(set) var unasked: [String] = []
  /// What could not be judged, and why: a line each.
  public internal(set) var unjudged: [String] = []
  /// The zone that days are written in.
  public internal(set) var zone: Zone

  init(zone: Zone) { self.zone = zone }

  /// Whether any entry would change.
  public var isAny: Bool { accounts.contains { $0.planned.operation != nil } }
  /// Whether a change would fail or wait, or a form be rejected.
  public var isTroubled: Bool {
    forms.contains { form in
      form.rejection != nil || form.changes.contains { [.failed, .skipped, .waits].contains($0.outcome) }
    }
  }
}
