internal import Accounts
internal import CXLSX
public import Configuration
public import Files
internal import Text

/// The account list as a spreadsheet for people, row by row: headers and words in the configured language, a quota with
/// its unit, dates as dates, text as text, the header frozen and with filters. Several values of one cell are separated by
/// a comma. ``AccountListJSON`` is for programs.
///
/// Where the rows of a sheet end, the list goes on in another one.
public struct AccountSheet: ~Copyable {
  /// How many rows a sheet has, the header among them (ECMA-376 §18.3.1.73).
  public static let rowLimit = 1_048_576
  /// What an empty list says of its making: 2000-01-01.
  private static let oldest = Timestamp(seconds: 946_684_800)

  private let pages: Pages
  private let columns: [AccountColumn]
  private let rowLimit: Int
  private var book: Workbook
  private var sheets = 0
  /// Of the sheet that was begun; 0 where none is.
  private var rows = 0
  /// The columns that hold something on the sheet that was begun.
  private var used: Set<Int> = []
  /// Of the row that is being written.
  private var lines = 1
  private var newest = Self.oldest

  /// Begins a list.
  ///
  /// - Parameters:
  ///   - columns: which, in which order.
  ///   - path: what ``finish()`` writes.
  ///   - folder: a private one, for files on their way.
  ///   - shown: what messages call it.
  public init(
    _ pages: Pages, columns: [AccountColumn], path: String, folder: String, shown: String,
    rowLimit: Int = Self.rowLimit
  ) throws(FileError) {
    self.pages = pages
    self.columns = columns
    self.rowLimit = rowLimit
    book = try Workbook(path: path, folder: folder, shown: shown)
  }

  /// Writes a row.
  public mutating func append(_ row: AccountRow) throws(FileError) {
    if rows == rowLimit { try endSheet() }
    if rows == 0 { try beginSheet() }
    lines = 1
    for (place, column) in columns.enumerated() {
      switch column {
      case .address: try text(row.address, place)
      case .kind: try text(pages.term(row.kind, AccountCells.kinds), place)
      case .name: try text(row.name, place)
      case .department: try text(row.department ?? "", place)
      case .position: try text(row.position ?? "", place)
      case .status: try text(pages.term(row.status, AccountCells.statuses), place)
      case .aliases: try text(row.aliases.joined(separator: ", "), place)
      case .quota: try text(row.quota.map(quantity) ?? "", place, CXLSX_RIGHT)
      case .owner: try text(row.owner ?? "", place)
      case .lists: try text(row.lists.joined(separator: ", "), place)
      case .created: try day(row.created, place)
      case .changed: try day(row.changed, place)
      case .handover: if row.handover != .none { try text(row.handover.word.text(pages.language), place) }
      case .drift: try text(pages.driftText(row.drift), place)
      }
    }
    if lines > 1 { try book.set(lines: lines, row: rows) }
    rows += 1
    newest = max(newest, row.changed ?? newest)
  }

  /// Writes the file.
  ///
  /// - Throws: ``FileError``.
  public consuming func finish() throws(FileError) {
    if sheets == 0 { try beginSheet() }
    if rows > 0 { try endSheet() }
    // When the accounts changed last: unlike the time of writing it is the same for the same list.
    try book.finish(
      title: Word.listTitle.text(pages.language), company: pages.letterhead.organization, created: newest)
  }

  private mutating func beginSheet() throws(FileError) {
    sheets += 1
    let title = Word.listTitle.text(pages.language)
    try book.addSheet(
      sheets == 1 ? title : "\(title) \(sheets)", head: pages.sheetHead, foot: pages.sheetFoot,
      widths: columns.map(\.width))
    for (place, column) in columns.enumerated() {
      try text(column.word.text(pages.language), place, column == .quota ? CXLSX_HEAD_RIGHT : CXLSX_HEAD)
    }
    rows = 1
    used = []
  }

  private mutating func endSheet() throws(FileError) {
    // As on the page. Of an empty list the header is shown.
    if rows > 1 {
      for (place, column) in columns.enumerated() where !used.contains(place) {
        try book.hide(column: place, width: column.width)
      }
    }
    try book.endSheet(lastRow: rows - 1, lastColumn: columns.count - 1)
    rows = 0
  }

  private mutating func text(_ text: String, _ place: Int, _ style: cxlsx_style = CXLSX_PLAIN) throws(FileError) {
    if !text.isEmpty { used.insert(place) }
    lines = max(lines, columns[place].lines(text))
    try book.text(text, row: rows, column: place, style: style)
  }

  private mutating func day(_ time: Timestamp?, _ place: Int) throws(FileError) {
    guard let time else { return }
    used.insert(place)
    try book.day(pages.zone.day(at: time), row: rows, column: place)
  }
}

extension AccountColumn {
  /// In characters of the usual face. All together are as wide as a sheet of paper is, printed at three fifths.
  fileprivate var width: Double {
    switch self {
    case .address: 28
    case .aliases, .lists, .owner: 27
    case .name: 22
    case .department, .position: 20
    case .drift: 16
    case .kind, .status, .created, .changed, .handover: 11.5
    case .quota: 9
    }
  }
}

extension AccountColumn {
  /// About how many lines a text takes, wrapped at its spaces, or anywhere in a word that is too long.
  fileprivate func lines(_ text: String) -> Int {
    let room = Int(width * 0.95)
    var (lines, used) = (1, 0)
    for word in text.unicodeScalars.split(separator: " ") {
      let count = word.count
      if used > 0, used + 1 + count > room { (lines, used) = (lines + 1, 0) }
      used += (used > 0 ? 1 : 0) + count
      lines += (used - 1) / room
      used -= (used - 1) / room * room
    }
    return lines
  }
}

extension Pages {
  /// Organisation, title and code of the list, in Excel's codes for a printed head: 255 characters at most.
  fileprivate var sheetHead: String {
    var code = letterhead.list.code
    if let version = letterhead.list.version { code += ", \(Word.version.text(language)) \(version)" }
    if let date = letterhead.list.date { code += ", \(date)" }
    return "&L\(part(letterhead.organization))&C\(part(Word.listTitle.text(language)))&R\(part(code))"
  }

  fileprivate var sheetFoot: String { "&R\(Word.page.text(language)) &P \(Word.of.text(language)) &N" }

  /// A text whose `&` begins no code, cut to a third of what a head may have.
  private func part(_ text: String) -> String {
    var part = ""
    for letter in text.prefix(80) {
      let next = letter == "&" ? "&&" : String(letter)
      if part.unicodeScalars.count + next.unicodeScalars.count > 80 { break }
      part += next
    }
    return part
  }
}
