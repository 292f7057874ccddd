internal import Agent
internal import ArgumentParser
internal import Files
internal import Records
internal import Register

/// The open hand-overs, by department: the department with the oldest first, and in it the longest waiting.
struct HandoverList {
  private let handovers: [StoredHandover]

  /// - Parameter department: only these; `nil`: all.
  init(_ register: Register, department: String?) throws {
    // They come the oldest first, so the departments do too.
    var departments: [String: Int] = [:]
    handovers = try register.handovers(.open)
      .filter { department == nil || $0.department == department }
      .map { handover in
        let place = departments[handover.department ?? "", default: departments.count]
        departments[handover.department ?? ""] = place
        return (place, handover)
      }
      .enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
  }

  func print(asJSON: Bool) throws {
    if asJSON { return try Console.output(json()) }
    if handovers.isEmpty { return Console.error("buzon: no hand-over is open") }
    var table = Table(
      ["DEPARTMENT", "ADDRESS", "NAME", "REQUEST", "SINCE", "STATE", "SHOWN", "EXPIRES", "RECEIVED BY"], tinted: 5)
    for handover in handovers {
      table.append([
        handover.department ?? "", handover.address, handover.name, handover.number,
        Timestamp(milliseconds: handover.granted).rfc3339, handover.state.rawValue, "\(handover.shown)",
        Timestamp(seconds: handover.ends).rfc3339, handover.receivedBy ?? "",
      ])
    }
    try Console.print(table.text)
  }

  private func json() -> [UInt8] {
    var output = JSONBytes()
    output.beginObject()
    output.key("version")
    output.number(1)
    output.key("handovers")
    output.beginArray()
    for handover in handovers {
      output.beginObject()
      output.key("department")
      output.string(handover.department)
      output.key("address")
      output.string(handover.address)
      output.key("dn")
      output.string(handover.dn)
      output.key("name")
      output.string(handover.name)
      output.key("request")
      output.string(handover.number)
      output.key("since")
      output.time(Timestamp(milliseconds: handover.granted))
      output.key("state")
      output.string(handover.state.rawValue)
      output.key("shown")
      output.number(handover.shown)
      output.key("expires")
      output.time(Timestamp(seconds: handover.ends))
      output.key("receivedBy")
      output.string(handover.receivedBy)
      output.key("delivered")
      output.time(handover.delivered.map(Timestamp.init(milliseconds:)))
      output.endObject()
    }
    output.endArray()
    output.endObject()
    return output.bytes + [UInt8(ascii: "\n")]
  }
}
