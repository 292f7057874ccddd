internal import Files
internal import Glibc
internal import Records
internal import Text
internal import Translations

/// A table for standard output: columns as wide as their widest cell, two spaces between them, the last one ragged. On a
/// terminal a line that is too long for it is cut, with `…`; elsewhere it is whole. The header is in the caller's language.
struct Table {
  private var rows: [[String]]
  /// By row, the colour of the column whose words have colours on a terminal.
  private var tints = [Tint.plain]
  /// The column of the states or outcomes, and what they are of.
  private let states: (column: Int, thing: String)?

  /// - Parameter states: the column of the states or outcomes, and what they are of: those words are translated.
  init(_ header: [String], states: (column: Int, thing: String)? = nil) {
    rows = [header.map { translated($0) }]
    self.states = states
  }

  mutating func append(_ row: [String]) {
    var row = row.map { displayed($0.utf8) }
    var tint = Tint.plain
    if let states {
      tint = Tint(row[states.column])
      row[states.column] = translated(row[states.column], of: states.thing)
    }
    rows.append(row)
    tints.append(tint)
  }

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
        line += tints && column == states?.column ? self.tints[index].applied(to: cut) : cut
        room -= Cells.width(cell)
        rest -= Cells.width(cell)
      }
      return line
    }.joined(separator: "\n")
  }
}
