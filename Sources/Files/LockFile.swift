import Failpoints
import Glibc

/// An exclusive lock on a path, held while this lives (flock(2)): one agent per spool. The holder writes its process
/// id and start into the file, so that a second one can say who holds it. The kernel releases it when the process
/// ends, however it ends; the file stays, for removing it would let two hold the lock.
public struct LockFile: ~Copyable {
  /// Somebody else holds the lock.
  public struct Held: Error, Sendable, Hashable, CustomStringConvertible {
    /// Safe to print.
    public let path: String
    /// The holder's process id, where it was written and that process lives.
    public let pid: Int32?
    /// When the holder took it, seconds since 1970.
    public let since: Int64?

    /// One line.
    public var description: String {
      "\(path) is held by " + (pid.map { "process \($0)" } ?? "another process")
    }
  }

  private let descriptor: Descriptor

  /// Takes the lock, without waiting.
  ///
  /// - Parameter mode: permission bits of the file; who may read it can learn who holds the lock.
  /// - Throws: ``Held``, or ``FileError``.
  public init(_ name: FileName, in folder: Directory, mode: UInt32 = 0o644) throws {
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
    let raw = retrying { name.withCString { openat(folder.descriptor, $0, flags, mode) } }
    guard raw >= 0 else { throw folder.error("open", name) }
    let own = Descriptor(raw)
    guard retrying({ flock(raw, LOCK_EX | LOCK_NB) }) == 0 else {
      guard errno == EWOULDBLOCK else { throw folder.error("flock", name) }
      throw Held(in: try folder.read(name, limit: 1024), path: folder.shown(name))
    }
    try failpoint("file.lock") { () throws(FileError) in
      guard fchmod(raw, mode) == 0, retrying({ ftruncate(raw, 0) }) == 0 else {
        throw folder.error("ftruncate", name)
      }
      let text = Array("\(getpid()) \(time(nil))\n".utf8)
      try text.withRawBytes { bytes throws(FileError) in
        try own.write(bytes, path: folder.shown(name))
      }
    }
    descriptor = own
  }

  /// Who holds the lock now; `nil` where nobody does.
  public static func holder(_ name: FileName, in folder: Directory) throws(FileError) -> Held? {
    let raw = retrying { name.withCString { openat(folder.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) } }
    guard raw >= 0 else {
      if errno == ENOENT { return nil }
      throw folder.error("open", name)
    }
    let probe = Descriptor(raw)
    // Shared, so that two who ask at once don't take each other for the holder.
    if retrying({ flock(probe.raw, LOCK_SH | LOCK_NB) }) == 0 { return nil }
    guard errno == EWOULDBLOCK else { throw folder.error("flock", name) }
    return Held(in: try folder.read(name, limit: 1024), path: folder.shown(name))
  }
}

extension LockFile.Held {
  /// Reads `PID SECONDS`. What is there may be from an earlier holder for the moment until the present one has written,
  /// so a process that is gone isn't named.
  fileprivate init(in bytes: [UInt8], path: String) {
    let words = bytes.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
    let numbers = words.map { Int64(String(decoding: $0, as: UTF8.self)) }
    var pid: Int32?
    if numbers.count == 2, let number = numbers[0], let id = Int32(exactly: number), id > 0 {
      // Signal 0 only asks; EPERM means that it is there but another user's.
      if kill(id, 0) == 0 || errno == EPERM { pid = id }
    }
    self.init(path: path, pid: pid, since: pid == nil ? nil : numbers[1])
  }
}
