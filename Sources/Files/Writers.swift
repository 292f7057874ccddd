import CSystem
import Glibc

/// Whether a process has a file open for writing: then it isn't whole yet, however long it pauses.
public enum Writers: Sendable, Hashable {
  case nobody
  /// A process has it open for writing, or holds a write lease on it.
  case somebody
  /// The kernel can't say: a file system without leases (NFS, some FUSE), or another user's file without CAP_LEASE.
  case unknown
}

extension Directory {
  /// Asks the kernel who may still write a file here (fcntl(2), F_SETLEASE). Nothing is read and nobody waits.
  ///
  /// A name that isn't there, or can't be opened, is `unknown`: whoever reads it reports why.
  public func writers(of name: FileName) -> Writers {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let raw = retrying { name.withCString { openat(descriptor, $0, flags) } }
    // A write lease of somebody else: the kernel asks its holder to give it up, and takes it within a minute.
    if raw < 0 { return errno == EWOULDBLOCK ? .somebody : .unknown }
    return Descriptor(raw).lease()
  }
}

extension Descriptor {
  /// Keeps writers out until the descriptor is closed, where nobody has the file open for writing.
  borrowing func lease() -> Writers {
    if buzon_read_lease(raw) == 0 { return .nobody }
    return errno == EAGAIN ? .somebody : .unknown
  }
}
