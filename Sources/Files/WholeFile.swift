import Glibc
internal import Text

/// A file's bytes, read once, and what it was while they were read.
public struct WholeFile: Sendable {
  /// All of it.
  public let bytes: [UInt8]
  /// Size, owner, times: of what was read.
  public let stat: FileStat
}

extension Directory {
  /// Reads a file that strangers put here, without ever waiting on it or following it: it must be a regular file with
  /// one name, no larger than `limit` bytes, that nobody writes meanwhile: while it is read a lease keeps writers out,
  /// where the kernel grants one.
  ///
  /// - Returns: the file, or why it is refused; `nil` where the name isn't there.
  /// - Throws: what isn't the file's fault (EIO, EMFILE, …).
  public func readWhole(_ name: FileName, limit: Int) throws(FileError) -> Result<WholeFile, Refusal>? {
    // Looked at before it is opened: opening a device can already do something. And again afterwards, on what was
    // opened.
    guard let seen = try stat(name) else { return nil }
    if let refusal = Refusal(seen, limit: limit) { return .failure(refusal) }
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let raw = retrying { name.withCString { openat(descriptor, $0, flags) } }
    guard raw >= 0 else {
      switch errno {
      case ENOENT: return nil
      case ELOOP: return .failure(.symbolicLink)
      case EACCES, EPERM: return .failure(.notReadable(group: seen.group))
      case ENXIO, ENODEV: return .failure(.device)
      // Somebody holds a write lease on it.
      case EWOULDBLOCK: return .failure(.openForWriting)
      default: throw error("open", name)
      }
    }
    let file = Descriptor(raw)
    let before = try file.stat(shown(name))
    if let refusal = Refusal(before, limit: limit) { return .failure(refusal) }
    if file.lease() == .somebody { return .failure(.openForWriting) }
    // One byte of room more than it should need tells a file that grows.
    let bytes = try file.read(Int(before.size) + 1, path: shown(name))
    let after = try file.stat(shown(name))
    guard bytes.count == before.size, after.size == before.size, after.modified == before.modified else {
      return .failure(.changing)
    }
    return .success(WholeFile(bytes: bytes, stat: after))
  }

  /// Reads a file of our own, e.g. a key, up to `limit` bytes.
  ///
  /// - Throws: EFBIG where it is larger, EINVAL where it is no regular file, ENOENT where it isn't there.
  public func read(_ name: FileName, limit: Int) throws(FileError) -> [UInt8] {
    let raw = retrying { name.withCString { openat(descriptor, $0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) } }
    guard raw >= 0 else { throw error("open", name) }
    let file = Descriptor(raw)
    let stat = try file.stat(shown(name))
    guard stat.kind == .regular else { throw FileError(call: "open", path: shown(name), code: EINVAL) }
    // A little more than it says, because /proc and /sys say 0.
    let bytes = try file.read(min(limit, max(Int(stat.size), 4096)) + 1, path: shown(name))
    guard bytes.count <= limit else { throw FileError(call: "read", path: shown(name), code: EFBIG) }
    return bytes
  }
}

extension Descriptor {
  borrowing func stat(_ path: @autoclosure () -> String) throws(FileError) -> FileStat {
    var raw = Glibc.stat()
    guard fstat(self.raw, &raw) == 0 else { throw FileError.latest("fstat", path()) }
    return FileStat(raw)
  }

  /// Reads to the end of the file, but no more than `most` bytes.
  borrowing func read(_ most: Int, path: @autoclosure () -> String) throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      while count < most {
        let room = UnsafeMutableBufferPointer(rebasing: buffer[count...])
        let got = retrying { Glibc.read(raw, room.baseAddress, room.count) }
        if got < 0 { code = errno }
        if got <= 0 { return }
        count += got
      }
    }
    guard code == 0 else { throw FileError(call: "read", path: path(), code: code) }
    return bytes
  }
}

/// Reads a file by its path, up to `limit` bytes.
///
/// - Throws: as ``Directory/read(_:limit:)``.
public func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
  let bytes = Array(path.utf8)
  let cut = bytes.lastIndex(of: UInt8(ascii: "/"))
  guard let name = FileName(bytes[(cut.map { $0 + 1 } ?? 0)...]) else {
    throw FileError(call: "open", path: displayed(bytes), code: EISDIR)
  }
  let folder = cut.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
  return try Directory(folder).read(name, limit: limit)
}

extension Directory {
  /// Reads a file of our own in pieces, in bounded memory.
  ///
  /// - Returns: `false` where the name isn't there.
  public func read(_ name: FileName, _ body: (UnsafeRawBufferPointer) -> Void) throws(FileError) -> Bool {
    let raw = retrying {
      name.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
    }
    if raw < 0, errno == ENOENT { return false }
    guard raw >= 0 else { throw error("open", name) }
    let file = Descriptor(raw)
    while true {
      let piece = try file.read(131_072, path: shown(name))
      if piece.isEmpty { return true }
      piece.withUnsafeBytes(body)
    }
  }
}
