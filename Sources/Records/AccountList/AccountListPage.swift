public import Configuration
public import Text

/// The account list as one printable page, row by row, as ``AccountListCSV`` does it: the totals come behind the rows,
/// so nothing is kept but what was counted.
public struct AccountListPage: Sendable {
  private let pages: Pages
  private let cells: AccountCells
  private var values: ListValues
  private let template: SplitTemplate

  /// - Parameters:
  ///   - columns: which, in which order.
  ///   - updated: when the accounts were read.
  ///   - ledger: the hash at the ledger's head then; `nil`: it isn't shown.
  public init(_ pages: Pages, columns: [AccountColumn], updated: Timestamp, ledger: String? = nil) {
    let columns = AccountCells.onPage(columns)
    self.init(
      pages, cells: AccountCells(columns, pages: pages), columns: columns, updated: updated, ledger: ledger)
  }

  /// - Parameters:
  ///   - department: the only one whose accounts are on the page.
  ///   - index: where the page of all departments is.
  init(
    _ pages: Pages, cells: AccountCells, columns: [AccountColumn], updated: Timestamp, ledger: String?,
    department: String? = nil, index: String? = nil
  ) {
    self.pages = pages
    self.cells = cells
    template = pages.accountsTemplate
    values = ListValues(
      pages: pages, columns: columns.map { ($0.word, $0.rawValue) }, updated: updated, ledger: ledger,
      department: department, index: index)
  }

  /// What was counted so far.
  public var totals: AccountTotals { values.totals }

  /// Appends what stands before the first row.
  public func begin(_ buffer: inout [UInt8]) { buffer.append(contentsOf: template.head.render(values).utf8) }

  /// Appends a row.
  public mutating func append(_ row: AccountRow, to buffer: inout [UInt8]) {
    values.totals.add(row)
    if !row.drift.isEmpty { values.hasDrift = true }
    cells.append(row, to: &buffer)
  }

  /// Appends what stands behind the last row.
  public func end(_ buffer: inout [UInt8]) { buffer.append(contentsOf: template.foot.render(values).utf8) }
}

/// What `accounts.html` and `departments.html` can name.
struct ListValues: PageObject {
  let pages: Pages
  let columns: [(word: Word, style: String)]
  let updated: Timestamp
  var ledger: String?
  var department: String?
  var index: String?
  var totals = AccountTotals()
  /// Whether an address bears a mark.
  var hasDrift = false

  func child(named name: String) -> Any? {
    switch name {
    case "columns":
      columns.map { PageLabel(label: PageText($0.word.text(pages.language)), style: $0.style, count: nil) }
    case "updated": PageText(pages.time(updated))
    case "zone": PageText(pages.zone.name)
    case "ledger": PageText(ledger)
    case "department": PageText(department)
    case "index": PageText(index)
    case "total": PageText(totals.accounts)
    case "total_label": PageText((totals.accounts == 1 ? Word.oneAccount : .accounts).text(pages.language))
    case "is_empty": totals.accounts == 0
    // The mark stands beside the address; a column of its own needs no legend.
    case "has_drift": hasDrift && columns.contains { $0.word == .address }
    case "mark": PageText(AccountCells.mark)
    case "kinds": totals.kinds.map(label)
    case "statuses": totals.statuses.map(label)
    default: pages.list.child(named: name)
    }
  }

  private func label(_ word: Word, _ count: Int) -> PageLabel {
    PageLabel(label: PageText(word.text(pages.language)), style: word.rawValue, count: count)
  }
}

/// A column's or a total's name.
struct PageLabel: PageObject {
  let label: PageText
  let style: String
  let count: Int?

  func child(named name: String) -> Any? {
    switch name {
    case "label": label
    case "class": PageText(style)
    case "count": count.map { PageText($0) }
    default: nil
    }
  }
}
