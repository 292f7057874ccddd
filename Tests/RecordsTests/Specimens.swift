import Accounts
import Files
import LDAP
import Records
import Register
import Text

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
        signature: .verified), submitted: .init(by: text ?? "maria", uid: 1_004, file: text ?? "nuevo.yaml"),
      received: Timestamp(milliseconds: 1_795_345_523_999), completed: now, digest: [0x00, 0x0F, 0xA0, 0xFF],
      ledger: text ?? "9f86d081", changes: [])
    record.changes = (0..<changes).map { index in
      var change = ChangeResult(
        index: index, operation: text ?? ["create", "modify", "delete"][index % 3],
        address: text ?? "cuenta.\(index)@putumayo.gov.co",
        outcome: [.applied, .failed, .applied][index % 3],
        dn: text ?? "uid=cuenta.\(index),ou=people,dc=putumayo,dc=gov,dc=co",
        handover: [.open, .none, .none][index % 3], at: 0)
      change.name = text ?? "María López"
      if index % 3 == 2 { change.reason = text ?? "Retiro" }
      if index % 3 == 0 {
        change.values = [
          ChangedValue("position", before: [text ?? "Auxiliar"], after: [text ?? "Profesional"]),
          ChangedValue("document", before: [], after: ["***"]), ChangedValue("keep_copy", before: [], after: ["false"]),
        ]
        change.handoverEvents = [
          HandoverEvent(.granted, at: now.milliseconds),
          HandoverEvent(.received, at: now.milliseconds, by: text ?? "Ana", recordedBy: text ?? "root"),
          HandoverEvent(.expired, at: now.milliseconds, by: "clock"),
        ]
      }
      if index % 3 == 1 {
        change.error = .init(
          code: .entryAlreadyExists, diagnostic: text ?? "it is there", remedy: text ?? "choose some other")
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
      status: index % 19 == 0 ? "suspended" : index % 41 == 0 ? "retained" : index % 53 == 0 ? "locked" : "active",
      aliases: index % 3 == 0 ? ["a\(index)@putumayo.gov.co", "b\(index)@putumayo.gov.co"] : [], quota: 5 << 30,
      owner: kind == "person" ? nil : "ana.rosero@putumayo.gov.co",
      lists: index % 2 == 0 ? ["contratistas@putumayo.gov.co"] : [], created: Timestamp(seconds: 1_790_000_000),
      changed: now, handover: HandoverState.allCases[index % 5])
  }

  /// A page without the marks of where a line may end.
  static func unmarked(_ page: [UInt8]) -> String {
    String(decoding: page, as: UTF8.self).replacing(/<span class="(?:long|whole)">(.*?)<\/span>/) { $0.output.1 }
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

  static let password = "k7mwq-3xhra-vz9pd-5tnyc"

  /// A slip, whose free texts are all `text` where it is given.
  static func slip(_ text: String? = nil, password: String = password) -> Slip {
    Slip(
      address: text ?? "maria.lopez@putumayo.gov.co",
      logins: [text ?? "maria.lopez@putumayo.gov.co", text ?? "mlopez"],
      name: text ?? "María Fernanda López Ortiz", department: text ?? "Secretaría de Salud",
      position: text ?? "Profesional universitario", password: text ?? password,
      validUntil: Timestamp(seconds: now.seconds + 30 * 86_400), request: text ?? "2026-0142",
      changeURL: text ?? "https://correo.example.org/clave", requester: text ?? "Ana Lucía Rosero", showing: 2,
      printed: now, printedBy: text ?? "soporte")
  }

  /// A report with everything in it, whose free texts are all `text` where it is given.
  static func status(_ text: String? = nil, lines: Int = 1) -> StatusReport {
    func ago(_ seconds: Int) -> Timestamp { Timestamp(seconds: now.seconds - Int64(seconds)) }
    let departments = ["Secretaría de Salud Departamental", "Secretaría de Educación", "Oficina de Planeación"]
    func department(_ index: Int) -> String { text ?? departments[index % 3] }
    var report = StatusReport(
      generated: now, agent: .init(version: text ?? "1.0", pid: 812, since: ago(400_000)),
      directory: .init(
        state: text ?? "up", since: ago(400_000), provider: text ?? "ldapi:///", reason: text, remedy: text),
      mirror: .init(state: text ?? "persist", since: ago(90_000), lag: 12, reason: text))
    report.unseen.failed = 3
    report.spool = .init(incoming: 2, oldest: ago(3), taken: 0, rejected: 3)
    if let text { report.spool.problems = [.init(reason: text, remedy: text)] }
    if let text { report.troubles = [.init(part: "records", reason: text, remedy: text, since: now)] }
    report.waitingCounts = [.init(state: text ?? "held", count: 1), .init(state: "ready", count: 2)]
    for index in 0..<lines {
      report.waiting.append(
        .init(
          number: text ?? "2026-0139", state: text ?? "held", since: ago(200_000), department: department(index),
          reason: text ?? "asks for 60 deletions; policy.limits.deletes.per_form is 50"))
      report.failures.append(
        .init(
          at: ago(5000), number: text ?? "2026-0138",
          address: text ?? "notificaciones.judiciales.administrativas\(index)@putumayo.gov.co",
          error: .init(
            code: .entryAlreadyExists, diagnostic: text ?? "an alias of atencion@putumayo.gov.co",
            remedy: text ?? "choose another address, or remove the alias first")))
      report.openHandovers.append(
        .init(
          address: text ?? "maria.fernanda.lopez\(index)@putumayo.gov.co", department: department(index),
          number: text ?? "2026-0011", granted: ago(2_000_000 - 1000 * index), ends: ago(-600_000),
          isDelivered: index % 2 == 1))
      report.drift.append(
        .init(
          address: text ?? "carlos.mora\(index)@putumayo.gov.co", attributes: [text ?? "title", text ?? "entry"],
          by: text ?? "cn=admin,dc=putumayo,dc=gov,dc=co", at: ago(3600)))
      report.holds.append(
        .init(
          what: text ?? "2026-0139", reason: text ?? "too many deletions", remedy: text ?? "buzon release 2026-0139",
          since: ago(200_000)))
      report.handoversByDepartment.append(
        .init(department: department(index), count: 20, oldest: ago(2_000_000)))
    }
    if text == nil { report.waiting.append(.init(number: "2026-0140", state: "ready", since: ago(14))) }
    (report.openHandoverCount, report.driftCount) = (42, lines)
    let today = 20_779
    report.days = (0..<14).map { index in
      .init(
        date: Day(nearest: today - 13 + index), accepted: [3, 12, 7, 0][index % 4],
        applied: [30, 812, 12_150, 0][index % 4], failed: index % 5)
    }
    report.accounts = [
      .init(kind: text ?? "person", status: text ?? "active", count: 2811),
      .init(kind: "list", status: "active", count: 41), .init(kind: "list", status: "retained", count: 1),
    ]
    return report
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
