/// One run of the agent. Its parts work at the same time; the end of one leads to the end of the next.
///
/// | what ended | what ends then |
/// |---|---|
/// | the intake: stopped, or with `once` the spool is empty | the dispatcher, when all requests are settled |
/// | the dispatcher | the mirror; with `once` the recorder too |
/// | the mirror | the recorder |
/// | the recorder | the signals, and the run |
///
/// Errors: a part that throws ends the others. Operations in flight end, and the next start resumes.
struct AgentRun: Sendable {
  private enum Part: Sendable {
    case intake
    case dispatcher(isDeferred: Bool)
    case mirror
    case recorder(wroteAll: Bool)
    case signals
  }

  let intake: Intake
  let dispatcher: Dispatcher
  let mirror: Mirror
  let recorder: Recorder
  let signals: Signals
  let manager: ServiceManager
  let log: EventLog
  /// Whether the run ends when all is done.
  let once: Bool
  /// Reads the configuration again (SIGHUP).
  let reread: @Sendable () async -> Reload.Result

  /// - Returns: whether something is left for a later run.
  /// - Throws: `FileError`, `SyncFailure`, `RegisterError`.
  func run() async throws -> Bool {
    let watching = Task { await self.watchdog.run() }
    defer { watching.cancel() }
    return try await withThrowingTaskGroup(of: Part.self) { group in
      group.addTask {
        try await takeForms()
        return .intake
      }
      if !once {
        group.addTask {
          try await mirror.run()
          return .mirror
        }
      }
      group.addTask { .dispatcher(isDeferred: try await dispatcher.run()) }
      group.addTask { .recorder(wroteAll: try await recorder.run()) }
      group.addTask {
        await answerSignals()
        return .signals
      }
      group.addTask {
        try await carryOutOrders()
        return .signals
      }
      defer { intake.stop() }
      var isDeferred = false
      while let part = try await group.next() {
        if try await end(after: part) { isDeferred = true }
      }
      return isDeferred
    }
  }

  private var watchdog: Watchdog {
    Watchdog(
      manager: manager,
      loops: [
        .init(pulse: intake.pulse) { [intake] in intake.wake() },
        .init(pulse: dispatcher.pulse) { [dispatcher] in dispatcher.wake() },
        .init(pulse: recorder.pulse) { [recorder] in recorder.wake() },
      ])
  }

  private func takeForms() async throws {
    if once {
      // What happened since the last run may be due for the clock.
      if try await mirror.catchUp() { intake.directoryHeard() }
      intake.checkClock()
    }
    try await intake.run(once: once)
  }

  private func answerSignals() async {
    for await signal in signals.stream {
      switch signal {
      case .stop:
        log.info("agent.stopping", [])
        manager.stopping()
        intake.stop()
        await dispatcher.stop()
      case .reread: _ = await reread()
      }
    }
  }

  private func carryOutOrders() async throws {
    for await _ in signals.orders {
      try await dispatcher.carryOutOrders()
      // The clock may have been released.
      intake.checkClock()
      // A slip may have been received.
      await recorder.rescan(again: true)
    }
  }

  /// Ends what follows the part that ended.
  ///
  /// - Returns: whether the part left something for later.
  private func end(after part: Part) async throws -> Bool {
    switch part {
    case .intake:
      await dispatcher.endOfInput()
      return false
    case .dispatcher(let isDeferred):
      // Up to our own last operation, and whatever others did meanwhile.
      if once, !isDeferred { _ = try await mirror.catchUp() }
      await mirror.end()
      if once { await recorder.end() }
      return isDeferred
    case .mirror:
      await recorder.end()
      return false
    case .recorder(let wroteAll):
      signals.finish()
      return !wroteAll
    case .signals: return false
    }
  }
}
