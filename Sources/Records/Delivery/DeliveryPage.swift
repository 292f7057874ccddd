internal import Accounts
internal import LDAP
internal import Register
internal import Text

extension Pages {
  /// The delivery record as one printable page, `deliveries/YEAR/NUMBER.html`: what its JSON says but for the entries'
  /// UUIDs, which serve programs, and with lines to sign where something was delivered. ``DeliveryRecord/history`` is
  /// left out.
  public func page(_ record: DeliveryRecord) -> [UInt8] {
    Array(deliveryTemplate.render(DeliveryValues(record: record, pages: self)).utf8)
  }
}

/// What `delivery.html` can name.
private final class DeliveryValues: PageObject {
  private let record: DeliveryRecord
  private let pages: Pages

  init(record: DeliveryRecord, pages: Pages) {
    self.record = record
    self.pages = pages
  }

  func child(named name: String) -> Any? {
    switch name {
    case "number": PageText(record.number)
    case "department": PageText(record.department)
    case "requester": PageText(record.requester.name)
    case "requester_address": PageText(record.requester.address)
    case "approved_by": PageText(record.approval.by)
    case "approval_date": PageText(record.approval.date)
    case "reference": PageText(record.approval.reference)
    case "signature": PageText(record.approval.signature.word.text(pages.language))
    case "submitted_by": PageText(record.submitted?.who)
    case "received": PageText(pages.zone.dateAndTime(at: record.received))
    case "completed": PageText(record.completed.map { pages.zone.dateAndTime(at: $0) })
    case "digest": PageText(digestText(record.digest))
    case "ledger": PageText(record.ledger)
    case "outcome":
      PageText((record.outcome?.word ?? record.state?.word ?? Word.stateWorking).text(pages.language))
    case "outcome_class": PageText(record.outcome?.rawValue ?? "waiting")
    case "was_delivered":
      record.changes.contains { $0.outcome == .applied || $0.outcome == .unchanged }
    case "changes":
      record.changes.enumerated().map { ChangeValues(index: $0.offset, change: $0.element, pages: pages) }
    default: pages.delivery.child(named: name)
    }
  }
}

/// What stands between `{{#changes}}` and `{{/changes}}`.
private final class ChangeValues: PageObject {
  private let index: Int
  private let change: ChangeResult
  private let pages: Pages

  init(index: Int, change: ChangeResult, pages: Pages) {
    self.index = index
    self.change = change
    self.pages = pages
  }

  func child(named name: String) -> Any? {
    switch name {
    case "index": PageText(index + 1)
    case "operation": PageText(pages.term(change.operation, Self.operations))
    case "address": PageText(change.address)
    case "dn": PageText(change.dn)
    case "entry_uuid": PageText(change.entryUUID)
    case "outcome": PageText((change.outcome?.word ?? .waiting).text(pages.language))
    case "outcome_class": PageText(change.outcome?.rawValue ?? "waiting")
    case "handover": PageText(change.handover.word.text(pages.language))
    case "error": if let error = change.error { FailureValues(failure: error) } else { PageText(nil) }
    case "has_orphans": !change.orphans.isEmpty
    case "orphans": change.orphans.map { AddressValues(address: $0) }
    case "has_reused": !change.reused.isEmpty
    case "reused": change.reused.map { AddressValues(address: $0) }
    default: nil
    }
  }

  private static let operations: [String: Word] = [
    "create": .create, "modify": .modify, "adopt": .adopt, "delete": .delete,
  ]
}

private struct FailureValues: PageObject {
  let failure: ChangeError

  func child(named name: String) -> Any? {
    switch name {
    case "code": PageText(Int(failure.code.rawValue))
    case "name": PageText(failure.code.name)
    case "diagnostic": PageText(failure.diagnostic)
    case "remedy": PageText(failure.remedy)
    default: nil
    }
  }
}

private struct AddressValues: PageObject {
  let address: String

  func child(named name: String) -> Any? { name == "address" ? PageText(address) : nil }
}

extension RequestOutcome {
  fileprivate var word: Word {
    switch self {
    case .applied: .requestApplied
    case .partly: .requestPartly
    case .failed: .requestFailed
    case .cancelled: .requestCancelled
    }
  }
}

extension RequestState {
  fileprivate var word: Word {
    switch self {
    case .awaitingSignature: .stateAwaitingSignature
    case .ready: .stateReady
    case .held: .stateHeld
    case .working: .stateWorking
    case .done: .stateDone
    }
  }
}

extension DeliveryRecord.Approval.Signature {
  fileprivate var word: Word { self == .verified ? .verified : .recorded }
}

extension ChangeOutcome {
  fileprivate var word: Word {
    switch self {
    case .applied: .applied
    case .unchanged: .unchanged
    case .failed: .failed
    case .undone: .undone
    case .skipped: .skipped
    }
  }
}

extension HandoverState {
  var word: Word {
    switch self {
    case .none: .handoverNone
    case .open: .handoverOpen
    case .delivered: .handoverDelivered
    case .closed: .handoverClosed
    case .expired: .handoverExpired
    }
  }
}
