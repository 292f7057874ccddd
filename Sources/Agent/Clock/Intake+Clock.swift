internal import Configuration
internal import Forms
internal import Installation
internal import Records
internal import Register
internal import Text

/// What is due, and whether the host's time may be trusted for it (``ClockGuard``).
///
/// The time is looked at before each look at what is due, at most half a minute after the last. What was seen then is
/// known; so a time that jumps while the agent runs is found whatever is written with it meanwhile. It is stored now and
/// then, so that an agent that is stopped and started again knows it too.
extension Intake {
  /// Whether the clock may do what is due at this time.
  ///
  /// - Throws: `RegisterError`.
  func clockMayRun(now: Int64) async throws -> Bool {
    let stored = try register.clockState() ?? ClockState()
    let settings = current.settings
    let clock = ClockGuard(jump: settings.configuration.policy.clockJump.milliseconds)
    let state = clock.state(held: stored.held, isReleased: stored.isReleased, now: now)
    let known = state == .running ? try knownTime(stored, clock, now: now) : nil
    let verdict = clock.verdict(state, now: now, known: known, isHeard: hasHeardDirectory)
    switch verdict {
    case .run(let known):
      seenTime = known
      if let by = stored.releasedBy { log.info("clock.released", [("by", by), ("now", shown(known))]) }
      isHoldLogged = false
      if state == .released || stored.known.map({ known - $0 >= clock.storedEvery }) ?? true {
        try await register.setClock(known: known).value()
      }
      return true
    case .wait: return false
    case .hold:
      if let known = known ?? (stored.isReleased ? stored.known : nil) {
        try await register.holdClock(at: now, known: known).value()
        isHoldLogged = false
        await dispatcher.writeStatusSoon()
      } else if let held = stored.held, now > held, now - held >= clock.storedEvery {
        try await register.moveClockHold(to: now).value()
      }
      try logHold()
      return false
    }
  }

  /// The newest time known: what this run saw, what is stored, and what follows from it without a jump.
  private func knownTime(_ stored: ClockState, _ clock: ClockGuard, now: Int64) throws -> Int64? {
    guard let known = [seenTime, stored.known].compactMap(\.self).max() else {
      return hasHeardDirectory ? try register.firstKnownTime() : nil
    }
    return clock.isAhead(now, of: known) ? try register.newestTime(from: known, jump: clock.jump, now: now) : known
  }

  /// Once a run, and once for each hold.
  private func logHold() throws {
    guard !isHoldLogged else { return }
    guard let hold = try ClockHold(register, zone: current.settings.zone) else { return }
    isHoldLogged = true
    log.error("clock.held", [("why", hold.reason), ("do", hold.remedy)])
  }

  private func shown(_ time: Int64) -> String { current.settings.zone.timeAndZone(at: Timestamp(milliseconds: time)) }
}
