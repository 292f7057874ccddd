internal import Text

extension StatusReport {
  /// The worst of what was found, as monitoring plugins report it.
  public enum Health: String, Sendable, Hashable, Comparable, CaseIterable {
    case ok, warning, critical

    /// What a monitoring plugin exits with: 0, 1 or 2.
    public var exitCode: Int32 {
      switch self {
      case .ok: 0
      case .warning: 1
      case .critical: 2
      }
    }

    /// Orders by badness.
    public static func < (left: Health, right: Health) -> Bool { left.exitCode < right.exitCode }
  }

  /// Something that a person should look at.
  public struct Finding: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      case agentStopped = "agent-stopped"
      case directoryWaiting = "directory-waiting"
      case mirrorDown = "mirror-down"
      case clockHeld = "clock-held"
      case spoolWaiting = "spool-waiting"
      case recordsWaiting = "records-waiting"
      case held
      case refused
      case rejected
      case failedToday = "failed-today"
      case overridden
      case drift
    }

    /// What it is.
    public var kind: Kind
    /// Of how many requests, changes or accounts; 1 where there is nothing to count.
    public var count: Int

    /// How bad it is.
    public var health: Health {
      switch kind {
      case .agentStopped, .directoryWaiting, .spoolWaiting, .recordsWaiting: .critical
      case .mirrorDown, .clockHeld, .held, .refused, .rejected, .failedToday, .overridden, .drift: .warning
      }
    }
  }

  /// What was found, the worst first.
  public var findings: [Finding] {
    var findings: [Finding] = []
    func add(_ kind: Finding.Kind, _ count: Int) {
      if count > 0 { findings.append(Finding(kind: kind, count: count)) }
    }
    add(.agentStopped, agent.pid == nil ? 1 : 0)
    add(.directoryWaiting, directory.state == "waiting" ? 1 : 0)
    add(.spoolWaiting, troubles.count { $0.part == "spool" })
    add(.recordsWaiting, troubles.count { $0.part == "records" })
    add(.mirrorDown, mirror.state == "down" ? 1 : 0)
    add(.clockHeld, clockHold == nil ? 0 : 1)
    let holds = holds.count { $0.what != Hold.clock }
    add(.held, max(waitingCounts.reduce(0) { $0 + ($1.state == "held" ? $1.count : 0) }, holds))
    // What waits though it isn't held, with a reason of its own; of those that are listed.
    add(.refused, waiting.count { $0.state != "held" && $0.reason != nil })
    add(.rejected, unseen.rejected)
    add(.failedToday, unseen.failed)
    add(.overridden, unseen.overridden)
    add(.drift, driftCount)
    return findings
  }

  /// The worst of the findings.
  public var health: Health { findings.map(\.health).max() ?? .ok }
}
