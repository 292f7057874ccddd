internal import CSystem
internal import Glibc

/// One name of the spool as a scan saw it.
public struct ScanEntry: Sendable, Hashable {
  /// What it is called.
  public let name: FileName
  /// What the name stands for.
  public let kind: FileStat.Kind
  /// Bytes.
  public let size: Int64
  /// User id of who dropped it.
  public let owner: UInt32
  /// The file's number in its file system.
  public let inode: UInt64
  /// Nanoseconds since 1970, as set by who dropped the file.
  public let modified: Int64
  /// Nanoseconds since 1970, by the kernel's clock.
  public let changed: Int64

  /// An entry by its parts.
  public init(
    name: FileName, kind: FileStat.Kind, size: Int64, owner: UInt32, inode: UInt64, modified: Int64, changed: Int64
  ) {
    self.name = name
    self.kind = kind
    self.size = size
    self.owner = owner
    self.inode = inode
    self.modified = modified
    self.changed = changed
  }

  /// The order in which forms that wait together are taken: modification time, then the name's bytes.
  public static func isTakenBefore(_ left: ScanEntry, _ right: ScanEntry) -> Bool {
    left.modified == right.modified ? left.name < right.name : left.modified < right.modified
  }
}

/// One pass over the spool folder.
public struct Scan: Sendable {
  /// Kernel time when the pass began, nanoseconds since 1970.
  public let started: Int64
  /// In the order in which they are taken.
  public let entries: [ScanEntry]
  /// The names of signatures (`.sig`), in no order. Each is taken with the file that it is of.
  public let signatures: [FileName]
  /// The names of plans (`.plan`), as those of signatures.
  public let plans: [FileName]

  /// A pass by its parts.
  public init(started: Int64, entries: [ScanEntry], signatures: [FileName] = [], plans: [FileName] = []) {
    self.started = started
    self.entries = entries
    self.signatures = signatures
    self.plans = plans
  }

  /// Whether everything that was dropped before this entry is in the scan as well. A pass that runs beside arrivals
  /// may see a file and miss an earlier one; a file that changed last more than a clock tick before the pass began
  /// can't be such a one.
  public func settles(_ entry: ScanEntry) -> Bool { entry.changed < started - Scan.tick }

  /// The grain of the kernel's clock for file times: nanoseconds, 10 ms at most.
  public static let tick: Int64 = {
    var grain = timespec()
    guard clock_getres(CLOCK_REALTIME_COARSE, &grain) == 0 else { return 10_000_000 }
    return nanoseconds(grain)
  }()
}

extension Directory {
  /// Lists what was dropped here, symbolic links as such, sorted. Names to be left alone
  /// (``FileName/isLeftAlone``) are left out. Signatures (`.sig`) and plans (`.plan`) are not examined, only named.
  public func scan() throws -> Scan {
    var clock = timespec()
    // The clock that file times come from; the fine one runs ahead of it by up to a tick.
    clock_gettime(CLOCK_REALTIME_COARSE, &clock)
    var entries: [ScanEntry] = []
    var signatures: [FileName] = []
    var plans: [FileName] = []
    try forEachName { name throws(FileError) in
      if name.isLeftAlone { return }
      if name.hasSuffix(".sig") { return signatures.append(name) }
      if name.hasSuffix(".plan") { return plans.append(name) }
      guard let stat = try stat(name) else { return }
      entries.append(
        ScanEntry(
          name: name, kind: stat.kind, size: stat.size, owner: stat.owner, inode: stat.inode, modified: stat.modified,
          changed: stat.changed))
    }
    entries.sort(by: ScanEntry.isTakenBefore)
    return Scan(started: nanoseconds(clock), entries: entries, signatures: signatures, plans: plans)
  }
}
