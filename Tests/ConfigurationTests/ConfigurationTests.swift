import Configuration
import Forms
import Glibc
import LDAP
import Testing
import Text

/// The least that a configuration needs.
private let least = """
  organization: {name: Gobernación del Putumayo}
  directory:
    uris: ["ldapi:///"]
    base: dc=putumayo,dc=gov,dc=co
  domains: [putumayo.gov.co]

  """

private func read(_ text: String) throws(ConfigurationError) -> Configuration {
  try Configuration.read(Array(text.utf8), file: "buzon.yaml")
}

/// The findings without their remedies.
private func problems(_ text: String) -> [String] {
  do {
    _ = try read(text)
    return []
  } catch {
    return error.findings.map { finding in
      var finding = finding
      finding.remedy = ""
      return finding.description
    }
  }
}

/// config/buzon.yaml
private func documented() throws -> (file: String, text: String) {
  let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  let name = "\(root)/config/buzon.yaml"
  let file = try #require(fopen(name, "r"), "no config/buzon.yaml")
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return (name, String(decoding: bytes[..<count], as: UTF8.self))
}

@Suite("The configuration")
struct ConfigurationTests {
  @Test("has a default for all but five keys")
  func defaults() throws {
    let configuration = try read(least)
    let directory = configuration.directory
    #expect(configuration.organization.language == .es && configuration.organization.timezone == "UTC")
    #expect(
      configuration.organization.form.code == "FT-GTI-006" && configuration.organization.list.code == "FT-GTI-002")
    #expect(configuration.organization.procedure.code == "PT-GTI-002")
    #expect(directory.accounts.string == "ou=people,dc=putumayo,dc=gov,dc=co")
    #expect(directory.bind == .external && directory.tls.mode == .none && directory.window == 64)
    #expect(directory.connectTimeout == .seconds(5) && directory.operationTimeout == .seconds(30))
    #expect(directory.firstRetry == .milliseconds(500) && directory.longestRetry == .seconds(60))
    #expect(configuration.spool == "/var/spool/buzon" && configuration.state == "/var/lib/buzon")
    #expect(configuration.records == "/var/lib/buzon-records" && configuration.templates == "/etc/buzon/templates")
    #expect(configuration.approval.mode == .recorded && configuration.approval.signers == nil)
    #expect(configuration.approval.maxAge == .days(90) && configuration.approval.patience == .seconds(86_400))
    #expect(configuration.policy.quota.bytes == 5 << 30 && configuration.policy.retention == .days(180))
    #expect(configuration.policy.clockJump == .seconds(26 * 3_600))
    #expect(configuration.policy.addressMemory == .days(365) && configuration.policy.localPart == LocalPart())
    #expect(configuration.policy.password.length == 20 && configuration.policy.password.life == .days(30))
    #expect(configuration.policy.password.hash == .directory)
    #expect(configuration.policy.deletes == nil && configuration.limits.formSize.bytes == 1 << 20)
    #expect(configuration.handover.changeURL == nil && configuration.list.columns == Configuration.List.Column.allCases)
    #expect(configuration.list.backups == 30 && configuration.log.format == .text && configuration.log.level == .info)
  }

  @Test("as documented says the defaults")
  func documentedDefaults() throws {
    #expect(try read(try documented().text) == read(least))
    #expect(try Configuration.load(documented().file) == read(least))
  }

  @Test("as documented is good with every example in the place of its comment")
  func documentedExamples() throws {
    // "# key: value   # remark" becomes "key: value"; prose has no such shape.
    let lines = try documented().text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let body = line.drop { $0 == " " }
      guard body.hasPrefix("# ") else { return String(line) }
      let key = body.dropFirst(2).drop { $0 == " " }
      let rest = key.drop { $0.isLowercase || $0 == "_" }
      let isKey = rest.startIndex != key.startIndex && (rest.hasPrefix(": ") || rest == ":")
      let isExample = isKey || key.hasPrefix("\"*\":") || key.hasPrefix("Secretaría de Salud:")
      return isExample ? String(line.prefix(line.count - body.count) + body.dropFirst(2)) : String(line)
    }
    let text = lines.joined(separator: "\n")
      .replacing("method: external ", with: "method: scram ")
      .replacing("dn: cn=buzon", with: "# dn: cn=buzon")
    let configuration = try read(text)
    #expect(
      configuration.approval.approvers == [
        "Secretaría de Salud": ["jefe.salud", "jefe.sistemas"], "*": ["jefe.sistemas"],
      ])
    #expect(
      configuration.policy.deletes?.perForm == .count(50) && configuration.policy.deletes?.perDay == .share(percent: 5))
    #expect(configuration.policy.resets?.perForm == .count(20) && configuration.policy.resets?.perDay == .count(50))
    #expect(configuration.directory.bind == .scram(.sha256, user: "buzon", password: .path("/etc/buzon/ldap.password")))
    #expect(configuration.directory.tls.certificateFile == "/etc/buzon/agent.pem")
    #expect(configuration.organization.form.date == Day(year: 2015, month: 3, day: 25))
    #expect(configuration.handover.changeURL == "https://correo.example.org/clave")
    #expect(configuration.handover.trusted.map(\.string) == ["cn=portal,ou=services,dc=putumayo,dc=gov,dc=co"])
    #expect(configuration.approval.signers == "/etc/buzon/allowed_signers")
  }

  @Test("makes the rules of a day")
  func rules() throws {
    let today = try #require(Day(parsing: "2026-11-22"))
    let configuration = try read(
      least.replacing("[putumayo.gov.co]", with: "[Putumayo.GOV.co, example.org]")
        + "policy: {local_part: '.+'}\nlimits: {form_size: 3 MiB}\napproval: {max_age: 10 d, approvers: {A: [b]}}\n")
    let rules = configuration.rules(today: today)
    #expect(rules.domains == ["putumayo.gov.co", "example.org"] && rules.formCode == "FT-GTI-006")
    #expect(rules.formSize == 3 << 20 && rules.approvalMaxAge == 10 && rules.approvers == ["A": ["b"]])
    #expect(rules.localPart.extra == ".+" && rules.today == today)
  }

  @Test("may have sections with nothing in them")
  func emptySections() throws {
    #expect(try read(least + "approval:\npolicy:\n  limits:\nlimits:\nhandover:\nlist:\nlog:\n") == read(least))
  }

  @Test("places the container below the base, or takes it whole")
  func container() throws {
    func accounts(_ text: String) throws -> String {
      try read(least.replacing("  base", with: "  accounts: \(text)\n  base")).directory.accounts.string
    }
    #expect(try accounts("ou=correo") == "ou=correo,dc=putumayo,dc=gov,dc=co")
    #expect(try accounts("'ou=Correo, DC=Putumayo, dc=gov,dc=co'") == "ou=Correo, DC=Putumayo, dc=gov,dc=co")
    #expect(try accounts("ou=a\\,dc=putumayo") == "ou=a\\,dc=putumayo,dc=putumayo,dc=gov,dc=co")
  }

  @Test("finds a password's file beside the agent's credentials")
  func credentials() {
    #expect(Configuration.PasswordFile.credential("ldap").path(credentials: "/run/c") == "/run/c/ldap")
    #expect(Configuration.PasswordFile.credential("ldap").path(credentials: nil) == nil)
    #expect(Configuration.PasswordFile.path("/a").path(credentials: nil) == "/a")
  }

  @Test("that can't be read says so", arguments: ["/nonexistent/buzon.yaml", "/dev/null", "/etc"])
  func unreadable(file: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Configuration.load(file) }
    let line = try #require(error?.lines.first)
    #expect(line.hasPrefix("\(file): the configuration can't be read: ") && error?.lines.count == 1)
  }

  @Test("tells all that is wrong at once, as FILE:LINE:COLUMN: KEY: what; remedy")
  func lines() {
    let error = #expect(throws: ConfigurationError.self) { try read("\(least)polcy: {}\nlog: {levle: info}\n") }
    #expect(
      error?.lines == [
        "buzon.yaml:6:1: polcy: the configuration has no such key; write policy",
        "buzon.yaml:7:7: log.levle: log has no such key; write level",
      ])
  }
}

@Suite("A configuration is refused")
struct RefusedConfigurationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let problems: [String]

    init(_ name: String, _ text: String, _ problems: String...) {
      testDescription = name
      self.text = text
      self.problems = problems
    }
  }

  /// The least, with other servers and a bind.
  static func directory(_ uris: String, _ more: String) -> String {
    least.replacing("[\"ldapi:///\"]", with: "[\(uris)]\n  \(more)")
  }

  @Test("with the finding at its place", arguments: rows)
  func refused(row: Row) { #expect(problems(row.text) == row.problems) }

  @Test("but accepted where the way is safe", arguments: safe)
  func accepted(row: Row) { #expect(problems(row.text) == []) }

  static let safe = [
    Row("simple over ldaps", directory("'ldaps://h:636/'", "bind: {method: simple, dn: cn=a, password_file: /p}")),
    Row(
      "simple over ldapi",
      directory("'ldapi://%2Frun%2Fslapd%2Fldapi'", "bind: {method: simple, dn: cn=a, password_file: /p}")),
    Row(
      "simple with starttls",
      directory(
        "'ldap://[::1]:389'",
        "bind: {method: simple, dn: cn=a, password_file: 'credential:ldap'}\n  tls: {mode: starttls}")),
    Row(
      "scram over TLS",
      directory(
        "'ldap://h', 'ldaps://i'",
        "bind: {method: scram, user: b, mechanism: SCRAM-SHA-512, password_file: /p}\n  tls: {mode: starttls, ca_file: /ca}"
      )),
    Row("gssapi with starttls", directory("'ldap://h'", "bind: {method: gssapi}\n  tls: {mode: starttls}")),
    Row("gssapi over ldapi and TLS", directory("'ldapi:///', 'ldaps://h'", "bind: {method: gssapi}")),
    Row("passwords hashed by us", least + "policy: {password: {hash: yescrypt}}\n"),
    Row(
      "external with a certificate",
      directory("'ldaps://h'", "bind: {method: external}\n  tls: {certificate_file: /c, key_file: /k}")),
    Row("a zone of this host", least.replacing("Putumayo}", with: "Putumayo, timezone: UTC}")),
  ]

  static let rows = [
    Row("nothing", "", "1:1: file: the document is empty"),
    Row(
      "an empty mapping", "{}", "1:1: organization: is missing", "1:1: directory: is missing",
      "1:1: domains: is missing"),
    Row("an unknown key", least + "colour: red\n", "6:1: colour: the configuration has no such key"),
    Row(
      "an unknown key in a section", least + "policy: {quotas: 1 GiB}\n", "6:10: policy.quotas: policy has no such key"),
    Row(
      "an unknown key deeper", least + "policy:\n  password: {size: 1}\n",
      "7:14: policy.password.size: policy.password has no such key"),
    Row(
      "a secret", directory("'ldapi:///'", "bind: {method: simple, dn: cn=a, password: s3cret}"),
      "4:9: directory.bind.password_file: is missing", "4:36: directory.bind.password: directory.bind has no such key"),
    Row("a key twice", least + "spool: /a\nspool: /b\n", "7:1: spool: the key 'spool' is there twice"),
    Row(
      "an alias", least + "spool: &a /a\nstate: *a\n", "6:8: spool: an anchor (&name) is not allowed",
      "7:8: state: an alias (*name) is not allowed"),
    Row("a section that is a list", least + "policy: [1]\n", "6:9: policy: is a list"),
    Row("a section that is a text", least + "log: json\n", "6:6: log: has no keys"),
    Row("no name", least.replacing("name: Gobernación del Putumayo", with: ""), "1:15: organization.name: is missing"),
    Row(
      "a language that isn't there", least.replacing("Putumayo}", with: "Putumayo, language: fr}"),
      "1:58: organization.language: 'fr' is not known"),
    Row(
      "a zone that isn't there", least.replacing("Putumayo}", with: "Putumayo, timezone: America/Mocoa}"),
      "1:58: organization.timezone: 'America/Mocoa' is not a time zone of this host"),
    Row(
      "a zone that is a way out", least.replacing("Putumayo}", with: "Putumayo, timezone: ../../../etc/passwd}"),
      "1:58: organization.timezone: '../../../etc/passwd' is not a time zone of this host"),
    Row(
      "a code's date", least.replacing("Putumayo}", with: "Putumayo, form: {date: 25/03/2015}}"),
      "1:61: organization.form.date: '25/03/2015' is not a day of the calendar"),
    Row("no servers", directory("", "window: 1"), "3:9: directory.uris: is an empty list"),
    Row(
      "a server that is none", directory("'http://h'", "window: 1"),
      "3:10: directory.uris[0]: 'http://h' is not the URI of a directory"),
    Row(
      "a port that is none", directory("'ldaps://h:0'", "bind: {method: gssapi}"),
      "3:10: directory.uris[0]: 'ldaps://h:0' is not the URI of a directory"),
    Row(
      "a server with a search in it", directory("'ldaps://h/dc=x?uid'", "bind: {method: gssapi}"),
      "3:10: directory.uris[0]: 'ldaps://h/dc=x?uid' is not the URI of a directory"),
    Row(
      "a base that is none", least.replacing("base: dc=putumayo,dc=gov,dc=co", with: "base: putumayo.gov.co"),
      "4:9: directory.base: 'putumayo.gov.co' is not a distinguished name"),
    Row("another RDN", directory("'ldapi:///'", "rdn: cn"), "4:8: directory.rdn: 'cn' is not known"),
    Row("no bind over a network", directory("'ldaps://h'", "window: 1"), "3:3: directory.bind: is missing"),
    Row(
      "simple in the clear", directory("'ldap://h'", "bind: {method: simple, dn: cn=a, password_file: /p}"),
      "4:18: directory.bind.method: simple over ldap:// without TLS shows or exposes the password"),
    Row(
      "scram in the clear, to the second server",
      directory("'ldaps://h', 'ldap://i'", "bind: {method: scram, user: a, password_file: /p}"),
      "4:18: directory.bind.method: scram over ldap:// without TLS shows or exposes the password"),
    Row(
      "gssapi in the clear, beside a server that isn't", directory("'ldapi:///', 'ldap://h'", "bind: {method: gssapi}"),
      "4:18: directory.bind.method: over ldap:// without TLS the temporary passwords of accounts would be open to the network"
    ),
    Row(
      "external over a network without a certificate", directory("'ldaps://h'", "bind: {method: external}"),
      "4:18: directory.bind.method: external over a network needs TLS and a certificate of ours"),
    Row(
      "a method that isn't known", directory("'ldapi:///'", "bind: {method: sasl}"),
      "4:18: directory.bind.method: 'sasl' is not known"),
    Row(
      "a key of another method", directory("'ldapi:///'", "bind: {method: external, dn: cn=a}"),
      "4:32: directory.bind.dn: is not used by the method external"),
    Row(
      "simple without a DN", directory("'ldapi:///'", "bind: {method: simple, password_file: /p}"),
      "4:9: directory.bind.dn: is missing"),
    Row(
      "a password's file that is relative",
      directory("'ldapi:///'", "bind: {method: simple, dn: cn=a, password_file: p}"),
      "4:51: directory.bind.password_file: 'p' is not an absolute path"),
    Row(
      "a credential that is a path",
      directory("'ldapi:///'", "bind: {method: simple, dn: cn=a, password_file: 'credential:../p'}"),
      "4:51: directory.bind.password_file: 'credential:../p' names no credential"),
    Row(
      "a certificate without a key", directory("'ldapi:///'", "tls: {certificate_file: /c}"),
      "4:27: directory.tls.certificate_file: has no key"),
    Row(
      "a window of none", directory("'ldapi:///'", "window: 0"),
      "4:11: directory.window: '0' is not a number from 1 to 1000"),
    Row(
      "a window beyond slapd's patience", directory("'ldapi:///'", "window: 1001"),
      "4:11: directory.window: '1001' is not a number from 1 to 1000"),
    Row(
      "a number in octal", directory("'ldapi:///'", "window: 010"),
      "4:11: directory.window: '010' is not a number from 1 to 1000"),
    Row(
      "a first retry after two seconds", directory("'ldapi:///'", "first_retry: 2 s"),
      "4:16: directory.first_retry: '2 s' is out of range"),
    Row(
      "a time without a unit", directory("'ldapi:///'", "longest_retry: 60"),
      "4:18: directory.longest_retry: '60' is not a time with a unit"),
    Row(
      "a time of an unknown unit", directory("'ldapi:///'", "timeouts: {connect: 5 sec}"),
      "4:23: directory.timeouts.connect: '5 sec' is not a time with a unit"),
    Row(
      "a time beyond measure", directory("'ldapi:///'", "timeouts: {connect: 99999999999999999999 d}"),
      "4:23: directory.timeouts.connect: '99999999999999999999 d' is not a time with a unit"),
    Row("no domains", least.replacing("[putumayo.gov.co]", with: "[]"), "5:10: domains: is an empty list"),
    Row(
      "a domain with an @", least.replacing("[putumayo.gov.co]", with: "['@putumayo.gov.co']"),
      "5:11: domains[0]: '@putumayo.gov.co' is not a domain"),
    Row(
      "a domain twice", least.replacing("[putumayo.gov.co]", with: "[a.co, A.CO]"),
      "5:17: domains[1]: 'A.CO' is in the list twice"),
    Row("a relative folder", least + "spool: spool\n", "6:8: spool: 'spool' is not an absolute path"),
    Row("a folder with dots", least + "spool: /var/../etc\n", "6:8: spool: '/var/../etc' is not an absolute path"),
    Row("the root for a folder", least + "spool: /\n", "6:8: spool: '/' is not an absolute path"),
    Row("folders in each other", least + "spool: /a\nstate: /a/b\n", "7:8: state: is or touches the folder of spool"),
    Row(
      "a folder in another's default", least + "spool: /var/lib/buzon/spool\n",
      "6:8: spool: is or touches the folder of state"),
    Row(
      "a default in a folder", least + "records: /etc/buzon\n", "6:10: records: is or touches the folder of templates"),
    Row("one folder for two", least + "records: /var/lib/buzon\n", "6:10: records: is or touches the folder of state"),
    Row("a mode that isn't known", least + "approval: {mode: sealed}\n", "6:18: approval.mode: 'sealed' is not known"),
    Row("signed without signers", least + "approval: {mode: signed}\n", "6:11: approval.signers: is missing"),
    Row(
      "a time in hours where days count", least + "approval: {max_age: 36 h}\n",
      "6:21: approval.max_age: '36 h' is not a time with a unit"),
    Row(
      "approvers that are a list", least + "approval: {approvers: [a]}\n",
      "6:23: approval.approvers: has no departments"),
    Row(
      "a department without approvers", least + "approval: {approvers: {D: []}}\n",
      "6:27: approval.approvers: nobody is named"),
    Row("a quota without a unit", least + "policy: {quota: 5}\n", "6:17: policy.quota: '5' has no unit"),
    Row(
      "a local part with an @", least + "policy: {local_part: '@'}\n",
      "6:22: policy.local_part: '@' has a character that no address can have so"),
    Row(
      "a password that is too short", least + "policy: {password: {length: 15}}\n",
      "6:29: policy.password.length: '15' is not a number from 16 to 64"),
    Row(
      "a hash that we don't make", least + "policy: {password: {hash: sha512}}\n",
      "6:27: policy.password.hash: 'sha512' is not known"),
    Row(
      "a limit that is negative", least + "policy: {limits: {deletes: {per_day: -1}}}\n",
      "6:38: policy.limits.deletes.per_day: '-1' is not a number from 0 to 1000000"),
    Row(
      "a form size that is too small", least + "limits: {form_size: 1 B}\n",
      "6:21: limits.form_size: '1 B' is out of range"),
    Row(
      "a page for passwords without TLS", least + "handover: {change_url: 'http://x'}\n",
      "6:24: handover.change_url: 'http://x' is not a web address that is safe for a password"),
    Row(
      "a portal that is no entry", least + "handover: {trusted: [portal]}\n",
      "6:22: handover.trusted[0]: 'portal' is not a distinguished name"),
    Row(
      "a portal twice", least + "handover: {trusted: ['cn=a,dc=x', 'CN=A, dc=x']}\n",
      "6:35: handover.trusted[1]: is in the list twice"),
    Row(
      "a column that isn't there", least + "list: {columns: [address, document]}\n",
      "6:27: list.columns[1]: 'document' is not known"),
    Row(
      "a column twice", least + "list: {columns: [address, address]}\n",
      "6:27: list.columns[1]: is in the list twice"),
    Row("a level that isn't known", least + "log: {level: loud}\n", "6:14: log.level: 'loud' is not known"),
  ]
}
