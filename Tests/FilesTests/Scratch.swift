import Files
import Glibc

/// A folder of one test, removed with all in it when the test lets go of it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/buzon-files-XXXXXX".utf8CString)
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

  /// A new folder in it.
  func folder(_ name: String, mode: UInt32 = 0o700) throws -> Directory {
    try Directory("\(path)/\(name)", creating: mode)
  }

  /// Writes a file as a user would: opened, written, closed.
  func write(_ text: String, to name: String, mode: UInt32 = 0o640) throws {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw FileError(call: "open", path: name, code: errno) }
    defer { close(file) }
    guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else {
      throw FileError(call: "write", path: name, code: errno)
    }
  }

  /// What a file holds; `nil` where it isn't there.
  func text(_ name: String) throws -> String? {
    let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }

  /// Permission bits; `nil` where it isn't there.
  func mode(_ name: String) -> UInt32? {
    var raw = stat()
    return lstat("\(path)/\(name)", &raw) == 0 ? raw.st_mode & 0o7777 : nil
  }

  /// Sets a file's modification time: seconds since 1970, and nanoseconds.
  func setModified(_ name: String, _ seconds: Int, _ nanoseconds: Int = 0) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    let times = [time, time]
    _ = utimensat(AT_FDCWD, "\(path)/\(name)", times, 0)
  }
}

extension Directory {
  /// The names in it as text.
  func list() throws -> [String] { try names().map(\.description) }
}
