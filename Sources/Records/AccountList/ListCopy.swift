internal import Crypto
internal import Files
import Glibc
internal import Text

/// What a list or a copy of it is: its length and SHA-256.
struct Fingerprint: Hashable {
  var count = 0
  var digest: [UInt8] = []
}

/// Counts and digests what passes.
struct FingerprintWriter {
  private var count = 0
  private var hash = SHA256()

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    count += bytes.count
    hash.update(bufferPointer: bytes)
  }

  func finish() -> Fingerprint { Fingerprint(count: count, digest: Array(hash.finalize())) }
}

/// A file of our own, read in pieces of bounded size.
///
/// - Throws: ``FileError`` (ELOOP where it is a symbolic link), and what `body` throws.
func readPieces(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
  let descriptor = retrying { open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
  guard descriptor >= 0 else { throw FileError(call: "open", path: displayed(path.utf8), code: errno) }
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let got = buffer.withUnsafeMutableBytes { piece in
      retrying { Glibc.read(descriptor, piece.baseAddress, piece.count) }
    }
    guard got >= 0 else { throw FileError(call: "read", path: displayed(path.utf8), code: errno) }
    if got == 0 { return }
    try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
  }
}
