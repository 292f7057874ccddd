import Foundation
import Records
import Testing
import Text

@Suite("The slip")
struct SlipTests {
  @Test("It says what the official has to know, in the configured language and the organisation's time")
  func facts() throws {
    for (language, words) in [
      (
        PageLanguage.es,
        [
          "Entrega de cuenta de correo institucional", "los guiones son parte de ella",
          "Se muestra por 2.ª vez", "Sus deberes", "Documento", "Hoja 1 de 1",
        ]
      ),
      (
        .en,
        [
          "Hand-over of an institutional mail account", "the hyphens belong to it",
          "Shown for the 2nd time", "Your duties", "Identity doc.", "Sheet 1 of 1",
        ]
      ),
    ] {
      let pages = try Specimens.pages(language)
      let page = Specimens.unmarked(pages.page([Specimens.slip()]))
      let text = SlipText(pages).text(Specimens.slip())
      let facts = [
        "maria.lopez@putumayo.gov.co", "mlopez", "María Fernanda López Ortiz", "Secretaría de Salud",
        "Profesional universitario", Specimens.password, "2026-0142", "https://correo.example.org/clave",
        "Ana Lucía Rosero", "soporte", "2026-11-22 06:05 UTC-05:00", "2026-12-22 06:05 UTC-05:00",
        "Gobernación del Putumayo", "NIT 800.000.000-0",
        "FT-GTI-006",
        "PT-GTI-002",
      ]
      for fact in facts + words { #expect(page.contains(fact), "\(language): \(fact)") }
      for fact in facts + words.dropLast() {
        #expect(text.split(separator: "\n").contains { $0.contains(fact) }, "\(language): \(fact)")
      }
    }
  }

  @Test("The password stands in the document once, and neither in its title nor in its head")
  func secret() throws {
    let page = String(decoding: try Specimens.pages().page([Specimens.slip()]), as: UTF8.self)
    let parts = page.split(separator: Specimens.password, omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    #expect(parts[0].contains("<body class=\"slips\">"))
    // What is signed and filed stands behind it.
    #expect(parts[1].contains("Constancia de entrega"))
  }

  @Test("A slip that is printed by mistake doesn't show its password")
  func description() {
    let slip = Specimens.slip()
    var dumped = ""
    dump(slip, to: &dumped)
    dump([slip], to: &dumped)
    for text in ["\(slip)", String(reflecting: slip), "\([slip])", "\(Optional(slip) as Any)", dumped] {
      #expect(!text.contains("k7mwq") && text.contains("***"), "\(text)")
    }
  }

  @Test("Without a page to change the password the user is sent to systems; what isn't known leaves no trace")
  func absent() throws {
    let pages = try Specimens.pages()
    var slip = Specimens.slip()
    (slip.changeURL, slip.department, slip.position, slip.requester) = (nil, nil, nil, nil)
    for text in [String(decoding: pages.page([slip, slip]), as: UTF8.self), SlipText(pages).text(slip)] {
      #expect(text.contains("Acuda a la oficina de sistemas"))
      for absent in ["https:", "Abra la página", "Secretaría de Salud", "Profesional", "Ana Lucía Rosero", "La pidió"] {
        #expect(!text.contains(absent))
      }
    }
  }

  @Test("The requester stands as who asked, and not under what the account's own user promises")
  func promise() throws {
    let pages = try Specimens.pages()
    let slip = Specimens.slip()
    for text in [String(decoding: pages.page([slip]), as: UTF8.self), SlipText(pages).text(slip)] {
      let parts = text.components(separatedBy: "Constancia de entrega")
      #expect(parts[0].contains("La pidió") && parts[0].contains("Ana Lucía Rosero"))
      #expect(parts[1].contains("quien usa la cuenta") && !parts[1].contains("Ana Lucía Rosero"))
    }
  }

  @Test("Slips that are written one after the other are the same document")
  func pieces() throws {
    let pages = try Specimens.pages()
    let slips = (0..<3).map { Specimens.slip(password: "abcde-\($0)") }
    var page = SlipPage(pages, count: 3)
    var (bytes, piece): ([UInt8], [UInt8]) = ([], [])
    page.begin(&bytes)
    for slip in slips {
      page.append(slip, to: &piece)
      bytes += piece
      piece.removeAll()
    }
    page.end(&bytes)
    #expect(bytes == pages.page(slips))
    let text = String(decoding: bytes, as: UTF8.self)
    for number in 1...3 { #expect(text.contains("Hoja \(number) de 3")) }
  }

  @Test("English counts right")
  func ordinals() throws {
    let pages = try Specimens.pages(.en)
    for (number, ordinal) in [
      (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
      (102, "102nd"), (111, "111th"),
    ] {
      var slip = Specimens.slip()
      slip.showing = number
      #expect(SlipText(pages).text(slip).hasSuffix("Shown for the \(ordinal) time\n"))
    }
  }

  @Test("On a terminal no line is wider than 78 cells, whatever the slip holds", arguments: PageLanguage.allCases)
  func width(language: PageLanguage) throws {
    let pages = try Specimens.pages(language)
    var long = Specimens.slip(password: (0..<11).map { _ in "wmwqm" }.joined(separator: "-"))
    long.address = String(repeating: "w", count: 64) + "@dependencia.putumayo.gov.co"
    long.name = String(repeating: "日本語", count: 60)
    long.department = String(repeating: "e\u{301}", count: 200)
    long.changeURL = "https://correo.example.org/" + String(repeating: "x", count: 300)
    for slip in [long] + Specimens.hostile.map({ Specimens.slip($0.text) }) {
      let text = SlipText(pages).text(slip)
      for line in text.split(separator: "\n") { #expect(Cells.width(String(line)) <= SlipText.width, "\(line)") }
      #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
    }
    // A long password is broken behind a hyphen alone, and nothing of it is lost.
    let lines = SlipText(pages).text(long).split(separator: "\n").filter { $0.contains("wmwqm") }
    #expect(lines.count == 2 && lines[0].hasSuffix("-"))
    #expect(lines.map { $0.split(separator: " ").last ?? "" }.joined() == long.password)
  }
}
