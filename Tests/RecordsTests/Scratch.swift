import Files
import Glibc

/// A folder of one test, removed with all in it when the test lets go of it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/buzon-records-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError(call: "mkdtemp", path: "/tmp", code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? empty(path) }

  private func empty(_ path: String) throws {
    let folder = try Directory(path)
    for name in try folder.names() {
      if try folder.stat(name)?.kind == .directory {
        if let inner = try folder.folder(name) { try empty(inner.path) }
      } else {
        try folder.unlink(name)
      }
    }
    rmdir(path)
  }

  /// Writes a file.
  func write(_ bytes: [UInt8], to name: FileName) throws {
    try Directory(path).writeDurably(bytes, as: name, mode: 0o600)
  }

  /// What a file holds.
  func read(_ path: String) throws -> [UInt8] {
    var parts = path.split(separator: "/").compactMap { FileName($0) }
    guard let last = parts.popLast() else { return [] }
    var folder = try Directory(self.path)
    for part in parts {
      guard let inner = try folder.folder(part) else { return [] }
      folder = inner
    }
    return try folder.read(last, limit: 1 << 30)
  }

  /// Permission bits; `nil` where it isn't there.
  func mode(_ name: String) -> UInt32? {
    var raw = stat()
    return lstat("\(path)/\(name)", &raw) == 0 ? raw.st_mode & 0o7777 : nil
  }
}
