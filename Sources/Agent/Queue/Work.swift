internal import Accounts
internal import Forms
internal import Register

/// What is sent to the directory as one: a change, or an atomic request with all of its changes.
enum Work: Sendable {
  case change(Item)
  case atomic(AtomicWork)

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

  /// As messages call it.
  var name: String {
    switch self {
    case .change(let item): "\(item.number)#\(item.id.index)"
    case .atomic(let atomic): atomic.number
    }
  }

  /// As the register counts deaths by.
  var attempt: Attempt {
    switch self {
    case .change(let item): .change(request: item.number, index: item.id.index)
    case .atomic(let atomic): .atomic(request: atomic.number)
    }
  }

  /// Whether something of it may have been applied, and isn't known to be.
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

  /// The address that tells a reader of the log what it is about.
  var address: String? {
    switch self {
    case .change(let item): item.change.address.text
    case .atomic(let atomic): atomic.changes.count == 1 ? atomic.changes.first?.address.text : nil
    }
  }
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
  /// What was sent in this run or the last, and refused by its guard before the change was planned again: a server that
  /// stood still may yet apply it.
  var sent: StoredIntent?
  /// Whether `stored` was sent and no answer came: it may have been applied.
  var isInDoubt = false
  /// How many RDNs turned out to be taken.
  var namesTaken = 0

  /// Whether the clock wrote the request: its changes apply only while they are due.
  var isClocked: Bool { Request.isOfClock(number) }
}

extension Item {
  /// A change of a request, as it stands in the register.
  init(_ open: OpenRequest, _ index: Int, ticket: AddressOrder.Ticket) {
    self.init(
      ticket: ticket, id: ChangeID(request: open.id, index: index), number: open.request.number,
      change: open.request.changes[index], department: open.request.department, stored: open.intents[index],
      isInDoubt: open.intents[index] != nil)
  }
}

/// An atomic request on its way: all of its changes or none.
struct AtomicWork: Sendable {
  /// One operation: what a change, or several changes of one account, come to.
  struct Step: Sendable {
    /// The changes' indices, ascending; the last one names the stamp and holds the intent.
    var indices: [Int]
    var stored: StoredIntent
    /// Whether it may have been sent.
    var isInDoubt = false

    var carrier: Int { indices.last ?? 0 }
    /// A create stands first.
    var first: Int { indices.first ?? 0 }
  }

  let ticket: AddressOrder.Ticket
  /// The request's identity in the register.
  let request: Int64
  let number: String
  let changes: [Change]
  /// The form's department.
  let department: String
  /// What is sent, in this order; `nil` until it is planned and stored.
  var steps: [Step]?
  /// The indices of changes that were applied in an earlier round, and taken back.
  var undone: Set<Int> = []
  /// For which change, and why, all is being undone.
  var failure: (index: Int, error: ChangeError)?
  /// How many RDNs turned out to be taken, by index.
  var namesTaken: [Int: Int] = [:]

  /// Whether something of it may have been applied.
  var isBegun: Bool { steps != nil }
}

extension AtomicWork {
  /// An atomic request as it stands in the register.
  init(_ open: OpenRequest, ticket: AddressOrder.Ticket) {
    self.init(
      ticket: ticket, request: open.id, number: open.request.number, changes: open.request.changes,
      department: open.request.department)
    guard let state = open.atomic else { return }
    steps = state.folds.compactMap { indices in
      guard let carrier = indices.last, let stored = open.intents[carrier] else { return nil }
      return Step(indices: indices, stored: stored, isInDoubt: true)
    }
    failure = state.failure
  }
}

extension Change {
  var isCreate: Bool { if case .create = self { true } else { false } }
}
