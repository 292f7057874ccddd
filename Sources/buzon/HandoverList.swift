internal import Accounts
internal import Agent
internal import ArgumentParser
internal import Files
internal import Installation
internal import Records
internal import Register
internal import Text

/// The open hand-overs, or all, by department: the department with the oldest first, and in it the longest waiting.
struct HandoverList {
  private let handovers: [StoredHandover]
  private let query: Register.HandoverQuery
  private let zone: Zone
  /// Where no hand-over, also of those that ended, has the department that was asked for.
  private var unknown: UnknownDepartment?

  /// - Parameter department: only these; `nil`: all.
  init(_ register: Register, _ query: Register.HandoverQuery, department: String?, zone: Zone) throws {
    self.query = query
    self.zone = zone
    // They come the oldest first, so the departments do too.
    var departments: [String: Int] = [:]
    handovers = try register.handovers(query)
      .filter { department == nil || $0.department == department }
      .map { handover in
        let place = departments[handover.department ?? "", default: departments.count]
        departments[handover.department ?? ""] = place
        return (place, handover)
      }
      .enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
    guard handovers.isEmpty, let department else { return }
    // Also those that have an account, or had one handed over.
    var known = Set(try register.handovers(.all).compactMap(\.department))
    try register.forEachAccount { if let own = AccountRow($0).department { known.insert(own) } }
    unknown = UnknownDepartment(department, of: "account or hand-over", among: known, command: "buzon accounts")
  }

  func print(asJSON: Bool) throws {
    unknown?.report()
    if asJSON { return try Console.output(json()) }
    if unknown != nil { return }
    if handovers.isEmpty {
      if case .open = query { return Console.error("buzon: no hand-over is open (--all lists those that ended)") }
      return Console.error("buzon: there was no hand-over")
    }
    var table = Table(
      [
        "DEPARTMENT", "ADDRESS", "NAME", "REQUEST", "SINCE (\(zone.name))", "STATE", "SHOWN", "EXPIRES", "RECEIVED BY",
      ] + (isOfEnded ? ["ENDED", "ENDED BY"] : []), states: (5, "hand-over"))
    for handover in handovers {
      let ended = handover.ended.map { zone.dateAndTime(at: Timestamp(milliseconds: $0)) } ?? ""
      table.append(
        [
          handover.department ?? "", handover.address, handover.name, handover.number,
          zone.dateAndTime(at: Timestamp(milliseconds: handover.granted)), handover.state.rawValue,
          "\(handover.shown)", zone.dateAndTime(at: Timestamp(seconds: handover.ends)), handover.receivedBy ?? "",
        ] + (isOfEnded ? [ended, handover.endedBy ?? ""] : []))
    }
    try Console.print(table.text)
  }

  /// Whether those that ended are listed too: then when, and by whom, that is the question.
  private var isOfEnded: Bool { if case .open = query { false } else { true } }

  private func json() -> [UInt8] {
    JSONWriter.document { json in
      json.field("handovers", objects: handovers) { json, handover in
        json.field("department", handover.department)
        json.field("address", handover.address)
        json.field("dn", handover.dn)
        json.field("name", handover.name)
        json.field("request", handover.number)
        json.field("since", Timestamp(milliseconds: handover.granted))
        json.field("state", handover.state.rawValue)
        json.field("shown", handover.shown)
        json.field("expires", Timestamp(seconds: handover.ends))
        json.field("receivedBy", handover.receivedBy)
        json.field("delivered", handover.delivered.map(Timestamp.init(milliseconds:)))
        json.field("ended", handover.ended.map(Timestamp.init(milliseconds:)))
        json.field("endedBy", handover.endedBy)
      }
    }
  }
}
