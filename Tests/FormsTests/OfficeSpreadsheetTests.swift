import Testing
import Text

@testable import Forms

/// What a spreadsheet gives: the creates, all that is wrong, and what is only reported.
private struct Sheet {
  var creates: [Change.Create] = []
  var findings: [String] = []
  var notes: [String] = []

  init(_ csv: [UInt8], _ encoding: CSVEncoding = .utf8) throws {
    let header = FormHeader(
      number: "T-1", department: "D", requesterName: "Ana", approvedBy: "jefe", approvedOn: "2026-11-21")
    var notes: [String] = []
    let outcome = BulkForm.creates(
      csv: csv, encoding: encoding, header: header, rules: try rules(), note: { notes.append($0.description) })
    self.notes = notes
    switch outcome {
    case .invalid(let findings): self.findings = findings.map(\.description)
    case .request(let request):
      creates = request.changes.compactMap {
        guard case .create(let create) = $0 else { return nil }
        return create
      }
    }
  }

  init(_ csv: String) throws { try self.init(Array(csv.utf8)) }
}

@Suite("A spreadsheet as an office writes it")
struct OfficeSpreadsheetTests {
  // MARK: Headers

  @Test(
    "has headers with other words for the same",
    arguments: [
      (
        .address,
        [
          "Correo", "CORREO ELECTRÓNICO", "Correo electronico", "correo institucional",
          "Correo electrónico institucional",
          "e-mail", "E-Mail", "email", "Dirección de correo", "correo\nelectrónico", "  Correo:  ",
        ]
      ),
      (
        .document,
        [
          "Cédula", "CEDULA", "documento", "N.º de documento", "Nº documento", "N° de documento", "No. de documento",
          "Nro. Documento", "Número de cédula", "Cédula de ciudadanía", "C.C.", "Identificación",
        ]
      ),
      (.phone, ["Celular", "Móvil", "movil", "TELÉFONO", "Teléfono (celular)", "Número de celular", "Tel."]),
      (.department, ["Dependencia", "Área", "AREA", "Oficina"]), (.position, ["Cargo", "CARGO:"]),
      (.given, ["Nombres", "Primer nombre", "PRIMER_NOMBRE"]), (.secondGiven, ["Segundo nombre", "Otros nombres"]),
      (.family, ["Apellidos", "Apellido", "Primer apellido"]), (.secondFamily, ["segundo  apellido"]),
    ] as [(CSVColumn, [String])])
  func synonyms(column: CSVColumn, names: [String]) {
    for name in names { #expect(CSVColumn(named: Array(name.utf8)[...]) == column, "\(name)") }
  }

  @Test(
    "has headers that mean nothing here",
    arguments: ["", "Ítem", "No.", "#", "Tipo de documento", "Nombre completo", "Correo personal", "Почта", "de la"])
  func unknown(name: String) { #expect(CSVColumn(named: Array(name.utf8)[...]) == nil) }

  @Test("names no column twice")
  func namesAreDistinct() {
    for column in CSVColumn.allCases {
      for name in column.names { #expect(CSVColumn(named: Array(name.utf8)[...]) == column, "\(name)") }
    }
  }

  @Test("has first and second names in columns of their own")
  func parts() throws {
    let header = "Correo;Primer nombre;Segundo nombre;Primer apellido;Segundo apellido\n"
    let rows = "a@example.org;María;Fernanda;López;Ortiz\nb@example.org;Ana;;Ruiz;\nc@example.org;;Eva;;Paz\n"
    #expect(
      try Sheet(header + rows).creates.map(\.name) == [
        .person(given: "María Fernanda", family: "López Ortiz"), .person(given: "Ana", family: "Ruiz"),
        .person(given: "Eva", family: "Paz"),
      ])
    #expect(
      try Sheet("correo;nombre;segundo nombre;primer apellido\na@example.org;María;Eva;Paz\n").creates.map(\.name) == [
        .person(given: "María Eva", family: "Paz")
      ])
  }

  @Test("with an unknown header is one error, which proposes the nearest with its accents, however many rows there are")
  func unknownHeaders() throws {
    let rows = String(repeating: "a@example.org;Ana;Ruiz;1\n", count: 3)
    #expect(
      try Sheet("correo;nombres;apellidos;telefno\n" + rows.prefix(25)).findings == [
        "1:26: telefno: no column has this name; write teléfono"
      ])
    let unknown = try Sheet("correo;nombres;apellidos;\"Lugar\nde trabajo\"\n\(rows.prefix(25))").findings
    #expect(
      unknown.count == 1
        && unknown[0].hasPrefix("1:26: Lugar de trabajo: no column has this name; delete the column, or "),
      "\(unknown)")
    // What every row would lack is reported once.
    for (header, keys) in [
      ("correo;Nombre completo;apellidos;cargo", ["1:8: Nombre completo"]),
      ("Mensaje;nombres;apellidos;cargo", ["1:1: Mensaje"]),
      ("correo;apellidos;documento;cargo", ["1:1: name"]),
    ] {
      let found = try Sheet("\(header)\n\(rows)").findings
      #expect(found.count == keys.count, "\(found)")
      for key in keys { #expect(found.contains { $0.hasPrefix("\(key): no column has this name; ") }, "\(found)") }
    }
  }

  @Test("has header messages without escapes")
  func titles() throws {
    let found = try Sheet("correo;nombres;apellidos;\u{200B}Ubicacio\u{301}n\u{A0}\tgeneral\u{AD}\n").findings
    #expect(found[0].hasPrefix("1:26: Ubicación general: no column has this name; "), "\(found)")
  }

  @Test("has titles above the header, which are passed over and reported")
  func titleRows() throws {
    let table = "correo;nombres;apellidos;cargo\na@example.org;Ana;Ruiz;Jefe\n"
    let titles = [
      "GOBERNACIÓN;;;\nRelación de contratistas;;;\n", "Lista, de \"correo\"\n\n", ";;;\nCorreo;;;\n",
      "\u{FEFF}Fecha: 2026-11-21\n\n",
    ]
    for title in titles {
      for text in [table, table.replacing(";", with: "\t")] {
        let sheet = try Sheet(title + text)
        #expect(sheet.creates.map(\.position) == ["Jefe"], "\(title): \(sheet.findings)")
        #expect(
          sheet.notes == [
            "3:1: file: this line is taken for the header, and what stands above it is passed over; "
              + "delete the lines above if they are no title"
          ])
      }
    }
    #expect(try Sheet(table).notes.isEmpty && Sheet("sep=;\n" + table).notes.isEmpty)
    #expect(try Sheet("sep=;\nTítulo\n" + table).notes.count == 1)
    // Places stay those of the file.
    #expect(
      try Sheet(titles[0] + "correo;nombres;apellidos;crgo\nx;A;B;C\n").findings.map { $0.prefix(16) } == [
        "3:26: crgo: no c", "4:1: correo: 'x'",
      ])
  }

  @Test("without a header is one error that says so")
  func noHeader() throws {
    for csv in ["GOBERNACIÓN;;\nRelación;;\na@example.org;Ana;Ruiz\n", "a@example.org,Ana,Ruiz\n", "{number: 1}\n"] {
      let found = try Sheet(csv).findings
      #expect(found.count == 1 && found[0].hasPrefix("1:1: file: no line names the columns; "), "\(found)")
    }
  }

  @Test(
    "is named where it is no CSV yet",
    arguments: [
      (".xlsx", Array("PK\u{3}\u{4}\u{14}\0[Content_Types].xml".utf8)),
      (".ods", Array("PK\u{3}\u{4}\u{14}\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet".utf8)),
      (".xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]),
    ] as [(String, [UInt8])])
  func archives(name: String, bytes: [UInt8]) throws {
    for encoding in CSVEncoding.allCases {
      #expect(
        try Sheet(bytes, encoding).findings == [
          "1:1: file: the file is a spreadsheet (\(name)) and no CSV; save it as CSV, or use xlsx2csv or soffice --convert-to csv"
        ])
    }
  }

  // MARK: Cells

  @Test(
    "has addresses as mail programs write them",
    arguments: [
      ("a@example.org", ["a@example.org"]), ("mailto:a@example.org", ["a@example.org"]),
      ("MAILTO:a@example.org?subject=x", ["a@example.org"]), ("Muñoz, María <a@example.org>", ["a@example.org"]),
      ("\"Muñoz, María\" <a@example.org>", ["a@example.org"]), ("<a@example.org>", ["a@example.org"]),
      ("Ruiz Ana<mailto:a@example.org>", ["a@example.org"]), ("a@example.org <a@example.org>", ["a@example.org"]),
      ("'A@example.org' <a@example.org>", ["a@example.org"]),
      (
        "a@example.org; Muñoz, María <b@example.org>; c@example.org",
        ["a@example.org", "b@example.org", "c@example.org"]
      ),
      ("Ana <a@example.org>, b@example.org, Eva <c@example.org>", ["a@example.org", "b@example.org", "c@example.org"]),
      ("a@example.org\nb@example.org c@example.org", ["a@example.org", "b@example.org", "c@example.org"]),
      ("", []), (" ; , ", []),
      // What is no address stays one, so that it is reported.
      ("Ana; Eva <b@example.org>", ["Ana", "b@example.org"]), ("Ana <a@example.org", ["Ana", "<a@example.org"]),
      ("\"Ana\"", ["\"Ana\""]), ("<>", [""]),
    ] as [(String, [String])])
  func addresses(cell: String, addresses: [String]) {
    #expect(CellAddresses.split(Array(cell.utf8)[...]).map { String(decoding: $0, as: UTF8.self) } == addresses)
  }

  @Test("has such addresses in every column of addresses")
  func addressColumns() throws {
    let sheet = try Sheet(
      """
      correo;tipo;nombre;responsable;alias;miembros
      mailto:A@example.org;lista;L;"Muñoz, María <m@example.org>";"Paz, Eva <b@example.org>; <c@example.org>";x@example.com
      """)
    #expect(sheet.creates.first?.address == Address("a@example.org"), "\(sheet.findings)")
    #expect(sheet.creates.first?.owner == Address("m@example.org"))
    #expect(sheet.creates.first?.aliases == ["b@example.org", "c@example.org"].compactMap { Address($0) })
    #expect(
      try Sheet("correo;nombres;apellidos\na@example.org b@example.org;A;B\n").findings == [
        "2:1: correo: 'a@example.org b@example.org' is not an address: it has a space in it; write an address: name@example.org"
      ])
  }

  @Test("with a name that is too long says how long it is, and the limit")
  func longNames() throws {
    let long = String(repeating: "ñ", count: 129)
    #expect(
      try Sheet("correo,nombres,apellidos\na@example.org,\(long),\(long)a\n").findings == [
        "2:15: nombres: has 129 letters; write at most 128", "2:145: apellidos: has 130 letters; write at most 128",
      ])
    #expect(
      try Sheet("correo,tipo,responsable,nombre\na@example.org,lista,b@example.org,\(long)\n").findings == [
        "2:35: nombre: has 129 letters; write at most 128"
      ])
  }

  @Test("with a number that was rounded says so for document and phone")
  func roundedNumbers() throws {
    let found = try Sheet(
      "correo;nombres;apellidos;documento;teléfono\na@example.org;A;B;1,08526E+09;5,73105E+11\n"
    ).findings
    let rest =
      "is a number in scientific notation: its last digits are lost; write all its digits; give the column the format Text first"
    #expect(found == ["2:19: documento: \(rest)", "2:31: teléfono: \(rest)"])
  }

  @Test("has spaces beside quotation marks")
  func spacedQuotes() throws {
    for row in [
      "a@example.org, \"Ana\", \"Ruiz, Paz\", \"Jefe\"", "a@example.org ,  \"Ana\" ,\"Ruiz, Paz\"  ,\"Jefe\" ",
      " \"a@example.org\",\"Ana\",\"Ruiz, Paz\",  \"Jefe\"",
    ] {
      let sheet = try Sheet("correo, nombres, \"apellidos\" , cargo\n\(row)\n")
      #expect(sheet.creates.map(\.name) == [.person(given: "Ana", family: "Ruiz, Paz")], "\(row): \(sheet.findings)")
      #expect(sheet.creates.map(\.position) == ["Jefe"])
    }
    #expect(
      try Sheet("correo,nombres,apellidos\na@example.org, \"El\" x,B\n").findings.map { $0.prefix(34) } == [
        "2:20: nombres: something follows a"
      ])
  }

  // MARK: Encodings

  private static let people =
    "correo;nombres;apellidos;cargo\na@example.org;José;Muñoz;Técnico\nb@example.org;María;López;JEFE DE ÁREA\n"

  private static func bytes(_ text: String, _ encoding: CSVEncoding) -> [UInt8] {
    text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : encoding.byte(of: $0) ?? 0x3F }
  }

  @Test("is read in each encoding that is named, and another one is proposed where none or the wrong one is")
  func encodings() throws {
    let expected = try Sheet(Self.people).creates
    #expect(expected.count == 2)
    for written in CSVEncoding.singleBytes {
      let bytes = Self.bytes(Self.people, written)
      for read in CSVEncoding.allCases {
        let sheet = try Sheet(bytes, read)
        if read == written || read == .latin1 && written == .windows1252 {
          #expect(sheet.creates == expected, "\(written) as \(read): \(sheet.findings)")
        } else {
          #expect(!sheet.findings.isEmpty)
          #expect(
            sheet.findings.allSatisfy { $0.hasSuffix("--encoding \(written.rawValue)") },
            "\(written) as \(read): \(sheet.findings)")
        }
      }
    }
  }

  @Test("reports each damaged cell where it stands, headers and identity numbers too, and quotes none of these")
  func damagedCells() throws {
    #expect(
      try Sheet(
        "correo;nombres;apellidos;TelÃ©fono;cÃ©dula\na@example.org;JosÃ©;Ruiz;1;12Ã±4\nb@example.org;Ana;Mu¤oz;;\nc@example.org;MarÃ\u{AD}a;\"A&amp;B\";;\n"
      ).findings.map { $0.split(separator: ";")[0] } == [
        "1:26: TelÃ©fono: the letter 'é' is damaged: utf-8 was read as windows-1252",
        "1:36: cÃ©dula: the letter 'é' is damaged: utf-8 was read as windows-1252",
        "2:15: nombres: the letter 'é' is damaged: utf-8 was read as windows-1252",
        "2:28: cÃ©dula: the letter 'ñ' is damaged: utf-8 was read as windows-1252",
        "3:19: apellidos: the letter 'ñ' is damaged: cp850 was read as windows-1252",
        "4:15: nombres: the letter 'í' is damaged: utf-8 was read as windows-1252",
        "4:22: apellidos: has the HTML entity &amp",
      ])
  }

  @Test("has an encoding by each of its names")
  func encodingNames() {
    let names: [(CSVEncoding?, [String])] = [
      (.utf8, ["utf-8", "UTF8"]), (.windows1252, ["windows-1252", "CP1252"]), (.cp850, ["cp850", "ibm850", "IBM-850"]),
      (.macintosh, ["macintosh", "Mac Roman"]), (.latin1, ["latin1", "Latin-1", "ISO-8859-1"]),
      (nil, ["utf-16", "", "1252x"]),
    ]
    for (encoding, names) in names { for name in names { #expect(CSVEncoding(name: name) == encoding, "\(name)") } }
  }
}
