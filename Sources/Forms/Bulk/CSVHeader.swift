internal import Text

/// The header of a file: which cell of a row is what.
struct CSVHeader {
  /// By the cell's position; `nil`: a column that has no meaning.
  private(set) var columns: [CSVColumn?] = []
  /// What the file calls each column.
  private(set) var titles: [CSVColumn: String] = [:]

  /// Cells that a header may have.
  static let mostCells = 256

  /// Whether a row can be an account: it has an address and a name. Without these nothing can be said of the rows.
  var isComplete: Bool { titles[.address] != nil && hasName }

  private var hasName: Bool { titles[.display] != nil || titles[.given] != nil && titles[.family] != nil }

  /// How many cells a line has, but for the empty ones at its end: where a whole row was formatted, Excel writes 16,384.
  static func count(_ reader: CSVReader) -> Int {
    (reader.cells.lastIndex { !reader.bytes(of: $0).isEmpty } ?? -1) + 1
  }

  /// Reads the header from the reader's record, and reports the names that aren't known. A name that was probably meant
  /// counts as meant, so that the rows can be judged in the same pass.
  ///
  /// - Parameter damage: what is damaged in a cell.
  init(_ reader: CSVReader, _ findings: Findings, damage: (ArraySlice<UInt8>) -> TextDamage?) {
    let count = Self.count(reader)
    let place = reader.cells[0].place
    guard count <= Self.mostCells else {
      findings.report(
        place, "", "the first line has \(count) cells",
        "write the names of the columns into it, at most \(Self.mostCells)")
      return
    }
    let cells = reader.cells.prefix(max(1, count)).map {
      (bytes: CellText(reader.bytes(of: $0)).bytes, place: $0.place, damage: damage(reader.bytes(of: $0)))
    }
    let known = cells.map { CSVColumn(named: $0.bytes) }
    let absent = CSVColumn.allCases.filter { !known.contains($0) }
    let meant = zip(cells, known).map { $1 == nil ? CSVColumn.nearest(to: $0.bytes, among: absent) : nil }
    guard known.contains(where: { $0 != nil }) || meant.contains(where: { $0 != nil }) else {
      findings.report(
        place, "", "no line names the columns",
        "write their names into the first line, with a delimiter between them: \(Self.allNames)")
      return
    }
    for (index, cell) in cells.enumerated() {
      // A first line that is no header may be very long.
      let title = Self.title(cell.bytes)
      if let damage = cell.damage {
        findings.report(cell.place, title, damage.problem, damage.remedy)
      } else if known[index] == nil, !cell.bytes.isEmpty {
        findings.report(
          cell.place, title, "no column has this name",
          meant[index].map { "write \($0.name)" }
            ?? "delete the column, or give it one of these names: \(Self.allNames)")
      }
      columns.append(name(known[index] ?? meant[index]?.column, title, cell.place, findings))
    }
    // A column that has an unknown name may be the one that is missing.
    let isUnclear = zip(cells, columns).contains { !$0.bytes.isEmpty && $1 == nil }
    if !isUnclear { requireColumns(place, findings) }
  }

  /// - Returns: the column that a cell stands for, unless another cell does already.
  private mutating func name(_ column: CSVColumn?, _ title: String, _ place: Place, _ findings: Findings) -> CSVColumn?
  {
    guard let column else { return nil }
    guard let first = titles.updateValue(title, forKey: column) else { return column }
    titles[column] = first
    findings.report(
      place, title, "the column is there twice, the first time as \(first.quoted())", "delete one of the two")
    return nil
  }

  /// Reports once what would be missing in every row.
  private func requireColumns(_ place: Place, _ findings: Findings) {
    if titles[.address] == nil {
      findings.report(
        place, "address", "no column has this name", "write address or correo over the column of the addresses")
    }
    if !hasName {
      findings.report(
        place, "name", "no column has this name",
        "write given (nombres) and family (apellidos) over the columns of the names, or display (nombre)")
    }
  }

  /// The first 64 scalars of a cell on one line, as a message can show them.
  private static func title(_ bytes: ArraySlice<UInt8>) -> String {
    // A scalar has four bytes at most; where the last one is cut, it isn't among the first 64.
    let scalars = String(decoding: bytes.prefix(4 * 65), as: UTF8.self).unicodeScalars.prefix(64)
    var title = String.UnicodeScalarView()
    for scalar in scalars {
      if scalar == "\n" || scalar == "\t" || scalar == " " {
        if title.last != " " { title.append(" ") }
      } else if !ScalarClass(scalar).isUnsafeToPrint {
        title.append(scalar)
      }
    }
    return String(title)
  }

  private static let allNames = CSVColumn.allCases.map { $0.names.prefix(2).joined(separator: "/") }
    .joined(separator: ", ")
}

/// Where the header of a file is.
struct CSVHeaderSite {
  private(set) var delimiter: UInt8
  /// The first record that may be the header: 1 behind a line that names the delimiter.
  private let first: Int
  /// Records above the header: a line that names the delimiter, a title, the name of the institution.
  private(set) var above = 0
  /// Columns that are known.
  private var known = 0
  private var cells = 0
  /// Whether the address and another column are known: no other line names both.
  private var isPlain = false

  /// Records that may stand above the header.
  private static let mostAbove = 32
  /// Bytes that the header is looked for in.
  private static let longestBeginning = 64 << 10
  private static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]

  /// The delimiter that a line of its own before the header names, `sep=;`, as Excel writes and reads it.
  static func said(in bytes: [UInt8]) -> UInt8? {
    guard bytes.count > 4, bytes.starts(with: "sep=".utf8), delimiters.contains(bytes[4]) else { return nil }
    return bytes.count == 5 || bytes[5] == 0x0A || bytes[5] == 0x0D ? bytes[4] : nil
  }

  /// Finds the header, and the delimiter that makes the most of its columns known ones.
  ///
  /// - Parameter delimiter: `nil`: not known.
  static func find(in bytes: [UInt8], delimiter: UInt8?) -> CSVHeaderSite {
    let said = said(in: bytes)
    let beginning = Array(bytes.prefix(longestBeginning))
    let candidates = (delimiter ?? said).map { [$0] } ?? delimiters
    let sites = candidates.map { CSVHeaderSite(in: beginning, delimiter: $0, above: said == nil ? 0 : 1) }
    return sites.dropFirst().reduce(sites[0]) { $1.isBetter(than: $0) ? $1 : $0 }
  }

  /// The first record that is plainly a header; else the one with the most known columns; else the first one.
  private init(in bytes: [UInt8], delimiter: UInt8, above: Int) {
    self.delimiter = delimiter
    first = above
    self.above = above
    var reader = CSVReader(bytes, delimiter: delimiter)
    var index = 0
    while !isPlain, index <= above + Self.mostAbove, reader.next(Findings()) {
      defer { index += 1 }
      let count = CSVHeader.count(reader)
      guard index >= above, count <= CSVHeader.mostCells else { continue }
      let columns = reader.cells.prefix(count).compactMap { CSVColumn(named: CellText(reader.bytes(of: $0)).bytes) }
      guard index == above || columns.count > max(1, known) else { continue }
      (self.above, known, cells) = (index, columns.count, count)
      isPlain = columns.contains(.address) && columns.count > 1
    }
  }

  /// What is reported of the lines above the header; `nil`: there are none but `sep=`.
  ///
  /// - Parameter reader: stands at the header.
  func skipped(_ reader: CSVReader) -> Finding? {
    let place = reader.cells[0].place
    guard above > first else { return nil }
    return Finding(
      place: place, key: "", problem: "this line is taken for the header, and what stands above it is passed over",
      remedy: "delete the lines above if they are no title")
  }

  private func isBetter(than other: CSVHeaderSite) -> Bool {
    (isPlain ? 1 : 0, known, cells) > (other.isPlain ? 1 : 0, other.known, other.cells)
  }
}
