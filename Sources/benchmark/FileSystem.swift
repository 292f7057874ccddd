import Glibc

/// Makes a folder and those above it that are missing.
func makeFolder(_ path: String) throws(Failure) {
  if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
  guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
    throw failure(path)
  }
  try makeFolder(String(path[..<slash]))
  if mkdir(path, 0o700) != 0 && errno != EEXIST { throw failure(path) }
}

/// The names in a folder, but `.` and `..`; none where there is no such folder.
func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// Removes a folder with all that is in it, or a file; links are removed, never followed.
func removeTree(_ path: String) {
  if unlink(path) == 0 { return }
  for name in names(in: path) { removeTree("\(path)/\(name)") }
  rmdir(path)
}

/// Writes a file, or appends to one.
func writeFile(_ path: String, _ text: String, append: Bool = false) throws(Failure) {
  let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0o600)
  guard file >= 0 else { throw failure(path) }
  defer { close(file) }
  var text = text
  let isWritten = text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)[...]
    while !rest.isEmpty {
      let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
  guard isWritten else { throw failure(path) }
}

/// Reads a file into a buffer that is used again for the next.
func readFile(_ path: String, into buffer: inout [UInt8]) throws(Failure) {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw failure(path) }
  defer { close(file) }
  buffer.removeAll(keepingCapacity: true)
  let piece = 4_096
  while true {
    let used = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: piece))
    let count = buffer.withUnsafeMutableBytes { bytes in
      read(file, UnsafeMutableRawBufferPointer(rebasing: bytes[used...]).baseAddress, piece)
    }
    guard count >= 0 else { throw failure(path) }
    buffer.removeLast(piece - count)
    if count == 0 { return }
  }
}

func readText(_ path: String) throws(Failure) -> String {
  var buffer: [UInt8] = []
  try readFile(path, into: &buffer)
  return String(decoding: buffer, as: UTF8.self)
}

/// Calls `body` with each line of a file, without its line end, holding one line in memory.
func forEachLine(of path: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(Failure) {
  guard let file = fopen(path, "re") else { throw failure(path) }
  defer { fclose(file) }
  var line: UnsafeMutablePointer<CChar>?
  var room = 0
  defer { free(line) }
  while true {
    var length = getline(&line, &room, file)
    guard length > 0, let line else { break }
    if line[length - 1] == CChar(UInt8(ascii: "\n")) { length -= 1 }
    line.withMemoryRebound(to: UInt8.self, capacity: length) { body(UnsafeBufferPointer(start: $0, count: length)) }
  }
  if ferror(file) != 0 { throw failure(path) }
}

private func failure(_ path: String) -> Failure {
  Failure(message: "\(path): \(String(cString: strerror(errno)))", code: 74)
}
