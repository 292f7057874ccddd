import Glibc

/// Writes to a descriptor through a buffer, e.g. a list to standard output, in bounded memory.
public struct BufferedWriter: ~Copyable {
  private let descriptor: Descriptor
  private let path: String
  private let size: Int
  private var buffer: [UInt8]
  private var written = 0

  init(owning descriptor: consuming Descriptor, path: String, bufferSize: Int) {
    self.descriptor = descriptor
    self.path = path
    size = bufferSize
    buffer = []
    buffer.reserveCapacity(bufferSize + bufferSize / 8)
  }

  /// Writes to a descriptor that stays the caller's, such as 1. What isn't flushed in the end is lost.
  ///
  /// - Parameter path: what messages call it.
  public init(descriptor: Int32, path: String, bufferSize: Int = 65_536) throws(FileError) {
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { throw FileError.latest("fcntl", path) }
    self.init(owning: Descriptor(own), path: path, bufferSize: bufferSize)
  }

  /// How many bytes were appended.
  public var count: Int { written + buffer.count }

  /// Lends the buffer: `body` appends to it and must not remove anything. It is written when it is full.
  public mutating func append<Failure: Error>(_ body: (inout [UInt8]) throws(Failure) -> Void) throws {
    try body(&buffer)
    if buffer.count >= size { try flush() }
  }

  /// Writes what the buffer holds.
  ///
  /// - Throws: EPIPE where the reader is gone (SIGPIPE ignored).
  public mutating func flush() throws(FileError) {
    try buffer.withRawBytes { bytes throws(FileError) in try descriptor.write(bytes, path: path) }
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  /// fsync(2).
  borrowing func sync() throws(SyncFailure) { try synced("fsync", path) { fsync(descriptor.raw) } }
}
