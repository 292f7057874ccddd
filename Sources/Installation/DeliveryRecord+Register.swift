internal import Accounts
package import Forms
package import Records
package import Register
internal import Text

/// The record of a request that the register holds.
extension DeliveryRecord {
  /// The record as it is written below `records/`.
  ///
  /// - Parameter orders: of people about it; only its page has them.
  /// - Throws: ``FormError`` where the register's bytes are no form.
  package init(_ stored: StoredRequest, orders: [RequestEvent] = [], _ style: RecordStyle) throws {
    self.init(
      request: try FormReader.reread(stored.bytes), style,
      submitted: stored.submitter.map { Submission(by: $0.name, uid: $0.uid, file: stored.file) },
      results: stored.changes)
    approval.prove(key: stored.signedKey, hasSignature: stored.signature != nil, isOfClock: submitted == nil)
    outcome = stored.outcome
    received = Timestamp(milliseconds: stored.received)
    completed = stored.completed.map(Timestamp.init(milliseconds:))
    digest = stored.digest
    plan = stored.plan.map { Register.digest(of: $0) }
    ledger = stored.ledger.map { hexadecimal($0) }
    self.orders = Self.orders(orders)
  }

  /// The record of a request as it stands, with its state and its history.
  ///
  /// - Parameters:
  ///   - events: what was done to it besides its outcomes and hand-overs.
  ///   - drift: what was changed outside Buzón of what it left.
  /// - Throws: ``FormError`` where the register's bytes are no form.
  package init(_ stored: StoredRequest, events: [RequestEvent], drift: [DriftEvent], _ style: RecordStyle) throws {
    try self.init(stored, orders: events, style)
    state = stored.state
    history = Self.history(of: stored, events, drift, submitted: submitted)
  }

  package init(request: Request, _ style: RecordStyle, submitted: Submission?, results: [Int: ChangeResult]) {
    self.init(
      form: request.form ?? style.formCode, number: request.number, outcome: nil, department: request.department,
      requester: Requester(name: request.requester.name, address: request.requester.address?.text),
      approval: Approval(
        by: request.approval.by, date: request.approval.date.description, reference: request.approval.reference,
        signature: .recorded), submitted: submitted, received: Timestamp(seconds: 0), completed: nil, digest: [],
      ledger: nil,
      changes: request.changes.enumerated().map { index, change in
        let stated = ChangeResult(change, index: index, outcome: nil, at: 0)
        guard var result = results[index] else { return stated }
        result.name = result.name ?? stated.name
        result.reason = result.reason ?? stated.reason
        result.deed = stated.deed
        result.values = result.values?.map { $0.stated(in: style.zone) }
        return result
      })
  }

  package static func orders(_ events: [RequestEvent]) -> [Event] {
    events.filter { Event.orders.contains($0.event) }.map {
      Event(at: Timestamp(milliseconds: $0.at), event: $0.event, by: $0.actor, detail: $0.detail)
    }
  }

  // MARK: The history

  /// All that happened, in order of time; what happened in the same millisecond in the order of the procedure.
  private static func history(
    of stored: StoredRequest, _ events: [RequestEvent], _ drift: [DriftEvent], submitted: Submission?
  ) -> [Event] {
    func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
    let by = submitted.map { $0.by ?? "uid \($0.uid)" } ?? "clock"
    // When a form that waited for its signature came.
    let came = events.first { $0.event == RequestState.awaitingSignature.rawValue }?.at ?? stored.received
    var history = [
      Event(at: at(came), event: "received", by: by, detail: submitted?.file)
    ]
    // One that waits for its signature is no request yet.
    history.append(
      stored.state == .awaitingSignature
        ? Event(at: at(stored.received), event: stored.state.rawValue)
        : Event(at: at(stored.received), event: "accepted", detail: digestText(stored.digest)))
    history += events.map {
      Event(at: at($0.at), event: $0.event, by: $0.actor, change: $0.change, detail: $0.detail)
    }
    let results = stored.changes.values.sorted { ($0.at, $0.index) < ($1.at, $1.index) }
    for result in results {
      guard let outcome = result.outcome else { continue }
      history.append(
        Event(at: at(result.at), event: outcome.rawValue, change: result.index, detail: result.error?.diagnostic))
    }
    for result in results {
      history += result.handoverEvents.map {
        Event(
          at: at($0.at), event: "handover.\($0.kind.rawValue)", by: $0.by, change: result.index,
          detail: $0.recordedBy.map { "recorded by \($0)" })
      }
    }
    history += drift.map {
      Event(at: at($0.at), event: "drift.\($0.kind.rawValue)", by: $0.by, detail: "\($0.address): \($0.line)")
    }
    if let completed = stored.completed {
      history.append(Event(at: at(completed), event: "done", detail: stored.outcome?.rawValue))
    }
    history = history.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    // A register that was restored from a backup holds what wasn't done in it.
    if stored.state == .held, !events.contains(where: { $0.event == "held" }) {
      history.append(Event(at: .now(), event: "held", detail: stored.reason))
    }
    return history
  }
}
