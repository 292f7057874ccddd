internal import Text

/// Decides which files of the spool are whole, and in what order they are taken. Pure: scans, hints, answers of the
/// kernel and the time go in, the ripe files and the time of the next scan come out.
///
/// A file is **whole** when no process has it open for writing, and one of these holds:
///
/// | what was seen | it has not changed for |
/// |---|---|
/// | it was renamed into the folder | – |
/// | a writer closed it, and it isn't empty | a quarter of `rest`: `cat a > f; cat b >> f` closes it twice |
/// | neither | `rest` |
/// | neither, and the kernel can't say who writes it | ten times `rest` |
///
/// A file has not changed while its size, modification time and inode stay the same, by the scans or by the kernel's
/// clock. Both count, so a clock that is set back holds nothing up.
///
/// It is **settled** when nothing that was dropped before it can be missing from the scan: ``Scan/settles(_:)``, or an
/// earlier scan saw the same. What isn't a regular file needs no rest; it is taken when settled, to be reported.
///
/// It is **ripe** when it is whole and settled, and no earlier file (modification time, name) still waits for that:
/// forms that wait together keep their order though they come to rest in another. A file that isn't whole holds others
/// up for `patience` at most, and no file waits longer than that behind others.
public struct RestingFiles: Sendable {
  /// What a scan comes to.
  public struct Verdict: Sendable, Equatable {
    /// The files to take now, in this order.
    public var ripe: [ScanEntry] = []
    /// How long until it is worth scanning again though nothing new is heard; `nil`: nothing waits.
    public var rescanAfter: Duration?
    /// How many files wait to come to rest, or behind one that does. Those of `openCount` aren't among them.
    public var waiting = 0
    /// How many files a process has had open for writing for longer than `patience`.
    public var openCount = 0
    /// Those of them that no earlier verdict named.
    public var newlyOpen: [ScanEntry] = []
  }

  /// How long a file must not change of which neither a rename nor a close was seen.
  public var rest: Duration
  private let patience: Duration
  private var seen: [FileName: Sight] = [:]
  private var movedIn: Set<FileName> = []
  private var closed: Set<FileName> = []

  /// - Parameters:
  ///   - rest: see ``rest``.
  ///   - patience: how long a file that isn't whole holds up those behind it.
  public init(rest: Duration = .seconds(2), patience: Duration = .seconds(10)) {
    self.rest = rest
    self.patience = patience
  }

  /// Hints, as ``SpoolWatch`` reports them: files that were renamed into the spool. To be given before the scan begins
  /// that is judged next; that verdict uses them up.
  public mutating func movedIn(_ names: some Sequence<FileName>) { movedIn.formUnion(names) }

  /// Hints in the same way: files that a writer has closed.
  public mutating func closed(_ names: some Sequence<FileName>) { closed.formUnion(names) }

  /// Leaves a file alone until it changes: one that can't be taken and was reported.
  public mutating func setAside(_ entry: ScanEntry) {
    seen[entry.name] = Sight(entry, since: nil, isAside: true)
  }

  /// Judges a scan.
  ///
  /// The caller takes all that is ripe before it scans again: a scan costs as much as the folder is large.
  ///
  /// - Parameters:
  ///   - now: the time of the scan's end, by a clock that never goes back.
  ///   - writers: who has a file open for writing; asked once a scan, and only of files that have rested.
  public mutating func judge(
    _ scan: Scan, now: ContinuousClock.Instant, writers: (ScanEntry) -> Writers
  ) -> Verdict {
    var verdict = Verdict()
    var next: [FileName: Sight] = [:]
    // Until when an earlier file holds up those behind it.
    var heldUntil: ContinuousClock.Instant?
    for entry in scan.entries {
      var sight = seen[entry.name] ?? Sight(entry, since: nil)
      let isKnown = sight.since != nil && sight.isSame(entry)
      if !sight.isSame(entry) { sight = sight.changed(to: entry) }
      if sight.isAside {
        next[entry.name] = sight
        continue
      }
      if movedIn.contains(entry.name) { sight.wasMovedIn = true }
      if closed.contains(entry.name) { sight.wasClosed = true }
      let since = sight.since ?? now
      sight.since = since

      let unchanged = max(now - since, age(entry, scan))
      var wait = entry.kind == .regular ? neededRest(entry, sight) - unchanged : .zero
      if !isKnown, !scan.settles(entry) { wait = max(wait, .nanoseconds(2 * Scan.tick)) }
      var isOpen = false
      if wait <= .zero, entry.kind == .regular {
        switch writers(entry) {
        case .nobody: break
        case .unknown: if !sight.wasMovedIn, !sight.wasClosed { wait = rest * 10 - unchanged }
        case .somebody:
          // Its close is heard; a lease that ends isn't.
          wait = min(rest, .seconds(1))
          isOpen = true
        }
      }
      sight.openSince = isOpen ? sight.openSince ?? now : nil
      if wait > .zero {
        let since = sight.holdingUpSince ?? now
        sight.holdingUpSince = since
        if since + patience > now { heldUntil = max(heldUntil ?? now, since + patience) }
      } else if let heldUntil {
        let wholeSince = sight.wholeSince ?? now
        sight.wholeSince = wholeSince
        wait = min(heldUntil, wholeSince + patience) - now
      }
      if wait > .zero {
        verdict.rescanAfter = min(verdict.rescanAfter ?? wait, wait)
        if let openSince = sight.openSince, openSince + patience <= now {
          verdict.openCount += 1
          if !sight.isReported { verdict.newlyOpen.append(entry) }
          sight.isReported = true
        } else {
          verdict.waiting += 1
        }
      } else {
        verdict.ripe.append(entry)
        // An old one needs no memory; another, if nobody takes it now, needn't rest again.
        if age(entry, scan) >= rest * 10 { continue }
      }
      next[entry.name] = sight
    }
    seen = next
    movedIn.removeAll()
    closed.removeAll()
    return verdict
  }

  private func neededRest(_ entry: ScanEntry, _ sight: Sight) -> Duration {
    if sight.wasMovedIn { return .zero }
    // An empty file was made to be filled.
    return sight.wasClosed && entry.size > 0 ? rest / 4 : rest
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
  /// Since when it wasn't whole; a change of the file doesn't begin this again.
  var holdingUpSince: ContinuousClock.Instant?
  /// Since when a process was found to have it open for writing.
  var openSince: ContinuousClock.Instant?
  var isReported = false
  var wasMovedIn = false
  var wasClosed = false
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

  /// The same name in another state; the same file goes on holding others up.
  func changed(to entry: ScanEntry) -> Sight {
    var new = Sight(entry, since: nil)
    if inode == entry.inode {
      new.holdingUpSince = holdingUpSince
      new.openSince = openSince
      new.isReported = isReported
    }
    return new
  }
}
