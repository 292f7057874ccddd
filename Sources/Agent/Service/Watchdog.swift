internal import Synchronization

/// Whether a loop of the agent goes round. Told by the loop, read by the ``Watchdog``.
final class Pulse: Sendable {
  private let rounds = Atomic<Int>(0)
  private let waits = Atomic<Int>(0)

  /// The loop has gone round.
  func beat() { rounds.wrappingAdd(1, ordering: .relaxed) }

  /// The loop waits here for another part, which has a pulse of its own.
  func waiting<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    waits.wrappingAdd(1, ordering: .relaxed)
    defer { waits.wrappingSubtract(1, ordering: .relaxed) }
    return try await body()
  }

  /// The loop has ended, as loops do at the end of a run.
  func end() { waits.wrappingAdd(1, ordering: .relaxed) }

  fileprivate var count: Int { rounds.load(ordering: .relaxed) }
  fileprivate var isWaiting: Bool { waits.load(ordering: .relaxed) > 0 }
}

/// Gives the service manager a sign of life, as long as each loop of the agent goes round.
///
/// Where one stands still it gives none, though other threads live; then the service manager ends the agent and starts it
/// anew, which nothing is lost by. A loop that waits for the directory, or for a disk to come back, goes round.
struct Watchdog: Sendable {
  /// A loop, and what makes it go round where it has nothing to do.
  struct Loop: Sendable {
    let pulse: Pulse
    let wake: @Sendable () async -> Void
  }

  let manager: ServiceManager
  let loops: [Loop]

  /// What is known of the loops' rounds.
  struct Rounds {
    private var seen: [ObjectIdentifier: Int] = [:]

    /// Whether each loop has gone round since this was last so, or waits for another part.
    mutating func haveAllPassed(_ pulses: [Pulse]) -> Bool {
      let counts = Dictionary(pulses.map { (ObjectIdentifier($0), $0.count) }) { $1 }
      guard pulses.allSatisfy({ $0.isWaiting || counts[ObjectIdentifier($0)] != seen[ObjectIdentifier($0)] }) else {
        return false
      }
      seen = counts
      return true
    }
  }

  /// Until it is cancelled.
  func run() async {
    guard let limit = manager.watchdog else { return }
    var rounds = Rounds()
    while !Task.isCancelled {
      if rounds.haveAllPassed(loops.map(\.pulse)) { manager.isAlive() }
      for loop in loops { await loop.wake() }
      // Three signs within the limit: one step of a loop may last as long as two of them.
      guard (try? await Task.sleep(for: limit / 4)) != nil else { return }
    }
  }
}
