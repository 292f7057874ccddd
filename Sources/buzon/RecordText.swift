internal import Accounts
internal import Forms
internal import LDAP
internal import Records
internal import Register
internal import Text

/// A delivery record as text for a terminal, with its history.
struct RecordText {
  /// Harmless, without line ends.
  private(set) var lines: [String] = []
  private let zone: Zone

  /// - Parameter reason: why it waits.
  init(_ record: DeliveryRecord, reason: String?, zone: Zone) {
    self.zone = zone
    head(record, reason)
    for (index, change) in record.changes.enumerated() { self.change(change, index) }
    guard let history = record.history else { return }
    lines.append("History (\(zone.name))")
    for event in history { lines.append("  " + text(event)) }
  }

  /// What a change changed: a line for each of the form's keys.
  static func lines(_ values: [ChangedValue]?) -> [String] {
    guard let values else { return ["what it changed is not known: it was applied before the register was restored"] }
    return values.map { value in
      let after = value.after.isEmpty ? "(removed)" : value.after.joined(separator: ", ")
      let before = value.before.isEmpty ? "" : "\(value.before.joined(separator: ", ")) -> "
      return displayed("\(value.key): \(before)\(after)".utf8)
    }
  }

  private mutating func head(_ record: DeliveryRecord, _ reason: String?) {
    line("Request", record.number)
    line("State", (record.state?.rawValue ?? "done").tinted + (record.outcome.map { ", \($0.rawValue.tinted)" } ?? ""))
    if let reason { line("Reason", displayed(reason.utf8)) }
    line("Department", displayed(record.department.utf8))
    line("Requester", displayed((record.requester.name + (record.requester.address.map { " <\($0)>" } ?? "")).utf8))
    let reference = record.approval.reference.map { ", \($0)" } ?? ""
    line("Approved", displayed("by \(record.approval.by) on \(record.approval.date)\(reference)".utf8))
    line("Signature", record.state == .awaitingSignature ? "awaited" : record.approval.proof)
    line("Received", zone.timeAndZone(at: record.received))
    if let submitted = record.submitted {
      line("Submitted", displayed("by \(submitted.who) as \(submitted.file)".utf8))
    } else {
      line("Submitted", "by nobody: the clock did it")
    }
    if let completed = record.completed { line("Completed", zone.timeAndZone(at: completed)) }
    line("Digest", digestText(record.digest))
    if let plan = record.plan { line("Plan", "\(digestText(plan)): carried out only as planned") }
    if let ledger = record.ledger { line("Ledger", ledger) }
    for event in record.history ?? [] where event.event == "forgotten" {
      line("Forgotten", displayed("\(zone.timeAndZone(at: event.at)) \(event.words)".utf8))
    }
  }

  private mutating func change(_ change: ChangeResult, _ index: Int) {
    let handover = change.handover == .none ? "" : ", hand-over \(change.handover.rawValue)"
    let name = change.name.map { " (\($0))" } ?? ""
    line(
      "Change \(index)",
      displayed(
        "\(change.operation) \(change.address)\(name): \(change.outcome?.rawValue ?? "waiting")\(handover)".utf8))
    // As RFC 4514 escapes it: escaped again, nothing would find the entry by it.
    if let dn = change.dn { line("", dn.neutralized()) }
    if let reason = change.reason { line("", displayed("reason: \(reason)".utf8)) }
    let isForgotten = change.address == Forms.Change.Forgotten.address.text
    if change.outcome == .applied, !isForgotten { for text in Self.lines(change.values) { line("", text) } }
    if let error = change.error {
      line("", displayed("\(error.code.rawValue) \(error.code.name): \(error.diagnostic)".utf8))
      line("", displayed(error.remedy.utf8))
    }
    if !change.reused.isEmpty { line("", "addresses reused: \(change.reused.joined(separator: " "))") }
    if !change.orphans.isEmpty { line("", "without an owner now: \(change.orphans.joined(separator: " "))") }
  }

  private func text(_ event: DeliveryRecord.Event) -> String {
    let change = event.change.map { " change \($0)" } ?? ""
    let by = event.by.map { " by \($0)" } ?? ""
    let detail = event.detail.map { ": \($0)" } ?? ""
    return "\(zone.timeAndZone(at: event.at))  " + displayed("\(event.event)\(change)\(by)\(detail)".utf8)
  }

  private mutating func line(_ name: String, _ value: String) { lines.append(Cells.padded(name, to: 12) + value) }
}

extension DeliveryRecord.Approval {
  /// How the approval is known, in words.
  fileprivate var proof: String {
    switch signature {
    case .verified: "verified" + (key.map { ", key \($0)" } ?? "")
    case .recorded: hasSignature ? "archived, not verified: as the form states" : "unsigned: as the form states"
    case .none: "none needed: the clock did it"
    }
  }
}

extension DeliveryRecord.Event {
  /// Who did it, and why.
  fileprivate var words: String { (by.map { "by \($0)" } ?? "") + (detail.map { " because \($0)" } ?? "") }
}
