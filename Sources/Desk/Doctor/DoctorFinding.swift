internal import LDAP
internal import Text

/// One thing that `buzon doctor` found.
public struct DoctorFinding: Sendable, Hashable {
  /// How bad it is. What could not be looked at is never taken for fine.
  public enum Severity: String, Sendable, Hashable, CaseIterable {
    case error, warning
    case unchecked = "not-checked"
  }

  public var severity: Severity
  /// The name, which stays the same between versions: `schema-missing`.
  public var name: String
  /// Where: a server, an entry, a file.
  public var place: String
  /// What is the matter, or why it was not looked at; a clause without a full stop.
  public var what: String
  /// What helps: a command, or a clause.
  public var remedy: String
  /// A command that changes the directory and can be run as it stands, of several lines; `nil`: the remedy is enough.
  public var command: String?

  init(
    _ severity: Severity, _ name: String, at place: String, _ what: String, do remedy: String, command: String? = nil
  ) {
    (self.severity, self.name, self.place) = (severity, name, place)
    (self.what, self.remedy, self.command) = (what, remedy, command)
  }

  static func error(_ name: String, at place: String, _ what: String, do remedy: String, command: String? = nil)
    -> DoctorFinding
  {
    DoctorFinding(.error, name, at: place, what, do: remedy, command: command)
  }

  static func warning(_ name: String, at place: String, _ what: String, do remedy: String, command: String? = nil)
    -> DoctorFinding
  {
    DoctorFinding(.warning, name, at: place, what, do: remedy, command: command)
  }

  /// - Parameter reason: goes on behind `not checked, because`.
  static func unchecked(_ name: String, at place: String, because reason: String, do remedy: String) -> DoctorFinding {
    DoctorFinding(.unchecked, name, at: place, "not checked, because \(reason)", do: remedy)
  }
}

/// What `buzon doctor` found, the worst first.
public struct DoctorReport: Sendable {
  public let findings: [DoctorFinding]

  /// Of findings of one name at one place the first counts: it is the one that knows most.
  init(_ findings: [DoctorFinding]) {
    var seen: Set<[String]> = []
    var first: [DoctorFinding] = []
    for finding in findings where seen.insert([finding.name, finding.place]).inserted { first.append(finding) }
    self.findings = DoctorFinding.Severity.allCases.flatMap { severity in first.filter { $0.severity == severity } }
  }

  /// 0 nothing is wrong, 1 warnings, 2 errors.
  public var exitCode: Int32 {
    findings.contains { $0.severity == .error } ? 2 : findings.contains { $0.severity == .warning } ? 1 : 0
  }

  /// Lines for a person; the first one is a monitoring plugin's, whose verdict is a word of its own.
  ///
  /// - Parameter translate: gives a text in the reader's language.
  public func text(in translate: (String) -> String = { $0 }) -> String {
    func count(_ severity: DoctorFinding.Severity) -> Int { findings.count { $0.severity == severity } }
    func counted(_ number: Int, _ one: String, _ many: String) -> String {
      translate("\(number) \(number == 1 ? one : many)")
    }
    let verdict = ["OK", "WARNING", "CRITICAL"][Int(exitCode)]
    var text =
      "\(verdict): \(counted(count(.error), "error", "errors")), \(counted(count(.warning), "warning", "warnings")), "
      + translate("\(count(.unchecked)) not checked") + "\n"
    for finding in findings {
      text += "\(translate(finding.severity.rawValue)) \(finding.name) (\(displayed(finding.place.utf8))): "
      text += displayed(translate(finding.what).utf8) + "\n"
      text += "    \(translate("do:")) \(displayed(translate(finding.remedy).utf8))\n"
      if let command = finding.command { text += "    \(translate("or:"))\n\(command)\n" }
    }
    return text
  }

  /// One JSON document.
  public var json: [UInt8] {
    JSONWriter.document { json in
      json.field("exit", Int(exitCode))
      json.field("findings", objects: findings) { json, finding in
        json.field("severity", finding.severity.rawValue)
        json.field("finding", finding.name)
        json.field("place", finding.place)
        json.field("what", finding.what)
        json.field("remedy", finding.remedy)
        json.field("command", finding.command)
      }
    }
  }
}
