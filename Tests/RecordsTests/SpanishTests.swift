import Files
import Foundation
import LDAP
import Testing

@testable import Records

@Suite("The program's messages in Spanish")
struct SpanishTests {
  /// Where messages come from that pages show.
  private static let folders = [
    "Accounts", "Agent", "Installation", "Providers", "LDAP/Connection", "LDAP/Sync", "LDAP/Values", "Files",
    "Register/Requests", "Records/Ledger",
  ]

  /// Files whose messages no page shows, and who does.
  private static let apart: [String: String] = [
    "Accounts/Mirror/Difference.swift": "buzon drift", "Accounts/Mirror/DriftRepair.swift": "buzon drift",
    "Accounts/Mirror/RepairPlanner.swift": "buzon drift", "Accounts/Reversal/RequestReversal.swift": "buzon undo",
    "Accounts/Reversal/ReversedAccount.swift": "buzon undo", "Agent/Mirror/MirrorLog.swift": "the log",
    "Agent/Mirror/DirectoryReading.swift": "buzon rebuild", "Agent/Clock/Dispatcher+Clock.swift": "answers to orders",
    "Agent/Queue/Dispatcher+Orders.swift": "answers to orders", "Installation/DeliveryRecord+Register.swift": "JSON",
    "Records/Ledger/LedgerComparison.swift": "the terminal",
    "Agent/Intake/Intake+Files.swift": "the log and reports",
    "Agent/Approval/Intake+Signatures.swift": "the log and reports",
    "Agent/Approval/ApprovalDecision.swift": "reports", "Installation/Signatures/SignatureRefusal.swift": "reports",
    "Agent/Daemon/Agent.swift": "the log",
    "Agent/Daemon/Agent+Forget.swift": "the terminal",
    "Agent/Daemon/AgentParts.swift": "the log", "Agent/Daemon/Reload.swift": "the log",
    "Agent/Daemon/Settings.swift": "the log", "Files/Refusal.swift": "reports", "Files/PathTrust.swift": "buzon doctor",
    "Files/LockFile.swift": "the terminal", "Files/Zone+Reading.swift": "the terminal",
    "Installation/OwnerOfState.swift": "the terminal", "Installation/RestoredState.swift": "the terminal",
    "Installation/StateFiles.swift": "the terminal", "Installation/StateFolder.swift": "the terminal",
    "Installation/Plans/PlanFile.swift": "reports",
    "LDAP/Values/LDAPURL.swift": "the terminal", "Register/Requests/Acceptance.swift": "ends the agent",
    "Register/Requests/Intents.swift": "ends the agent", "Register/Requests/Origin.swift": "ends the agent",
    "Register/Requests/QueueAnswer.swift": "answers to orders",
    "Register/Requests/Submitter.swift": "a name",
  ]

  /// What no page shows among the messages of the other files, and why.
  private static let exempt: [String: String] = [
    "give them another owner (modify, set: {owner: …})": "the log",
    "the agent may not read userPassword, so whether the directory hashes passwords isn't known": "the log",
    "give the agent the access rights of config/slapd/access.ldif": "the log",
    "changes outside Buzón are noticed later than they could be": "the log",
    "check the proxy between the agent and the directory": "the log",
    "x accounts are shown without objectClass, mail or entryUUID": "the log",
    "check the agent's access rights (config/slapd/access.ldif)": "the log",
    "the directory doesn't show x accounts that the register knows, and shows x": "the log",
    "check the agent's access rights, and directory.accounts; if it is right, run buzon rebuild": "the log",
    "the directory shows accounts as they were earlier: it was restored from a backup, or lags behind": "the log",
    "nothing; all accounts are read again, and differences are reported": "the log",
    "a process has it open for writing, or holds a lease on it": "the log",
    "end that process (fuser x/x), or remove the file": "the log",
    "no form could name the entry's address": "the log", "x one x x": "the log",
    "correct the mail address of the entries (entryUUID)": "the log",
    "restore the register": "the log", "; requests waiting x": "systemctl status",
    "an intent that grants a password is sent without one": "ends the program",
    "not on the connection's thread": "ends the program", "request arena too small": "ends the program",
    "a batch whose commit failed can't be used again": "ends the program", "dirent has d_name": "ends the program",
    "three short texts make a name": "ends the program", "numbers make a name": "ends the program",
    "digits make a name": "ends the program",
    "a name without its NUL": "ends the program", "x can't name a file": "ends the program",
    "buzon crypt salt:": "a key", "Unable to open allowed keys file": "what ssh-keygen says", "line x": "reports",
  ]

  @Test("Every message that a page can show has its Spanish")
  func complete() throws {
    // What stands between the slots of all messages, a line each.
    let known = SpanishMessages.all.map { $0.english.replacing(/\[[^\]]*\]/, with: "\n") }.joined(separator: "\n")
    let messages = try SpanishMessages.all.map { try pattern($0.english) }
    func isPart(_ piece: String) -> Bool { piece.isEmpty || known.range(of: piece, options: .literal) != nil }
    func isKnown(_ piece: String) -> Bool {
      isPart(piece)
        || piece.components(separatedBy: "; ").allSatisfy(isPart)
    }
    var count = 0
    for literal in try SourceLiteral.all(below: Self.folders)
    where Self.apart[literal.file] == nil && literal.isProse && !literal.pieces[0].hasPrefix("INSERT ")
      && Self.exempt[literal.filled(with: "x")] == nil
    {
      count += 1
      let text = literal.filled(with: "x")
      #expect(literal.pieces.allSatisfy(isKnown), "\(literal.file): no Spanish in Sources/Records/Spanish for: \(text)")
      guard literal.isWhole else { continue }
      let isMessage = SpanishMessages.text(of: text) != nil || messages.contains { text.wholeMatch(of: $0) != nil }
      #expect(isMessage, "\(literal.file): no one phrase in Sources/Records/Spanish for: \(text)")
    }
    #expect(count > 200)
  }

  private func pattern(_ english: String) throws -> Regex<Substring> {
    let parts = english.components(separatedBy: "[").enumerated().map { place, part in
      let text = place == 0 ? part : String(part.drop { $0 != "]" }.dropFirst())
      return (place == 0 ? "" : ".+") + NSRegularExpression.escapedPattern(for: text)
    }
    return try Regex(parts.joined(), as: Substring.self)
  }

  @Test("Each phrase gives its own Spanish: none before it takes its text away", arguments: SpanishMessages.all)
  func own(english: String, spanish: String) {
    let sample = ("free memory", "libere memoria")
    func filled(_ template: String, _ strict: String, loose: String) -> String {
      template.replacing(/\[\*[^\]]*\]/, with: strict).replacing(/\[~[^\]]*\]/, with: loose)
        .replacing(/\[[^\]]*\]/, with: "◊")
    }
    let text = filled(english, sample.0, loose: "¤")
    #expect(SpanishMessages.text(of: text) == filled(spanish, sample.1, loose: "«¤»"), "\(english)")
    func slots(_ template: String) -> [String] { template.matches(of: /\[[^\]]*\]/).map { String($0.output) }.sorted() }
    #expect(slots(english) == slots(spanish))
  }

  @Test("Result codes keep their number; each that has a name has one in Spanish")
  func codes() throws {
    let pages = try Specimens.pages()
    for number in (0...20_000).map(Int32.init) {
      let code = ResultCode(rawValue: number)
      #expect(code.name.hasPrefix("code ") == (SpanishMessages.codes[number] == nil), "\(number)")
      if number < 130 { #expect(pages.name(of: code) != code.name) }
    }
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
    ("held by root: se fue; vuelve mañana", "la detuvo root: se fue; vuelve mañana"),
  ]

  @Test("Messages with others in them are Spanish through and through", arguments: messages)
  func whole(english: String, spanish: String) {
    #expect(SpanishMessages.text(of: english) == spanish)
  }

  @Test("What isn't ours is shown as it is, in quotes, and the directory's words are marked")
  func others() throws {
    let pages = try Specimens.pages()
    #expect(pages.message("strange words") == "«strange words»")
    #expect(pages.message("strange; free memory") == "«strange»; libere memoria")
    #expect(
      pages.diagnostic("no global superior knowledge") == "palabras del directorio: «no global superior knowledge»")
    let english = try Specimens.pages(.en)
    #expect(english.message("strange words") == "strange words")
    #expect(english.diagnostic("free memory") == "free memory")
  }

  @Test("Every file error of the system that has a remedy is in Spanish")
  func fileErrors() {
    for code in (1...133).map(Int32.init) {
      for call in ["open", "mkdir", "renameat2", "inotify_add_watch", "inotify_init1", "linkat"] {
        let error = FileError(call: call, path: "/x/y", code: code)
        guard let remedy = error.remedy else { continue }
        let text = SpanishMessages.text(of: "\(error); \(remedy)")
        #expect(text != nil && text?.contains("«") == false && text?.contains("cannot") == false, "\(error); \(remedy)")
      }
    }
  }
}
