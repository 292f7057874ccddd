import Files
import Foundation
import LDAP
import Support
import Testing

@testable import Translations

@Suite("The program's messages in Spanish")
struct CatalogueTests {
  /// Where messages come from that pages or commands show.
  private static let folders = [
    "Accounts", "Agent", "Configuration", "Desk", "Files", "Forms", "Installation", "LDAP", "Providers",
    "Records/AccountList", "Records/Delivery", "Records/Ledger", "Records/Status", "Register", "Sandbox", "Text",
    "buzon",
  ]

  /// Files whose messages nobody reads in Spanish, and what they are.
  private static let apart: [String: String] = [
    "Agent/Mirror/MirrorLog.swift": "the log", "Agent/Daemon/Reload.swift": "the log",
    "Configuration/DirectoryCommands.swift": "commands",
    "Desk/Planning/FormPlan+Text.swift": "comments of LDIF", "Desk/Planning/FormPlanning.swift": "comments of LDIF",
    "Desk/Planning/NoOpJudge.swift": "comments of LDIF",
    "Desk/Preparation/TemporaryAccess.swift": "LDIF", "LDAP/LDIF/LDIFReader.swift": "tests and the program's own LDIF",
    "Forms/Bulk/CSVColumns.swift": "names of columns, of which the Spanish ones are read too",
    "Records/Delivery/DeliveryRecord.swift": "a name", "buzon/VersionText.swift": "names and versions",
    "Records/AccountList/AccountBackups.swift": "the log", "Records/AccountList/AccountCells.swift": "HTML",
    "Records/AccountList/DepartmentPages.swift": "HTML", "Records/Status/DayPlot.swift": "SVG",
    "Records/Status/Metrics.swift": "metrics", "Records/Status/StatusWord.swift": "in both languages already",
    "Register/Database/Migrations.swift": "SQL and names of migrations",
    "Register/Requests/Submitter.swift": "a name", "Sandbox/AgentConfiguration.swift": "a configuration",
    "Sandbox/BaseConfiguration.swift": "a configuration", "Sandbox/SavedState.swift": "a file for programs",
  ]

  /// What nobody reads in Spanish among the messages of the other files, and why.
  private static let exempt: [String: String] = [
    "shadow context": "slapd's own words", "operation restricted": "slapd's own words", "--providers x": "an option",
    "olcServerID: x x": "LDIF",
    "olcSyncrepl: {x}rid=00x provider=x searchbase=\"x\" type=refreshAndPersist retry=\"1 +\" timeout=5 network-timeout=5 bindmethod=simple binddn=\"x\" credentials=x":
      "LDIF",
    "give them another owner (modify, set: {owner: …})": "the log",
    "the agent may not read userPassword, so whether the directory hashes passwords isn't known": "the log",
    "give the agent the access rights of config/slapd/access.ldif": "the log",
    "changes outside Buzón are noticed later than they could be": "the log",
    "check the proxy between the agent and the directory": "the log",
    "x accounts are shown without objectClass, mail or entryUUID": "the log",
    "the directory doesn't show x accounts that the register knows, and shows x": "the log",
    "check the agent's access rights, and directory.accounts; if it is right, run buzon rebuild": "the log",
    "the directory shows accounts as they were earlier: it was restored from a backup, or lags behind": "the log",
    "nothing; all accounts are read again, and differences are reported": "the log",
    "its form was accepted with it; nothing was done": "the log",
    "correct the form (the report beside it lists x of its mistakes) and submit it again": "the log",
    "a process has it open for writing, or holds a lease on it": "the log",
    "end that process (fuser x/x), or remove the file": "the log",
    "no form could name the entry's address": "the log",
    "correct the mail address of the entries (entryUUID)": "the log", "see the report": "the log",
    "x; the next start resumes there": "the log", "check that file or folder, then start the agent again": "the log",
    "correct the configuration, then start the agent again": "the log",
    "let it work, or stop it before you start this one": "the log",
    "; requests waiting x": "systemctl status",
    "an intent that grants a password is sent without one": "ends the program",
    "not on the connection's thread": "ends the program", "request arena too small": "ends the program",
    "a batch whose commit failed can't be used again": "ends the program", "dirent has d_name": "ends the program",
    "three short texts make a name": "ends the program", "numbers make a name": "ends the program",
    "digits make a name": "ends the program", "two numbers make a name": "ends the program",
    "letters and digits make a name": "ends the program", "a name without its NUL": "ends the program",
    "these are the calendar's first and last day": "ends the program",
    "one department twice, or two with one SHA-256": "ends the program",
    "the accounts did not come by department": "ends the program",
    "buzon crypt salt:": "a key", "Unable to open allowed keys file": "what ssh-keygen says",
    "incorrect signature": "what ssh-keygen says", "namespace does not match": "what ssh-keygen says",
    "parse signature": "what ssh-keygen says", "invalid format": "what ssh-keygen says",
    "could not leave the write-ahead log": "an error of SQLite's kind", "/CN=Sandbox authority": "a name",
    "A first start began.": "a file for programs", "Undo of x": "in both languages already",
    "Reversión de x": "in both languages already",
    "to dn.base=\"\" by * read": "an access rule", "to dn.base=\"cn=Subschema\" by * read": "an access rule",
    "ldapmodify x -H ldapi:/// <<'LDIF'\nx\nLDIF": "a command", "chmod o=": "a command", "chown root": "a command",
    "# For the time of what follows root may write the database.": "a comment of LDIF",
    "\n# That is over.": "a comment of LDIF", "--approval recorded": "an option",
    "500 ms, 30 s, 5 min, 24 h or 90 d": "stands in another message",
    "pid x": "the same in Spanish",
    """
    # What Buzón needs of the directory x. Apply it as root of the directory's host:
    #   ldapadd -c -Q -Y EXTERNAL -H ldapi:/// -f FILE
    # What is there already stays as it is (results 20, 68 and 80).

    """: "a comment of LDIF",
  ]

  /// Whole arguments that several phrases stand for.
  private static let composed: Set = [
    "the directory ends every search that stays openx", "No request waits.x", "x x in the spoolx", "x x",
  ]

  /// The sources that hold what YAML's parser says, which is looked for and never shown.
  private static func isOfParser(_ literal: SourceLiteral) -> Bool {
    literal.file == "Forms/Document/SyntaxComplaint.swift"
      && ![
        "a ", "put ", "there ", "in", "close", "write ", "it", "line ", "the line", "compare ", "something ", "delete",
        "this",
      ]
      .contains { literal.pieces[0].hasPrefix($0) }
  }

  @Test("Every message that a page or a command can show has its Spanish")
  func complete() throws {
    // What stands between the slots of all messages, a line each.
    let entries = Catalogue.spanish.entries
    let known = entries.map { $0.english.replacing(Self.slot, with: "\u{0}") }.joined(separator: "\u{0}")
    let messages = try entries.map { try pattern($0.english) }
    func isPart(_ piece: String) -> Bool {
      piece.allSatisfy { $0 == " " } || known.range(of: piece, options: .literal) != nil
    }
    func isKnown(_ piece: String) -> Bool { isPart(piece) || piece.components(separatedBy: "; ").allSatisfy(isPart) }
    let statements = ["INSERT ", "SELECT ", "UPDATE ", "DELETE ", "CREATE ", "PRAGMA ", "WITH ", "DROP ", "-- "]
    var count = 0
    for literal in try SourceLiteral.all(below: Self.folders)
    where Self.apart[literal.file] == nil && literal.isProse
      && !statements.contains(where: { literal.pieces[0].hasPrefix($0) }) && !literal.isSynopsis
      && !Self.isOfParser(literal)
    {
      var literal = literal
      if literal.pieces[0].hasPrefix("buzon: ") { literal.pieces[0].removeFirst("buzon: ".count) }
      if let last = literal.pieces.popLast() {
        literal.pieces.append(last.hasSuffix("\n") ? String(last.dropLast()) : last)
      }
      if Self.exempt[literal.filled(with: "x")] != nil { continue }
      count += 1
      let text = literal.filled(with: "x")
      if Catalogue.spanish.text(of: text) != nil { continue }
      #expect(literal.pieces.allSatisfy(isKnown), "\(literal.file): no Spanish in es.po for: \(text)")
      guard literal.isWhole, !Self.composed.contains(text) else { continue }
      let isMessage = ([[text]] + [text.components(separatedBy: "; ")]).contains { parts in
        parts.allSatisfy { part in part == "x" || messages.contains { part.wholeMatch(of: $0) != nil } }
      }
      #expect(isMessage, "\(literal.file): no one phrase in es.po for: \(text)")
    }
    #expect(count > 1_400)
  }

  @Test("Every label of a command, and the heading of each column, has its Spanish")
  func labels() throws {
    let same: Set = [
      "", "ALL", "CLOCK", "OK", "WARNING", "CRITICAL", "TERM", "TMPDIR",
      // A part of others.
      "YYYY-MM-DD", "No request waits.", "drift.", "handover.",
    ]
    let messages = try Catalogue.spanish.entries.map { try pattern($0.english) }
    let literals = try SourceLiteral.all(below: ["buzon", "Records/Status"])
      .filter { $0.file.hasPrefix("buzon/") || $0.file == "Records/Status/StatusText.swift" }
    var count = 0
    for literal in literals where literal.isLabel && !same.contains(literal.pieces[0]) {
      count += 1
      let text = literal.filled(with: "x")
      let isKnown = text == "x" || messages.contains { text.wholeMatch(of: $0) != nil }
      #expect(isKnown, "\(literal.file): no Spanish in es.po for: \(text)")
    }
    #expect(count > 100)
  }

  @Test("The catalogue is one that msgfmt takes")
  func catalogue() async throws {
    let path = SourceLiteral.sources + "/buzon/Translations/es.po"
    let outcome = try await Program.run("/usr/bin/msgfmt", ["--check", "-o", "/dev/null", path])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  private static var slot: Regex<Substring> { /\[[=*~]?[a-z]+\]/ }

  private func pattern(_ english: String) throws -> Regex<Substring> {
    let parts = english.split(separator: Self.slot, omittingEmptySubsequences: false).map {
      NSRegularExpression.escapedPattern(for: String($0))
    }
    return try Regex(parts.joined(separator: ".+"), as: Substring.self)
  }

  @Test("Each phrase gives its own Spanish: none before it takes its text away", arguments: Catalogue.spanish.entries)
  func own(english: String, foreign: String) {
    let sample = ("free memory", "libere memoria")
    func filled(_ template: String, _ strict: String, loose: String) -> String {
      template.replacing(/\[\*[a-z]+\]/, with: strict).replacing(/\[~[a-z]+\]/, with: loose)
        .replacing(/\[=?[a-z]+\]/, with: "◊")
    }
    let text = filled(english, sample.0, loose: "¤")
    #expect(Catalogue.spanish.text(of: text) == filled(foreign, sample.1, loose: "«¤»"), "\(english)")
    func slots(_ template: String) -> [String] { template.matches(of: Self.slot).map { String($0.output) }.sorted() }
    #expect(slots(english) == slots(foreign))
  }

  static let messages: [(String, String)] = [
    (
      LDAPError.refused(
        .init(
          operation: "add", dn: try? DN(parsing: "uid=ana,dc=x"),
          response: .init(code: .insufficientAccessRights, matchedDN: "dc=x", diagnostic: "no write access; to parent"),
          authorizationID: "dn:cn=buzon")
      ).description + "; give the agent the access rights of config/slapd (buzon init)",
      "el directorio rechazó la creación de «uid=ana,dc=x»: 50 permisos insuficientes: «no write access; to parent» "
        + "(existe hasta «dc=x») (como dn:cn=buzon); dé al agente los permisos de config/slapd (buzon init)"
    ),
    (
      "reading entries: \(LDAPError.unavailable("ldapi:///: connection lost: Connection refused"))",
      "al leer entradas: no hay conexión con el directorio: ldapi:///: la conexión se perdió: conexión rechazada"
    ),
    (
      "\(FileError(call: "mkdir", path: "/var/lib/buzon-records/x", code: 28))",
      "no se pudo crear /var/lib/buzon-records/x: no queda espacio en el disco"
    ),
    (
      "lists: there is no account x@y.co", "listas: no existe la cuenta x@y.co"
    ),
    (
      "check the address against the corporate account list (buzon accounts); the nearest is ana@y.co",
      "compare la dirección con la lista de correos corporativos (buzon accounts); la más parecida es ana@y.co"
    ),
    (
      "1 delete makes 12 today, where policy.limits allows 10 a day; check the form (buzon show), then release or cancel it",
      "1 eliminación llega a 12 hoy, y policy.limits permite 10 por día; revise el formato (buzon show); luego deje seguir "
        + "la solicitud o cancélela"
    ),
    ("the changes are A-1 a@y.co and 2 more", "los cambios son A-1 a@y.co y 2 más"),
    (
      "not checked, because cn=config (modules, overlays, indexes, limits, access rules, hashing) was not read: search "
        + "\"cn=config\" refused: 32 noSuchObject",
      "no se revisó, porque cn=config (módulos, overlays, índices, límites, reglas de acceso, cifrado) no se leyó: el "
        + "directorio rechazó la búsqueda de «cn=config»: 32 no existe la entrada"
    ),
    (
      "the directory could not be read: directory unavailable: ldapi:///: not connected",
      "no se pudo leer el directorio: no hay conexión con el directorio: ldapi:///: no hay conexión"
    ),
    ("held by root: se fue; vuelve mañana", "la detuvo root: se fue; vuelve mañana"),
  ]

  @Test("Messages with others in them are Spanish through and through", arguments: messages)
  func whole(english: String, spanish: String) {
    #expect(Catalogue.spanish.text(of: english) == spanish)
  }

  @Test("Every file error of the system that has a remedy is in Spanish")
  func fileErrors() {
    for code in (1...133).map(Int32.init) {
      for call in ["open", "mkdir", "renameat2", "inotify_add_watch", "inotify_init1", "linkat"] {
        let error = FileError(call: call, path: "/x/y", code: code)
        guard let remedy = error.remedy else { continue }
        let text = Catalogue.spanish.text(of: "\(error); \(remedy)")
        #expect(text != nil && text?.contains("«") == false && text?.contains("cannot") == false, "\(error); \(remedy)")
      }
    }
  }
}
