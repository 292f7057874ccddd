internal import Register

/// What operators accept of what was changed outside Buzón (`buzon drift --accept`).
extension Dispatcher {
  func driftAnswer(to order: QueueOrder) async throws -> [QueueAnswer] {
    guard let address = order.number else { return [] }
    let accepted = try await register.acceptDrift(of: address, by: order.actor, at: current.now()).value()
    if accepted.isEmpty { return [QueueAnswer(unknown: address)] }
    for one in accepted {
      log.each(
        .info, "drift.accepted",
        [
          ("address", one.address), ("attribute", one.attribute), ("expected", one.expected.joined(separator: " ")),
          ("present", one.present.joined(separator: " ")), ("by", one.changedBy ?? "unknown"),
          ("accepted_by", order.actor),
        ], kind: [("accepted_by", order.actor), ("do", "buzon history has them all")])
    }
    writeStatusSoon()
    return [QueueAnswer(address, note: accepted.map(\.line).joined(separator: "; "))]
  }
}
