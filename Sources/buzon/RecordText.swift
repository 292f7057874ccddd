internal import Accounts
internal import Forms
internal import LDAP
internal import Records
internal import Register
internal import Text
internal import Translations

/// A delivery record as text for a terminal, with its history.
struct RecordText {
  /// Harmless, without line ends.
  private(set) var lines: [String] = []
  private let zone: Zone
  /// Where the values begin: Spanish names are longer.
  private static let column = MessageLanguage.ofProcess == .english ? 12 : 14

  /// - Parameter reason: why it waits.
  init(_ record: DeliveryRecord, reason: String?, zone: Zone) {
    self.zone = zone
    head(record, reason)
    for (index, change) in record.changes.enumerated() { self.change(change, index) }
    guard let history = record.history else { return }
    lines.append(translated("History (\(zone.name))"))
    for event in history { lines.append("  " + text(event)) }
  }

  /// What a change changed: a line for each of the form's keys.
  static func lines(_ values: [ChangedValue]?) -> [String] {
    guard let values else {
      return [translated("what it changed is not known: it was applied before the register was restored")]
    }
    return values.map { value in
      let after = value.after.isEmpty ? translated("(removed)") : value.after.joined(separator: ", ")
      let before = value.before.isEmpty ? "" : "\(value.before.joined(separator: ", ")) -> "
      return displayed("\(value.key): \(before)\(after)".utf8)
    }
  }

  private mutating func head(_ record: DeliveryRecord, _ reason: String?) {
    line("Request", record.number)
    let outcome = record.outcome.map { ", " + $0.rawValue.tinted(of: "request") } ?? ""
    line("State", (record.state?.rawValue ?? "done").tinted(of: "request") + outcome)
    if let reason { line("Reason", displayed(translated(reason).utf8)) }
    line("Department", displayed(record.department.utf8))
    line("Requester", displayed((record.requester.name + (record.requester.address.map { " <\($0)>" } ?? "")).utf8))
    let reference = record.approval.reference.map { ", \($0)" } ?? ""
    line("Approved", displayed(translated("by \(record.approval.by) on \(record.approval.date)\(reference)").utf8))
    line("Signature", translated(record.state == .awaitingSignature ? "awaited" : record.approval.proof))
    line("Received", zone.timeAndZone(at: record.received))
    if let submitted = record.submitted {
      line("Submitted", displayed(translated("by \(submitted.who) as \(submitted.file)").utf8))
    } else {
      line("Submitted", translated("by nobody: the clock did it"))
    }
    if let completed = record.completed { line("Completed", zone.timeAndZone(at: completed)) }
    line("Digest", digestText(record.digest))
    if let plan = record.plan { line("Plan", translated("\(digestText(plan)): carried out only as planned")) }
    if let ledger = record.ledger { line("Ledger", ledger) }
    for event in record.history ?? [] where event.event == "forgotten" {
      line("Forgotten", displayed("\(zone.timeAndZone(at: event.at)) \(translated(event.words))".utf8))
    }
  }

  private mutating func change(_ change: ChangeResult, _ index: Int) {
    let outcome = translated(change.outcome?.rawValue ?? "waiting", of: "change")
    let handover =
      change.handover == .none
      ? "" : ", \(translated("hand-over")) \(translated(change.handover.rawValue, of: "hand-over"))"
    let name = change.name.map { " (\($0))" } ?? ""
    line(
      "Change \(index)",
      displayed("\(translated("\(change.operation)")) \(change.address)\(name): \(outcome)\(handover)".utf8))
    // As RFC 4514 escapes it: escaped again, nothing would find the entry by it.
    if let dn = change.dn { line("", dn.neutralized()) }
    if let reason = change.reason { line("", displayed(translated("reason: \(reason)").utf8)) }
    let isForgotten = change.address == Forms.Change.Forgotten.address.text
    if change.outcome == .applied, !isForgotten { for text in Self.lines(change.values) { line("", text) } }
    if let error = change.error {
      line("", displayed("\(translated("\(error.code)")): \(translated(error.diagnostic))".utf8))
      line("", displayed(translated(error.remedy).utf8))
    }
    if !change.reused.isEmpty { line("", translated("addresses reused: \(change.reused.joined(separator: " "))")) }
    if !change.orphans.isEmpty {
      line("", translated("without an owner now: \(change.orphans.joined(separator: " "))"))
    }
  }

  private func text(_ event: DeliveryRecord.Event) -> String {
    let comma = MessageLanguage.ofProcess == .english ? " " : ", "
    let change = event.change.map { comma + translated("change \($0)") } ?? ""
    let by = event.by.map { " " + translated("by \($0)") } ?? ""
    let detail =
      event.detail.map { ": " + (event.event == "done" ? translated($0, of: "request") : translated($0)) } ?? ""
    let what = translated(event.event, of: "event")
    return "\(zone.timeAndZone(at: event.at))  " + displayed("\(what)\(change)\(by)\(detail)".utf8)
  }

  private mutating func line(_ name: String, _ value: String) {
    lines.append(Cells.padded(translated(name), to: Self.column) + value)
  }
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
