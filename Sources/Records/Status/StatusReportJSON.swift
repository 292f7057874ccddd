internal import Accounts
internal import Register
internal import Text

extension StatusReport {
  /// The version of the report's shape. It grows when a key goes or changes its meaning, not when one is added.
  public static let version = 1

  /// The report as one JSON object and a line end. Every key is always there, `null` where nothing is known.
  public func json() -> [UInt8] {
    JSONWriter.document(version: Self.version) { json in
      json.field("health", health.rawValue)
      json.field("findings", objects: findings) { json, finding in
        json.field("finding", finding.kind.rawValue)
        json.field("health", finding.health.rawValue)
        json.field("count", finding.count)
        json.field("since", finding.since)
        json.field("reason", finding.reason)
        json.field("remedy", finding.remedyText(.en))
      }
      json.field("generated", generated)
      json.field("valid_until", validUntil)
      json.field("agent") { json in
        json.field("version", agent.version)
        json.field("pid", agent.pid)
        json.field("since", agent.since)
        json.field("state", agent.state)
        json.field("reason", agent.pid == nil ? agent.reason : nil)
        json.field("remedy", agent.pid == nil ? agent.remedy : nil)
        json.field("standby", agent.standby)
      }
      json.field("directory") { json in
        json.field("state", directory.state)
        json.field("since", directory.since)
        json.field("provider", directory.provider)
        json.field("answered", directory.answered)
        json.field("reason", directory.reason)
        json.field("remedy", directory.remedy)
        if let switched = directory.switched {
          json.field("switched") { json in
            json.field("at", switched.at)
            json.field("from", switched.from)
            json.field("reason", switched.reason)
          }
        } else {
          json.field("switched", nil as String?)
        }
      }
      json.field("mirror") { json in
        json.field("state", mirror.state)
        json.field("since", mirror.since)
        json.field("lag_ms", mirror.lag)
        json.field("reason", mirror.reason)
      }
      appendSpool(to: &json)
      json.field("troubles", objects: troubles) { json, trouble in
        json.field("part", trouble.part)
        json.field("reason", trouble.reason)
        json.field("remedy", trouble.remedy)
        json.field("since", trouble.since)
      }
      json.field("unseen") { json in
        json.field("rejected", unseen.rejected)
        json.field("failed", unseen.failed)
        json.field("overridden", unseen.overridden)
        json.field("since", unseen.since)
      }
      appendQueue(to: &json)
      appendHandovers(to: &json)
      appendFigures(to: &json)
    }
  }

  private func appendSpool(to json: inout JSONWriter) {
    json.field("spool") { json in
      json.field("incoming", spool.incoming)
      json.field("oldest", spool.oldest)
      json.field("taken", spool.taken)
      json.field("rejected", spool.rejected)
      for (key, faults) in [("problems", spool.problems), ("modes", spool.modes)] as [(StaticString, [Spool.Fault])] {
        json.field(key, objects: faults) { json, fault in
          json.field("reason", fault.reason)
          json.field("remedy", fault.remedy)
        }
      }
    }
  }

  private func appendQueue(to json: inout JSONWriter) {
    json.field("waiting") { json in
      json.field("count", waitingCount)
      json.field("states") { json in
        for state in waitingCounts {
          json.key(state.state)
          json.number(state.count)
        }
      }
      json.field("first", objects: waiting) { json, request in
        json.field("number", request.number)
        json.field("state", request.state)
        json.field("since", request.since)
        json.field("department", request.department)
        json.field("reason", request.reason)
        if let until = request.until { json.field("until", until) }
      }
    }
    json.field("holds", objects: holds) { json, hold in
      json.field("what", hold.what)
      json.field("reason", hold.reason)
      json.field("remedy", hold.remedy)
      json.field("since", hold.since)
    }
    json.field("failures", objects: failures) { json, failure in
      json.field("at", failure.at)
      json.field("number", failure.number)
      json.field("address", failure.address)
      json.field("error") { failure.error.append(to: &$0) }
    }
  }

  private func appendHandovers(to json: inout JSONWriter) {
    json.field("handovers") { json in
      json.field("open", openHandoverCount)
      json.field("departments", objects: handoversByDepartment) { json, department in
        json.field("department", department.department)
        json.field("open", department.count)
        json.field("oldest", department.oldest)
      }
      json.field("oldest", objects: openHandovers) { json, handover in
        json.field("address", handover.address)
        json.field("department", handover.department)
        json.field("number", handover.number)
        json.field("granted", handover.granted)
        json.field("ends", handover.ends)
        json.field("handover", (handover.isDelivered ? HandoverState.delivered : .open).rawValue)
      }
    }
    json.field("drift") { json in
      json.field("count", driftCount)
      json.field("first", objects: drift) { json, drift in
        json.field("address", drift.address)
        json.field("attributes", drift.attributes)
        json.field("by", drift.by)
        json.field("at", drift.at)
      }
    }
  }

  private func appendFigures(to json: inout JSONWriter) {
    json.field("days", objects: days) { json, day in
      json.field("date", day.date.description)
      json.field("accepted", day.accepted)
      json.field("applied", day.applied)
      json.field("failed", day.failed)
    }
    json.field("accounts", objects: accounts) { json, count in
      json.field("kind", count.kind)
      json.field("status", count.status)
      json.field("count", count.count)
    }
  }
}
