internal import Register
public import Text

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
      case spoolWaiting = "spool-waiting"
      case recordsWaiting = "records-waiting"
      case ledgerDiffers = "ledger-differs"
      case approvalWaiting = "approval-waiting"
      case spoolUnreadable = "spool-unreadable"
      case runUnfinished = "run-unfinished"
      case mirrorDown = "mirror-down"
      case providerLags = "provider-lags"
      case providerSwitched = "provider-switched"
      case clockHeld = "clock-held"
      case held
      case refused
      case stuck
      case spoolMode = "spool-mode"
      case rejected
      case failedToday = "failed-today"
      case overridden
      case drift

      /// How bad it is.
      public var health: Health {
        switch self {
        case .agentStopped, .directoryWaiting, .spoolWaiting, .recordsWaiting, .ledgerDiffers, .approvalWaiting,
          .spoolUnreadable:
          .critical
        case .runUnfinished, .mirrorDown, .providerLags, .providerSwitched, .clockHeld, .held, .refused, .stuck,
          .spoolMode, .rejected, .failedToday, .overridden, .drift:
          .warning
        }
      }
    }

    /// What it is.
    public var kind: Kind
    /// Of how many requests, changes, files or accounts; 1 where there is nothing to count.
    public var count: Int
    /// Since when; `nil`: not known.
    public var since: Timestamp?
    /// Why; `nil` where the kind says all.
    public var reason: String?
    /// What helps; `nil`: what always helps against this kind.
    public var remedy: String?

    /// How bad it is.
    public var health: Health { kind.health }
  }

  /// A file that an agent has not taken for so long is stuck, in milliseconds: beside a running agent; where each run is
  /// `run --once`.
  private static let patience: (running: Int64, once: Int64) = (300_000, 86_400_000)

  /// What was found, the worst first.
  public var findings: [Finding] { findingsOfParts + findingsOfRequests }

  private var findingsOfParts: [Finding] {
    var findings: [Finding] = []
    func add(_ kind: Finding.Kind, _ since: Timestamp?, _ reason: String?, _ remedy: String?) {
      findings.append(Finding(kind: kind, count: 1, since: since, reason: reason, remedy: remedy))
    }
    if agent.pid == nil, agent.absence != .once, agent.absence != .unfinished {
      add(.agentStopped, agent.since, agent.reason, agent.remedy)
    }
    if directory.state == "waiting" {
      add(.directoryWaiting, directory.since, directory.reason, directory.remedy)
    }
    let parts: [(part: String, kind: Finding.Kind)] = [
      ("spool", .spoolWaiting), ("approval", .approvalWaiting), ("records", .recordsWaiting),
      ("ledger", .ledgerDiffers), ("provider", .providerLags),
    ]
    for (part, kind) in parts {
      for trouble in troubles where trouble.part == part { add(kind, trouble.since, trouble.reason, trouble.remedy) }
    }
    if let first = spool.problems.first {
      add(.spoolUnreadable, nil, first.reason, first.remedy)
    }
    if agent.pid == nil, agent.absence == .unfinished { add(.runUnfinished, agent.since, agent.reason, agent.remedy) }
    // What the directory's own finding says isn't said again.
    let isSame = directory.state == "waiting" && directory.reason == mirror.reason
    if mirror.state == "down", agent.pid != nil, !isSame, !isStarting {
      add(.mirrorDown, mirror.since, mirror.reason, nil)
    }
    if let switched = directory.switched, !switched.isSeen {
      add(.providerSwitched, switched.at, "\(switched.from) was left: \(switched.reason)", nil)
    }
    if let clockHold { add(.clockHeld, clockHold.since, clockHold.reason, clockHold.remedy) }
    return findings
  }

  /// Whether the agent has just begun to read the directory. That says nothing yet.
  private var isStarting: Bool {
    mirror.since == nil && agent.since.map { generated.milliseconds - $0.milliseconds < 60_000 } ?? false
  }

  private var findingsOfRequests: [Finding] {
    var findings: [Finding] = []
    func add(
      _ kind: Finding.Kind, _ count: Int, _ since: Timestamp?, _ fault: Spool.Fault? = nil, reason: String? = nil
    ) {
      guard count > 0 else { return }
      findings.append(
        Finding(kind: kind, count: count, since: since, reason: fault?.reason ?? reason, remedy: fault?.remedy))
    }
    let held = holds.filter { $0.what != Hold.clock }
    add(.held, max(heldCount, held.count), held.compactMap(\.since).min())
    // What waits though it isn't held, with a reason of its own; of those that are listed.
    let refused = waiting.filter {
      ![RequestState.held, .awaitingSignature].map(\.rawValue).contains($0.state) && $0.reason != nil
    }
    add(.refused, refused.count, refused.map(\.since).min())
    if let oldest = spool.oldest, let count = spool.incoming, isStuck(since: oldest) {
      add(.stuck, count, oldest, stuckFault)
    }
    add(.spoolMode, spool.modes.count, nil, spool.modes.first)
    add(.rejected, unseen.rejected ?? 0, unseen.since, reason: rejectedReason)
    add(.failedToday, unseen.failed, unseen.failedSince, reason: failedReason)
    add(.overridden, unseen.overridden, unseen.since)
    add(.drift, driftCount, drift.map(\.at).min())
    return findings
  }

  /// The oldest file that is not taken, and what helps.
  private var stuckFault: Spool.Fault? {
    spool.oldestFiles.first.map { file in
      if file.isOpen {
        return Spool.Fault(
          reason: "a program has \(file.path) open for writing",
          remedy: "end that program (fuser \(file.path)), or remove the file")
      }
      return Spool.Fault(
        reason: "\(file.path) is not taken",
        remedy: agent.pid == nil
          ? "start the agent (systemctl start buzon, or buzon run); buzon run --once takes it too"
          : "see whether a program holds it open (fuser \(file.path)), and whether the agent works (journalctl -u buzon)"
      )
    }
  }

  /// Where to read why files were rejected.
  private var rejectedReason: String? {
    Self.some("the reports are", unseen.reports, of: unseen.rejected ?? 0)
  }

  /// Which requests have changes that failed and nobody has taken note of.
  private var failedReason: String? {
    let new = unseenFailures.map { "\($0.number) \($0.address)" }
    return Self.some("the changes are", Array(new.prefix(3)), of: unseen.failed)
  }

  /// The latest failures that nobody has taken note of.
  var unseenFailures: [Failure] { failures.filter { failure in unseen.failedSince.map { failure.at >= $0 } ?? false } }

  /// A few of so many.
  private static func some(_ begin: String, _ few: [String], of count: Int) -> String? {
    if few.isEmpty { return nil }
    let more = count - few.count
    return begin + " " + few.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  /// Whether a file that lies in `incoming/` since then should have been taken.
  private func isStuck(since oldest: Timestamp) -> Bool {
    let patience = agent.pid == nil ? Self.patience.once : Self.patience.running
    return generated.milliseconds - oldest.milliseconds > patience
  }

  /// The worst of the findings.
  public var health: Health { findings.map(\.health).max() ?? .ok }
}
