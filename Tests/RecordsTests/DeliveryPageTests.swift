import Accounts
import LDAP
import Records
import Register
import Testing

@Suite("The delivery record on paper")
struct DeliveryPageTests {
  @Test("It says what the record says, in the configured language and the organisation's time")
  func facts() throws {
    for (language, words) in [
      (
        PageLanguage.es,
        [
          "Acta de entrega", "Aplicada en parte", "Creación", "Pendiente", "Quedan sin responsable",
          "Motivo:</b> Retiro",
          "Cargo: <del>Auxiliar</del> → Profesional", "Documento: reservado", "Conserva copia: no",
          "Se recibió la hoja de entrega (por Ana; registró root)", "Venció (por el plazo)",
          "68 (la entrada ya existe)</b>: palabras del directorio: «it is there»",
        ]
      ),
      (
        .en,
        [
          "Delivery record", "Partly applied", "Creation", "Open", "Left without an owner",
          "68 (entryAlreadyExists)</b>: it is there",
        ]
      ),
    ] {
      let page = Specimens.unmarked(try Specimens.pages(language).page(Specimens.record()))
      let facts = [
        "2026-0142", "Secretaría de Salud", "Ana Lucía Rosero", "ana.rosero@putumayo.gov.co", "jefe.sistemas",
        "2026-11-21", "Memorando GTI-231", "2026-11-22 06:05 UTC-05:00", "sha256:000fa0ff", "9f86d081", "FT-GTI-006",
        "PT-GTI-002",
        "2015-03-25", "NIT 800.000.000-0", "cuenta.0@putumayo.gov.co", "uid=cuenta.0,ou=people,dc=putumayo",
        "it is there", "choose some other", "contacto@putumayo.gov.co",
      ]
      for fact in facts + words { #expect(page.contains(fact), "\(language): \(fact)") }
    }
  }

  @Test("Errors and remedies of the program, and the clock's reason, are in the page's language")
  func messages() throws {
    var record = Specimens.record()
    record.changes[1].error = .init(
      code: .noSuchObject, diagnostic: "owner: there is no account ana@x.co",
      remedy: "check the address against the corporate account list (buzon accounts); the nearest is eva@x.co")
    record.changes[2].reason = "policy.retention"
    let spanish = String(decoding: try Specimens.pages().page(record), as: UTF8.self)
    for text in [
      "32 (no existe la entrada)</b>: responsable: no existe la cuenta ana@x.co</p>",
      "compare la dirección con la lista de correos corporativos (buzon accounts); la más parecida es eva@x.co",
      "terminó el plazo de retención (policy.retention)",
    ] { #expect(spanish.contains(text), "\(text)") }
    let english = String(decoding: try Specimens.pages(.en).page(record), as: UTF8.self)
    for text in ["32 (noSuchObject)</b>: owner: there is no account ana@x.co</p>", "the time of retention is over"] {
      #expect(english.contains(text), "\(text)")
    }
  }

  @Test("What nobody asked for is not shown as asked for: the clock did it")
  func clock() throws {
    var record = Specimens.record()
    record.submitted = nil
    let page = String(decoding: try Specimens.pages().page(record), as: UTF8.self)
    #expect(page.contains("Nadie los solicitó") && !page.contains("jefe.sistemas") && !page.contains("corrigió"))
    // It has owners and lists follow an address at once: no term of anything.
    record.changes[1].deed = .follow
    let mixed = String(decoding: try Specimens.pages().page(record), as: UTF8.self)
    #expect(mixed.contains("Nadie los solicitó") && mixed.contains("corrigió por sí mismo el responsable o las listas"))
    record.changes = [record.changes[1]]
    let followed = String(decoding: try Specimens.pages().page(record), as: UTF8.self)
    #expect(!followed.contains("Nadie los solicitó") && followed.contains("corrigió por sí mismo el responsable"))
  }

  @Test("A change of nothing but the password says so where it was applied", arguments: PageLanguage.allCases)
  func password(language: PageLanguage) throws {
    for (deed, spanish, english) in [
      (.passwordReset, "restablecida; se asignó una temporal", "reset; a temporary one was granted"),
      (.passwordExpired, "la temporal venció", "the temporary one expired"),
      (.passwordSettled, "la suya", "has one of their own"),
    ] as [(ChangeResult.Deed, String, String)] {
      var record = Specimens.record(changes: 1)
      record.changes[0].deed = deed
      let text = "</b> " + (language == .es ? spanish : english)
      let page = String(decoding: try Specimens.pages(language).page(record), as: UTF8.self)
      #expect(page.contains(language == .es ? "<b>Contraseña:</b> " : "<b>Password:</b> "))
      #expect(page.contains(spanish) == (language == .es) && page.contains(english) == (language == .en), "\(text)")
      record.changes[0].outcome = .failed
      #expect(!String(decoding: try Specimens.pages(language).page(record), as: UTF8.self).contains(text))
    }
  }

  @Test("Who held, released or cancelled it, and why, stands on the page; else no word of that")
  func orders() throws {
    var record = Specimens.record()
    #expect(!String(decoding: try Specimens.pages().page(record), as: UTF8.self).contains("class=\"orders\""))
    record.orders = [
      .init(at: Specimens.now, event: "held", detail: "held by root: falta el memorando"),
      .init(at: Specimens.now, event: "released", by: "ana"),
      .init(at: Specimens.now, event: "cancelled", by: "ana", detail: "duplicada"),
    ]
    let page = Specimens.unmarked(try Specimens.pages().page(record))
    for text in [
      "06:05 UTC-05:00 · Detenida: la detuvo root: falta el memorando</li>", "· Se dejó seguir (por ana)</li>",
      "· Cancelada (por ana): «duplicada»</li>",
    ] { #expect(page.contains(text), "\(text)") }
  }

  @Test("It is an acta with lines to sign where something is handed over, and a plain record elsewhere")
  func signatures() throws {
    let pages = try Specimens.pages()
    var record = Specimens.record()
    #expect(String(decoding: pages.page(record), as: UTF8.self).contains("<h2>Firmas · Solicitud 2026-0142</h2>"))
    for index in record.changes.indices { record.changes[index].handover = .none }
    let page = String(decoding: pages.page(record), as: UTF8.self)
    #expect(!page.contains("Firmas") && !page.contains("Acta") && page.contains("<h1>Constancia de la solicitud</h1>"))
  }

  @Test("What a change doesn't have is not taken from the change before or the request")
  func absent() throws {
    var record = Specimens.record()
    record.changes[0].dn = nil
    record.changes[1].error = nil
    record.approval.reference = nil
    record.requester.address = nil
    record.completed = nil
    record.ledger = nil
    let page = String(decoding: try Specimens.pages().page(record), as: UTF8.self)
    for absent in ["uid=cuenta.0", "68 ", "Memorando", "ana.rosero", "Asiento"] { #expect(!page.contains(absent)) }
    #expect(page.contains("<dt>Terminada</dt><dd>—</dd>"))
  }

  @Test("The addresses that lost their owner are told in the JSON, and only where there are any")
  func orphans() throws {
    let json = String(decoding: Specimens.record().json(), as: UTF8.self)
    #expect(json.contains("\"error\":null,\"orphans\":[\"contacto@putumayo.gov.co\"]}"))
    #expect(json.split(separator: "\"orphans\"").count == 2)
  }
}
