internal import Accounts
internal import LDAP
internal import Register
internal import Text
internal import Translations

extension Pages {
  /// The delivery record as one printable page, `deliveries/YEAR/NUMBER.html`: what its JSON says but for the entries'
  /// UUIDs, which serve programs. It is an acta, with lines to sign, where something is handed over.
  /// ``DeliveryRecord/history`` is left out.
  public func page(_ record: DeliveryRecord) -> [UInt8] {
    let template = record.isActa ? actaTemplate : recordTemplate
    return Array(template.render(DeliveryValues(record: record, pages: self)).utf8)
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
    case "signature": PageText(record.approval.proof(pages.language))
    case "signature_key": PageText(record.approval.key)
    case "submitted_by": PageText(record.submitted?.who)
    case "received": PageText(pages.time(record.received))
    case "completed": PageText(record.completed.map { pages.time($0) })
    case "digest": PageText(digestText(record.digest))
    case "ledger": PageText(record.ledger)
    case "outcome":
      PageText((record.outcome?.word ?? record.state?.word ?? Word.stateWorking).text(pages.language))
    case "outcome_class": PageText(record.outcome?.rawValue ?? "waiting")
    case "is_acta": record.isActa
    case "is_clock": record.submitted == nil
    case "ended": record.submitted == nil && record.changes.contains { $0.deed != .follow }
    case "followed": record.submitted == nil && record.changes.contains { $0.deed == .follow }
    case "has_orders": !record.orders.isEmpty
    case "orders": record.orders.map { OrderValues(order: $0, pages: pages) }
    case "changes":
      record.changes.enumerated().map { ChangeValues(index: $0.offset, change: $0.element, pages: pages) }
    default: (record.isActa ? pages.acta : pages.record).child(named: name)
    }
  }
}

extension DeliveryRecord {
  /// Whether something is handed over. Only then the page asks for signatures.
  fileprivate var isActa: Bool { changes.contains { $0.handover != .none } }
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
    case "name": PageText(change.name)
    case "reason": PageText(change.reason.map { pages.term($0, Self.reasons) })
    case "has_values": !(change.values ?? []).isEmpty
    case "values": PageText(trusted: ChangedValueItems(language: pages.language).items(change.values ?? []))
    case "password": PageText(change.outcome == .applied ? change.deed?.word?.text(pages.language) : nil)
    case "has_events": !change.handoverEvents.isEmpty
    case "events": change.handoverEvents.map { EventValues(event: $0, pages: pages) }
    case "dn": PageText(change.dn)
    case "entry_uuid": PageText(change.entryUUID)
    case "outcome": PageText((change.outcome?.word ?? .waiting).text(pages.language))
    case "outcome_class": PageText(change.outcome?.rawValue ?? "waiting")
    case "handover": PageText(change.handover.word.text(pages.language))
    case "error": if let error = change.error { FailureValues(failure: error, pages: pages) } else { PageText(nil) }
    case "has_orphans": !change.orphans.isEmpty
    case "orphans": change.orphans.map { AddressValues(address: $0) }
    case "has_reused": !change.reused.isEmpty
    case "reused": change.reused.map { AddressValues(address: $0) }
    default: nil
    }
  }

  /// The clock's own.
  private static let reasons: [String: Word] = ["policy.retention": .retentionOver]
  private static let operations: [String: Word] = [
    "create": .create, "modify": .modify, "adopt": .adopt, "delete": .delete,
  ]
}

/// What a change changed, as items of a list. A bulk form has tens of thousands, which would take the template engine most of
/// the time of a page.
private struct ChangedValueItems {
  let language: PageLanguage

  func items(_ values: [ChangedValue]) -> String {
    var html: [UInt8] = []
    for value in values {
      html.append(contentsOf: "<li>".utf8)
      html.appendHTML(Self.keys[value.key]?.text(language) ?? value.key)
      html.append(contentsOf: ": ".utf8)
      if !value.before.isEmpty {
        html.append(contentsOf: "<del>".utf8)
        html.appendHTML(text(value.before, of: value.key))
        html.append(contentsOf: "</del> → ".utf8)
      }
      html.appendHTML(value.after.isEmpty ? "—" : text(value.after, of: value.key))
      html.append(contentsOf: "</li>".utf8)
    }
    return String(decoding: html, as: UTF8.self)
  }

  private func text(_ values: [String], of key: String) -> String {
    values.map { text in
      if Self.ofWords.contains(key), let word = Self.words[text] { return word.text(language) }
      // What the directory holds and is no text, by its size.
      guard let catalogue = language.catalogue, text.hasSuffix(" bytes that are no text") else { return text }
      return catalogue.text(of: text) ?? text
    }
    .joined(separator: ", ")
  }

  private static let keys: [String: Word] = [
    "address": .address, "kind": .kind, "name": .name, "document": .document, "position": .position,
    "department": .department, "phone": .phone, "owner": .owner, "aliases": .aliases, "forward": .forward,
    "keep_copy": .keepCopy, "lists": .lists, "members": .members, "quota": .quota, "expires": .expires,
    "status": .status,
  ]
  private static let ofWords: Set = ["document", "keep_copy", "kind", "status"]
  private static let words: [String: Word] = [
    "***": .kept, "true": .yes, "false": .no, "person": .person, "functional": .functional, "list": .list,
    "active": .active, "suspended": .suspended, "retained": .retained,
  ]
}

/// What stands between `{{#events}}` and `{{/events}}`.
private struct EventValues: PageObject {
  let event: HandoverEvent
  let pages: Pages

  func child(named name: String) -> Any? {
    switch name {
    case "at": PageText(pages.time(Timestamp(milliseconds: event.at)))
    case "event": PageText(event.kind.word.text(pages.language))
    case "by": PageText(event.by.map { Self.actors[$0]?.text(pages.language) ?? $0 })
    case "recorded_by": PageText(event.recordedBy)
    default: nil
    }
  }

  private static let actors: [String: Word] = ["clock": .byClock, "delete": .byDelete, "reset": .byReset]
}

/// What stands between `{{#orders}}` and `{{/orders}}`.
private struct OrderValues: PageObject {
  let order: DeliveryRecord.Event
  let pages: Pages

  func child(named name: String) -> Any? {
    switch name {
    case "at": PageText(pages.time(order.at))
    case "event": PageText(pages.term(order.event, Self.events))
    case "by": PageText(order.by)
    case "detail": PageText(pages.message(order.detail))
    default: nil
    }
  }

  private static let events: [String: Word] = [
    "held": .orderHeld, "released": .orderReleased, "cancelled": .orderCancelled,
    "forgotten": .orderForgotten,
  ]
}

extension ChangeResult.Deed {
  /// What became of the password; `nil`: nothing.
  fileprivate var word: Word? {
    switch self {
    case .passwordReset: .passwordReset
    case .passwordExpired: .passwordExpired
    case .passwordSettled: .passwordSettled
    case .follow: nil
    }
  }
}

extension HandoverEvent.Kind {
  fileprivate var word: Word {
    switch self {
    case .granted: .eventGranted
    case .shown: .eventShown
    case .received: .eventReceived
    case .changed: .eventChanged
    case .closed: .eventClosed
    case .overridden: .eventOverridden
    case .released: .eventReleased
    case .expired: .eventExpired
    }
  }
}

private struct FailureValues: PageObject {
  let failure: ChangeError
  let pages: Pages

  func child(named name: String) -> Any? {
    switch name {
    case "code": PageText(Int(failure.code.rawValue))
    case "name": PageText(pages.name(of: failure.code))
    case "diagnostic": PageText(pages.diagnostic(failure.diagnostic))
    case "remedy": PageText(pages.message(failure.remedy))
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

extension DeliveryRecord.Approval {
  /// How the approval is known, in words.
  fileprivate func proof(_ language: PageLanguage) -> String {
    let word: Word =
      switch signature {
      case .verified: .verified
      case .recorded: hasSignature ? .unverified : .recorded
      case .none: .noSignature
      }
    return word.text(language)
  }
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
