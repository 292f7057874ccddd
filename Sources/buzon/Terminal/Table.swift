internal import Files
internal import Glibc
internal import Records
internal import Text

/// A table for standard output: columns as wide as their widest cell, two spaces between them, the last one ragged. On a
/// terminal a line that is too long for it is cut, with `…`; elsewhere it is whole.
struct Table {
  private var rows: [[String]]
  /// The column whose words have colours on a terminal.
  private let tinted: Int?

  /// - Parameter tinted: the column of the states or outcomes.
  init(_ header: [String], tinted: Int? = nil) {
    rows = [header]
    self.tinted = tinted
  }

  mutating func append(_ row: [String]) { rows.append(row.map { displayed($0.utf8) }) }

  /// Without a newline at the end.
  var text: String { text(width: Terminal.width(STDOUT_FILENO), tints: Terminal.takesTints(STDOUT_FILENO)) }

  /// - Parameter width: cells of a line; `nil`: any number.
  func text(width: Int?, tints: Bool) -> String {
    let columns = rows.first?.count ?? 0
    let widths = (0..<columns).map { column in rows.map { Cells.width($0[column]) }.max() ?? 0 }
    return rows.enumerated().map { index, row in
      // What is empty at the end of a row takes no room.
      let last = row.lastIndex { !$0.isEmpty } ?? 0
      let cells = (0...last).map { column in
        column == last ? row[column] : Cells.padded(row[column], to: widths[column] + 2)
      }
      var line = ""
      var room = width ?? .max
      var rest = cells.reduce(0) { $0 + Cells.width($1) }
      for (column, cell) in cells.enumerated() where room > 0 {
        // A cell that just fits is cut all the same where others should follow.
        let cut = rest > room && Cells.width(cell) >= room ? Cells.truncated(cell + " ", to: room) : cell
        line += tints && column == tinted && index > 0 ? Tint(row[column]).applied(to: cut) : cut
        room -= Cells.width(cell)
        rest -= Cells.width(cell)
      }
      return line
    }.joined(separator: "\n")
  }
}
