@testable import Files
@testable import Forms
@testable import Records
@testable import Text

/// Text of a stranger's choosing in what we write: read back by parsers of our own (``StrictJSON``, ``StrictCSV``), which
/// know the formats and nothing of the writers.
enum EscapingTargets {
  /// A string in JSON is the same string for who reads it, on one line.
  @Sendable static func json(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    var json = JSONWriter()
    json.object { json in
      json.field("a", text)
      json.key(text)
      json.array([text, ""]) { $0.string($1) }
      json.field("n", Int64.min)
    }
    guard case .object(let members)? = StrictJSON.read(json.bytes) else {
      throw Broken(description: "no JSON: \(String(decoding: json.bytes, as: UTF8.self))")
    }
    let scalars = Array(text.unicodeScalars)
    try promise(members.count == 3 && members[1].key == scalars, "the key \(text.debugDescription) is another one")
    try promise(members[0].value == .string(scalars), "the string \(text.debugDescription) is another one")
    try promise(members[1].value == .array([.string(scalars), .string([])]), "\(text.debugDescription) in an array")
    let line = String(decoding: json.bytes, as: UTF8.self)
    try promise(line.isOneLine && !line.turnsWriting, "no safe line: \(line.debugDescription)")
    // What readers of ours take is what our own strict reader takes, too: JSON is YAML.
    try promise(line.utf8.count >= scalars.count, "something is missing")
  }

  /// A cell is the same text for a program, but for what is known to be changed, and no formula for any spreadsheet.
  @Sendable static func csvCell(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    var line: [UInt8] = Array("a,".utf8)
    CSVCell.append(text, to: &line)
    line += Array(",b\r\n".utf8)
    guard let records = StrictCSV.read(line), records.count == 1, records[0].count == 3 else {
      throw Broken(description: "no record of three cells: \(String(decoding: line, as: UTF8.self).debugDescription)")
    }
    let cell = String(decoding: records[0][1], as: UTF8.self)
    try isSameCell(cell, text)
    try promise(!StrictCSV.beginsFormula(records[0][1][...]), "a formula: \(cell.debugDescription)")
    // A spreadsheet of another country, which splits at `;` or TAB and may not take quotation marks as we mean them.
    let separators: [[UInt8]] = [[UInt8(ascii: ";")], [0x09], [0x0A, 0x0D], [UInt8(ascii: ";"), 0x09, 0x0A, 0x0D]]
    let middle = line.dropFirst(2).dropLast(4)
    for separators in separators {
      for piece in middle.split(whereSeparator: separators.contains) {
        let start = piece.drop { $0 == 0x20 || $0 == UInt8(ascii: "\"") }
        try promise(!StrictCSV.beginsFormula(start), "a formula within \(cell.debugDescription)")
      }
    }
    try promise(
      cell.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control || "\t\r\n".unicodeScalars.contains($0)
      }, "a control in \(cell.debugDescription)")
  }

  /// The cell has the text's scalars in their order; what is unseen is U+FFFD, and apostrophes may stand between.
  private static func isSameCell(_ cell: String, _ text: String) throws {
    var rest = cell.unicodeScalars[...]
    for scalar in text.unicodeScalars {
      let isLineOrTab = scalar == "\t" || scalar == "\r" || scalar == "\n"
      let expected: Unicode.Scalar = scalar.isUnseen && !isLineOrTab ? "\u{FFFD}" : scalar
      if rest.first == "'", expected != "'" { rest.removeFirst() }
      try promise(rest.popFirst() == expected, "\(text.debugDescription) became \(cell.debugDescription)")
    }
    try promise(rest.isEmpty, "\(text.debugDescription) became \(cell.debugDescription)")
  }

  /// Text in a page, and in its style, is text: nothing in it begins a tag, ends an attribute or a string.
  @Sendable static func html(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    var html: [UInt8] = []
    html.appendHTML(text)
    var expected = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\t", "\n", "\r": expected += " "
      default: if scalar.isUnseen { expected += scalar.codePoint } else { expected.unicodeScalars.append(scalar) }
      }
    }
    let read = try Self.text(ofHTML: html)
    try promise(read.isSame(as: expected), "\(text.debugDescription) reads as \(read.debugDescription)")

    var css: [UInt8] = []
    css.appendCSSString(text)
    let string = try Self.text(ofCSS: css)
    let shown = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.isUnseen ? "\u{FFFD}" : $0 }))
    try promise(string.isSame(as: shown), "\(text.debugDescription) in CSS reads as \(string.debugDescription)")
  }

  private static func text(ofHTML html: [UInt8]) throws -> String {
    let references: [(name: String, scalar: String)] = [
      ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"),
    ]
    var (text, rest): ([UInt8], ArraySlice<UInt8>) = ([], html[...])
    while let byte = rest.first {
      if let reference = references.first(where: { rest.starts(with: $0.name.utf8) }) {
        text += Array(reference.scalar.utf8)
        rest = rest.dropFirst(reference.name.utf8.count)
        continue
      }
      try promise(
        !"&<>\"'".utf8.contains(byte), "a raw \(Unicode.Scalar(byte)) in \(String(decoding: html, as: UTF8.self))")
      text.append(byte)
      rest = rest.dropFirst()
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func text(ofCSS css: [UInt8]) throws -> String {
    var text = String.UnicodeScalarView()
    var rest = css[...]
    try promise(rest.popFirst() == UInt8(ascii: "\"") && rest.popLast() == UInt8(ascii: "\""), "no CSS string")
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        let scalar = Unicode.Scalar(byte)
        try promise(
          scalar == " " || scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar),
          css.description)
        text.append(scalar)
        continue
      }
      let digits = rest.prefix { $0 != 0x20 }
      guard digits.count <= 6, let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(number), number > 0
      else { throw Broken(description: "an escape of CSS: \(String(decoding: css, as: UTF8.self))") }
      text.append(scalar)
      rest = rest.dropFirst(digits.count + 1)
    }
    return String(text)
  }

  /// Bytes shown to an operator are one harmless line that says which bytes they are.
  @Sendable static func terminal(_ input: [UInt8]) throws {
    let shown = displayed(input)
    try promise(shown.isOneLine && !shown.turnsWriting, "no safe line: \(shown.debugDescription)")
    try promise(Self.bytes(displayedAs: shown) == input, "\(input) is shown as \(shown.debugDescription)")
    let text = String(decoding: input, as: UTF8.self)
    try promise(text.neutralized().isOneSafeLine, "no safe line: \(text.neutralized().debugDescription)")
    try promise(text.quoted().isOneSafeLine && text.quoted().utf8.count < 600, "no short line: \(text.quoted())")
    var lines = TextLines(width: 40)
    lines.paragraph(text, mark: "- ", indent: 2)
    for line in lines.text.utf8.split(separator: 0x0A).map({ String(decoding: $0, as: UTF8.self) }) {
      try promise(line.isOneLine && Cells.width(line) <= 40, "a line of \(Cells.width(line)) cells: \(line)")
    }
  }

  private static func bytes(displayedAs text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    func number(_ digits: ArraySlice<UInt8>) -> UInt32? { UInt32(String(decoding: digits, as: UTF8.self), radix: 16) }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x"):
        guard let value = number(rest.prefix(2)), let byte = UInt8(exactly: value) else { return nil }
        bytes.append(byte)
        rest = rest.dropFirst(2)
      case UInt8(ascii: "u"):
        let digits = rest.dropFirst().prefix { $0 != UInt8(ascii: "}") }
        guard let scalar = number(digits).flatMap(Unicode.Scalar.init) else { return nil }
        bytes += Array(String(scalar).utf8)
        rest = rest.dropFirst(digits.count + 2)
      default: return nil
      }
    }
    return bytes
  }
}

extension String {
  /// Marks that turn the direction of writing stand in it.
  fileprivate var turnsWriting: Bool {
    unicodeScalars.contains(where: \.isDirection)
  }
}

extension Unicode.Scalar {
  /// Turns the direction of writing.
  fileprivate var isDirection: Bool {
    switch value {
    case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Nothing to see, or turns the direction of writing. Joiners are part of words.
  fileprivate var isUnseen: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F: true
    case 0xFDD0...0xFDEF, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE00FF, 0xE01F0...0xE0FFF: true
    case 0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: true
    // The last two of each plane are no characters.
    default: value & 0xFFFF >= 0xFFFE
    }
  }
}
