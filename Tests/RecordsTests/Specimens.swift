import Records

/// Pages and rows that several tests look at. Nobody in them is a person.
enum Specimens {
  static let letterhead = Letterhead(
    organization: "Gobernación del Putumayo", taxID: "NIT 800.000.000-0",
    form: .init(code: "FT-GTI-006", version: "01", date: "2015-03-25"),
    list: .init(code: "FT-GTI-002", version: "02", date: "2016-04-26"),
    procedure: .init(code: "PT-GTI-002", version: "03", date: "2017-05-27"))

  static let now = Timestamp(seconds: 1_795_345_525)

  static func pages(
    _ language: PageLanguage = .es, letterhead: Letterhead = Specimens.letterhead, templates: String? = nil
  ) throws -> Pages {
    Pages(
      letterhead, language: language, zone: try Zone("America/Bogota"), templates: PageTemplates(folder: templates))
  }

  /// A record with every sort of change, whose free texts are all `text` where it is given.
  static func record(_ text: String? = nil, changes: Int = 3) -> DeliveryRecord {
    var record = DeliveryRecord(
      form: "FT-GTI-006", number: "2026-0142", outcome: .partly, department: text ?? "Secretaría de Salud",
      requester: .init(name: text ?? "Ana Lucía Rosero", address: text ?? "ana.rosero@putumayo.gov.co"),
      approval: .init(
        by: text ?? "jefe.sistemas", date: text ?? "2026-11-21", reference: text ?? "Memorando GTI-231",
        signature: .verified),
      received: Timestamp(milliseconds: 1_795_345_523_999), completed: now, digest: [0x00, 0x0F, 0xA0, 0xFF],
      ledger: text ?? "9f86d081", changes: [])
    record.changes = (0..<changes).map { index in
      var change = ChangeRecord(
        operation: text ?? ["create", "modify", "delete"][index % 3],
        address: text ?? "cuenta.\(index)@putumayo.gov.co",
        dn: text ?? "uid=cuenta.\(index),ou=people,dc=putumayo,dc=gov,dc=co",
        outcome: [.applied, .failed, .applied][index % 3], handover: [.open, .none, .none][index % 3])
      if index % 3 == 1 {
        change.error = .init(
          code: 68, name: text ?? "entryAlreadyExists", diagnostic: text ?? "it is there",
          remedy: text ?? "choose another")
      }
      if index % 3 == 2 { change.orphans = [text ?? "contacto@putumayo.gov.co"] }
      return change
    }
    return record
  }

  /// An account of one of seven departments, in the order of addresses.
  static func row(_ index: Int) -> AccountRow {
    let kind = index % 17 == 0 ? "functional" : index % 23 == 0 ? "list" : "person"
    let digits = String(index)
    let number = String(repeating: "0", count: 5 - digits.utf8.count) + digits
    return AccountRow(
      address: "cuenta.\(number)@putumayo.gov.co", kind: kind, name: "María Fernanda López \(index)",
      department: departments[index % departments.count], position: "Profesional universitario",
      status: index % 19 == 0 ? "suspended" : index % 41 == 0 ? "retained" : "active",
      aliases: index % 3 == 0 ? ["a\(index)@putumayo.gov.co", "b\(index)@putumayo.gov.co"] : [], quota: 5 << 30,
      owner: kind == "person" ? nil : "ana.rosero@putumayo.gov.co",
      lists: index % 2 == 0 ? ["contratistas@putumayo.gov.co"] : [], created: Timestamp(seconds: 1_790_000_000),
      changed: now, handover: Handover.allCases[index % 5])
  }

  static let departments = [
    "Despacho", "Oficina de Planeación", "Secretaría de Educación", "Secretaría de Hacienda",
    "Secretaría de Infraestructura", "Secretaría de Salud", "Sistemas",
  ]

  /// Gives rows in the order that is asked for.
  static func give(
    _ rows: [AccountRow]
  ) -> (AccountOrder, (AccountRow) throws -> Void) throws -> Void {
    { order, body in
      let ordered =
        switch order {
        case .address: rows
        case .department:
          rows.enumerated().sorted { left, right in
            let (one, other) = (
              Array((left.element.department ?? "").utf8), Array((right.element.department ?? "").utf8)
            )
            return one == other ? left.offset < right.offset : one.lexicographicallyPrecedes(other)
          }.map(\.element)
        }
      for row in ordered { try body(row) }
    }
  }

  /// What breaks pages, by name.
  static let hostile: [(name: String, text: String)] = [
    ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ("ends of elements", "</title></style></td></table></main><h1>"),
    ("quotes", "\" onmouseover=\"x' y='"),
    ("references", "&amp; &lt; &#60; &notit; &"),
    ("an accent behind each special", "&\u{301}<\u{301}>\u{301}\"\u{301}'\u{301}{\u{301}{\u{301}x}}"),
    ("template tags", "{{number}} {{{style}}} {{#changes}} {{=<% %>=}} {{%CONTENT_TYPE:TEXT}}"),
    ("a comment and CDATA", "<!-- --> <![CDATA[x]]> <!DOCTYPE html> <?xml?>"),
    ("a URL that runs", "javascript:alert(1)"),
    ("direction marks", "abc\u{202E}cod.exe\u{2066}x\u{2069}\u{200F}\u{61C}\u{200E}"),
    ("controls", "a\u{1}b\u{1B}[2Jc\u{7F}d\u{85}e\u{9B}f"),
    ("line ends", "a\nb\r\nc\td\u{2028}e"),
    ("nothing to see", "a\u{FEFF}b\u{200B}c\u{2060}d"),
    ("emoji and other scripts", "👩\u{200D}👩\u{200D}👧 Iñtërnâtiônàl عربى 日本語"),
    ("ends of Unicode", "\u{FFFD}\u{10FFFF}\u{E000}"),
  ]
}
