internal import Accounts
internal import Configuration
internal import Text

/// A row of the printed list: a cell for each column, escaped on bytes.
struct AccountCells: Sendable {
  private let columns: [(column: AccountColumn, begin: [UInt8], end: [UInt8])]
  private let pages: Pages

  init(_ columns: [AccountColumn], pages: Pages) {
    self.pages = pages
    self.columns = columns.enumerated().map { place, column in
      var begin: [UInt8] = []
      // The first cell names its row.
      if place == 0 {
        begin.append(contentsOf: "<th scope=\"row\" class=\"\(column.rawValue)\">".utf8)
      } else {
        begin.append(contentsOf: "<td class=\"\(column.rawValue)\" data-label=\"".utf8)
        begin.appendHTML(column.word.text(pages.language))
        begin.append(contentsOf: "\">".utf8)
      }
      return (column, begin, Array((place == 0 ? "</th>" : "</td>").utf8))
    }
  }

  func append(_ row: AccountRow, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: "<tr>".utf8)
    for (column, begin, end) in columns {
      buffer.append(contentsOf: begin)
      append(column, of: row, to: &buffer)
      buffer.append(contentsOf: end)
    }
    buffer.append(contentsOf: "</tr>\n".utf8)
  }

  private func append(_ column: AccountColumn, of row: AccountRow, to buffer: inout [UInt8]) {
    switch column {
    case .address:
      buffer.appendAddress(row.address)
      if !row.drift.isEmpty { appendMark(row.drift, to: &buffer) }
    case .kind: buffer.appendHTML(pages.term(row.kind, Self.kinds))
    case .name: buffer.appendWords(row.name)
    case .department: buffer.appendWords(row.department ?? "")
    case .position: buffer.appendWords(row.position ?? "")
    case .status:
      let isQuiet = Self.statuses[row.status] == nil || row.status == "active"
      if !isQuiet { buffer.append(contentsOf: "<span class=\"\(row.status)\">".utf8) }
      buffer.appendHTML(pages.term(row.status, Self.statuses))
      if !isQuiet { buffer.append(contentsOf: "</span>".utf8) }
    case .aliases: buffer.appendAddresses(row.aliases)
    case .quota: if let quota = row.quota { buffer.append(contentsOf: quantity(quota).utf8) }
    case .owner: buffer.appendAddress(row.owner ?? "")
    case .lists: buffer.appendAddresses(row.lists)
    case .created: if let created = row.created { buffer.append(pages.zone.day(at: created)) }
    case .changed: if let changed = row.changed { buffer.append(pages.zone.day(at: changed)) }
    case .handover: if row.handover != .none { buffer.appendHTML(row.handover.word.text(pages.language)) }
    case .drift: buffer.appendWords(pages.driftText(row.drift))
    }
  }

  /// What is marked so is explained under the table.
  private func appendMark(_ drift: [String], to buffer: inout [UInt8]) {
    buffer.append(contentsOf: "<small class=\"drift\"><b>\(Self.mark)</b> ".utf8)
    buffer.appendWords(pages.driftText(drift))
    buffer.append(contentsOf: "</small>".utf8)
  }

  /// Stands beside an address that was changed outside Buzón. A sign that the usual faces have.
  static let mark = "▲"

  /// The columns of the page: what drifted stands beside the address, where there is one, and not in a column.
  static func onPage(_ columns: [AccountColumn]) -> [AccountColumn] {
    columns.contains(.address) ? columns.filter { $0 != .drift } : columns
  }

  static let kinds: [String: Word] = ["person": .person, "functional": .functional, "list": .list]
  static let statuses: [String: Word] = [
    "active": .active, "suspended": .suspended, "retained": .retained, "locked": .locked,
  ]
}

extension AccountColumn {
  var word: Word {
    switch self {
    case .address: .address
    case .kind: .kind
    case .name: .name
    case .department: .department
    case .position: .position
    case .status: .status
    case .aliases: .aliases
    case .quota: .quota
    case .owner: .owner
    case .lists: .lists
    case .created: .created
    case .changed: .changed
    case .handover: .handover
    case .drift: .drift
    }
  }
}

/// Bytes in the largest unit that tells them exactly.
func quantity(_ bytes: UInt64) -> String {
  guard bytes > 0 else { return "0 B" }
  let power = min(bytes.trailingZeroBitCount / 10, 4)
  return "\(bytes >> UInt64(10 * power)) \(["B", "KiB", "MiB", "GiB", "TiB"][power])"
}

extension [UInt8] {
  /// Letters of a word that a column must be as wide as. A longer one may be broken anywhere.
  static let longest = 24

  /// An address that may be broken behind its `@` and behind what joins the words before it.
  mutating func appendAddress(_ address: String) {
    guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return appendWords(address) }
    var parts = [Substring("")]
    for scalar in address[...at].unicodeScalars {
      parts[parts.count - 1].unicodeScalars.append(scalar)
      if ".@_-".unicodeScalars.contains(scalar) { parts.append("") }
    }
    parts[parts.count - 1] += address[address.utf8.index(after: at)...]
    let isLong = parts.contains { $0.unicodeScalars.count > Self.longest }
    if isLong { append(contentsOf: "<span class=\"long\">".utf8) }
    for (place, part) in parts.enumerated() {
      if place > 0 { append(contentsOf: "<wbr>".utf8) }
      appendHTML(String(part))
    }
    if isLong { append(contentsOf: "</span>".utf8) }
  }

  /// Text of words, which are not broken, at a hyphen either.
  mutating func appendWords(_ text: String) {
    var escaped: [UInt8] = []
    escaped.appendHTML(text)
    appendWords(escaped: escaped, longest: Self.longest)
  }

  /// - Parameter longest: letters of a word that a line must hold. A longer one may be broken anywhere.
  mutating func appendWords(escaped: [UInt8], longest: Int) {
    for (place, word) in escaped.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).enumerated() {
      if place > 0 { append(UInt8(ascii: " ")) }
      let isLong = word.count > longest && word.count(where: { $0 & 0xC0 != 0x80 }) > longest
      let isWhole = !isLong && word.contains(UInt8(ascii: "-"))
      if isLong { append(contentsOf: "<span class=\"long\">".utf8) }
      if isWhole { append(contentsOf: "<span class=\"whole\">".utf8) }
      append(contentsOf: word)
      if isLong || isWhole { append(contentsOf: "</span>".utf8) }
    }
  }

  fileprivate mutating func appendAddresses(_ addresses: [String]) {
    for (place, address) in addresses.enumerated() {
      if place > 0 { append(contentsOf: "<br>".utf8) }
      appendAddress(address)
    }
  }
}
