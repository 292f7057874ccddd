/// Reads a catalogue of GNU gettext (PO): each `msgid` with its `msgstr`. What is not translated, or marked `fuzzy`, is left
/// out, as msgfmt(1) does. msgfmt judges the file in the tests; a line that is not understood here is passed over.
///
/// https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
struct PortableObject {
  private enum Part {
    case none, id, string
  }

  private(set) var entries: [(id: String, string: String)] = []
  private var part = Part.none
  private var (id, string): ([UInt8], [UInt8]) = ([], [])
  private var isFuzzy = false

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
      read(bytes[start..<end])
      start = end + 1
    }
    finish()
  }

  private mutating func read(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
    switch line.first {
    case UInt8(ascii: "m"):
      if line.starts(with: "msgid ".utf8) {
        finish()
        part = .id
      } else if line.starts(with: "msgstr ".utf8) {
        part = .string
      }
      append(line)
    case UInt8(ascii: "\""): append(line)
    case UInt8(ascii: "#"):
      if part == .string { finish() }
      if line.starts(with: "#, fuzzy".utf8) { isFuzzy = true }
    default: break
    }
  }

  /// Adds what stands between the quotation marks of a line.
  private mutating func append(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
    guard part != .none, let start = line.firstIndex(of: UInt8(ascii: "\"")),
      let end = line.lastIndex(of: UInt8(ascii: "\"")), start < end
    else { return }
    var text: [UInt8] = []
    var isEscaped = false
    for byte in line[(start + 1)..<end] {
      if isEscaped {
        text.append(byte == UInt8(ascii: "n") ? 0x0A : byte == UInt8(ascii: "t") ? 0x09 : byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        text.append(byte)
      }
    }
    if part == .id { id += text } else { string += text }
  }

  private mutating func finish() {
    if part == .string, !id.isEmpty, !string.isEmpty, !isFuzzy {
      entries.append((String(decoding: id, as: UTF8.self), String(decoding: string, as: UTF8.self)))
    }
    if part != .none { isFuzzy = false }
    (part, id, string) = (.none, [], [])
  }
}
