internal import Forms
internal import Providers
internal import Register

/// Orders of operators: hold, release and cancel.
extension RequestQueue {
  /// A hold or cancel starts. No further change of the request is sent; those in flight end.
  ///
  /// - Returns: whether the request was held before; `nil`: it was not admitted.
  @discardableResult
  mutating func beginHold(_ id: Int64) -> Bool? {
    beingHeld.insert(id)
    releasing.remove(id)
    defer { requests[id]?.isHeld = true }
    return requests[id]?.isHeld
  }

  /// The hold or cancel is stored. The register is up to date from now on.
  mutating func endHold(_ id: Int64) {
    beingHeld.remove(id)
    if id > lastSeen { outdated.insert(id) }
    withdrawUnsent(of: id)
  }

  /// Requests were held or cancelled. Where nothing waits for the directory any more, its trouble is over for the queue; it
  /// is tried again with what comes next.
  mutating func endTroubleOfNobody() {
    guard entries.isEmpty, !hasBacklog, flights.isEmpty, link.succeeded() else { return }
    emit(.directoryBack(because: "nothing waits for the directory any more"))
  }

  /// The request could not be held, and is as before.
  mutating func abandonHold(_ id: Int64, isHeld: Bool?) {
    beingHeld.remove(id)
    if let isHeld { requests[id]?.isHeld = isHeld }
  }

  func isInFlight(_ id: Int64) -> Bool { requests[id].map { $0.inFlight > 0 } ?? false }

  /// Whether a change of the request may have been applied without our knowing.
  func isInDoubt(_ open: OpenRequest) -> Bool {
    guard let here = requests[open.id] else {
      // It was not admitted, or no agent runs: the stored intents are in doubt.
      return !open.intents.isEmpty || open.atomic != nil
    }
    return here.tickets.contains { entries[$0]?.isInDoubt == true }
  }

  /// Settles the changes that were not sent as skipped. None may be in flight or in doubt.
  ///
  /// - Parameters:
  ///   - read: the request from the register; used if it was not admitted.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: how many changes had been applied; `nil`: all have an outcome already.
  mutating func cancel(_ read: OpenRequest, at: Int64, _ returned: inout Returned) -> Int? {
    let open = requests[read.id] ?? read
    let waiting = open.request.changes.indices.filter { open.results[$0] == nil }
    if waiting.isEmpty { return nil }
    requests[open.id] = open
    requests[open.id]?.isHeld = true
    for index in waiting {
      let change = open.request.changes[index]
      let result = ChangeResult(change, index: index, outcome: .skipped, at: at)
      requests[open.id]?.results[index] = result
      returned.settled.append(
        SettledChange(
          request: open.id, number: open.request.number, digest: open.digest, result: result, mirror: .keep))
    }
    let applied = open.results.count { $0?.outcome == .applied || $0?.outcome == .unchanged }
    returned.completed.append(CompletedRequest(id: open.id, outcome: applied == 0 ? .cancelled : .partly))
    return applied
  }
}
