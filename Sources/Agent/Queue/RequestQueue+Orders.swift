internal import Forms
internal import Register

/// What operators want done with requests.
extension RequestQueue {
  /// A hold or cancel begins: nothing more of it does. What is in flight comes to its end.
  ///
  /// - Returns: whether it was held before; `nil`: it isn't here.
  @discardableResult
  mutating func overrule(_ id: Int64) -> Bool? {
    overruled.insert(id)
    releasing.remove(id)
    defer { requests[id]?.isHeld = true }
    return requests[id]?.isHeld
  }

  /// The hold or cancel is carried out: what is read from the register from now on is right.
  mutating func confirm(_ id: Int64) {
    overruled.remove(id)
    if id > lastSeen { outdated.insert(id) }
  }

  /// It could not be held: it stands as before.
  mutating func restore(_ id: Int64, isHeld: Bool?) {
    overruled.remove(id)
    if let isHeld { requests[id]?.isHeld = isHeld }
  }

  func isInFlight(_ id: Int64) -> Bool { requests[id].map { $0.inFlight > 0 } ?? false }

  /// Whether something of a request may have been carried out, and only the directory knows.
  func isInDoubt(_ open: OpenRequest) -> Bool {
    guard let here = requests[open.id] else {
      // What is stored and has no place here is in doubt too: it waits for its turn, or no agent runs.
      return !open.intents.isEmpty || open.atomic != nil
    }
    return here.tickets.contains { works[$0]?.isInDoubt == true }
  }

  /// What was not begun of a request never will be; nothing of it is in flight, or in doubt.
  ///
  /// - Parameters:
  ///   - read: as the register has it; used where it isn't here.
  ///   - at: milliseconds since 1970 UTC.
  /// - Returns: how many of its changes had been carried out; `nil` where all is known, and being written.
  mutating func cancel(_ read: OpenRequest, at: Int64, _ returned: inout Returned) -> Int? {
    let open = requests[read.id] ?? read
    let waiting = open.request.changes.indices.filter { open.results[$0] == nil }
    if waiting.isEmpty { return nil }
    requests[open.id] = open
    requests[open.id]?.isHeld = true
    for index in waiting {
      let change = open.request.changes[index]
      let result = ChangeResult(
        index: index, operation: change.name, address: change.address.text, outcome: .skipped, at: at)
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
