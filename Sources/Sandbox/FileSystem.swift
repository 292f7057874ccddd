import Glibc

/// What the system said about the call that failed last, e.g. `permission denied`.
func systemError(_ code: Int32 = errno) -> String {
  let text = String(cString: strerror(code))
  return text.prefix(1).lowercased() + text.dropFirst()
}

/// Makes a folder and those above it that are missing, and gives the folder its mode, whatever the umask.
///
/// A folder that is there already keeps its mode.
func makeFolder(_ path: String, mode: mode_t) throws(SandboxError) {
  if makes(path, mode) { return }
  if errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
    try makeFolder(String(path[..<slash]), mode: 0o755)
    // Once: /proc says ENOENT whatever is above.
    if makes(path, mode) { return }
  }
  guard errno == EEXIST, isFolder(path) else {
    throw SandboxError(.file, "\(printable(path)): \(systemError())", remedy: "choose a folder that you may write")
  }
}

/// - Returns: whether it was made; `errno` says why not.
private func makes(_ path: String, _ mode: mode_t) -> Bool {
  guard mkdir(path, mode) == 0 else { return false }
  chmod(path, mode)
  return true
}

/// Whether the path leads to a folder, symbolic links followed.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether something has this name, a dangling symbolic link too.
func exists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Writes a whole file: under a temporary name, then renamed, so that it is never seen in part.
///
/// - Parameter durable: it is on the disk, under its name, before this returns.
func writeFile(_ path: String, _ text: String, mode: mode_t, durable: Bool = false) throws(SandboxError) {
  let temporary = path + ".tmp"
  unlink(temporary)
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
  guard file >= 0 else {
    throw SandboxError(.file, "\(printable(temporary)): \(systemError())", remedy: "choose a folder that you may write")
  }
  defer { close(file) }
  try writeAll(file, Array(text.utf8), name: temporary)
  guard fchmod(file, mode) == 0, !durable || fsync(file) == 0, rename(temporary, path) == 0 else {
    throw SandboxError(.file, "\(printable(path)): \(systemError())", remedy: "check the disk")
  }
  if durable, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
    let folder = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }
}

/// A whole file's bytes, or `nil` where there is no such file.
func readFile(_ path: String) throws(SandboxError) -> [UInt8]? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else {
    if errno == ENOENT { return nil }
    throw SandboxError(.file, "\(printable(path)): \(systemError())", remedy: "run as the user who made the sandbox")
  }
  defer { close(file) }
  return try readAll(file, name: path)
}

func writeAll(_ file: Int32, _ bytes: [UInt8], name: String) throws(SandboxError) {
  var done = 0
  while done < bytes.count {
    let count = bytes[done...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      throw SandboxError(.file, "\(printable(name)): \(systemError())", remedy: "look whether the disk is full")
    }
    done += count
  }
}

func readAll(_ file: Int32, name: String) throws(SandboxError) -> [UInt8] {
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = part.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else {
      throw SandboxError(.file, "\(printable(name)): \(systemError())", remedy: "check the disk")
    }
    if count == 0 { return bytes }
    bytes += part[..<count]
  }
}

/// Removes a folder with all that is in it; what is not there is fine. Symbolic links are removed, never followed.
func removeTree(_ path: String) throws(SandboxError) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    unlink(path)
    return
  }
  if let folder = opendir(path) {
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = entryName(entry)
      if name != "." && name != ".." { try removeTree("\(path)/\(name)") }
    }
  }
  guard rmdir(path) == 0 else {
    throw SandboxError(.file, "\(printable(path)): \(systemError())", remedy: "remove it by hand")
  }
}

/// The name of an entry that readdir(3) returned.
func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
  withUnsafeBytes(of: &entry.pointee.d_name) { name in
    String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
  }
}
