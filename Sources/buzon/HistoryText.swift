internal import Accounts
internal import Forms
internal import LDAP
internal import Register
internal import Text
internal import Translations

/// The story of an account as text for a terminal, in order of time.
struct HistoryText {
  /// Harmless, without line ends.
  private(set) var lines: [String] = []

  init(_ history: AccountHistory, zone: Zone) {
    lines.append(translated("\(Self.title(history)) (times: \(zone.name))"))
    var steps: [(at: Int64, lines: [String])] = []
    for event in history.events {
      steps.append((event.at, Self.change(event, zone)))
      for step in event.handoverEvents { steps.append((step.at, [Self.handover(step, event)])) }
    }
    for one in history.drift {
      let by = one.by.map { " " + translated("by \($0)") } ?? ""
      let what = translated("drift.\(one.kind.rawValue)", of: "event")
      steps.append((one.at, [displayed("\(what) \(one.address)\(by): \(translated(one.line))".utf8)]))
    }
    // What happened in the same millisecond keeps its order.
    let sorted = steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    for step in sorted {
      let time = zone.timeAndZone(at: Timestamp(milliseconds: step.at))
      for (index, line) in step.lines.enumerated() {
        lines.append("  " + Cells.padded(index == 0 ? time : "", to: time.count + 2) + line)
      }
    }
  }

  private static func title(_ history: AccountHistory) -> String {
    guard let entry = history.entryUUID else { return "Reached no account" }
    guard let address = history.address, let status = history.status else { return "Account \(entry), gone" }
    return "Account \(entry), now \(displayed(address.utf8)), \(displayed(status.utf8))"
  }

  private static func change(_ event: AccountEvent, _ zone: Zone) -> [String] {
    let name = event.name.map { " (\($0))" } ?? ""
    let what = "\(event.number)#\(event.index) \(translated("\(event.operation)")) \(event.address)\(name)"
    var lines = [displayed(what.utf8) + ": " + (event.outcome?.rawValue ?? "in work").tinted(of: "change")]
    let origin = event.origin
    if let submitted = event.submitted {
      let reference = origin.approval.reference.map { " (\($0))" } ?? ""
      lines.append(displayed(translated("for \(origin.department), \(origin.requester.name)").utf8))
      lines.append(
        displayed(
          translated(
            "approved by \(origin.approval.by), \(origin.approval.date)\(reference); submitted by \(submitted.by)"
          ).utf8))
    } else {
      lines.append(translated("by the clock"))
    }
    if let reason = event.reason { lines.append(displayed(translated("reason: \(reason)").utf8)) }
    if event.outcome == .applied { lines += RecordText.lines(event.values?.map { $0.stated(in: zone) }) }
    if let error = event.error {
      lines.append(displayed("\(translated("\(error.code) \(error.name)")): \(translated(error.diagnostic))".utf8))
    }
    return lines
  }

  private static func handover(_ step: HandoverEvent, _ event: AccountEvent) -> String {
    let by = step.by.map { " " + translated("by \($0)") } ?? ""
    let recorded = step.recordedBy.map { ", " + translated("recorded by \($0)") } ?? ""
    let what = translated("handover.\(step.kind.rawValue)", of: "event")
    return displayed("\(event.number)#\(event.index) \(what)\(by)\(recorded)".utf8)
  }
}
