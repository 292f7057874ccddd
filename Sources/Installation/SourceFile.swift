package import Files
internal import Glibc
internal import Text

/// A regular file, read from its beginning in pieces.
package struct SourceFile: ~Copyable {
  private static let piece = 1 << 20
  private let descriptor: Int32
  private let path: String
  private let size: Int64

  package init(_ path: String) throws {
    self.path = displayed(path.utf8)
    descriptor = retrying { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
    guard descriptor >= 0 else { throw FileError(call: "open", path: self.path, code: errno) }
    var status = Glibc.stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = close(descriptor)
      throw FileError(call: "open", path: self.path, code: EINVAL)
    }
    size = Int64(status.st_size)
  }

  deinit { _ = close(descriptor) }

  /// Copies it durably.
  package borrowing func copy(
    to name: FileName, in folder: Files.Directory, progress: @escaping (Int64, Int64) throws -> Void
  ) throws {
    var copy = try StreamedFile(
      as: name, in: folder, temporary: TemporaryFolder(folder), mode: 0o600, bufferSize: Self.piece)
    var done: Int64 = 0
    var piece = [UInt8](repeating: 0, count: Self.piece)
    while true {
      let count = piece.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(done)) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(call: "read", path: path, code: errno) }
      if count == 0 { break }
      try copy.append { $0 += piece[..<count] }
      done += Int64(count)
      try progress(done, size)
    }
    try copy.finish()
  }
}
