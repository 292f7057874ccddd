internal import Forms
internal import Register

/// An accepted request on its way to its outcome.
struct OpenRequest: Sendable {
  let id: Int64
  let request: Request
  let bytes: [UInt8]
  let digest: [UInt8]
  /// Milliseconds since 1970 UTC.
  let received: Int64
  /// By place; `nil` while a change's outcome isn't known.
  var results: [ChangeResult?]
  /// How many outcomes aren't known.
  var remaining: Int
  /// Intents of an earlier run whose outcome isn't known, by place.
  var intents: [Int: StoredIntent]
  /// Set aside: what isn't in flight is passed over.
  var isHeld = false

  init(id: Int64, request: Request, bytes: [UInt8], digest: [UInt8], received: Int64) {
    self.id = id
    self.request = request
    self.bytes = bytes
    self.digest = digest
    self.received = received
    self.results = Array(repeating: nil, count: request.changes.count)
    self.remaining = request.changes.count
    self.intents = [:]
  }

  /// Takes up a request of an earlier run from the register: its form is read again, its outcomes stand.
  ///
  /// - Throws: ``FormError`` where the stored bytes are no form any more, which only a damaged register can make so.
  init(_ stored: StoredRequest) throws {
    self.init(
      id: stored.id, request: try FormReader.reread(stored.bytes), bytes: stored.bytes, digest: stored.digest,
      received: stored.received)
    for (place, result) in stored.changes where result.outcome != nil && results.indices.contains(place) {
      results[place] = result
      remaining -= 1
    }
    self.intents = stored.intents
  }
}

/// A request with all its outcomes, ready to be recorded.
struct FinishedRequest: Sendable {
  var id: Int64
  var request: Request
  var bytes: [UInt8]
  var digest: [UInt8]
  var received: Int64
  var completed: Int64
  var outcome: RequestOutcome
  var results: [ChangeResult]
  /// The hash of its last line in the ledger.
  var ledger: [UInt8]
}

/// One change on its way.
struct Item: Sendable {
  let ticket: AddressOrder.Ticket
  let id: ChangeID
  let number: String
  let change: Change
  /// The form's department.
  let department: String
  /// What was stored to be sent; `nil` before it is planned, and when it must be planned again.
  var stored: StoredIntent?
  /// Whether `stored` was sent and no answer came: it may have been applied.
  var isInDoubt = false
  /// How many RDNs turned out to be taken.
  var namesTaken = 0
  /// How often the directory refused it, through no fault of its own, while it took others.
  var refusals = 0

  /// As the stamp spells it.
  var name: String { "\(number)#\(id.place)" }
}

/// How often in a row the agent may die with one thing alone in work before that is set aside as what kills it. Who kills
/// the agent from outside looks the same, so it is more than a few.
let deathsAllowed = 10
