internal import Files

/// A path's folder and the name in it; a path without a `/` is of the working folder.
struct PathParts: Hashable {
  let folder: String
  let name: FileName

  /// - Returns: `nil` where the path does not name a file.
  init?(_ path: String) {
    let bytes = Array(path.utf8)
    let cut = bytes.lastIndex(of: UInt8(ascii: "/"))
    guard let name = FileName(bytes[(cut.map { $0 + 1 } ?? 0)...]) else { return nil }
    self.name = name
    folder = cut.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
  }
}
