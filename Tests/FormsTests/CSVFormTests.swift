import Support
import Testing
import Text

@testable import Forms

/// The head of the forms that tests make from spreadsheets.
private let head = FormHeader(
  number: "T-1", department: "D", requesterName: "Ana", approvedBy: "jefe", approvedOn: "2026-11-21")

private func outcome(
  _ csv: [UInt8], _ encoding: CSVEncoding = .utf8, _ delimiter: UInt8? = nil, header: FormHeader = head
) throws -> FormReader.Outcome {
  BulkForm.creates(csv: csv, encoding: encoding, delimiter: delimiter, header: header, rules: try rules())
}

/// The creates of a good file.
private func creates(_ csv: String, _ encoding: CSVEncoding = .utf8) throws -> [Change.Create] {
  switch try outcome(Array(csv.utf8), encoding) {
  case .request(let request):
    return try request.changes.map {
      guard case .create(let create) = $0 else { throw FormReader.Unreadable(findings: []) }
      return create
    }
  case .invalid(let findings): throw FormReader.Unreadable(findings: findings)
  }
}

/// All that is wrong with a file, each without its remedy.
private func mistakes(_ csv: [UInt8], _ encoding: CSVEncoding = .utf8, header: FormHeader = head) throws -> [String] {
  guard case .invalid(let findings) = try outcome(csv, encoding, header: header) else { return [] }
  #expect(findings.allSatisfy { !$0.remedy.isEmpty })
  return findings.map { finding in
    var finding = finding
    finding.remedy = ""
    return finding.description
  }
}

private func mistakes(_ csv: String) throws -> [String] { try mistakes(Array(csv.utf8)) }

private let maria = Change.Create(
  address: Address("maria@example.org") ?? { preconditionFailure("it is one") }(),
  name: .person(given: "María", family: "López"))

@Suite("A spreadsheet's CSV")
struct CSVFormTests {
  @Test("becomes a create for each row, with every column")
  func columns() throws {
    let csv = """
      address,kind,given,family,display,document,position,department,phone,owner,aliases,forward,keep_copy,lists,quota,expires
      Maria@example.org,,María,López,,0112,Jefe,E,+57 8,o@example.org,"b@example.org, c@example.org",x@example.com;y@example.com,no,l@example.org,5 GiB,31/12/2026
      c1@example.org,funcional,,,Contacto,,,,,o@example.org,,,,,,
      """
    var first = maria
    first.document = "0112"
    first.position = "Jefe"
    first.department = "E"
    first.phone = "+57 8"
    first.owner = Address("o@example.org")
    first.aliases = ["b@example.org", "c@example.org"].compactMap { Address($0) }
    first.forward = ["x@example.com", "y@example.com"].compactMap { ExternalAddress($0) }
    first.keepCopy = false
    first.lists = ["l@example.org"].compactMap { Address($0) }
    first.quota = ByteCount(parsing: "5 GiB")
    first.expires = Day(parsing: "2026-12-31")
    let second = Change.Create(
      address: try #require(Address("c1@example.org")), kind: .functional, name: .display("Contacto"),
      owner: Address("o@example.org"))
    #expect(try creates(csv) == [first, second])
    let lists = try creates(
      "address,kind,display,owner,members\nl@example.org,lista,L,o@example.org,x@example.com y@example.com")
    #expect(lists[0].kind == .list && lists[0].members.map(\.text) == ["x@example.com", "y@example.com"])
  }

  @Test("holds in a formula that is nothing but a text that text: Excel keeps the zeros of a number so")
  func textFormula() throws {
    let csv = "correo,nombres,apellidos,documento,cargo\nmaria@example.org,María,López,\"=\"\"012\"\"\",=\"Jefa\"\n"
    #expect(try creates(csv).map { [$0.document, $0.position] } == [["012", "Jefa"]])
    #expect(
      try mistakes("correo,nombres,apellidos,cargo\na@example.org,A,B,=\"a\"&\"b\"\n") == ["2:19: cargo: is a formula"])
  }

  @Test(
    "has columns named in English or Spanish, whatever the case and the accents",
    arguments: [
      "address,given,family,phone", "correo,nombres,apellidos,teléfono", "CORREO,Nombres,APELLIDOS,Telefono",
      "Address, Given ,family,Tele\u{301}fono", "\u{FEFF}correo,nombres,apellidos,phone",
      "correo,nombre,apellidos,telefono",
      "\"correo\",\"nombres\",\"apellidos\",\"teléfono\"",
    ])
  func names(header: String) throws {
    var expected = maria
    expected.phone = "1"
    #expect(try creates("\(header)\nmaria@example.org,María,López,1\n") == [expected])
  }

  @Test("names every column in Spanish too")
  func spanish() throws {
    let names = [
      "correo", "tipo", "nombres", "apellidos", "nombre", "documento", "cargo", "dependencia", "teléfono",
      "responsable",
      "alias", "reenvío", "conserva copia", "listas", "miembros", "cuota", "vence", "segundo nombre",
      "segundo apellido",
    ]
    #expect(names.map { CSVColumn(named: Array($0.utf8)[...]) } == CSVColumn.allCases)
  }

  @Test(
    "has the delimiter, line ends and byte order mark that spreadsheets write", arguments: [",", ";", "\t"],
    [
      "\n", "\r\n", "\r",
    ])
  func dialects(delimiter: String, lineEnd: String) throws {
    for mark in ["", "\u{FEFF}"] {
      for last in ["", lineEnd, lineEnd + lineEnd] {
        let rows = [
          ["correo", "nombres", "apellidos", "cargo"],
          ["maria@example.org", "María", "López", "\"a\(delimiter)\"\"b\"\"\""],
        ]
        let csv = mark + rows.map { $0.joined(separator: delimiter) }.joined(separator: lineEnd) + last
        var expected = maria
        expected.position = "a\(delimiter)\"b\""
        if delimiter == "\t" {
          #expect(try mistakes(csv) == ["2:31: cargo: has a tab in it"])
        } else {
          #expect(try creates(csv) == [expected])
        }
      }
    }
  }

  @Test("takes a delimiter that the header doesn't tell")
  func givenDelimiter() throws {
    let csv = Array("correo;nombres;apellidos;x,y,z,a,b\nmaria@example.org;María;López;\n".utf8)
    #expect(try mistakes(csv) == ["1:26: x,y,z,a,b: no column has this name"])
    guard case .invalid(let findings) = try outcome(csv, .utf8, UInt8(ascii: ",")) else {
      throw FormReader.Unreadable(findings: [])
    }
    #expect(findings.map(\.problem) == ["no line names the columns"])
  }

  @Test("leaves nothing of the spreadsheet's own marks")
  func marks() throws {
    let csv = "correo,nombres,apellidos,documento\n\u{A0}maria@example.org ,Mari\u{301}a, L\u{F3}pez\u{A0},'0112\n"
    var expected = maria
    expected.document = "0112"
    let read = try creates(csv)
    #expect(read == [expected])
    // Swift's strings are equal where they look equal; the bytes must be those of NFC.
    guard case .person(let given, _) = read[0].name else { throw FormReader.Unreadable(findings: []) }
    #expect(given.utf8.elementsEqual("María".utf8))
    #expect(
      try creates("correo,nombres,apellidos\nmaria@example.org,María\u{A0}José,López")[0].name
        == .person(given: "María José", family: "López"))
  }

  @Test(
    "has days as spreadsheets write them",
    arguments: [
      ("2026-12-31", "2026-12-31"), ("31/12/2026", "2026-12-31"), ("12/31/2026", "2026-12-31"),
      ("31-12-2026", "2026-12-31"), ("31.12.2026", "2026-12-31"), ("5/5/2027", "2027-05-05"),
      ("2026/12/31", "2026-12-31"), ("29/2/2028", "2028-02-29"),
    ])
  func days(written: String, meant: String) throws {
    let csv = "correo,nombres,apellidos,vence\nmaria@example.org,María,López,\(written)\n"
    #expect(try creates(csv)[0].expires == Day(parsing: meant))
  }

  @Test(
    "is refused where a day is no day or could be two",
    arguments: [
      ("05/06/2027", "can be read as two days"), ("1/1/27", "the year of '1/1/27' has two digits"),
      ("31/02/2027", "not a day of the calendar"), ("31/12-2026", "not a day of the calendar"),
      ("46387", "not a day of the"),
      ("31/12/2026 00:00", "not a day of the calendar"), ("diciembre", "not a day of the calendar"),
      ("1/1/2020", "is in the past"), ("99999999999999999999/1/1", "not a day of the calendar"),
      ("//", "not a day of the"),
    ])
  func noDays(written: String, problem: String) throws {
    let told = try mistakes("correo,nombres,apellidos,vence\nmaria@example.org,María,López,\(written)\n")
    #expect(told.count == 1 && told[0].hasPrefix("2:31: vence: ") && told[0].contains(problem), "\(told)")
  }

  /// Files, and all that is wrong with them.
  static let refused: [(name: String, csv: String, findings: [String])] = [
    ("nothing", "", ["1:1: file: the file has no rows"]),
    ("a header alone", "correo,nombres,apellidos\n\n ,,\n", ["1:1: file: the file has no rows"]),
    (
      "no column of addresses", "nombres,apellidos\nA,B\nC,D\n", ["1:1: address: no column has this name"]
    ),
    (
      "a column misspelt", "corre,nombres,apelidos\nmaria@example.org,A,B\n",
      ["1:1: corre: no column has this name", "1:15: apelidos: no column has this name"]
    ),
    (
      "a column twice", "correo,nombres,apellidos,address\nmaria@example.org,A,B,b@example.org\n",
      ["1:26: address: the column is there twice, the first time as 'correo'"]
    ),
    (
      "several mistakes in a row",
      "correo,nombres,apellidos,cuota,teléfono,alias\npedro.díaz@example.org,A,,5 GB,*57,b@x b@example.com\n",
      [
        "2:1: correo: 'pedro.díaz@example.org' is not an address: it has letters beyond ASCII",
        "2:24: apellidos: is missing", "2:27: cuota: the unit of '5 GB' means two sizes",
        "2:32: teléfono: '*57' has a character that a telephone number can't have",
        "2:36: alias: 'b@x' has no dot in its domain", "2:36: alias: 'b@example.com' is not in a domain of ours",
      ]
    ),
    (
      "mistakes after a cell of several lines",
      "correo,nombres,apellidos,cargo\r\na@example.org,\"A\",B,\"x\r\ny\"\r\nb@x,\"C\"\"\",D,\r\n",
      ["2:21: cargo: has a line break in it", "4:1: correo: 'b@x' has no dot in its domain"]
    ),
    (
      "an address given twice", "correo,nombres,apellidos\na@example.org,A,B\n\nA@example.org,C,D\n",
      ["4:1: correo: line 2 gives the address 'a@example.org' already"]
    ),
    ("a formula", "correo,nombres,apellidos,cargo\na@example.org,A,B,=A1\n", ["2:19: cargo: is a formula"]),
    (
      "errors of formulas", "correo,nombres,apellidos,cargo,cuota\na@example.org,A,B,#¡REF!,#N/A\n",
      ["2:19: cargo: is the error of a formula", "2:26: cuota: is the error of a formula"]
    ),
    (
      "a flag that is none", "correo,nombres,apellidos,keep_copy\na@example.org,A,B,quizá\n",
      ["2:19: keep_copy: 'quizá' is neither true nor false"]
    ),
    (
      "a kind that isn't known", "correo,nombres,apellidos,tipo\na@example.org,A,B,robot\n",
      ["2:19: tipo: 'robot' is not known"]
    ),
    (
      "a functional account without an owner", "correo,tipo,nombre\na@example.org,funcional,A\n",
      ["2:1: owner: is missing"]
    ),
    ("a person without a name", "correo,nombres,apellidos\na@example.org,,\n", ["2:1: name: is missing"]),
    (
      "a control character", "correo,nombres,apellidos\na@example.org,A\u{7},B\u{202E}\n",
      [
        "2:15: nombres: the control character \\u{7} is not allowed",
        "2:18: apellidos: the invisible character \\u{202E} is not allowed",
      ]
    ),
    (
      "more cells than columns", "correo,nombres,apellidos\na@example.org,A,B,,x\n",
      ["2:20: column 5: the row has more cells than the first line has names"]
    ),
    (
      "a quote that isn't closed", "correo,nombres,apellidos\na@example.org,A,B\nb@example.org,\"C,D\n",
      ["3:15: nombres: a quotation mark is opened and not closed"]
    ),
    (
      "a quote in the middle", "correo,nombres,apellidos\na@example.org,\"A\" B,C\n",
      ["2:18: nombres: something follows a closing quotation mark"]
    ),
    (
      "a number that the spreadsheet shortened", "correo,nombres,apellidos,documento\na@example.org,A,B,1.12485E+09\n",
      ["2:19: documento: is a number in scientific notation: its last digits are lost"]
    ),
  ]

  @Test("is refused with every mistake at its place", arguments: Self.refused.indices)
  func everyMistake(index: Int) throws {
    let row = Self.refused[index]
    #expect(try mistakes(row.csv) == row.findings, "\(row.name)")
  }

  @Test("tells mistakes of the options by their keys, without a place")
  func options() throws {
    var header = head
    header.number = "a/b"
    header.department = "D\u{202E}"
    header.approvedOn = "2026-11-23"
    header.requesterAddress = "x"
    #expect(
      try mistakes(Array("correo,nombres,apellidos\na@x,A,B\n".utf8), header: header) == [
        "department: the invisible character \\u{202E} is not allowed",
        "number: 'a/b' is not written as it should be", "requester.address: 'x' is not an address: it has no @",
        "approval.date: 2026-11-23 is in the future", "2:1: correo: 'a@x' has no dot in its domain",
      ])
  }

  @Test("with a mistake in each row tells a hundred and counts the others")
  func many() throws {
    let csv = "correo,nombres,apellidos\n" + String(repeating: "x,A,B\n", count: 1000)
    let told = try mistakes(Array(csv.utf8))
    #expect(told.count == 101 && told.last == "102:1: correo: and 900 more findings")
  }

  @Test("of an identity number never quotes it")
  func secret() throws {
    guard
      case .invalid(let findings) = try outcome(
        Array("correo,nombres,apellidos,documento\na@example.org,A,B,112485ñ\n".utf8))
    else { throw FormReader.Unreadable(findings: []) }
    #expect(findings.count == 1 && !findings[0].line(file: "f").contains("112485"))
  }
}

@Suite("The encoding of a CSV file")
struct CSVEncodingTests {
  /// "correo;nombres;apellidos;cargo", María, and every character of Windows-1252 that isn't ASCII.
  private static let windows: [UInt8] =
    Array("correo;nombres;apellidos;cargo\nmaria@example.org;Mar".utf8) + [0xED] + Array("a;L".utf8) + [0xF3]
    + Array("pez;x".utf8) + [0x80, 0x9F, 0xD1] + Array("y\n".utf8)

  @Test("Windows-1252 is read where it is named")
  func windows() throws {
    guard case .request(let request) = try outcome(Self.windows, .windows1252),
      case .create(let create) = request.changes[0]
    else { throw FormReader.Unreadable(findings: []) }
    #expect(create.name == maria.name && create.position == "x€ŸÑy")
  }

  @Test("Windows-1252 that isn't named, UTF-16, and UTF-8 that is named something else are refused with a remedy")
  func refused() throws {
    #expect(try mistakes(Self.windows) == ["2:22: file: the byte 0xED is not UTF-8"])
    let text = "correo,nombres,apellidos\nmaria@example.org,María,López\n"
    let little: [UInt8] = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let big: [UInt8] = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    for bytes in [[0xFF, 0xFE] + little, little, [0xFE, 0xFF] + big] {
      for encoding in [CSVEncoding.utf8, .windows1252] {
        #expect(try mistakes(bytes, encoding) == ["1:1: file: the file is UTF-16 or no text at all"])
      }
    }
    #expect(try mistakes(Array(text.utf8), .windows1252) == ["1:1: file: the file is UTF-8 already"])
    #expect(
      try mistakes(Self.windows + [0x81], .windows1252) == [
        "3:1: file: the byte 0x81 is not a character of windows-1252"
      ])
  }
}

@Suite("A hostile CSV file")
struct HostileCSVTests {
  @Test("of any damage gives a request or findings")
  func mutations() throws {
    let seed = Array(
      "correo;nombres;apellidos;alias;vence\r\nmaria@example.org;\"Mar\"\"ía\";López;b@example.org;31/12/2026\r\n".utf8)
    let tokens: [[UInt8]] = [
      "\"", ";", ",", "\t", "\r", "\n", "\"\"", "=", "'", "\u{A0}", "\0", "é", "\u{FEFF}", "@", "/",
    ].map { Array($0.utf8) }
    var random = SeededGenerator(seed: 5)
    var outcomes = (accepted: 0, refused: 0)
    for _ in 0..<4000 {
      var bytes = seed
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
        case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        default: bytes.removeSubrange(place..<min(bytes.count, place + 5))
        }
      }
      switch try outcome(bytes, Bool.random(using: &random) ? .utf8 : .windows1252) {
      case .request(let request):
        outcomes.accepted += 1
        #expect(try FormReader.reread(FormWriter.write(request)) == request)
      case .invalid(let findings):
        outcomes.refused += 1
        #expect(!findings.isEmpty && findings.count <= 202)
      }
    }
    #expect(outcomes.accepted > 40 && outcomes.refused > 1000, "\(outcomes)")
  }

  @Test(
    "of 256 KiB is refused in bounded time",
    arguments: ["\"", ",", "\n", "e\u{301}"]
      + (Torture.isFull ? [";", "a", "\"\"", "\",", "=", "é,", "\r", "'"] : []))
  func shapes(unit: String) throws {
    let bytes = Array((String(repeating: unit, count: (1 << 18) / unit.utf8.count)).utf8)
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try !mistakes(bytes).isEmpty)
    #expect(try !mistakes(Array("correo,nombres\n".utf8) + bytes).isEmpty)
    let time = clock.now - start
    // What grows with the square of the length takes an hour.
    #expect(time < .seconds(60), "\(time)")
  }
}
