internal import Text

/// A column of a spreadsheet of accounts to open.
enum CSVColumn: Int, CaseIterable {
  case address, kind, given, family, display, document, position, department, phone, owner, aliases, forward, keepCopy
  case lists, members, quota, expires

  /// What a header may call it, English first; upper case and accents don't count.
  var names: [StaticString] {
    switch self {
    case .address: ["address", "correo"]
    case .kind: ["kind", "tipo"]
    case .given: ["given", "nombres"]
    case .family: ["family", "apellidos"]
    case .display: ["display", "nombre"]
    case .document: ["document", "documento"]
    case .position: ["position", "cargo"]
    case .department: ["department", "dependencia"]
    case .phone: ["phone", "telefono"]
    case .owner: ["owner", "responsable"]
    case .aliases: ["aliases", "alias"]
    case .forward: ["forward", "reenvio"]
    case .keepCopy: ["keep_copy", "conserva_copia"]
    case .lists: ["lists", "listas"]
    case .members: ["members", "miembros"]
    case .quota: ["quota", "cuota"]
    case .expires: ["expires", "vence"]
    }
  }

  /// The key of a create that the column is; a name's parts stand under `name`.
  var key: StaticString { names[0] }

  /// No name of ours is as long, in bytes, accents and all.
  static let longestName = 128

  /// The column that a header cell names.
  init?(named header: ArraySlice<UInt8>) {
    // Folding takes ten times as long as reading, and a cell may have megabytes.
    guard header.count <= Self.longestName else { return nil }
    let name = Self.folded(header)
    guard let column = Self.allCases.first(where: { $0.names.contains { $0.bytes.elementsEqual(name) } }) else {
      return nil
    }
    self = column
  }

  /// A name as it is compared: without accents, small letters, `_` for spaces and hyphens.
  static func folded(_ name: ArraySlice<UInt8>) -> [UInt8] {
    NormalForm.withoutMarks(String(decoding: name, as: UTF8.self)).utf8.map {
      $0 == 0x20 || $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0
    }
  }
}

/// The header of a file: which cell of a row is what.
struct CSVHeader {
  /// By the cell's position; `nil`: a column that has no meaning.
  private(set) var columns: [CSVColumn?] = []
  /// What the file calls each column.
  private(set) var titles: [CSVColumn: String] = [:]

  /// Cells that a first line may have.
  private static let mostCells = 256
  /// Bytes of it that the delimiter is looked for in.
  private static let longestHeader = 64 << 10

  /// How many cells a line has, but for the empty ones at its end: where a whole row was formatted, Excel writes 16,384.
  private static func count(_ reader: CSVReader) -> Int {
    (reader.cells.lastIndex { !reader.bytes(of: $0).isEmpty } ?? -1) + 1
  }

  /// Reads the header from the first record of a file, and reports the names that aren't known. A name that was probably
  /// meant counts as meant, so that the rows can be judged in the same pass.
  init(_ reader: CSVReader, _ findings: Findings) {
    let count = Self.count(reader)
    guard count <= Self.mostCells else {
      findings.report(
        reader.cells[0].place, "", "the first line has \(count) cells",
        "write the names of the columns into it, at most \(Self.mostCells)")
      return
    }
    let cells = reader.cells.prefix(max(1, count)).map {
      (bytes: CellText(reader.bytes(of: $0)).bytes, place: $0.place)
    }
    let known = cells.map { CSVColumn(named: $0.bytes) }
    let absent = CSVColumn.allCases.filter { !known.contains($0) }
    for (cell, known) in zip(cells, known) {
      // A first line that is no header may be very long.
      let title = Self.title(cell.bytes)
      var column = known
      if column == nil, !cell.bytes.isEmpty { column = Self.meant(title, cell.bytes, cell.place, absent, findings) }
      if let column, let first = titles[column] {
        findings.report(
          cell.place, title, "the column is there twice, the first time as \(first.quoted())", "delete one of the two")
        columns.append(nil)
      } else {
        if let column { titles[column] = title }
        columns.append(column)
      }
    }
    guard titles[.address] == nil else { return }
    findings.report(
      cells[0].place, "address", "no column has this name",
      "write the names of the columns into the first line; 'address' or 'correo' must be among them")
  }

  /// The first 64 scalars of a cell.
  private static func title(_ bytes: ArraySlice<UInt8>) -> String {
    // A scalar has four bytes at most; where the last one is cut, it isn't among the first 64.
    let scalars = String(decoding: bytes.prefix(4 * 65), as: UTF8.self).unicodeScalars.prefix(64)
    return String(String.UnicodeScalarView(scalars))
  }

  private static let allNames = CSVColumn.allCases.map { column in
    column.names.map { "\($0)" }.joined(separator: "/")
  }.joined(separator: ", ")

  private static func meant(
    _ title: String, _ bytes: ArraySlice<UInt8>, _ place: Place, _ absent: [CSVColumn], _ findings: Findings
  ) -> CSVColumn? {
    let nearest =
      bytes.count <= CSVColumn.longestName
      ? nearest(
        to: String(decoding: CSVColumn.folded(bytes), as: UTF8.self), among: absent.flatMap(\.names).map { "\($0)" })
      : nil
    findings.report(
      place, title, "no column has this name",
      nearest.map { "write \($0)" } ?? "delete the column; the names are \(allNames)")
    return nearest.flatMap { CSVColumn(named: Array($0.utf8)[...]) }
  }

  private static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]

  /// The delimiter that a line of its own before the header names, `sep=;`, as Excel writes and reads it.
  static func said(in bytes: [UInt8]) -> UInt8? {
    guard bytes.count > 4, bytes.starts(with: "sep=".utf8), delimiters.contains(bytes[4]) else { return nil }
    return bytes.count == 5 || bytes[5] == 0x0A || bytes[5] == 0x0D ? bytes[4] : nil
  }

  /// The delimiter of a file: the one that makes the most columns of its header known ones.
  ///
  /// A header that names our columns ends within ``longestHeader`` bytes; what comes behind isn't looked at three times.
  static func delimiter(of bytes: [UInt8]) -> UInt8 {
    var best = (delimiter: UInt8(ascii: ","), known: -1, cells: 0)
    if let said = said(in: bytes) { return said }
    let beginning = Array(bytes.prefix(longestHeader))
    for delimiter in delimiters {
      var reader = CSVReader(beginning, delimiter: delimiter)
      guard reader.next(Findings()) else { continue }
      let count = count(reader)
      if count > mostCells { continue }
      let known = reader.cells.prefix(count).count { CSVColumn(named: CellText(reader.bytes(of: $0)).bytes) != nil }
      if (known, count) > (best.known, best.cells) { best = (delimiter, known, count) }
    }
    return best.delimiter
  }
}
