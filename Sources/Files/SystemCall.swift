import CSystem
public import Glibc

/// Calls again where a signal came between (EINTR). Not for close(2): there the descriptor is gone already.
@inlinable @inline(__always)
public func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// fsync(2) or syncfs(2), once: a sync that failed is never tried again.
func synced(_ call: String, _ path: @autoclosure () -> String, _ body: () -> Int32) throws(SyncFailure) {
  if retrying(body) != 0 { throw SyncFailure(FileError.latest(call, path())) }
}

/// syncfs(2): reports a failed write of any file of the file system since the descriptor was opened (Linux 5.8).
func syncfs(_ descriptor: Int32) -> Int32 { buzon_syncfs(descriptor) }

/// An open file descriptor with one owner, closed when the owner goes.
struct Descriptor: ~Copyable {
  let raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  deinit { _ = Glibc.close(raw) }

  /// Gives the descriptor away: the caller closes it.
  consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }

  /// Closes and tells how it went: a network file system reports a failed write here.
  consuming func close(_ path: @autoclosure () -> String) throws(FileError) {
    // EINTR leaves the descriptor closed on Linux (close(2), NOTES).
    if Glibc.close(release()) != 0, errno != EINTR { throw FileError.latest("close", path()) }
  }

  /// Writes all the bytes, however many calls it takes.
  borrowing func write(_ bytes: UnsafeRawBufferPointer, path: @autoclosure () -> String) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = retrying { Glibc.write(raw, rest.baseAddress, rest.count) }
      guard written >= 0 else { throw FileError.latest("write", path()) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }
}

extension [UInt8] {
  /// withUnsafeBytes(_:) that keeps the error's type.
  @inline(__always)
  func withRawBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
    try withUnsafeBufferPointer { bytes throws(Failure) in try body(UnsafeRawBufferPointer(bytes)) }
  }
}
