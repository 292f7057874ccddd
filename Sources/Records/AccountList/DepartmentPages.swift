internal import Files
internal import Text

/// A department's page on its way, and its line for the index.
struct DepartmentPage: ~Copyable {
  struct Line {
    let department: String
    let file: FileName
    let totals: AccountTotals
  }

  let department: String
  private let name: FileName
  private var page: AccountListPage
  private var file: StreamedFile

  init(
    _ department: String, page: AccountListPage, as name: FileName, in folder: Directory, temporary: TemporaryFolder
  ) throws {
    var file = try StreamedFile(as: name, in: folder, temporary: temporary, mode: RecordFolders.fileMode)
    try file.append { page.begin(&$0) }
    self.department = department
    self.name = name
    self.page = page
    self.file = file
  }

  mutating func append(_ row: AccountRow) throws { try file.append { page.append(row, to: &$0) } }

  consuming func finish() throws -> Line {
    let line = Line(department: department, file: name, totals: page.totals)
    try file.append { page.end(&$0) }
    try file.finish()
    return line
  }
}

/// `accounts.html` as the index of the departments' pages.
struct IndexPage: ~Copyable {
  private let pages: Pages
  private var values: ListValues
  private var file: StreamedFile

  private static let columns: [Word] = [
    .accounts, .persons, .functionals, .listsOfAll, .actives, .suspendeds, .retaineds, .lockeds,
  ]

  init(_ pages: Pages, updated: Timestamp, ledger: String?, in folder: Directory, temporary: TemporaryFolder) throws {
    let values = ListValues(pages: pages, columns: Self.columns.map { ($0, "count") }, updated: updated, ledger: ledger)
    var file = try StreamedFile(
      as: RecordNames.accountsPage, in: folder, temporary: temporary, mode: RecordFolders.fileMode)
    let head = pages.departmentsTemplate.head.render(values)
    try file.append { $0.append(contentsOf: head.utf8) }
    self.pages = pages
    self.values = values
    self.file = file
  }

  mutating func append(_ line: DepartmentPage.Line) throws {
    values.totals.add(line.totals)
    let (pages, totals) = (pages, line.totals)
    try file.append { buffer in
      // The file's name is made of letters, digits, hyphens and a dot.
      buffer.append(contentsOf: "<tr><th scope=\"row\" class=\"department\"><a href=\"departments/\(line.file)\">".utf8)
      buffer.appendHTML(line.department.isEmpty ? Word.noDepartment.text(pages.language) : line.department)
      buffer.append(contentsOf: "</a></th>".utf8)
      let counts = [
        totals.accounts, totals.persons, totals.functionals, totals.lists, totals.active, totals.suspended,
        totals.retained, totals.locked,
      ]
      for (count, word) in zip(counts, Self.columns) {
        buffer.append(contentsOf: "<td class=\"count\" data-label=\"\(word.text(pages.language))\">\(count)</td>".utf8)
      }
      buffer.append(contentsOf: "</tr>\n".utf8)
    }
  }

  consuming func finish() throws -> AccountTotals {
    let totals = values.totals
    let foot = pages.departmentsTemplate.foot.render(values)
    try file.append { $0.append(contentsOf: foot.utf8) }
    try file.finish()
    return totals
  }
}
