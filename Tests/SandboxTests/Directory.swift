import Sandbox

/// A directory as somebody sees it, by OpenLDAP's own tools: nothing of ours stands between a test and the server.
struct Directory {
  enum Identity {
    case external
    case anonymous
    case simple(String, passwordFile: String)
    case password(String, String)
  }

  var uri: String
  var identity: Identity

  private var login: [String] {
    switch identity {
    case .external: ["-Q", "-Y", "EXTERNAL"]
    case .anonymous: ["-x"]
    case .simple(let dn, let passwordFile): ["-x", "-D", dn, "-y", passwordFile]
    case .password(let dn, let password): ["-x", "-D", dn, "-w", password]
    }
  }

  private func run(_ tool: String, _ arguments: [String], input: String = "") throws -> Program.Result {
    try Program.run(
      try Program.path(tool, package: "ldap-utils"), ["-H", uri] + login + arguments, input: Array(input.utf8))
  }

  /// Records of LDIF, adds unless they say otherwise. The answer is the result code of the first that failed, else 0.
  func apply(_ ldif: String, asserting filter: String? = nil) throws -> Int32 {
    try run("ldapmodify", ["-a"] + (filter.map { ["-e", "!assert=\($0)"] } ?? []), input: ldif).status
  }

  /// Replaces one attribute.
  func replace(_ dn: String, _ attribute: String, _ value: String) throws -> Int32 {
    try apply("dn: \(dn)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n")
  }

  func delete(_ dn: String) throws -> Int32 { try run("ldapdelete", [dn]).status }

  /// The bind's result code.
  func bind() throws -> Int32 { try run("ldapwhoami", []).status }

  func whoAmI() throws -> String { try run("ldapwhoami", []).text }

  /// The password modify operation (RFC 3062) on one's own entry: whether it was done.
  func changePassword(to new: String) throws -> Bool { try run("ldappasswd", ["-s", new]).status == 0 }

  /// One entry's attributes, each value a line `name: value`, unfolded; `nil` where it can't be seen.
  func read(_ dn: String, _ attributes: String...) throws -> [String]? {
    let result = try run("ldapsearch", ["-LLL", "-o", "ldif-wrap=no", "-s", "base", "-b", dn] + attributes)
    let lines = result.output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    return lines.isEmpty ? nil : Array(lines.dropFirst())
  }

  /// The DNs that a filter finds below a base.
  func search(_ base: String, _ filter: String) throws -> [String] {
    let result = try run("ldapsearch", ["-LLL", "-o", "ldif-wrap=no", "-b", base, filter, "1.1"])
    return result.output.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// The LDAP result codes (RFC 4511, RFC 4528) that the tests expect.
enum Code {
  static let success: Int32 = 0
  static let constraintViolation: Int32 = 19
  static let noSuchObject: Int32 = 32
  static let invalidCredentials: Int32 = 49
  static let insufficientAccess: Int32 = 50
  static let objectClassViolation: Int32 = 65
  static let alreadyExists: Int32 = 68
  static let assertionFailed: Int32 = 122
}

/// The record of an account with every attribute of ours, as the agent adds it.
func accountRecord(
  _ uid: String, base: String, addresses: [String]? = nil, password: String = "Temporal-2026-Buzon",
  reset: Bool = true, extra: String = ""
) -> String {
  let addresses = addresses ?? ["\(uid)@example.org"]
  return """
    dn: uid=\(uid),ou=people,\(base)
    objectClass: inetOrgPerson
    objectClass: inetLocalMailRecipient
    objectClass: buzonAccount
    uid: \(uid)
    cn: Rosa Elvira Chindoy
    sn: Chindoy
    givenName: Rosa Elvira
    displayName: Rosa Elvira Chindoy
    title: Profesional universitaria
    ou: Secretaría de Salud
    telephoneNumber: +57 8 4200000
    employeeNumber: 1124000000
    mail: \(addresses[0])
    \(addresses.map { "mailLocalAddress: \($0)" }.joined(separator: "\n"))
    buzonKind: person
    buzonStatus: active
    buzonQuota: 5368709120
    buzonForward: rosa@example.net
    buzonKeepCopy: TRUE
    buzonOwner: jefe@example.org
    buzonList: contratistas@example.org
    buzonExpires: 20301231235959Z
    buzonRequest: 2026-0142#0
    userPassword: \(password)
    \(reset ? "pwdReset: TRUE\n" : "")\(extra)
    """
}
