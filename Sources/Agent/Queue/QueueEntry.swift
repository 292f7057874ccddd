internal import Accounts
internal import Forms
internal import Register

/// An entry of the queue: a change, or an atomic request with all of its changes.
enum QueueEntry: Sendable {
  case change(PendingChange)
  case atomic(PendingGroup)

  var ticket: AddressOrder.Ticket {
    switch self {
    case .change(let item): item.ticket
    case .atomic(let atomic): atomic.ticket
    }
  }

  /// The request's identity in the register.
  var request: Int64 {
    switch self {
    case .change(let item): item.id.request
    case .atomic(let atomic): atomic.request
    }
  }

  var number: String {
    switch self {
    case .change(let item): item.number
    case .atomic(let atomic): atomic.number
    }
  }

  /// Its name in messages: `NUMBER#INDEX`, or the number of an atomic request.
  var name: String {
    switch self {
    case .change(let item): "\(item.number)#\(item.id.index)"
    case .atomic(let atomic): atomic.number
    }
  }

  /// The key under which the register counts deaths of the agent.
  var attempt: Attempt {
    switch self {
    case .change(let item): .change(request: item.number, index: item.id.index)
    case .atomic(let atomic): .atomic(request: atomic.number)
    }
  }

  /// Whether the clock asked for it.
  var isClocked: Bool { if case .change(let item) = self { item.isClocked } else { false } }

  /// Whether an operation of it may have been applied without our knowing.
  var isInDoubt: Bool {
    switch self {
    case .change(let item): item.isInDoubt
    case .atomic(let atomic): atomic.isBegun
    }
  }

  /// Whether an operation of it writes a password.
  var grantsPassword: Bool {
    switch self {
    case .change(let item): (item.stored ?? item.sent)?.intent.grantsPassword == true
    case .atomic(let atomic):
      atomic.steps?.contains { $0.stored.intent.grantsPassword } ?? atomic.changes.contains(where: \.isCreate)
    }
  }

  /// The address that the log prints.
  var address: String? {
    switch self {
    case .change(let item): item.change.address.text
    case .atomic(let atomic): atomic.changes.count == 1 ? atomic.changes.first?.address.text : nil
    }
  }
}

/// A change that has no outcome yet.
struct PendingChange: Sendable {
  let ticket: AddressOrder.Ticket
  let id: ChangeID
  let number: String
  let change: Change
  /// The form's department.
  let department: String
  /// The planned operation, as stored before it is sent; `nil`: it must be planned.
  var stored: StoredIntent?
  /// The operation that was sent before `stored` and refused by its guard. A server that stood still may apply it later.
  var sent: StoredIntent?
  /// Whether `stored` was sent and no answer came: it may have been applied.
  var isInDoubt = false
  /// How many RDNs turned out to be taken.
  var namesTaken = 0
  /// Accounts that it refers to and that a later change of the form creates.
  var references = References()
  /// What the plan of its request depended on; `nil`: it came without one.
  var binding: PlanBinding?

  /// Names that were taken when its request was planned are not tried.
  mutating func skipNames(of binding: PlanBinding) {
    guard binding.plan.changes.indices.contains(id.index) else { return }
    namesTaken = max(namesTaken, binding.plan.changes[id.index].namesTaken)
  }

  /// Whether the clock wrote the request: its changes apply only while they are due.
  var isClocked: Bool { Request.isOfClock(number) }
}

extension PendingChange {
  /// A change of a request, as it stands in the register.
  init(_ open: OpenRequest, _ index: Int, ticket: AddressOrder.Ticket) {
    self.init(
      ticket: ticket, id: ChangeID(request: open.id, index: index), number: open.request.number,
      change: open.request.changes[index], department: open.request.department, stored: open.intents[index],
      isInDoubt: open.intents[index] != nil)
    references = open.references(of: index)
    binding = open.binding
  }
}

/// An atomic request that has no outcome yet: all of its changes are applied, or none.
struct PendingGroup: Sendable {
  /// One operation: the changes of one account, merged.
  struct Step: Sendable {
    /// The changes' indices, ascending; the last one names the stamp and holds the intent.
    var indices: [Int]
    var stored: StoredIntent
    /// Whether it may have been sent.
    var isInDoubt = false

    var carrier: Int { indices.last ?? 0 }
    /// A create has the lowest index.
    var first: Int { indices.first ?? 0 }
  }

  let ticket: AddressOrder.Ticket
  /// The request's identity in the register.
  let request: Int64
  let number: String
  let changes: [Change]
  /// The form's department.
  let department: String
  /// By index, what owner and lists are judged by.
  let references: [References]
  /// As in ``PendingChange``.
  var binding: PlanBinding?
  /// The operations, in the order of sending; `nil`: not planned and stored yet.
  var steps: [Step]?
  /// The indices of the changes that were applied in an earlier round, then undone.
  var undone: Set<Int> = []
  /// The change that failed, and why; all others are being undone.
  var failure: (index: Int, error: ChangeError)?
  /// By index, the addresses that a change gives though they were another account's.
  var reused: [Int: [String]] = [:]
  /// How many RDNs turned out to be taken, by index.
  var namesTaken: [Int: Int] = [:]

  /// Whether something of it may have been applied.
  var isBegun: Bool { steps != nil }
}

extension PendingGroup {
  /// An atomic request as it stands in the register.
  init(_ open: OpenRequest, ticket: AddressOrder.Ticket) {
    self.init(
      ticket: ticket, request: open.id, number: open.request.number, changes: open.request.changes,
      department: open.request.department, references: open.request.changes.indices.map(open.references))
    binding = open.binding
    guard let state = open.atomic else { return }
    steps = state.folds.compactMap { indices in
      guard let carrier = indices.last, let stored = open.intents[carrier] else { return nil }
      return Step(indices: indices, stored: stored, isInDoubt: true)
    }
    failure = state.failure
    reused = state.reused
  }
}

extension Change {
  var isCreate: Bool { if case .create = self { true } else { false } }
}
