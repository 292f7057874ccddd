internal import Accounts
internal import Forms
internal import Register

/// What operators want done with requests. The agent carries it out itself, for it alone knows what is in flight.
extension Dispatcher {
  /// Carries out what was ordered and not answered yet. An order that must wait for what is in flight stays open, and is
  /// looked at again when a batch has come back.
  func carryOutOrders() async throws {
    hasOpenOrders = true
    // One at a time; whoever comes meanwhile has it done once more.
    if isCarryingOutOrders { return }
    isCarryingOutOrders = true
    defer {
      isCarryingOutOrders = false
      // Whoever waits for the end of this looks again.
      advance()
    }
    // What a stop leaves is carried out at the next start, or by the command itself.
    while hasOpenOrders, !isStopping {
      hasOpenOrders = false
      var waits = false
      for order in try register.openOrders() where !isStopping {
        guard let answers = try await answers(to: order) else {
          waits = true
          continue
        }
        try await register.answer(order.id, QueueAnswer.text(answers)).value()
      }
      guard waits else { continue }
      // Another look now would find the same.
      if !hasOpenOrders {
        hasOpenOrders = true
        return
      }
    }
  }

  /// - Returns: `nil` where it must wait.
  private func answers(to order: QueueOrder) async throws -> [QueueAnswer]? {
    if order.verb.utf8.elementsEqual(QueueOrder.acceptDrift.utf8) { return try await driftAnswer(to: order) }
    if order.verb.utf8.elementsEqual(QueueOrder.reload.utf8) { return [await reloadAnswer(to: order)] }
    guard let verb = QueueVerb(rawValue: order.verb) else { return [] }
    if let answers = try await clockAnswer(to: order, verb) { return answers }
    let targets = try targets(of: order, verb)
    let unsigned = try await unsignedAnswers(to: order, verb, besides: targets)
    if targets.isEmpty, !unsigned.isEmpty { return unsigned }
    if targets.isEmpty { return order.number.map { [QueueAnswer(unknown: $0)] } ?? [] }
    if verb == .cancel {
      // Nothing more of them is sent, and what was sent is finished first.
      for (id, _) in targets { queue.beginHold(id) }
      if targets.contains(where: { queue.isInFlight($0.id) }) { return nil }
    }
    var answers: [QueueAnswer] = []
    for first in stride(from: 0, to: targets.count, by: Self.ordered) {
      // What a stop leaves is done at the next start.
      if isStopping, first > 0 { return nil }
      let some = targets[first..<min(first + Self.ordered, targets.count)]
      let given = try await carryOut(verb, some, order)
      for (answer, target) in zip(given, some) where answer.refusal == nil {
        log.info(
          "request.ordered",
          [("request", answer.number), ("what", verb.done), ("by", order.actor), ("because", order.because ?? "-")])
        // A hold notes it in its own commit.
        if verb == .hold { continue }
        let detail = [order.because, answer.note].compactMap(\.self).joined(separator: "; ")
        _ = register.addEvent(
          verb.done, of: target.id, actor: order.actor, detail: detail.isEmpty ? nil : detail, at: current.now())
      }
      answers += given
    }
    // What was held or cancelled leaves, and what is to be tried again is.
    queue.tryDeferredNow()
    if verb == .cancel || verb == .hold { queue.endTroubleOfNobody() }
    advance()
    return answers + unsigned
  }

  private func reloadAnswer(to order: QueueOrder) async -> QueueAnswer {
    if order.number != nil { servers.useFirst() }
    return switch await reread?() {
    case .applied(nil): QueueAnswer(QueueOrder.reload)
    case .applied(let keys?):
      QueueAnswer(QueueOrder.reload, note: "\(keys): takes a restart (systemctl restart buzon)")
    case .refused(let why): QueueAnswer(QueueOrder.reload, refusal: why)
    // Only a running agent has something to read it into.
    case nil: QueueAnswer(unknown: QueueOrder.reload)
    }
  }

  /// What comes of an order for forms that wait for their signature: they are no requests yet, and can only be cancelled.
  ///
  /// - Returns: none where the order is about requests.
  private func unsignedAnswers(to order: QueueOrder, _ verb: QueueVerb, besides targets: [Target]) async throws
    -> [QueueAnswer]
  {
    guard let number = order.number else {
      var answers: [QueueAnswer] = []
      var last: Int64 = 0
      while verb == .cancel, case let forms = try register.unsigned(after: last, limit: Self.ordered), !forms.isEmpty {
        last = forms.last?.id ?? last
        for form in forms { answers += try await cancel(form, order) }
      }
      if !answers.isEmpty { wakeIntake() }
      return answers
    }
    let forms = targets.isEmpty ? try register.unsigned(number: number) : []
    if forms.isEmpty { return [] }
    guard verb == .cancel else {
      return [
        QueueAnswer(
          number, refusal: "it waits for its signature and is no request yet; have it signed, or cancel it")
      ]
    }
    var answers: [QueueAnswer] = []
    for form in forms { answers += try await cancel(form, order) }
    wakeIntake()
    return answers
  }

  /// - Returns: none where it waits no longer.
  private func cancel(_ form: UnsignedForm, _ order: QueueOrder) async throws -> [QueueAnswer] {
    let because = order.because.map { ": \($0)" } ?? ""
    let report = "cancelled by \(order.actor) before it was signed\(because); submit it again where that was wrong\n"
    guard try await register.refuseUnsigned(form.id, report: report).value() else { return [] }
    log.info(
      "request.ordered",
      [
        ("request", form.number), ("what", QueueVerb.cancel.done), ("by", order.actor),
        ("because", order.because ?? "-"),
      ])
    return [
      QueueAnswer(
        form.number, note: "it was not signed; its number is free, and its form lies among the rejected files")
    ]
  }

  private typealias Target = (id: Int64, number: String)

  /// So many requests share a commit.
  private static let ordered = 256

  private func targets(of order: QueueOrder, _ verb: QueueVerb) throws -> [Target] {
    if let number = order.number { return try register.request(number: number).map { [($0.id, number)] } ?? [] }
    switch verb {
    case .hold: return try register.openNumbers(.ready)
    case .release: return try register.openNumbers(.held)
    case .retry, .cancel: return try register.openNumbers()
    }
  }

  private func carryOut(_ verb: QueueVerb, _ targets: ArraySlice<Target>, _ order: QueueOrder) async throws
    -> [QueueAnswer]
  {
    switch verb {
    case .hold: return try await hold(targets, order)
    case .release: return try await release(targets)
    case .retry:
      var answers: [QueueAnswer] = []
      for (id, number) in targets { answers.append(try await retry(id, number)) }
      return answers
    case .cancel: return try await cancel(targets)
    }
  }

  private func refusal(_ id: Int64, _ number: String) throws -> QueueAnswer {
    guard let stored = try register.request(id: id) else { return QueueAnswer(unknown: number) }
    return switch stored.state {
    case .done: QueueAnswer(number, refusal: "it is done already (buzon show \(number))")
    case .held: QueueAnswer(number, refusal: "it is held already: \(stored.reason ?? "")")
    default: QueueAnswer(number, refusal: "it isn't held")
    }
  }

  // MARK: Hold and release

  private func hold(_ targets: ArraySlice<Target>, _ order: QueueOrder) async throws -> [QueueAnswer] {
    // Before the commit, so that nothing begins beside it.
    let earlier = targets.map { queue.beginHold($0.id) }
    let reason = "held by \(order.actor)" + (order.because.map { ": \($0)" } ?? "")
    let commits = targets.map {
      register.hold(
        $0.id, cause: .operator, reason: reason, by: order.actor, because: order.because, at: current.now())
    }
    var answers: [QueueAnswer] = []
    for ((target, wasHeld), commit) in zip(zip(targets, earlier), commits) {
      if try await commit.value() {
        queue.endHold(target.id)
        answers.append(
          QueueAnswer(
            target.number, note: queue.isInFlight(target.id) ? "operations that were sent are finished first" : nil))
      } else {
        queue.abandonHold(target.id, isHeld: wasHeld)
        answers.append(try refusal(target.id, target.number))
      }
    }
    return answers
  }

  private func release(_ targets: ArraySlice<Target>) async throws -> [QueueAnswer] {
    let commits = targets.map { register.release($0.id) }
    var answers: [QueueAnswer] = []
    for ((id, number), commit) in zip(targets, commits) {
      if try await commit.value() {
        queue.resume(id)
        answers.append(QueueAnswer(number))
      } else {
        answers.append(try refusal(id, number))
      }
    }
    return answers
  }

  private func retry(_ id: Int64, _ number: String) async throws -> QueueAnswer {
    queue.tryNow()
    switch try register.holdCause(id) {
    case nil:
      let isDone = try register.request(id: id)?.state == .done
      return isDone ? try refusal(id, number) : QueueAnswer(number, note: "the directory is tried now")
    case .trouble: return try await release([(id, number)]).first ?? QueueAnswer(unknown: number)
    case .operator, .limits:
      let reason = try register.request(id: id)?.reason ?? ""
      return QueueAnswer(number, refusal: "\(reason); buzon release lets it go on")
    }
  }

  // MARK: Cancel

  /// Settles the changes of these requests that were not sent as skipped. None is in flight.
  private func cancel(_ targets: ArraySlice<Target>) async throws -> [QueueAnswer] {
    var returned = RequestQueue.Returned()
    let at = current.now()
    let answers = try targets.map { try cancel($0.id, $0.number, at: at, &returned) }
    defer { for (id, _) in targets { queue.endHold(id) } }
    if returned.completed.isEmpty { return answers }
    let settlements = try await register.settle(
      returned.settled, completed: returned.completed, at: at, addressMemory: current.settings.addressMemory
    ).value()
    await record(returned, settlements, now: at)
    return answers
  }

  private func cancel(
    _ id: Int64, _ number: String, at: Int64, _ returned: inout RequestQueue.Returned
  ) throws -> QueueAnswer {
    guard let stored = try register.request(id: id), stored.state != .done else { return try refusal(id, number) }
    guard let open = queue.requests[id] ?? self.open(stored) else {
      return QueueAnswer(number, refusal: "its form can't be read; restore the register from a backup")
    }
    guard !queue.isInDoubt(open) else {
      if stored.state != .held { queue.resume(id) }
      return QueueAnswer(
        number,
        refusal: (open.request.atomic
          ? "part of it may have been applied; it must be applied or undone completely; "
          : "a change of it may have been applied, and only the directory knows; ")
          + (stored.state == .held
            ? "release it, so that the agent asks" : "start the agent, so that it asks the directory (buzon run)"))
    }
    guard let applied = queue.cancel(open, at: at, &returned) else {
      return QueueAnswer(number, refusal: "it is done already (buzon show \(number))")
    }
    return QueueAnswer(
      number, note: applied == 0 ? nil : "\(applied) of \(open.results.count) changes had been applied")
  }
}
