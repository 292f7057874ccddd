extension StatusReport {
  /// The version of the report's shape. It grows when a key goes or changes its meaning, not when one is added.
  public static let version = 1

  /// The report as one JSON object and a line end. Every key is always there, `null` where nothing is known.
  public func json() -> [UInt8] {
    var json = JSONBytes()
    json.beginObject()
    json.key("version")
    json.number(Self.version)
    json.key("health")
    json.string(health.rawValue)
    json.key("findings")
    json.array(findings) { json, finding in
      json.field("finding", finding.kind.rawValue)
      json.field("health", finding.health.rawValue)
      json.field("count", finding.count)
    }
    json.field("generated", generated)
    json.key("agent")
    json.object { json in
      json.field("version", agent.version)
      json.key("pid")
      if let pid = agent.pid { json.number(pid) } else { json.null() }
      json.field("since", agent.since)
    }
    json.key("directory")
    json.object { json in
      json.field("state", directory.state)
      json.field("since", directory.since)
      json.field("provider", directory.provider)
      json.field("reason", directory.reason)
      json.field("remedy", directory.remedy)
    }
    json.key("mirror")
    json.object { json in
      json.field("state", mirror.state)
      json.field("since", mirror.since)
      json.key("lag_ms")
      if let lag = mirror.lag { json.number(lag) } else { json.null() }
      json.field("reason", mirror.reason)
    }
    appendQueue(to: &json)
    appendHandovers(to: &json)
    appendFigures(to: &json)
    json.endObject()
    return json.bytes + [UInt8(ascii: "\n")]
  }

  private func appendQueue(to json: inout JSONBytes) {
    json.key("waiting")
    json.object { json in
      json.field("count", waitingCount)
      json.key("states")
      json.object { json in
        for state in waitingCounts {
          json.key(state.state)
          json.number(state.count)
        }
      }
      json.key("first")
      json.array(waiting) { json, request in
        json.field("number", request.number)
        json.field("state", request.state)
        json.field("since", request.since)
        json.field("department", request.department)
        json.field("reason", request.reason)
      }
    }
    json.key("holds")
    json.array(holds) { json, hold in
      json.field("what", hold.what)
      json.field("reason", hold.reason)
      json.field("remedy", hold.remedy)
      json.field("since", hold.since)
    }
    json.key("failures")
    json.array(failures) { json, failure in
      json.field("at", failure.at)
      json.field("number", failure.number)
      json.field("address", failure.address)
      json.key("error")
      json.object { json in
        json.field("code", failure.error.code)
        json.field("name", failure.error.name)
        json.field("diagnostic", failure.error.diagnostic)
        json.field("remedy", failure.error.remedy)
      }
    }
  }

  private func appendHandovers(to json: inout JSONBytes) {
    json.key("handovers")
    json.object { json in
      json.field("open", openHandoverCount)
      json.key("departments")
      json.array(handoversByDepartment) { json, department in
        json.field("department", department.department)
        json.field("open", department.count)
        json.field("oldest", department.oldest)
      }
      json.key("oldest")
      json.array(openHandovers) { json, handover in
        json.field("address", handover.address)
        json.field("department", handover.department)
        json.field("number", handover.number)
        json.field("granted", handover.granted)
        json.field("ends", handover.ends)
        json.field("handover", (handover.isDelivered ? Handover.delivered : .open).rawValue)
      }
    }
    json.key("drift")
    json.object { json in
      json.field("count", driftCount)
      json.key("first")
      json.array(drift) { json, drift in
        json.field("address", drift.address)
        json.key("attributes")
        json.strings(drift.attributes)
        json.field("by", drift.by)
        json.field("at", drift.at)
      }
    }
  }

  private func appendFigures(to json: inout JSONBytes) {
    json.key("days")
    json.array(days) { json, day in
      json.field("date", day.date.iso)
      json.field("accepted", day.accepted)
      json.field("applied", day.applied)
      json.field("failed", day.failed)
    }
    json.key("accounts")
    json.array(accounts) { json, count in
      json.field("kind", count.kind)
      json.field("status", count.status)
      json.field("count", count.count)
    }
  }
}

extension JSONBytes {
  fileprivate mutating func object(_ body: (inout JSONBytes) -> Void) {
    beginObject()
    body(&self)
    endObject()
  }

  /// An array of objects.
  fileprivate mutating func array<Element>(_ elements: [Element], _ body: (inout JSONBytes, Element) -> Void) {
    beginArray()
    for element in elements { object { body(&$0, element) } }
    endArray()
  }

  fileprivate mutating func field(_ name: StaticString, _ text: String?) {
    key(name)
    string(text)
  }

  fileprivate mutating func field(_ name: StaticString, _ count: Int) {
    key(name)
    number(count)
  }

  fileprivate mutating func field(_ name: StaticString, _ value: Timestamp?) {
    key(name)
    time(value)
  }
}
