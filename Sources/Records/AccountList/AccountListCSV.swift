internal import Accounts
public import Configuration
internal import Text

/// The account list as CSV, row by row: RFC 4180 in UTF-8, a header of the columns' names, lines that end with CR LF.
/// Several values of one cell are separated by a space, which no address contains; a quota is in bytes.
///
/// A cell that a spreadsheet would run as a formula is changed on purpose: see ``CSVCell``. The JSON is exact.
///
/// There is no byte order mark unless it is asked for. With it Excel reads the accents right on a double click;
/// without it programs find the first column under its own name. The list is read by programs daily, and Excel with a
/// Spanish locale expects semicolons and wants the import dialogue (or the printable page) anyway.
public struct AccountListCSV: Sendable {
  private let columns: [AccountColumn]
  private let hasByteOrderMark: Bool

  /// - Parameter columns: which, in which order.
  public init(columns: [AccountColumn] = AccountColumn.allCases, byteOrderMark: Bool = false) {
    self.columns = columns
    hasByteOrderMark = byteOrderMark
  }

  /// Appends the header.
  public func begin(_ buffer: inout [UInt8]) {
    if hasByteOrderMark { buffer.append(contentsOf: [0xEF, 0xBB, 0xBF]) }
    appendLine(to: &buffer) { column, buffer in buffer.append(contentsOf: column.rawValue.utf8) }
  }

  /// Appends a row.
  public func append(_ row: AccountRow, to buffer: inout [UInt8]) {
    appendLine(to: &buffer) { column, buffer in
      switch column {
      case .address: CSVCell.append(row.address, to: &buffer)
      case .kind: CSVCell.append(row.kind, to: &buffer)
      case .name: CSVCell.append(row.name, to: &buffer)
      case .department: CSVCell.append(row.department ?? "", to: &buffer)
      case .position: CSVCell.append(row.position ?? "", to: &buffer)
      case .status: CSVCell.append(row.status, to: &buffer)
      case .aliases: CSVCell.append(row.aliases.joined(separator: " "), to: &buffer)
      case .quota: if let quota = row.quota { buffer.append(contentsOf: String(quota).utf8) }
      case .owner: CSVCell.append(row.owner ?? "", to: &buffer)
      case .lists: CSVCell.append(row.lists.joined(separator: " "), to: &buffer)
      case .created: row.created?.append(to: &buffer)
      case .changed: row.changed?.append(to: &buffer)
      case .handover: CSVCell.append(row.handover.rawValue, to: &buffer)
      case .drift: CSVCell.append(row.drift.joined(separator: " "), to: &buffer)
      }
    }
  }

  /// Appends what stands behind the last row: nothing.
  public func end(_ buffer: inout [UInt8]) {}

  private func appendLine(to buffer: inout [UInt8], cell: (AccountColumn, inout [UInt8]) -> Void) {
    for (index, column) in columns.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      cell(column, &buffer)
    }
    buffer.append(0x0D)
    buffer.append(0x0A)
  }
}
