/// A text as a cell of a spreadsheet takes it, ended by a NUL.
///
/// What is unsafe in documents (``ScalarClass``), other than TAB, CR and LF, becomes U+FFFD. `_x0041_` would be read as the
/// letter A (ECMA-376 §22.4.2.4, ST_Xstring), so its first `_` is written as `_x005F_`. A text is cut where Excel's cells
/// end. It is no formula whatever it begins with: that is said by the cell's type.
public enum SheetCell {
  /// How many bytes a cell may have. Excel's limit is 32,767 UTF-16 units, which take at least as many bytes.
  public static let limit = 32_767

  /// Replaces what the buffer holds.
  public static func write(_ text: String, to buffer: inout [UInt8]) {
    buffer.removeAll(keepingCapacity: true)
    var text = text
    text.withUTF8 { append($0, to: &buffer) }
    if buffer.count > limit { cut(&buffer) }
    buffer.append(0)
  }

  private static func append(_ text: UnsafeBufferPointer<UInt8>, to buffer: inout [UInt8]) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte != 0x09, byte != 0x0A, byte != 0x0D, let (_, length) = text.scalarUnsafeInDocuments(at: index) {
        buffer.append(contentsOf: replacement)
        index += length
        continue
      }
      if byte == UInt8(ascii: "_"), isEscape(text, index) { buffer.append(contentsOf: "_x005F".utf8) }
      buffer.append(byte)
      index += 1
    }
  }

  /// Whether `_xHHHH_` begins here.
  private static func isEscape(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    guard index + 6 < text.count, text[index + 1] == UInt8(ascii: "x"), text[index + 6] == UInt8(ascii: "_") else {
      return false
    }
    return text[index + 2..<index + 6].allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
    }
  }

  /// Ends the text with an ellipsis, behind a whole scalar.
  private static func cut(_ buffer: inout [UInt8]) {
    var end = limit - ellipsis.count
    while buffer[end] & 0xC0 == 0x80 { end -= 1 }
    buffer.removeSubrange(end...)
    buffer.append(contentsOf: ellipsis)
  }

  /// U+FFFD
  private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
  /// U+2026
  private static let ellipsis: [UInt8] = [0xE2, 0x80, 0xA6]
}
