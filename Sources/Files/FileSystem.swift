internal import CSystem

/// The file system that a path lies on (statfs(2)).
public struct FileSystem: Sendable, Hashable {
  /// What of its kind matters to us.
  public enum Kind: Sendable, Hashable {
    case local
    /// By its name: `NFS`. Locks, syncs and renames keep fewer promises there.
    case network(String)
    /// Empty after a restart of the host.
    case memory
  }

  /// What of its kind matters to us.
  public let kind: Kind
  /// Bytes that a user may still use.
  public let free: UInt64
  /// Bytes in all.
  public let size: UInt64
  /// Names that can still be made; `nil`: as many as there is room for.
  public let freeNames: UInt64?

  /// - Parameter path: of a file or folder that is there.
  public init(of path: String) throws(FileError) {
    var figures = [UInt64](repeating: 0, count: 6)
    guard buzon_statfs(path, &figures) == 0 else { throw FileError.latest("statfs", path) }
    self.init(
      type: UInt32(truncatingIfNeeded: figures[0]), free: figures[1] &* figures[3], size: figures[1] &* figures[2],
      freeNames: figures[4] == 0 ? nil : figures[5])
  }

  /// By its parts.
  ///
  /// - Parameter type: the magic number of statfs(2).
  public init(type: UInt32, free: UInt64, size: UInt64, freeNames: UInt64?) {
    kind = Self.networks[type].map { .network($0) } ?? (Self.memories.contains(type) ? .memory : .local)
    (self.free, self.size, self.freeNames) = (free, size, freeNames)
  }

  /// linux/magic.h.
  private static let networks: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFE53_4D42: "SMB", 0xFF53_4D42: "CIFS", 0x00C3_6400: "Ceph", 0x0102_1997: "9P",
    0x5346_414F: "AFS", 0x6B41_4653: "AFS", 0x7461_636F: "OCFS2", 0x0116_1970: "GFS2", 0x0BD0_0BD0: "Lustre",
    0x6573_5546: "FUSE",
  ]
  private static let memories: Set<UInt32> = [0x0102_1994, 0x8584_58F6]
}
