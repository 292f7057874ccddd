public import Register
public import Text

/// The delivery record of a request: what was asked, by whom, and what came of it. `deliveries/YEAR/NUMBER.json`, and
/// with ``state`` and ``history`` what `buzon show NUMBER --json` prints.
public struct DeliveryRecord: Sendable, Hashable {
  /// Who approved, and how that is known.
  public struct Approval: Sendable, Hashable {
    /// How the approval is known.
    public enum Signature: String, Sendable, Hashable, CaseIterable {
      /// The approver's signature over the form's bytes was verified.
      case verified
      /// As the form states it; a signature that came with it was archived and not verified.
      case recorded
      /// The clock acted, which needs no approval.
      case none
    }

    /// The approver.
    public var by: String
    /// The day, `YYYY-MM-DD`, as the form states it.
    public var date: String
    /// The document that says so, where the form names one.
    public var reference: String?
    /// How the approval is known.
    public var signature: Signature
    /// The fingerprint of the key of a verified signature: `SHA256:…`.
    public var key: String?
    /// Whether a signature is archived with the form.
    public var hasSignature = false

    /// Sets how the approval is known.
    ///
    /// - Parameters:
    ///   - key: the fingerprint of the key of a verified signature.
    ///   - hasSignature: whether a signature is archived with the form.
    ///   - isOfClock: whether the clock made the request.
    public mutating func prove(key: String?, hasSignature: Bool, isOfClock: Bool) {
      signature = isOfClock ? .none : key == nil ? .recorded : .verified
      self.key = key
      self.hasSignature = hasSignature
    }

    /// An approval by its parts.
    public init(by: String, date: String, reference: String? = nil, signature: Signature) {
      self.by = by
      self.date = date
      self.reference = reference
      self.signature = signature
    }
  }

  /// The responsible official.
  public struct Requester: Sendable, Hashable {
    /// The official's name.
    public var name: String
    /// The official's mail address, where the form states it.
    public var address: String?

    /// A requester by the parts.
    public init(name: String, address: String? = nil) {
      self.name = name
      self.address = address
    }
  }

  /// How the form came in.
  public struct Submission: Sendable, Hashable {
    /// The name of the user who dropped the file; `nil` where the host had none for the number.
    public var by: String?
    /// That user's number on the host.
    public var uid: UInt32
    /// The file's name in the spool.
    public var file: String

    /// A submission by its parts.
    public init(by: String?, uid: UInt32, file: String) {
      self.by = by
      self.uid = uid
      self.file = file
    }

    /// `maria (uid 1004)`, or `uid 1004`.
    public var who: String { by.map { "\($0) (uid \(uid))" } ?? "uid \(uid)" }
  }

  /// A step in the life of a request.
  public struct Event: Sendable, Hashable {
    /// The events that stand on the page of a record.
    public static let orders: Set = ["held", "released", "cancelled", "forgotten"]

    /// When it happened.
    public var at: Timestamp
    /// Its stable name, e.g. `accepted`.
    public var event: String
    /// Who did it, where a person did.
    public var by: String?
    /// The change it was about, from 0; `nil`: the request as a whole.
    public var change: Int?
    /// What else is to be said.
    public var detail: String?

    /// An event by its parts.
    public init(at: Timestamp, event: String, by: String? = nil, change: Int? = nil, detail: String? = nil) {
      self.at = at
      self.event = event
      self.by = by
      self.change = change
      self.detail = detail
    }
  }

  /// The form's code, e.g. `FT-GTI-006`.
  public var form: String
  /// The request's number, unique for ever.
  public var number: String
  /// Where the request stands; left out of the record on disk, which is written when it is done.
  public var state: RequestState?
  /// `nil` while the request lives.
  public var outcome: RequestOutcome?
  /// The department that asked.
  public var department: String
  /// The responsible official.
  public var requester: Requester
  /// Who approved.
  public var approval: Approval
  /// Who dropped the form; `nil`: the clock, which drops none.
  public var submitted: Submission?
  /// When the form was accepted.
  public var received: Timestamp
  /// When the last change was done; `nil` while the request lives.
  public var completed: Timestamp?
  /// SHA-256 of the form's bytes, 32 bytes.
  public var digest: [UInt8]
  /// SHA-256 of the plan that the form was submitted with; `nil`: none. Left out where there is none.
  public var plan: [UInt8]?
  /// The ledger line that the record is proven by; `nil` before there is one.
  public var ledger: String?
  /// In the order of the form.
  public var changes: [ChangeResult]
  /// That it was held, released or cancelled, in order of time. On the page alone: ``history`` has it too.
  public var orders: [Event] = []
  /// In order of time; `nil`: left out.
  public var history: [Event]?

  /// A record by its parts.
  public init(
    form: String, number: String, state: RequestState? = nil, outcome: RequestOutcome?, department: String,
    requester: Requester, approval: Approval, submitted: Submission? = nil, received: Timestamp, completed: Timestamp?,
    digest: [UInt8], ledger: String?,
    changes: [ChangeResult], history: [Event]? = nil
  ) {
    self.form = form
    self.number = number
    self.state = state
    self.outcome = outcome
    self.department = department
    self.requester = requester
    self.approval = approval
    self.submitted = submitted
    self.received = received
    self.completed = completed
    self.digest = digest
    self.ledger = ledger
    self.changes = changes
    self.history = history
  }
}
