internal import Accounts
internal import Records
internal import Register
internal import Text

// What the register knows, as the status report has it.

extension StatusTotals {
  static func + (left: StatusTotals, right: StatusTotals) -> StatusTotals {
    StatusTotals(
      accepted: left.accepted + right.accepted, applied: left.applied + right.applied,
      failed: left.failed + right.failed)
  }
}

extension StatusReport.Day {
  init(_ figures: Figures, day: Int) {
    self.init(
      date: Day(nearest: day), accepted: figures.accepted, applied: figures.applied, failed: figures.failed)
  }
}

extension StatusReport.Failure {
  init(_ failed: FailedChange) {
    self.init(
      at: Timestamp(milliseconds: failed.at), number: failed.number, address: failed.address,
      error: failed.error)
  }
}

extension StatusReport.DepartmentHandovers {
  init(_ department: DepartmentHandovers) {
    self.init(
      department: department.department ?? "", count: department.count,
      oldest: Timestamp(milliseconds: department.oldest))
  }
}

extension StatusReport.OpenHandover {
  init(_ handover: StoredHandover) {
    self.init(
      address: handover.address, department: handover.department, number: handover.number,
      granted: Timestamp(milliseconds: handover.granted), ends: Timestamp(seconds: handover.ends),
      isDelivered: handover.state == .delivered)
  }
}

extension StatusReport.Drift {
  init(_ drift: DriftHead) {
    self.init(
      address: drift.address, attributes: drift.attributes, isRemoved: drift.isRemoved, by: drift.by,
      at: Timestamp(milliseconds: drift.at))
  }
}

extension StatusReport.Hold {
  init(_ held: HeldRequest) {
    let remedy: String? =
      switch held.cause {
      case .operator: "buzon release \(held.number), or cancel it"
      case .limits:
        "check it (buzon show \(held.number)), then buzon release \(held.number), or buzon cancel \(held.number)"
      case .trouble: "correct the cause, then buzon retry \(held.number)"
      }
    var reason = held.reason ?? held.cause.rawValue
    // What to do stands in a place of its own.
    if held.cause == .limits, let end = reason.firstRange(of: "; ") { reason = String(reason[..<end.lowerBound]) }
    self.init(
      what: held.number, reason: reason, remedy: remedy,
      since: Timestamp(milliseconds: held.since))
  }
}
