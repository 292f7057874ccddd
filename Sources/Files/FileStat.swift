internal import CSystem
internal import Glibc

/// What the file system says of a file (inode(7)).
public struct FileStat: Sendable, Hashable {
  /// What sort of thing a name stands for.
  public enum Kind: Sendable, Hashable, CaseIterable {
    case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice, unknown
  }

  /// What the name stands for.
  public let kind: Kind
  /// Permission bits, with set-id and sticky bits: `0o7777` at most.
  public let mode: UInt32
  /// How many names the file has.
  public let links: UInt64
  /// User id.
  public let owner: UInt32
  /// Group id.
  public let group: UInt32
  /// Bytes.
  public let size: Int64
  /// The file system.
  public let device: UInt64
  /// The file's number in its file system; used again once it is removed.
  public let inode: UInt64
  /// Last change of the content: anybody who owns the file can set it. Nanoseconds since 1970, within what
  /// 64 bits hold (years 1678 to 2262).
  public let modified: Int64
  /// Last change of content or inode, by the kernel's clock: nobody can set it. Nanoseconds since 1970.
  public let changed: Int64

  init(_ raw: stat) {
    kind = Kind(raw.st_mode)
    mode = raw.st_mode & 0o7777
    links = UInt64(raw.st_nlink)
    owner = raw.st_uid
    group = raw.st_gid
    size = Int64(raw.st_size)
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    modified = nanoseconds(raw.st_mtim)
    changed = nanoseconds(raw.st_ctim)
  }
}

extension FileStat.Kind {
  init(_ mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      case S_IFIFO: .fifo
      case S_IFSOCK: .socket
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      default: .unknown
      }
  }
}

/// Nanoseconds since 1970. A time that 64 bits can't hold (anybody may `touch -d 2400-01-01`) becomes the nearest.
func nanoseconds(_ time: timespec) -> Int64 {
  let (whole, far) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
  let (sum, further) = whole.addingReportingOverflow(Int64(time.tv_nsec))
  return far || further ? (time.tv_sec < 0 ? .min : .max) : sum
}
