import CSystem
import Failpoints
import Glibc

extension Directory {
  /// Calls `body` with each name in the folder, in the file system's order, without `.` and `..`. Names that come or
  /// go meanwhile may be told or not. Nothing is kept: memory does not grow with the folder.
  public func forEachName<Failure: Error>(_ body: (FileName) throws(Failure) -> Void) throws {
    // A descriptor of its own, because a listing moves the offset that duplicates share.
    let raw = retrying { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw FileError.latest("open", path) }
    guard let listing = fdopendir(raw) else {
      let code = errno
      _ = close(raw)
      throw FileError(call: "fdopendir", path: path, code: code)
    }
    defer { closedir(listing) }
    while true {
      errno = 0
      guard let entry = readdir(listing) else {
        if errno == 0 { return }
        throw FileError.latest("readdir", path)
      }
      // d_name is read where it lies: importing it copies 256 bytes.
      guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { preconditionFailure("dirent has d_name") }
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name))
      // `nil` for `.` and `..` alone.
      if let name = FileName(bytes) { try body(name) }
    }
  }

  /// The names in the folder, sorted by their bytes.
  public func names() throws -> [FileName] {
    var names: [FileName] = []
    try forEachName { names.append($0) }
    return names.sorted()
  }

  /// renameat2(2) with RENAME_NOREPLACE: moves a name to another folder of the same file system and never overwrites.
  /// `false` where the new name is taken; then nothing was moved. Not durable before both folders are synced.
  ///
  /// - Throws: EINVAL on a file system that can't do it, EXDEV between file systems; ``FileError/remedy`` helps.
  public func move(_ name: FileName, to other: Directory, as newName: FileName) throws(FileError) -> Bool {
    let result = name.withCString { from in
      newName.withCString { to in retrying { buzon_rename_noreplace(descriptor, from, other.descriptor, to) } }
    }
    if result == 0 { return true }
    if errno == EEXIST { return false }
    throw error("renameat2", name)
  }

  /// renameat(2): moves a name to a folder of the same file system, in place of what is there. Not durable before both
  /// folders are synced.
  public func replace(_ name: FileName, to other: Directory, as newName: FileName) throws(FileError) {
    let result = try failpoint("file.rename") { () throws(FileError) in
      name.withCString { from in newName.withCString { to in renameat(descriptor, from, other.descriptor, to) } }
    }
    guard result == 0 else { throw error("rename", name) }
  }

  /// unlinkat(2). `false` where the name isn't there. Not durable before the folder is synced.
  @discardableResult
  public func unlink(_ name: FileName) throws(FileError) -> Bool {
    let result = try failpoint("file.unlink") { () throws(FileError) in
      name.withCString { unlinkat(descriptor, $0, 0) }
    }
    if result == 0 { return true }
    if errno == ENOENT { return false }
    throw error("unlink", name)
  }
}
