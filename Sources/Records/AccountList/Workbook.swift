internal import CXLSX
internal import Files
internal import Glibc
internal import Text

/// The one owner of a workbook that libxlsxwriter writes (ECMA-376, `.xlsx`), row by row, in memory that doesn't grow.
struct Workbook: ~Copyable {
  private var book: OpaquePointer?
  private let shown: String
  private var buffer: [UInt8] = []

  /// - Parameters:
  ///   - path: what ``finish(title:company:created:)`` writes.
  ///   - folder: a private one, for files on their way.
  ///   - shown: what messages call the workbook.
  /// - Throws: ``FileError`` (ENOMEM).
  init(path: String, folder: String, shown: String) throws(FileError) {
    guard let opened = cxlsx_open(path, folder) else { throw FileError(call: "open", path: shown, code: ENOMEM) }
    self.shown = shown
    book = opened
  }

  deinit { if let book { cxlsx_discard(book) } }

  /// Begins a sheet; rows go to it from now on.
  ///
  /// - Parameters:
  ///   - head: the printed head, in Excel's codes.
  ///   - foot: the printed foot.
  ///   - widths: of the columns, in characters.
  mutating func addSheet(_ name: String, head: String, foot: String, widths: [Double]) throws(FileError) {
    try check(cxlsx_add_sheet(book, name, head, foot))
    for (column, width) in widths.enumerated() { try check(cxlsx_set_width(book, UInt16(column), width)) }
  }

  /// Writes a cell of text, which is no formula whatever it begins with. An empty one is left out.
  mutating func text(
    _ text: String, row: Int, column: Int, style: cxlsx_style = CXLSX_PLAIN
  ) throws(FileError) {
    guard !text.isEmpty else { return }
    SheetCell.write(text, to: &buffer)
    let code = buffer.withUnsafeBytes {
      cxlsx_text(book, UInt32(row), UInt16(column), $0.baseAddress?.assumingMemoryBound(to: CChar.self), style)
    }
    try check(code)
  }

  /// Writes a cell with a day, which a spreadsheet sorts and filters as one.
  mutating func day(_ day: Day, row: Int, column: Int) throws(FileError) {
    // Before 1900 a spreadsheet has no dates.
    guard day.year >= 1900 else { return try text(day.description, row: row, column: column) }
    try check(
      cxlsx_date(book, UInt32(row), UInt16(column), Int32(day.year), Int32(day.month), Int32(day.day)))
  }

  /// The height of the row that is being written, in lines of text.
  mutating func set(lines: Int, row: Int) throws(FileError) {
    try check(cxlsx_set_lines(book, UInt32(row), UInt32(lines)))
  }

  /// Doesn't show a column of the sheet, of which nothing is known before its last row.
  mutating func hide(column: Int, width: Double) throws(FileError) {
    try check(cxlsx_hide(book, UInt16(column), width))
  }

  /// Freezes the first row and puts filters on it.
  mutating func endSheet(lastRow: Int, lastColumn: Int) throws(FileError) {
    try check(cxlsx_end_sheet(book, UInt32(lastRow), UInt16(lastColumn)))
  }

  /// Writes the file and reads it back. The same rows make the same bytes.
  ///
  /// - Parameter created: what the document says of itself; not 1970-01-01T00:00:00Z.
  /// - Throws: ``FileError``: ENOSPC also where it isn't what was written.
  consuming func finish(title: String, company: String, created: Timestamp) throws(FileError) {
    let taken = book
    book = nil
    try check(cxlsx_finish(taken, title, company, created.seconds))
  }

  private func check(_ code: Int32) throws(FileError) {
    if code != 0 { throw FileError(call: "write", path: shown, code: code) }
  }
}
