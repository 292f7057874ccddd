internal import Accounts
internal import Forms
internal import Installation
internal import Register

/// An accepted request on its way to its outcome.
struct OpenRequest: Sendable {
  let id: Int64
  let request: Request
  let bytes: [UInt8]
  let digest: [UInt8]
  /// As received; `nil`: none came.
  var signature: [UInt8]?
  /// The fingerprint of the key of its verified signature; `nil`: none was verified.
  var signedKey: String?
  /// What its plan depended on; `nil`: it came without one.
  private(set) var binding: PlanBinding?
  /// The file that it came in, and who dropped it; `nil`: the clock's own.
  let submitted: Submission?
  /// Milliseconds since 1970 UTC.
  let received: Int64
  /// By index; `nil` while a change's outcome isn't known.
  var results: [ChangeResult?]
  /// How many outcomes aren't known.
  var remaining: Int
  /// Intents of an earlier run whose outcome isn't known, by index.
  var intents: [Int: StoredIntent]
  /// Of an atomic request: how far it had come.
  var atomic: AtomicState?
  /// Set aside: what isn't in flight is passed over.
  var isHeld = false
  private let promised: PromisedAccounts
  /// Its places in the order.
  var tickets: Set<AddressOrder.Ticket> = []
  /// How many of its changes are in a batch now.
  var inFlight = 0

  init(
    id: Int64, request: Request, bytes: [UInt8], digest: [UInt8], submitted: Submission? = nil, received: Int64
  ) {
    self.id = id
    self.request = request
    self.bytes = bytes
    self.digest = digest
    self.submitted = submitted
    self.received = received
    self.results = Array(repeating: nil, count: request.changes.count)
    self.remaining = request.changes.count
    self.intents = [:]
    self.promised = PromisedAccounts(request.changes)
  }

  /// What owner and lists of a change are judged by.
  func references(of index: Int) -> References { promised.references(of: request.changes[index], at: index) }

  /// Binds it to a plan, as received.
  ///
  /// - Throws: ``PlanFile/Fault`` where it is no plan of this form, which only a damaged register can make so.
  mutating func bind(to plan: [UInt8]?) throws(PlanFile.Fault) {
    guard let plan else { return }
    let file = try PlanFile(reading: plan)
    if let fault = file.fault(with: digest, number: request.number, changes: request.changes.count) { throw fault }
    binding = PlanBinding(plan: file.plan, digest: Register.digest(of: plan), request: request)
  }

  /// Takes up a request of an earlier run from the register: its form is read again, its outcomes stand.
  ///
  /// - Throws: ``FormError`` where the stored bytes are no form any more, ``PlanFile/Fault`` where its plan is none, which
  ///   only a damaged register can make so.
  init(_ stored: StoredRequest) throws {
    self.init(
      id: stored.id, request: try FormReader.reread(stored.bytes), bytes: stored.bytes, digest: stored.digest,
      submitted: stored.submitter.map { Submission(file: stored.file, by: $0) }, received: stored.received)
    signature = stored.signature
    signedKey = stored.signedKey
    try bind(to: stored.plan)
    for (index, result) in stored.changes where result.outcome != nil && results.indices.contains(index) {
      results[index] = result
      remaining -= 1
    }
    self.intents = stored.intents
    self.atomic = stored.atomic
  }
}

/// A form and the plan that it is bound to. Shared by all of its changes.
final class PlanBinding: Sendable {
  let plan: BoundPlan
  /// SHA-256 of the plan as received.
  let digest: [UInt8]
  let request: Request

  init(plan: BoundPlan, digest: [UInt8], request: Request) {
    self.plan = plan
    self.digest = digest
    self.request = request
  }
}

/// How a form came in.
struct Submission: Sendable {
  /// The name of its file in the spool.
  var file: String
  /// The owner of that file.
  var by: Submitter
}

/// A request with all its outcomes, ready to be recorded.
struct FinishedRequest: Sendable {
  var id: Int64
  var request: Request
  var bytes: [UInt8]
  var digest: [UInt8]
  /// As received; `nil`: none came.
  var signature: [UInt8]?
  /// As in ``OpenRequest``.
  var signedKey: String?
  /// SHA-256 of the plan that it was bound to; `nil`: none.
  var plan: [UInt8]?
  /// `nil`: the clock's own.
  var submitted: Submission?
  var received: Int64
  var completed: Int64
  var outcome: RequestOutcome
  var results: [ChangeResult]
  /// The hash of its last line in the ledger.
  var ledger: [UInt8]
}

extension FinishedRequest {
  /// Whether what it said of somebody was removed.
  var isForgotten: Bool { request.changes.contains { if case .forgotten = $0 { true } else { false } } }

  /// - Parameters:
  ///   - completed: milliseconds since 1970 UTC.
  ///   - ledger: the hash of its last line in the ledger.
  init(_ open: OpenRequest, outcome: RequestOutcome, completed: Int64, ledger: [UInt8]) {
    id = open.id
    request = open.request
    bytes = open.bytes
    digest = open.digest
    signature = open.signature
    signedKey = open.signedKey
    plan = open.binding?.digest
    submitted = open.submitted
    received = open.received
    self.completed = completed
    self.outcome = outcome
    results = open.results.compactMap(\.self)
    self.ledger = ledger
  }
}

/// How often in a row the agent may die with one thing alone in work before that is set aside as what kills it. Who kills
/// the agent from outside looks the same, so it is more than a few.
let deathsAllowed = 10
