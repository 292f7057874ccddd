internal import Foundation

/// A folder of one test, removed with all in it when the test lets go of it.
public final class Scratch: Sendable {
  public let path: String

  public init() throws {
    var template = Array("/tmp/buzon-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file as a user would: opened, written, closed.
  public func write(_ bytes: some Collection<UInt8>, to name: String, mode: UInt32 = 0o640) throws {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard file >= 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: name]) }
    defer { close(file) }
    try FileHandle(fileDescriptor: file).write(contentsOf: Data(bytes))
  }

  public func write(_ text: String, to name: String, mode: UInt32 = 0o640) throws {
    try write(text.utf8, to: name, mode: mode)
  }

  /// What a file holds.
  public func read(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: "\(path)/\(name)"))) }

  /// What a file holds; `nil` where it isn't there.
  public func text(_ name: String) throws -> String? {
    FileManager.default.fileExists(atPath: "\(path)/\(name)") ? try String(decoding: read(name), as: UTF8.self) : nil
  }

  /// Permission bits; `nil` where it isn't there.
  public func mode(_ name: String) -> UInt32? {
    var raw = stat()
    return lstat("\(path)/\(name)", &raw) == 0 ? raw.st_mode & 0o7777 : nil
  }

  /// Sets a file's modification time: seconds since 1970, and nanoseconds.
  public func setModified(_ name: String, _ seconds: Int, _ nanoseconds: Int = 0) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    _ = utimensat(AT_FDCWD, "\(path)/\(name)", [time, time], 0)
  }
}
