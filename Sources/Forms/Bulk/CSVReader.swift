internal import Text

/// The records of a CSV file (RFC 4180), one after the other, each cell with its place.
///
/// On bytes, in one pass, without a copy of the file. SwiftCSV 0.10.0 walks Characters (a quotation mark with an accent
/// behind it is none to it) and knows no line numbers. What RFC 4180 leaves open is read as spreadsheets write it: lines
/// end in CR LF, LF or CR, within quotes too; the last one need not end.
struct CSVReader {
  struct Cell {
    /// What the cell holds, without its quotes: a range of ``text``.
    var range: Range<Int>
    var place: Place
  }

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position = 0
  private var line = 1
  private var column = 1
  /// The text of the record's cells.
  private(set) var text: [UInt8] = []
  /// The record's cells, at least one.
  private(set) var cells: [Cell] = []
  /// What the header calls the columns, for findings.
  var titles: [String?] = []

  /// What the header calls the column of a cell, else its number.
  func title(_ index: Int) -> String { (index < titles.count ? titles[index] : nil) ?? "column \(index + 1)" }

  /// - Parameter bytes: good UTF-8 without a byte order mark.
  init(_ bytes: [UInt8], delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
  }

  func bytes(of cell: Cell) -> ArraySlice<UInt8> { text[cell.range] }

  /// Reads the next record.
  ///
  /// - Returns: `false` at the end, and where nothing more can be read because a quote isn't closed, which is reported.
  mutating func next(_ findings: Findings) -> Bool {
    guard position < bytes.count else { return false }
    text.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    while true {
      let start = text.count
      let place = Place(line: line, column: column)
      skipSpaces { $0 == UInt8(ascii: "\"") }
      let isQuoted = position < bytes.count && bytes[position] == UInt8(ascii: "\"")
      if isQuoted {
        guard quoted(findings, place) else { return false }
        skipSpaces { [delimiter] in $0 == delimiter || $0 == 0x0A || $0 == 0x0D }
      } else {
        unquoted()
      }
      cells.append(Cell(range: start..<text.count, place: place))
      guard position < bytes.count else { return true }
      guard bytes[position] == delimiter else {
        if endLine() { return true }
        findings.report(
          Place(line: line, column: column), title(cells.count - 1), "something follows a closing quotation mark",
          "double every quotation mark inside a quoted cell, or export the file again")
        unquoted()
        if position == bytes.count || endLine() { return true }
        advance()
        continue
      }
      advance()
    }
  }

  /// One byte further in the line.
  private mutating func advance() {
    if bytes[position] & 0xC0 != 0x80 { column += 1 }
    position += 1
  }

  /// Takes spaces, if a byte of a kind follows them. RFC 4180 has none beside a quotation mark, and people write them there.
  private mutating func skipSpaces(before isNext: (UInt8) -> Bool) {
    var end = position
    while end < bytes.count, bytes[end] == 0x20 { end += 1 }
    guard end < bytes.count, isNext(bytes[end]) else { return }
    column += end - position
    position = end
  }

  /// Takes a line's end, if one is here.
  private mutating func endLine() -> Bool {
    if bytes[position] == 0x0D {
      position += position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : 1
    } else if bytes[position] == 0x0A {
      position += 1
    } else {
      return false
    }
    line += 1
    column = 1
    return true
  }

  private mutating func unquoted() { take { [delimiter] in $0 == delimiter || $0 == 0x0A || $0 == 0x0D } }

  /// Takes what stands before the next byte that ends it, all at once.
  private mutating func take(until isEnd: (UInt8) -> Bool) {
    let (end, scalars) = bytes.withUnsafeBufferPointer { [position] bytes in
      var end = position
      var scalars = 0
      while end < bytes.count, !isEnd(bytes[end]) {
        if bytes[end] & 0xC0 != 0x80 { scalars += 1 }
        end += 1
      }
      return (end, scalars)
    }
    text.append(contentsOf: bytes[position..<end])
    position = end
    column += scalars
  }

  private mutating func quoted(_ findings: Findings, _ place: Place) -> Bool {
    advance()
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        advance()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return true }
      }
      if byte == 0x0A || byte == 0x0D {
        _ = endLine()
        text.append(0x0A)
      } else if byte == UInt8(ascii: "\"") {
        text.append(byte)
        advance()
      } else {
        take { $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
      }
    }
    findings.report(
      place, title(cells.count), "a quotation mark is opened and not closed", "close it, or export the file again")
    return false
  }
}
