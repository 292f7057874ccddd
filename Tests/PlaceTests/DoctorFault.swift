import Foundation
import Sandbox
import Support

/// A place with something set up wrong, and what doctor must say of it.
struct DoctorFault: Sendable {
  /// What somebody did.
  var name: String
  /// Names of the errors and warnings, and no others.
  var findings: Set<String>
  /// 1 or 2.
  var exit: Int32 = 2
  /// Whether `cn=config` may be read, as root may on a real host.
  var seesConfiguration = true
  /// Whether there are accounts, so that writes can be tried (No-Op).
  var hasAccount = false
  /// A word of the remedy.
  var remedy: String
  var environment: [String: String] = [:]
  /// Makes it.
  var make: @Sendable (Site) async throws -> Void
}

extension Site {
  fileprivate var database: String { "olcDatabase={1}mdb,cn=config" }
  fileprivate var policy: String { "cn=default,ou=policies,\(sandbox.base)" }

  fileprivate func change(_ dn: String, _ lines: String...) throws {
    try modify("dn: \(dn)\nchangetype: modify\n\(lines.joined(separator: "\n"))\n\n")
  }

  fileprivate func replace(_ dn: String, _ attribute: String, _ value: String) throws {
    try change(dn, "replace: \(attribute)", "\(attribute): \(value)")
  }

  fileprivate func remove(_ dn: String) throws { try modify("dn: \(dn)\nchangetype: delete\n\n") }

  /// The overlay of this name, whatever its number.
  fileprivate func overlay(_ name: String) throws -> String {
    let found = try search(base: "cn=config", filter: "(objectClass=olcOverlayConfig)", attributes: ["olcOverlay"])
    guard let entry = found.first(where: { $0["olcOverlay"].first?.hasSuffix("}" + name) == true }) else {
      throw SiteError("no overlay \(name)")
    }
    return entry.dn
  }

  /// Changes the configuration's text.
  fileprivate func configure(_ text: String, _ other: String) throws {
    let before = try String(contentsOfFile: config, encoding: .utf8)
    guard before.contains(text) else { throw SiteError("\(text) is not in \(before)") }
    try before.replacingOccurrences(of: text, with: other).write(toFile: config, atomically: true, encoding: .utf8)
  }

  fileprivate func configure(more: String) throws {
    let before = try String(contentsOfFile: config, encoding: .utf8)
    try (before + "\n" + more + "\n").write(toFile: config, atomically: true, encoding: .utf8)
  }
}

extension DoctorFault {
  static let all: [DoctorFault] = directory + overlays + policies + rights + host

  private static let directory: [DoctorFault] = [
    .init(name: "slapd is stopped", findings: ["server-down"], remedy: "ldapsearch -x") { try $0.stopDirectory() },
    .init(name: "one of two servers is away", findings: ["server-down"], exit: 1, remedy: "ldapi://%2Fnowhere") {
      site in
      try site.configure("uris: [", "uris: [\"ldapi://%2Fnowhere\", ")
    },
    .init(name: "the password is wrong", findings: ["bind"], seesConfiguration: false, remedy: "directory.bind") {
      site in
      try site.setAgentPassword("right")
      try "wrong".write(toFile: site.folder + "/pw", atomically: true, encoding: .utf8)
      chmod(site.folder + "/pw", 0o600)
      try site.configure(
        "method: external",
        "method: simple\n    dn: \"\(site.sandbox.agent)\"\n    password_file: \"\(site.folder)/pw\"")
    },
    .init(
      name: "the password's file is gone", findings: ["password-file"], seesConfiguration: false, remedy: "chmod 600"
    ) { site in
      try site.configure(
        "method: external",
        "method: simple\n    dn: \"\(site.sandbox.agent)\"\n    password_file: \"\(site.folder)/nothing\"")
    },
    .init(name: "no rule maps the agent's user", findings: ["identity"], seesConfiguration: false, remedy: "buzon init")
    {
      try $0.change("cn=config", "delete: olcAuthzRegexp")
    },
    .init(name: "the base is another", findings: ["base-missing"], seesConfiguration: false, remedy: "buzon init") {
      site in
      try site.configure("base: \"\(site.sandbox.base)\"", "base: \"dc=other,\(site.sandbox.base)\"")
    },
    .init(name: "the container is missing", findings: ["container-missing"], remedy: "buzon init") { site in
      try site.remove("ou=people,\(site.sandbox.base)")
    },
    .init(
      name: "the container is another", findings: ["container-missing"], seesConfiguration: false, remedy: "buzon init"
    ) {
      try $0.configure("bind:", "accounts: ou=accounts\n  bind:")
    },
    .init(name: "the mail service's entry is missing", findings: ["entry-missing"], exit: 1, remedy: "buzon init") {
      site in
      try site.remove("cn=mail,ou=services,\(site.sandbox.base)")
    },
    .init(name: "the schema is of an earlier version", findings: ["schema-differs"], remedy: "buzon init --yes") {
      site in
      let schema = try site.search(base: "cn=schema,cn=config", filter: "(cn=*buzon)")
      guard let entry = schema.first, let old = entry["olcObjectClasses"].first else { throw SiteError("no schema") }
      try site.replace(entry.dn, "olcObjectClasses", old.replacingOccurrences(of: " $ buzonRequest", with: ""))
    },
    .init(
      name: "the root DSE is hidden", findings: ["root-hidden"], exit: 1, seesConfiguration: false, remedy: "root DSE"
    ) { site in
      try site.change(
        "olcDatabase={-1}frontend,cn=config", "add: olcAccess", "olcAccess: {0}to dn.base=\"\" by * none",
        "olcAccess: {1}to * by * read")
    },
    .init(name: "an index is missing", findings: ["index-missing"], exit: 1, remedy: "buzon init") { site in
      try site.change(site.database, "delete: olcDbIndex", "olcDbIndex: mailLocalAddress eq")
    },
    .init(name: "an index is of another kind", findings: ["index-missing"], exit: 1, remedy: "buzon init") { site in
      try site.change(
        site.database, "delete: olcDbIndex", "olcDbIndex: mail eq", "-", "add: olcDbIndex", "olcDbIndex: mail sub")
    },
    .init(name: "the agent has no limits of its own", findings: ["limits"], exit: 1, remedy: "buzon init") { site in
      try site.change(site.database, "delete: olcLimits", "olcLimits: {0}")
    },
    .init(name: "adds are not judged by their content", findings: ["add-content"], exit: 1, remedy: "buzon init") {
      site in
      try site.replace(site.database, "olcAddContentAcl", "FALSE")
    },
    .init(name: "the database is read-only", findings: ["read-only"], remedy: "buzon init --yes") { site in
      try site.replace(site.database, "olcReadOnly", "TRUE")
    },
    .init(
      name: "the database is read-only, as the agent sees it", findings: ["read-only"], seesConfiguration: false,
      hasAccount: true, remedy: "olcReadOnly: FALSE"
    ) { site in try site.replace(site.database, "olcReadOnly", "TRUE") },
  ]

  private static let overlays: [DoctorFault] = [
    .init(name: "there is no overlay unique", findings: ["unique-missing"], remedy: "buzon init") { site in
      try site.remove(site.overlay("unique"))
    },
    .init(
      name: "there is no overlay unique, as the agent sees it", findings: ["unique-missing"], seesConfiguration: false,
      hasAccount: true, remedy: "buzon init"
    ) { site in try site.remove(site.overlay("unique")) },
    .init(name: "unique looks elsewhere", findings: ["unique-base"], remedy: "buzon init --yes") { site in
      try site.replace(site.overlay("unique"), "olcUniqueURI", "ldap:///ou=people,\(site.sandbox.base)?mail?sub")
    },
    .init(name: "there is no syncprov", findings: ["syncprov-missing"], exit: 1, remedy: "buzon init") { site in
      try site.remove(site.overlay("syncprov"))
    },
    .init(
      name: "there is no syncprov, as the agent sees it", findings: ["syncprov-missing"], exit: 1,
      seesConfiguration: false, remedy: "buzon init"
    ) { site in try site.remove(site.overlay("syncprov")) },
    .init(name: "passwords are stored as they come", findings: ["hashing-off"], remedy: "buzon init --yes") { site in
      try site.replace(site.overlay("ppolicy"), "olcPPolicyHashCleartext", "FALSE")
    },
    .init(name: "the default policy is another", findings: ["policy-default"], exit: 1, remedy: "buzon init --yes") {
      site in
      let entry = try site.search(base: site.policy, attributes: ["*"]).first
      let lines = ["pwdLockout", "pwdMustChange", "pwdCheckQuality"].compactMap { name in
        entry?[name].first.map { "\(name): \($0)\n" }
      }
      try site.modify(
        "dn: cn=other,ou=policies,\(site.sandbox.base)\nchangetype: add\nobjectClass: device\nobjectClass: pwdPolicy\n"
          + "cn: other\npwdAttribute: userPassword\n\(lines.joined())\n")
      try site.replace(site.overlay("ppolicy"), "olcPPolicyDefault", "cn=other,ou=policies,\(site.sandbox.base)")
    },
  ]

  private static func policy(_ name: String, _ attribute: String, _ value: String, _ finding: String, exit: Int32 = 2)
    -> DoctorFault
  {
    .init(name: name, findings: [finding], exit: exit, seesConfiguration: false, remedy: "set \(attribute): ") { site in
      try site.replace(site.policy, attribute, value)
    }
  }

  private static let policies: [DoctorFault] = [
    policy("the old password must be sent along", "pwdSafeModify", "TRUE", "policy-safe-modify"),
    policy("nobody is locked out", "pwdLockout", "FALSE", "policy-lockout"),
    policy("a password need not be changed", "pwdMustChange", "FALSE", "policy-must-change"),
    policy("users can't change passwords", "pwdAllowUserChange", "FALSE", "policy-user-change"),
    policy("quality is not checked", "pwdCheckQuality", "1", "policy-quality", exit: 1),
    policy("passwords must be longer than ours", "pwdMinLength", "40", "policy-length"),
    policy("passwords are remembered", "pwdInHistory", "5", "policy-history", exit: 1),
    policy("passwords have a least age", "pwdMinAge", "86400", "policy-age", exit: 1),
    .init(name: "there is no policy", findings: ["policy-missing"], seesConfiguration: false, remedy: "buzon init") {
      site in
      try site.remove(site.policy)
    },
    .init(
      name: "our hashes are refused", findings: ["policy-quality"], seesConfiguration: false,
      remedy: "pwdCheckQuality: 1"
    ) {
      try $0.configure(more: "policy: {password: {hash: yescrypt}}")
    },
  ]

  private static let rights: [DoctorFault] = [
    .init(name: "the access rules are missing", findings: ["access-rules"], remedy: "buzon init") { site in
      try site.change(site.database, "delete: olcAccess")
    },
    .init(
      name: "the access rules are missing, as the agent sees it", findings: ["access-rules"], seesConfiguration: false,
      hasAccount: true, remedy: "buzon init"
    ) { site in try site.change(site.database, "delete: olcAccess") },
    .init(name: "an access rule is of an earlier version", findings: ["access-rules"], remedy: "buzon init --yes") {
      site in
      try site.change(
        site.database, "delete: olcAccess", "olcAccess: {3}", "-", "add: olcAccess",
        "olcAccess: {3}to dn.one=\"ou=people,\(site.sandbox.base)\" attrs=employeeNumber by "
          + "dn.exact=\"cn=buzon,ou=services,\(site.sandbox.base)\" read by * none")
    },
    .init(name: "a rule before ours ends for everybody", findings: ["access-rules"], remedy: "access.ldif") { site in
      try site.change(site.database, "add: olcAccess", "olcAccess: {0}to attrs=telephoneNumber by * read")
    },
  ]

  private static let host: [DoctorFault] = [
    .init(name: "the records are missing", findings: ["folder-missing"], remedy: "install -d -m 750") { site in
      try FileManager.default.removeItem(atPath: site.records)
    },
    .init(name: "the spool is missing", findings: ["folder-missing"], remedy: "install -d -m 755") { site in
      try FileManager.default.removeItem(atPath: site.spool)
    },
    .init(name: "incoming/ is missing", findings: ["spool-unreadable"], remedy: "put it back") { site in
      try FileManager.default.removeItem(atPath: site.spool + "/incoming")
    },
    .init(name: "everybody may drop forms", findings: ["spool-mode"], exit: 1, remedy: "chmod 3730") { site in
      chmod(site.spool + "/incoming", 0o3733)
    },
    .init(name: "incoming/ gives no group", findings: ["spool-mode"], exit: 1, remedy: "chmod 3730") { site in
      chmod(site.spool + "/incoming", 0o1730)
    },
    .init(name: "everybody may write the records", findings: ["trust"], remedy: "chmod go-w") { site in
      chmod(site.records, 0o777)
    },
    .init(name: "others may read the state", findings: ["trust"], remedy: "chmod") { site in
      chmod(site.state, 0o777)
    },
    .init(name: "the state is gone", findings: ["state-lost"], hasAccount: true, remedy: "buzon restore") { site in
      for name in site.names(in: site.state) { try FileManager.default.removeItem(atPath: site.state + "/" + name) }
    },
    .init(name: "the register is damaged", findings: ["register"], hasAccount: true, remedy: "buzon restore") { site in
      try Data(repeating: 7, count: 9_000).write(to: URL(filePath: site.state + "/register.sqlite"))
      chmod(site.state + "/register.sqlite", 0o600)
    },
    .init(name: "the allowed signers are missing", findings: ["signers"], remedy: "put the file back") { site in
      try site.configure("mode: recorded", "mode: signed\n  signers: \(site.folder)/nobody")
    },
    .init(name: "the allowed signers name nobody", findings: ["signers"], remedy: "namespaces") { site in
      try site.configure("mode: recorded", "mode: signed\n  signers: \(site.sandbox.signers)")
    },
    .init(
      name: "ssh-keygen is missing", findings: ["signers"], remedy: "openssh-client", environment: ["PATH": "/nowhere"]
    ) { site in try site.configure("mode: recorded", "mode: signed\n  signers: \(site.sandbox.signers)") },
    .init(name: "the page of passwords is away", findings: ["change-url"], exit: 1, remedy: "curl -I") { site in
      try site.configure(more: "handover: {change_url: \"https://127.0.0.1:1/clave\"}")
    },
    .init(name: "a template has an error", findings: ["template-unused"], exit: 1, remedy: "correct the template") {
      site in
      try FileManager.default.createDirectory(atPath: site.folder + "/templates", withIntermediateDirectories: false)
      try "{{#nothing".write(toFile: site.folder + "/templates/slip.html", atomically: true, encoding: .utf8)
      try site.configure(more: "templates: \(site.folder)/templates")
    },
  ]
}
