/// Whether the clock may do by itself what is due: suspend, purge, scramble, settle. Pure: the host's time, the newest time
/// known and the state are passed in.
///
/// A host whose time is wrong (a battery that is empty, a virtual machine restored, a slip at `date`) would find that every
/// account has expired. So the host's time counts as known only where it is no jump from the time known before.
///
/// | state | the host's time | verdict |
/// |---|---|---|
/// | running | at most `jump` ahead of the newest time known, or behind it | run |
/// | running | further ahead, or nothing is known; the directory wasn't heard in this run | wait: it may know a newer time |
/// | running | further ahead | hold |
/// | running | nothing is known anywhere: a new installation | run |
/// | held | any: a time that was put right is for an operator to confirm | hold |
/// | released | any: an operator has said that it is right | run |
///
/// After `run` the host's time is known, unless a newer one was; after a release in any case.
struct ClockGuard: Sendable, Hashable {
  enum State: Sendable, Hashable, CaseIterable {
    case running, held, released
  }

  enum Verdict: Sendable, Hashable {
    /// Do what is due. From now on this time is known, milliseconds since 1970 UTC.
    case run(known: Int64)
    /// Do nothing, and decide when the directory was heard.
    case wait
    /// Do nothing until `buzon release CLOCK`.
    case hold
  }

  /// How far the host's time may be ahead of what is known, milliseconds: `policy.clock_jump`.
  var jump: Int64

  /// - Parameters:
  ///   - now: the host's time, milliseconds since 1970 UTC.
  ///   - known: the newest time known; `nil`: none is.
  ///   - isHeard: whether the directory was heard in this run, so that the times it knows are known.
  func verdict(_ state: State, now: Int64, known: Int64?, isHeard: Bool) -> Verdict {
    switch state {
    case .released: .run(known: now)
    case .held: .hold
    case .running:
      if let known {
        if !isAhead(now, of: known) { .run(known: max(now, known)) } else { isHeard ? .hold : .wait }
      } else {
        isHeard ? .run(known: now) : .wait
      }
    }
  }

  /// The state that is stored, at this time. A release is of the time that was shown with the hold: a host that is further
  /// ahead by now is held anew.
  ///
  /// - Parameter held: the host's time when it was held, milliseconds since 1970 UTC; `nil`: it isn't held.
  func state(held: Int64?, isReleased: Bool, now: Int64) -> State {
    guard let held else { return .running }
    return isReleased && !isAhead(now, of: held) ? .released : .held
  }

  /// Whether a time is a jump from what is known. Times of which the difference overflows are.
  func isAhead(_ now: Int64, of known: Int64) -> Bool {
    let (difference, overflow) = now.subtractingReportingOverflow(known)
    return now > known && (overflow || difference > jump)
  }

  /// How far the time that is stored may be behind the host's before it is stored again, milliseconds: an hour, but no more
  /// than a quarter of a jump, so that an agent that dies and starts again finds no jump where there was none.
  var storedEvery: Int64 { min(3_600_000, jump / 4) }
}
