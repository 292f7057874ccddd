import Failpoints
import Glibc

/// A file of ours that only grows, at its end.
///
/// What a power cut leaves behind the end that was synced last may be anything: the owner knows that end, and cuts the rest
/// off. Closed when the last reference goes.
public final class AppendedFile: Sendable {
  private let descriptor: Int32
  /// For messages.
  public let path: String

  private init(adopting descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Opens a file that is there; `nil` where the name isn't. A symbolic link is refused.
  public static func open(_ name: FileName, in folder: Directory) throws(FileError) -> AppendedFile? {
    let raw = retrying { name.withCString { openat(folder.descriptor, $0, flags) } }
    if raw >= 0 { return AppendedFile(adopting: raw, path: folder.shown(name)) }
    if errno == ENOENT { return nil }
    throw folder.error("open", name)
  }

  /// Opens a file, making it where it is missing; its name is durable when this returns. A symbolic link is refused.
  ///
  /// - Parameter mode: permission bits of a new one, exact whatever the umask.
  public static func open(_ name: FileName, in folder: Directory, creating mode: UInt32) throws -> AppendedFile {
    if let file = try open(name, in: folder) { return file }
    let raw = try failpoint("file.create") { () throws(FileError) in
      retrying { name.withCString { openat(folder.descriptor, $0, flags | O_CREAT | O_EXCL, mode) } }
    }
    guard raw >= 0 else { throw folder.error("open", name) }
    let file = AppendedFile(adopting: raw, path: folder.shown(name))
    guard fchmod(raw, mode) == 0 else { throw FileError.latest("fchmod", file.path) }
    try folder.sync()
    return file
  }

  private static let flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC

  deinit { _ = close(descriptor) }

  /// Its size in bytes.
  public func size() throws(FileError) -> Int64 {
    var raw = Glibc.stat()
    guard fstat(descriptor, &raw) == 0 else { throw FileError.latest("fstat", path) }
    return Int64(raw.st_size)
  }

  /// Writes at the end; it is durable after ``sync()``. Where that fails a part may have been written.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try failpoint("file.append") { () throws(FileError) in
      try bytes.withRawBytes { bytes throws(FileError) in
        var rest = bytes
        while !rest.isEmpty {
          let written = retrying { Glibc.write(descriptor, rest.baseAddress, rest.count) }
          if written < 0 { throw FileError.latest("write", path) }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
      }
    }
  }

  /// Cuts off what lies behind `size`.
  public func truncate(to size: Int64) throws(FileError) {
    try failpoint("file.truncate") { () throws(FileError) in
      guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw FileError.latest("ftruncate", path) }
    }
  }

  /// fdatasync(2): what was appended is on the disk when this returns.
  public func sync() throws(SyncFailure) {
    try failpoint("file.sync") { () throws(SyncFailure) in
      try synced("fdatasync", path) { fdatasync(descriptor) }
    }
  }
}

/// Reads a file of ours line by line, in bounded memory.
public final class LineReader {
  /// A line, or what stands at the end of the file without a line's end.
  public struct Line: Sendable {
    /// Without its end.
    public let bytes: [UInt8]
    /// Where the next one begins.
    public let end: Int64
    public let isWhole: Bool
  }

  private let descriptor: Descriptor
  private let path: String
  private let longest: Int
  private var buffer: [UInt8] = []
  /// Where the buffer's unread part begins, in the buffer and in the file.
  private var first = 0
  private var offset: Int64
  private var isAtEnd = false

  private init(_ descriptor: consuming Descriptor, path: String, offset: Int64, longest: Int) {
    self.descriptor = descriptor
    self.path = path
    self.offset = offset
    self.longest = longest
  }

  /// Opens a file; `nil` where the name isn't there.
  ///
  /// - Parameters:
  ///   - offset: where the first line begins.
  ///   - longest: a longer line comes in pieces that aren't whole.
  public static func open(
    _ name: FileName, in folder: Directory, from offset: Int64 = 0, longest: Int = 1 << 20
  ) throws(FileError) -> LineReader? {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let raw = retrying { name.withCString { openat(folder.descriptor, $0, flags) } }
    if raw < 0, errno == ENOENT { return nil }
    guard raw >= 0 else { throw folder.error("open", name) }
    let descriptor = Descriptor(raw)
    guard lseek(raw, off_t(offset), SEEK_SET) >= 0 else { throw folder.error("lseek", name) }
    return LineReader(descriptor, path: folder.shown(name), offset: offset, longest: longest)
  }

  /// The next line; `nil` at the end of the file.
  public func next() throws(FileError) -> Line? {
    var searched = first
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return line(upTo: end, isWhole: true)
      }
      searched = buffer.count
      if buffer.count - first > longest { return line(upTo: buffer.count, isWhole: false) }
      if isAtEnd { return first == buffer.count ? nil : line(upTo: buffer.count, isWhole: false) }
      buffer.removeFirst(first)
      searched -= first
      first = 0
      let piece = try descriptor.read(65_536, path: path)
      isAtEnd = piece.isEmpty
      buffer += piece
    }
  }

  private func line(upTo end: Int, isWhole: Bool) -> Line {
    let bytes = Array(buffer[first..<end])
    let after = isWhole ? end + 1 : end
    offset += Int64(after - first)
    first = after
    return Line(bytes: bytes, end: offset, isWhole: isWhole)
  }
}
