internal import Text

extension BulkForm {
  /// The most that a CSV file may have: 256 MiB.
  public static let largestCSV = 256 << 20

  /// A form with one `create` for each row of a spreadsheet that was exported as CSV (RFC 4180).
  ///
  /// The first line that names columns is the header (`CSVColumn` has the names); titles above it are passed over. An
  /// empty cell is a key left out; several addresses in a cell are separated by spaces, commas or semicolons. Empty rows
  /// are passed over.
  ///
  /// - Parameters:
  ///   - delimiter: `nil`: whichever of comma, semicolon and tab the header has.
  ///   - note: is given what is no mistake and should be known.
  /// - Returns: the request, or all that is wrong: a finding's place is the line and column of the CSV file where the cell
  ///   begins, its key what the file calls the column.
  public static func creates(
    csv bytes: [UInt8], encoding: CSVEncoding = .utf8, delimiter: UInt8? = nil, header: FormHeader, rules: Rules,
    note: (Finding) -> Void = { _ in }
  ) -> FormReader.Outcome {
    let findings = Findings()
    guard let text = encoding.decoded(bytes, findings) else { return .invalid(findings.all) }
    let likely = encoding == .utf8 ? encoding : LetterFit.likely(bytes, encoding)
    let site = CSVHeaderSite.find(in: text, delimiter: delimiter)
    var rows = CSVRows(text, site, misread: likely == encoding ? nil : (likely, encoding), findings)
    let document = rows.document(header, note)
    let (request, told) = judge(document, rules)
    let all = rows.merged(with: told)
    guard let request, all.isEmpty else { return .invalid(all) }
    return .request(request)
  }
}

/// The rows of a file as a document that the form's own walk judges.
private struct CSVRows {
  private typealias Cell = (column: CSVColumn, bytes: ArraySlice<UInt8>, place: Place)

  private var reader: CSVReader
  private let site: CSVHeaderSite
  /// The encoding that the file was probably written in, and the other one that it was read in.
  private let misread: (written: CSVEncoding, read: CSVEncoding)?
  private let findings: Findings
  private var header: CSVHeader?
  private var builder = DocumentBuilder()
  /// The line of each change.
  private var lines: [Int] = []

  init(
    _ text: [UInt8], _ site: CSVHeaderSite, misread: (written: CSVEncoding, read: CSVEncoding)?, _ findings: Findings
  ) {
    reader = CSVReader(text, delimiter: site.delimiter)
    self.site = site
    self.misread = misread
    self.findings = findings
  }

  mutating func document(_ form: FormHeader, _ note: (Finding) -> Void) -> Document {
    let place = Place(line: 1, column: 1)
    builder.beginMapping(at: place)
    form.write(to: &builder, findings)
    builder.key("changes", at: place)
    builder.beginList(at: place)
    for _ in 0..<site.above { _ = reader.next(Findings()) }
    if reader.next(findings) {
      if let skipped = site.skipped(reader) { note(skipped) }
      let header = CSVHeader(reader, findings, damage: damage)
      self.header = header
      reader.titles = header.columns.map { $0.flatMap { header.titles[$0] } }
      while header.isComplete, reader.next(findings) { row(header) }
    }
    if lines.isEmpty, findings.isEmpty {
      findings.report(
        Place(line: 1, column: 1), "", "the file has no rows",
        "write the names of the columns and a line for each account")
    }
    builder.end()
    builder.end()
    return builder.document
  }

  private func damage(_ bytes: ArraySlice<UInt8>) -> TextDamage? {
    bytes.withUnsafeBufferPointer { TextDamage(in: $0, file: misread) }
  }

  // MARK: Rows

  private mutating func row(_ header: CSVHeader) {
    var cells: [Cell] = []
    for (index, cell) in reader.cells.enumerated() {
      let text = CellText(reader.bytes(of: cell))
      if text.bytes.isEmpty { continue }
      guard index < header.columns.count else {
        findings.report(
          cell.place, reader.title(index), "the row has more cells than the first line has names",
          "put a cell with a delimiter in it in quotes, or name the column")
        break
      }
      guard let column = header.columns[index] else { continue }
      if let damage = damage(reader.bytes(of: cell)) {
        findings.report(cell.place, header.titles[column] ?? "", damage.problem, damage.remedy)
      } else if let fault = text.fault {
        findings.report(cell.place, header.titles[column] ?? "", fault.problem, fault.remedy)
      }
      cells.append((column, text.bytes, cell.place))
    }
    Self.join(.secondFamily, to: .family, &cells)
    Self.readGivenName(&cells)
    Self.join(.secondGiven, to: .given, &cells)
    guard let first = reader.cells.first, !cells.isEmpty else { return }
    lines.append(first.place.line)
    builder.beginMapping(at: first.place)
    builder.key("create", at: first.place)
    builder.beginMapping(at: first.place)
    let names = cells.filter { $0.column.isName }
    for (column, bytes, place) in cells where !column.isName { value(column, bytes, place) }
    if let first = names.first {
      builder.key("name", at: first.place)
      builder.beginMapping(at: first.place)
      for (column, bytes, place) in names { value(column, bytes, place) }
      builder.end()
    }
    builder.end()
    builder.end()
  }

  /// Many spreadsheets call a person's two columns `nombre` and `apellidos`. A name beside family names can't be what a
  /// functional account is called, so it is the given names.
  private static func readGivenName(_ cells: inout [Cell]) {
    guard cells.contains(where: { $0.column == .family }), !cells.contains(where: { $0.column == .given }),
      let display = cells.firstIndex(where: { $0.column == .display })
    else { return }
    cells[display].column = .given
  }

  /// A second name follows the first one.
  private static func join(_ second: CSVColumn, to first: CSVColumn, _ cells: inout [Cell]) {
    guard let other = cells.firstIndex(where: { $0.column == second }) else { return }
    guard let index = cells.firstIndex(where: { $0.column == first }) else {
      cells[other].column = first
      return
    }
    cells[index].bytes += [0x20] + cells[other].bytes
    cells.remove(at: other)
  }

  private mutating func value(_ column: CSVColumn, _ bytes: ArraySlice<UInt8>, _ place: Place) {
    builder.key(column.key, at: place)
    switch column {
    case .aliases, .forward, .lists, .members:
      builder.beginList(at: place)
      for address in CellAddresses.split(bytes) { builder.text(address, at: place) }
      builder.end()
    case .address, .owner:
      let addresses = CellAddresses.split(bytes)
      builder.text(addresses.count == 1 ? addresses[0] : bytes, at: place)
    case .kind:
      let word = Self.kinds[Self.word(bytes)]?.rawValue
      builder.text(word.map { Array($0.utf8)[...] } ?? bytes, at: place)
    case .keepCopy:
      let word = Self.flags[Self.word(bytes)]
      builder.text(word.map { Array("\($0)".utf8)[...] } ?? bytes, at: place, isWord: word != nil)
    case .expires: day(bytes, place)
    default: builder.text(bytes, at: place)
    }
  }

  private mutating func day(_ bytes: ArraySlice<UInt8>, _ place: Place) {
    let title = header?.titles[.expires] ?? ""
    let quoted = String(decoding: bytes, as: UTF8.self).quoted()
    switch SpreadsheetDay.read(bytes) {
    case .day(let day): return builder.text(day.description.utf8, at: place)
    case .ambiguous:
      findings.report(place, title, "\(quoted) can be read as two days", "write it as YYYY-MM-DD")
    case .shortYear: findings.report(place, title, "the year of \(quoted) has two digits", "write it as YYYY-MM-DD")
    case .other: break
    }
    builder.text(bytes, at: place)
  }

  /// A short cell without capitals, accents and punctuation.
  private static func word(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.count > 40 ? "" : CSVColumn.words(bytes).joined()
  }

  private static let kinds: [String: Kind] = [
    "person": .person, "persona": .person, "functional": .functional, "funcional": .functional, "list": .list,
    "lista": .list,
  ]

  /// As people write them, and as spreadsheets do.
  private static let flags = [
    "true": true, "verdadero": true, "yes": true, "si": true, "false": false, "falso": false, "no": false,
  ]

  // MARK: Findings

  /// What was found in the cells and what the form's rules found, in the order of the file. What both found is reported once.
  func merged(with form: [Finding]) -> [Finding] {
    let own = findings.all
    // Without a row there is nothing to judge but the header, and that the list of changes is empty is reported already.
    let judged = form.filter { !(lines.isEmpty && $0.key == "changes") }.map(inSpreadsheet)
    let seen = Set(own.map(Spot.init))
    let both = own + judged.filter { $0.place == nil || $0.untold > 0 || !seen.contains(Spot($0)) }
    let all = both.filter { $0.untold == 0 }
    let placed = all.enumerated().filter { $0.element.place != nil }.sorted {
      guard let left = $0.element.place, let right = $1.element.place, left != right else {
        return $0.offset < $1.offset
      }
      return left < right
    }
    return Self.cut(all.filter { $0.place == nil } + placed.map(\.element), both.filter { $0.untold > 0 })
  }

  /// The first hundred, and one more that says how many others there are.
  private static func cut(_ told: [Finding], _ counted: [Finding]) -> [Finding] {
    let kept = Array(told.prefix(Findings.most))
    let others = told.dropFirst(Findings.most) + counted
    let first = others.min { left, right in
      guard let one = left.place, let other = right.place else { return left.place != nil }
      return one < other
    }
    guard let first else { return kept }
    return kept + [Findings.more(others.reduce(0) { $0 + max(1, $1.untold) }, first.place, first.key)]
  }

  private struct Spot: Hashable {
    var place: Place?
    var key: String
    init(_ finding: Finding) { (place, key) = (finding.place, finding.key) }
  }

  /// A finding of the form in the words of the spreadsheet.
  private func inSpreadsheet(_ finding: Finding) -> Finding {
    var finding = finding
    guard let path = finding.key.split(separator: ".create", maxSplits: 1).dropFirst().first else {
      // A key of the header stands nowhere in the file.
      if !finding.key.hasPrefix("changes[") { finding.place = nil }
      return finding
    }
    let key = path.split(separator: "[").first.map(String.init) ?? ""
    let name = key.split(separator: ".").last.map(String.init) ?? ""
    let column = CSVColumn.allCases.first { "\($0.key)" == name }
    finding.key = column.map { header?.titles[$0] ?? "\($0.key)" } ?? name
    finding.problem = inLines(finding.problem)
    finding.remedy = column?.remedy(finding) ?? (name == "name" ? CSVColumn.nameRemedy : finding.remedy)
    return finding
  }

  /// `changes[7] gives …` as `line 9 gives …`.
  private func inLines(_ problem: String) -> String {
    guard problem.hasPrefix("changes["), let close = problem.firstIndex(of: "]"),
      let index = Int(problem[problem.index(problem.startIndex, offsetBy: 8)..<close]), index < lines.count
    else { return problem }
    return "line \(lines[index])" + problem[problem.index(after: close)...]
  }
}

extension CSVColumn {
  fileprivate var isName: Bool { self == .given || self == .family || self == .display }

  fileprivate static let nameRemedy =
    "fill in given (nombres) and family (apellidos); for functional accounts and lists display (nombre)"

  /// The remedy of a finding of the form's rules, where theirs is one for people who write YAML.
  fileprivate func remedy(_ finding: Finding) -> String {
    switch self {
    case .given, .family, .display:
      let isAnotherKind = finding.problem == "is missing" || finding.problem.contains(" a person")
      return isAnotherKind ? Self.nameRemedy : finding.remedy
    case .kind: return "write person (persona), functional (funcional) or list (lista)"
    case .keepCopy where finding.problem.contains("neither"): return "write true (sí) or false (no)"
    case .keepCopy where finding.problem.contains("nothing"): return "fill in forward (reenvío), or empty the cell"
    case .owner where finding.problem == "is missing": return "write the address of who answers for it"
    case .document where finding.problem.contains("scientific"), .phone where finding.problem.contains("scientific"):
      return "\(finding.remedy); give the column the format Text first"
    case .document, .position, .phone, .forward, .members, .quota:
      return finding.problem.contains("an account of kind") ? "empty the cell" : finding.remedy
    default: return finding.remedy
    }
  }
}
