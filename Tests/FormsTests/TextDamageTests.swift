import Testing

@testable import Forms

/// A text that was written in one encoding and read in another.
private func misread(_ text: String, _ written: CSVEncoding, _ read: CSVEncoding) -> String {
  let bytes =
    written == .utf8
    ? Array(text.utf8) : text.unicodeScalars.map { written.byte(of: $0) ?? UInt8(truncatingIfNeeded: $0.value) }
  // What Windows-1252 has no character for becomes a control character, as in browsers.
  return String(String.UnicodeScalarView(bytes.map { read.scalar(of: $0) ?? Unicode.Scalar($0) }))
}

private func damage(_ text: String, file: (written: CSVEncoding, read: CSVEncoding)? = nil) -> TextDamage? {
  Array(text.utf8).withUnsafeBufferPointer { TextDamage(in: $0, file: file) }
}

@Suite("A damaged text")
struct TextDamageTests {
  /// Text that looks strange to somebody, and is as it was written.
  static let good = [
    "José Muñoz Peña", "MARÍA NÚÑEZ ÁLVAREZ", "MUñOZ GARCíA", "Güell i Paral·lel", "João Conceição", "JOÃO GUIMARÃES",
    "IRMÃ", "AMANHÃ", "“AMANHÔ", "«IRMû", "A MANHÃ…", "IRMÃ – 2.º turno", "IRMÃ\u{A0}MARIA", "ÂNGELA", "PÂNTANO",
    "Ângelo",
    "Zoë", "Noël Œuvre", "L’Hospitalet", "D’ANGELO", "O’Brien", "Levi’s", "cœur", "FRANÇOIS", "À la carte", "voilà",
    "ÇA",
    "Müller", "GROẞ", "Österreich", "Straße", "ÄÖÜ", "Ångström", "ÅÄÖ", "Ærø", "Þórður Ðe", "Łódź", "Żółć", "Dvořák",
    "TOMÁŠ",
    "LUKÁŠ", "ČÍŽEK", "DOŽÍŽ", "Ÿ", "Nguyễn Văn Hồ", "Trần Thị Ánh", "ĐẶNG", "Çağrı Şahin", "İSTANBUL", "Ștefan Țepeș",
    "«papá»…",
    "“mamá”", "¿Qué? ¡Sí!", "Feliz día¡", "N.º 5", "1.ª planta", "Secretaría n.º\u{A0}3", "25 °C", "5 µm", "50 €",
    "3 × 4",
    "María\u{A0}José", "García–Márquez", "Pasto – Mocoa", "norte–sur", "Bogotá—Cali", "ESPAÑA”", "CAFÉ”", "COMPAÑ…",
    "Ñ…",
    "© 2026", "Kola®", "Marca™", "Иван Петров", "Ελλάδα", "日本語", "محمد", "👍🏽", "R&D; apoyo", "Compras&Ventas; apoyo",
    "a & b",
    "&c;", "AT&T", "&;", "&#;", "&#x;", "12 ³", "½ jornada",
  ]

  @Test("is not what any language writes", arguments: good)
  func names(text: String) throws {
    #expect(damage(text) == nil, "\(damage(text)?.problem ?? "")")
    let form = create("").replacing("family: B", with: "family: \"\(text)\"")
    #expect(problems(Array(form.utf8), try rules()) == [])
  }

  @Test("is not a file of one text that was read in its own encoding", arguments: CSVEncoding.singleBytes)
  func files(encoding: CSVEncoding) throws {
    // A file that has nothing else to judge by: a dash between small letters and the sign of a millionth are taken for
    // letters of another encoding.
    for text in Self.good where !text.contains("norte–") && !text.contains("µ") {
      let bytes = text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : encoding.byte(of: $0) }
      guard !bytes.contains(nil), bytes.contains(where: { $0 ?? 0 >= 0x80 }) else { continue }
      let likely = LetterFit.likely(bytes.compactMap(\.self), encoding)
      #expect(likely == encoding, "\(text) in \(encoding) is taken for \(likely)")
    }
  }

  @Test(
    "of UTF-8 is seen in whatever it was read, letter by letter",
    arguments: [
      "á", "é", "í", "ó", "ú", "ñ", "ü", "Ñ", "É", "ç", "ã", "ö", "ß", "ł", "ş", "ầ", "º", "¿", "à",
    ], CSVEncoding.singleBytes)
  func twice(letter: String, read: CSVEncoding) throws {
    for text in ["x\(letter)y", "x\(letter)", "\(letter)y"] {
      guard case .misread(let found, .utf8, read, isOfFile: false) = damage(misread(text, .utf8, read)) else {
        Issue.record("\(misread(text, .utf8, read))")
        continue
      }
      #expect(String(found) == letter)
    }
  }

  @Test(
    "of a dash, a quotation mark, a byte order mark, a lost letter, and of three times is seen",
    arguments: ["a – b", "“a”", "it’s", "\u{FEFF}correo", "Mu\u{FFFD}oz", "😀", "MuÃ±oz", "Nguyễn"])
  func marks(text: String) { #expect(damage(misread(text, .utf8, .windows1252)) != nil) }

  @Test(
    "of one byte a letter is seen in a word alone",
    arguments: [
      ("Muñoz", .cp850, .windows1252), ("José", .cp850, .windows1252), ("García", .cp850, .windows1252),
      ("López", .cp850, .windows1252), ("Raúl", .cp850, .windows1252), ("MUÑOZ", .cp850, .windows1252),
      ("Técnico", .cp850, .windows1252), ("MÁRQUEZ", .cp850, .windows1252), ("Cárdenas", .macintosh, .windows1252),
      ("José", .macintosh, .windows1252), ("MUÑOZ", .macintosh, .windows1252), ("Muñoz", .windows1252, .macintosh),
      ("García", .windows1252, .macintosh), ("José", .windows1252, .macintosh), ("Muñoz", .windows1252, .cp850),
      ("López", .windows1252, .cp850), ("José", .windows1252, .cp850), ("García", .windows1252, .cp850),
    ] as [(String, CSVEncoding, CSVEncoding)])
  func oneByte(text: String, written: CSVEncoding, read: CSVEncoding) {
    let damaged = misread(text, written, read)
    guard case .misread(let letter, let found, _, _) = damage(damaged) else {
      Issue.record("\(damaged) is taken")
      return
    }
    #expect(
      text.contains(String(letter)) && (found == written || found == .macintosh), "\(damaged): \(letter), \(found)")
  }

  @Test(
    "is refused in every text of a form where it stands, and what was accepted earlier is read again",
    arguments: [
      ("MuÃ±oz", "the letter 'ñ' is damaged: utf-8 was read as windows-1252"),
      ("Mu¤oz", "the letter 'ñ' is damaged: cp850 was read as windows-1252"),
      ("Mu&ntilde;oz", "has the HTML entity &ntilde; in it"), ("A &amp; B", "has the HTML entity &amp; in it"),
      ("&#241;", "has the HTML entity &#241; in it"), ("&#xF1;", "has the HTML entity &#xF1; in it"),
      ("A&nbsp;B", "has the HTML entity &nbsp; in it"), ("Pe&Ntilde;a", "has the HTML entity &Ntilde; in it"),
    ])
  func forms(text: String, problem: String) throws {
    let fields = [
      ("1:9: department", create("").replacing("T-1\ndepartment: D", with: "T-1\ndepartment: '\(text)'"), 2),
      ("position", create("position: '\(text)'"), 6),
      ("name.family", create("").replacing("B}", with: "'\(text)'}"), 6),
      ("reason", change("delete: {address: a@example.org, reason: '\(text)'}"), 6),
      ("position", modify("set: {position: '\(text)'}"), 6),
      ("approval.reference", create("").replacing("by: jefe", with: "by: jefe, reference: '\(text)'"), 4),
    ]
    for (key, form, line) in fields {
      let found = problems(Array(form.utf8), try rules())
      #expect(
        found.count == 1 && found[0].hasPrefix("\(line):") && found[0].hasSuffix(": \(problem)"), "\(key): \(found)")
      #expect(throws: Never.self) { try FormReader.reread(Array(form.utf8)) }
    }
  }

  @Test("of a number that a spreadsheet rounded is refused for phone and document, and never quoted")
  func rounded() throws {
    for number in ["5,73105E+11", "5.73105E+11", "1E+09", "1.085e9", "+5.7E+11", "1.2E-05"] {
      for key in ["phone", "document"] {
        for form in [create("\(key): '\(number)'"), modify("set: {\(key): '\(number)'}")] {
          let found = problems(Array(form.utf8), try rules())
          #expect(found.count == 1 && found[0].contains("\(key): is a number in scientific notation"), "\(found)")
        }
      }
    }
    for number in ["3104567890", "12E5", "E12345", "1.085.263.147", "AB-12.3", "12E", "1.2.3E4"] {
      #expect(problems(Array(create("document: '\(number)'").utf8), try rules()) == [])
    }
    for number in ["+57 310 456 78 90", "(8) 420 1515 ext. 12", "EXT 5"] {
      #expect(problems(Array(create("phone: '\(number)'").utf8), try rules()) == [])
    }
  }
}
