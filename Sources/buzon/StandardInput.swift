internal import Files
internal import Glibc

/// Standard input, where a command's argument is `-`.
enum StandardInput {
  /// What a message calls it.
  static let name = "<stdin>"

  /// All of it.
  ///
  /// - Throws: `FileError`, EFBIG where it has more than `limit` bytes.
  static func bytes(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(call: "read", path: name, code: errno) }
      if count == 0 { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= limit else { throw FileError(call: "read", path: name, code: EFBIG) }
    }
  }

  /// Its lines that aren't empty, without the spaces around them.
  static func lines() throws -> [String] {
    try bytes(limit: 64 << 20).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).compactMap { line in
      let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
      let word = line.drop(while: isSpace)
      let end = word.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? word.startIndex
      return end == word.startIndex ? nil : String(decoding: word[..<end], as: UTF8.self)
    }
  }
}
