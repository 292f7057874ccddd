internal import ArgumentParser
internal import Files
internal import Glibc
internal import Text

/// A file that a command writes for its caller alone: whole and durably, through a passing name.
struct OutputFile {
  private let folder: Directory
  private let name: FileName
  private let replaces: Bool
  /// Safe to print.
  private let shown: String

  /// - Parameter replaces: whether a file of that name goes.
  /// - Throws: ``Failure`` 73 where nothing could be written there.
  init(_ path: String, replaces: Bool) throws {
    let bytes = Array(path.utf8)
    let cut = bytes.lastIndex(of: UInt8(ascii: "/"))
    shown = displayed(bytes)
    guard let name = FileName(bytes[(cut.map { $0 + 1 } ?? 0)...]) else {
      throw Failure("\(shown): does not name a file; name one", .cannotCreate)
    }
    self.name = name
    self.replaces = replaces
    let path = cut.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
    do {
      folder = try Directory(path)
      if let present = try folder.stat(name) {
        guard replaces else { throw taken }
        // Root would replace a device as readily as a file.
        guard present.kind == .regular || present.kind == .symbolicLink else {
          throw Failure(
            "\(shown): is not a file that could be replaced; name a file, or leave it to > FILE", .cannotCreate)
        }
      }
    } catch let error as FileError {
      throw Self.failure(error)
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw Self.failure(FileError(call: "open", path: displayed(path.utf8), code: errno))
    }
  }

  /// - Throws: ``Failure`` 73.
  func write(_ bytes: [UInt8]) throws {
    do {
      let isWritten = try folder.writeDurably(bytes, as: name, mode: 0o600, replacing: replaces ? .present : .nothing)
      if isWritten { return }
    } catch let error as FileError {
      throw Self.failure(error)
    }
    throw taken
  }

  private var taken: Failure {
    Failure("\(shown): is there already; name another file, or say --force", .cannotCreate)
  }

  private static func failure(_ error: FileError) -> Failure {
    Failure("\(error)\(error.remedy.map { "; \($0)" } ?? "")", .cannotCreate)
  }
}
