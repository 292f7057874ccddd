/// Decides which files of the spool are whole, and in what order they are taken. Pure: scans, hints and the time go
/// in, the ripe files and the time of the next look come out.
///
/// A file is **whole** when any of these holds:
/// - it was moved in (a rename is whole at once) and did not change since;
/// - the kernel's clock saw no change of it for `rest` before the scan;
/// - its size, modification time and inode were the same in looks that are `rest` apart. This one holds when the
///   clock was set back, too.
///
/// It is **settled** when nothing that was dropped before it can be missing from the scan: ``Scan/settles(_:)``, or an
/// earlier scan saw the same. What isn't a regular file needs no rest; it is answered when settled, to be reported.
///
/// It is **ripe** when it is whole and settled, and no earlier file (modification time, name) still waits for that:
/// forms that wait together keep their order though they come to rest in another. A file that keeps changing holds
/// the others up for `patience` at most.
public struct RestingFiles: Sendable {
  /// What a look answers.
  public struct Verdict: Sendable, Equatable {
    /// The files to take now, in this order.
    public var ripe: [ScanEntry]
    /// How long until it is worth looking again though nothing new is heard; `nil`: nothing waits.
    public var lookAgain: Duration?
    /// How many files wait to come to rest, or behind one that does.
    public var waiting: Int
  }

  private let rest: Duration
  private let patience: Duration
  private var seen: [FileName: Sight] = [:]
  private var movedIn: Set<FileName> = []

  /// - Parameters:
  ///   - rest: how long a file that is written in place must not change.
  ///   - patience: how long a whole file waits at most behind an earlier one that isn't.
  public init(rest: Duration = .seconds(2), patience: Duration = .seconds(10)) {
    self.rest = rest
    self.patience = patience
  }

  /// Hints, as ``SpoolWatch`` tells them: files that were renamed into the spool. To be given before the scan begins
  /// that is looked at next; that look uses them up.
  public mutating func movedIn(_ names: some Sequence<FileName>) { movedIn.formUnion(names) }

  /// Leaves a file alone until it changes: one that can't be taken and was reported.
  public mutating func setAside(_ entry: ScanEntry) {
    seen[entry.name] = Sight(entry, since: nil, isAside: true)
  }

  /// Judges a scan.
  ///
  /// The caller takes all that is ripe before it scans again: a scan costs as much as the folder is large.
  ///
  /// - Parameter now: the time of the scan's end, by a clock that never goes back.
  public mutating func look(_ scan: Scan, now: ContinuousClock.Instant) -> Verdict {
    var verdict = Verdict(ripe: [], lookAgain: nil, waiting: 0)
    var next: [FileName: Sight] = [:]
    // Whether an earlier file in order isn't ripe.
    var isBlocked = false
    for entry in scan.entries {
      var sight = seen[entry.name] ?? Sight(entry, since: nil)
      let isKnown = sight.since != nil && sight.isSame(entry)
      if !sight.isSame(entry) { sight = Sight(entry, since: nil) }
      if sight.isAside {
        next[entry.name] = sight
        continue
      }
      if movedIn.contains(entry.name) { sight.wasMovedIn = true }
      let since = sight.since ?? now
      sight.since = since

      var wait = untilWhole(entry, sight, scan: scan, since: since, now: now)
      if !isKnown, !scan.settles(entry) { wait = max(wait, .nanoseconds(2 * Scan.tick)) }
      if wait > .zero {
        isBlocked = true
      } else if isBlocked {
        let wholeSince = sight.wholeSince ?? now
        sight.wholeSince = wholeSince
        wait = wholeSince + patience - now
      }
      if wait > .zero {
        verdict.waiting += 1
        verdict.lookAgain = min(verdict.lookAgain ?? wait, wait)
      } else {
        verdict.ripe.append(entry)
        // An old one needs no memory; another, if nobody takes it now, needn't rest again.
        if age(entry, scan) >= rest { continue }
      }
      next[entry.name] = sight
    }
    seen = next
    movedIn.removeAll()
    return verdict
  }

  private func untilWhole(
    _ entry: ScanEntry, _ sight: Sight, scan: Scan, since: ContinuousClock.Instant, now: ContinuousClock.Instant
  ) -> Duration {
    if entry.kind != .regular || sight.wasMovedIn { return .zero }
    return rest - max(now - since, age(entry, scan))
  }

  /// How long before the scan the file changed last, by the kernel's clock; nothing where that lies in the future
  /// (the clock was set back).
  private func age(_ entry: ScanEntry, _ scan: Scan) -> Duration {
    let (age, overflow) = scan.started.subtractingReportingOverflow(entry.changed)
    return overflow ? .zero : .nanoseconds(max(age, 0))
  }
}

/// A file as it was when it was seen first in this state.
private struct Sight: Sendable {
  let size: Int64
  let modified: Int64
  let inode: UInt64
  var since: ContinuousClock.Instant?
  var wholeSince: ContinuousClock.Instant?
  var wasMovedIn = false
  var isAside: Bool

  init(_ entry: ScanEntry, since: ContinuousClock.Instant?, isAside: Bool = false) {
    size = entry.size
    modified = entry.modified
    inode = entry.inode
    self.since = since
    self.isAside = isAside
  }

  func isSame(_ entry: ScanEntry) -> Bool {
    size == entry.size && modified == entry.modified && inode == entry.inode
  }
}
