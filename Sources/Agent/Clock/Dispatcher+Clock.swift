internal import Installation
internal import Records
internal import Register
internal import Text

/// `buzon release CLOCK`: the clock is no request, and goes by the same orders.
extension Dispatcher {
  /// - Returns: `nil` where the order isn't about the clock.
  func clockAnswer(to order: QueueOrder, _ verb: QueueVerb) async throws -> [QueueAnswer]? {
    guard order.number == ClockHold.name else { return nil }
    guard verb == .release else {
      return [
        QueueAnswer(ClockHold.name, refusal: "the clock can be released only; to keep it from acting, stop the agent")
      ]
    }
    let held = try register.clockState()?.held
    guard try await register.releaseClock(by: order.actor, at: current.now()).value(), let held else {
      return [QueueAnswer(ClockHold.name, refusal: "it isn't held")]
    }
    writeStatusSoon()
    return [
      QueueAnswer(
        ClockHold.name,
        note: "the hold of \(current.settings.zone.timeAndZone(at: Timestamp(milliseconds: held))) is lifted")
    ]
  }
}
