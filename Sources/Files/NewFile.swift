import Glibc

/// A file made under a passing name, open for writing.
struct NewFile: ~Copyable {
  let descriptor: Descriptor
  let name: FileName
}

extension Directory {
  /// Makes a file that wasn't there, with exactly this mode, whatever the umask.
  ///
  /// - Parameter next: a name that nothing alive uses. Where a file is left under it (an earlier process with our id
  ///   crashed), the next one is tried.
  func createFile(mode: UInt32, named next: () -> FileName) throws(FileError) -> NewFile {
    while true {
      let name = next()
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let raw = retrying { name.withCString { openat(descriptor, $0, flags, mode) } }
      if raw < 0, errno == EEXIST { continue }
      guard raw >= 0 else { throw error("open", name) }
      let file = Descriptor(raw)
      guard fchmod(raw, mode) == 0 else {
        let error = error("fchmod", name)
        discard(name)
        throw error
      }
      return NewFile(descriptor: file, name: name)
    }
  }

  /// Unlinks what never got its place. Whether it succeeds changes nothing: start-up cleans as well.
  func discard(_ name: FileName) { _ = name.withCString { unlinkat(descriptor, $0, 0) } }
}
