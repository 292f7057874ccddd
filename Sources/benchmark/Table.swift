/// A table in Markdown with its columns aligned: text to the left, numbers to the right.
struct Table {
  private var rows: [[String]]

  init(_ header: [String]) { rows = [header] }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].unicodeScalars.count }.max() ?? 0 }
    func line(_ row: [String]) -> String {
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.unicodeScalars.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }
      return "| \(cells.joined(separator: " | ")) |\n"
    }
    let rule = widths.enumerated().map { column, width in
      column == 0 ? String(repeating: "-", count: width) : String(repeating: "-", count: width - 1) + ":"
    }
    return line(rows[0]) + line(rule) + rows.dropFirst().map(line).joined().dropLast()
  }
}
