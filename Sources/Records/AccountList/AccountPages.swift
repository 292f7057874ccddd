public import Configuration
internal import Files
public import Text

/// In which order rows are asked for.
public enum AccountOrder: Sendable, Hashable {
  /// By the addresses' bytes.
  case address
  /// By the departments' bytes, those without one first, then by the addresses' bytes.
  case department
}

/// The printed account list in `accounts`: up to ``limit`` accounts one page, `accounts.html`; beyond, that is an index
/// with totals, and each department has a page in `departments`.
///
/// Rows pass through in one go and none is kept: memory doesn't grow with the accounts, but for a name of a file per
/// department. Each page appears whole and durably; the index comes last, so it never leads to a page that isn't there
/// yet, and then what no department has any more is removed.
public struct AccountPages: Sendable {
  /// Rows that came in another order than was asked for.
  public struct OutOfOrder: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line.
    public var description: String { "the accounts did not come by department" }
  }

  /// How many accounts one page may have.
  public static let limit = 2000

  private let pages: Pages
  private let columns: [AccountColumn]
  private let limit: Int

  /// - Parameters:
  ///   - columns: which, in which order.
  ///   - limit: how many accounts one page may have.
  public init(_ pages: Pages, columns: [AccountColumn], limit: Int = Self.limit) {
    self.pages = pages
    self.columns = AccountCells.onPage(columns)
    self.limit = limit
  }

  /// Writes the pages in place of those before.
  ///
  /// - Parameters:
  ///   - count: how many accounts there are, as far as is known: it decides between one page and many, nothing else.
  ///   - updated: when the accounts are read.
  ///   - ledger: the hash at the ledger's head then: a printed page proves by it what had happened up to its day.
  ///   - rows: calls its second argument with each account, in the order of the first.
  /// - Returns: what was counted.
  /// - Throws: ``FileError``, ``OutOfOrder``; ``SyncFailure``, after which the process must end.
  @discardableResult
  public func write(
    count: Int, updated: Timestamp, ledger: String? = nil, in folders: inout RecordFolders,
    rows: (AccountOrder, (AccountRow) throws -> Void) throws -> Void
  ) throws -> AccountTotals {
    let folder = try folders.accounts()
    guard count > limit else {
      var page = AccountListPage(pages, columns: columns, updated: updated, ledger: ledger)
      var file = try StreamedFile(as: RecordNames.accountsPage, in: folder, temporary: folders.temporary)
      try file.append { page.begin(&$0) }
      try rows(.address) { row in try file.append { page.append(row, to: &$0) } }
      try file.append { page.end(&$0) }
      try file.finish()
      if let departments = try folder.folder(RecordNames.departments) {
        try Self.removeStale(DepartmentFiles(), from: departments)
      }
      return page.totals
    }
    let departments = try folder.folder(
      RecordNames.departments, creating: RecordFolders.folderMode, temporary: folders.temporary)
    var files = DepartmentFiles()
    var index = try IndexPage(pages, updated: updated, ledger: ledger, in: folder, temporary: folders.temporary)
    var current: DepartmentPage?
    let cells = AccountCells(columns, pages: pages)
    try rows(.department) { row in
      let name = row.department ?? ""
      if let last = current?.department, !last.utf8.elementsEqual(name.utf8) {
        guard last.utf8.lexicographicallyPrecedes(name.utf8) else { throw OutOfOrder() }
        if let totals = try current.take()?.finish() { try index.append(totals) }
      }
      if current == nil {
        let page = AccountListPage(
          pages, cells: cells, columns: columns, updated: updated, ledger: ledger,
          department: name.isEmpty ? Word.noDepartment.text(pages.language) : name, index: "../accounts.html")
        current = try DepartmentPage(
          name, page: page, as: files.name(name), in: departments, temporary: folders.temporary)
      }
      try current?.append(row)
    }
    if let totals = try current.take()?.finish() { try index.append(totals) }
    let totals = try index.finish()
    try Self.removeStale(files, from: departments)
    return totals
  }

  private static func removeStale(_ files: DepartmentFiles, from folder: Directory) throws {
    var removed = 0
    for name in try folder.names() where files.isStale(name) {
      if try folder.unlink(name) { removed += 1 }
    }
    if removed > 0 { try folder.sync() }
  }
}
